//! Fakes of the ports: they have state and behave, and keep the same promises as the real ones.

pub mod rooms;
