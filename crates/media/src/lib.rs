//! The shell around the media engine: sockets, signalling connections, timers and counters.
