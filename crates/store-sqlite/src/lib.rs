//! The store traits on SQLite, with durable group commits.
