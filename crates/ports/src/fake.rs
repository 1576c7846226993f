//! A fake of each port that has state and behaves as its port promises, for the tests of what uses the ports.
//!
//! The stores pass the same contract suites as the real ones. Failures are asked for in advance. It is a plain module rather than
//! a feature, so that every crate's tests build against one and the same build of this crate; the program calls none of it.

mod chance;
mod clock;
mod company;
mod content;
mod deliveries;
mod file_bytes;
mod files;
mod media;
mod provider;
mod register;
pub mod rooms;
mod teleconsultations;

use std::sync::{Mutex, MutexGuard, PoisonError};

pub use chance::FakeChance;
pub use clock::FakeClock;
pub use file_bytes::FakeFileBytes;
pub use media::FakeMediaEngine;
pub use provider::{FakeRoom, FakeVideoProvider, ProviderFailure};
pub use teleconsultations::FakeTeleconsultationStore;

/// A test that panicked elsewhere fails by itself; the state is whole.
fn locked<T>(state: &Mutex<T>) -> MutexGuard<'_, T> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
