//! Looking for rooms at the provider that were left behind, as long as the program runs.

use std::time::Duration;

use app::{Ctx, Sweep};
use tokio_util::sync::CancellationToken;

/// How often a step is made. One lists up to a hundred rooms, so 10 000 are looked through in eight hours, at a cost that a provider
/// with a limit on requests does not notice.
const STEP_EVERY: Duration = Duration::from_mins(5);

/// Makes one step after the other, the first after a while: a program that is just starting has better things to do.
pub async fn run(ctx: Ctx, stop: CancellationToken) {
    let mut sweep = Sweep::default();
    loop {
        tokio::select! {
            () = tokio::time::sleep(STEP_EVERY) => {}
            () = stop.cancelled() => return,
        }
        if let Err(error) = app::sweep(&ctx, &mut sweep).await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "rooms that were left behind cannot be looked for; it will be tried again"
            );
        }
    }
}
