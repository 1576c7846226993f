//! The promises that every store keeps, as test functions over the store traits.

pub mod companies;
pub mod content;
pub mod deliveries;
pub mod register;
pub mod rooms;
pub mod teleconsultations;
