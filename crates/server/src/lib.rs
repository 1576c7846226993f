//! The program: configuration, HTTP, pages, logs, and the wiring of all the parts.

pub mod channel;
mod cli;
pub mod config;
pub mod courier;
mod data_dir;
pub mod desk;
mod doctor;
mod health;
pub mod http;
mod listen;
pub mod observability;
pub mod program;
mod sweeping;
mod system;
pub mod telemetry;
pub mod workers;

pub use cli::run;
