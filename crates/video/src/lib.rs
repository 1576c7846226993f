//! The embedded video service: users, rooms, sessions, access links and tools.
