//! The promises that every store keeps, as test functions over the store traits.

pub mod rooms;
pub mod teleconsultations;
