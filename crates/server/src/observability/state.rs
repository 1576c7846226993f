//! Figures that are asked for at the moment of the scrape: what is still to be done at the provider, and whether it is spared.

use std::time::Duration;

use app::Ctx;
use jiff::SignedDuration;
use ports::teleconsultations::CleanupsWaiting;

use super::exposition::{Exposition, Kind};

/// How long counting may take: a scrape has ten seconds, and whoever waits for it should have the other figures.
const COUNTING_TIMEOUT: Duration = Duration::from_secs(2);

/// Writes these families. What the store does not tell is left out; that it failed is among the calls to it.
pub async fn write(ctx: &Ctx, text: &mut Exposition) {
    text.single(
        "teleconsultation_provider_spared",
        Kind::Gauge,
        "1 while the video provider is not asked because it failed again and again, else 0.",
        u8::from(ctx.provider.is_spared()),
    );
    match tokio::time::timeout(COUNTING_TIMEOUT, ctx.store.cleanups_waiting()).await {
        Ok(Ok(waiting)) => write_waiting(waiting, ctx, text),
        Ok(Err(error)) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "the rooms to be deleted cannot be counted");
        }
        Err(_) => tracing::warn!("the rooms to be deleted could not be counted in time"),
    }
}

fn write_waiting(waiting: CleanupsWaiting, ctx: &Ctx, text: &mut Exposition) {
    let now = ctx.clock.now();
    let overdue = waiting.first_due.map_or(SignedDuration::ZERO, |due| due.duration_until(now));
    text.single(
        "teleconsultation_cleanups_waiting",
        Kind::Gauge,
        "Rooms that are to be deleted unless their teleconsultation takes them, due or not.",
        waiting.count,
    );
    text.single(
        "teleconsultation_cleanups_overdue_seconds",
        Kind::Gauge,
        "How long the longest overdue of them has been due; 0 if none is.",
        overdue.max(SignedDuration::ZERO).as_secs_f64(),
    );
    text.single(
        "teleconsultation_cleanups_failing_seconds",
        Kind::Gauge,
        "How long at least the one that was tried most often has failed; 0 if none has.",
        app::failing_for_at_least(waiting.attempts_max).as_secs_f64(),
    );
}
