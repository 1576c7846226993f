//! The program: configuration, HTTP, pages, logs, and the wiring of all the parts.

pub mod http;
