//! What the client needs from outside and a test must be able to set: chance and the passing of time.

use std::{future::Future, pin::Pin, time::Duration};

/// Where the client takes chance from: for the jitter of its waits and the boundaries of multipart bodies.
///
/// Every `Fn() -> u64` is one.
pub trait Chance: Send + Sync {
    /// Returns any number, each as likely as the others.
    fn number(&self) -> u64;
}

impl<F: Fn() -> u64 + Send + Sync> Chance for F {
    fn number(&self) -> u64 {
        self()
    }
}

/// How the client lets time pass before it tries again. It never asks what time it is.
pub trait Pause: Send + Sync {
    /// Completes when `duration` has passed.
    fn pause(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

/// Pauses with tokio's timer.
#[derive(Debug, Clone, Copy, Default)]
pub struct TokioPause;

impl Pause for TokioPause {
    fn pause(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(tokio::time::sleep(duration))
    }
}
