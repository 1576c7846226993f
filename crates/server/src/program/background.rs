//! What the program does beside requests.

use std::{sync::Arc, time::Duration};

use app::{CLEANUPS_AT_ONCE_MAX, Ctx};
use ports::media::MediaEvent;
use store_postgres::Alone;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use video::{Attendance, SessionWorker};

use crate::{observability::CleanupFigures, sweeping, workers::Workers};

/// How often rooms that are to be deleted are looked for.
const CLEANUP_EVERY: Duration = Duration::from_secs(1);

/// Events on their way from those who note who is where to those who count: the engine's own channel holds the rest.
const EVENTS_PASSED_ON_MAX: usize = 16;

/// Counts and ends sessions, and notes who is in which call.
pub async fn drive_sessions(
    sessions: SessionWorker,
    events: mpsc::Receiver<MediaEvent>,
    attendance: Arc<Attendance>,
    stop: CancellationToken,
) {
    let (sender, noted) = mpsc::channel(EVENTS_PASSED_ON_MAX);
    tokio::join!(sessions.run(noted, stop.cancelled_owned()), note(events, &attendance, sender));
}

/// Notes each event and passes it on, as long as there are some and somebody takes them.
async fn note(mut events: mpsc::Receiver<MediaEvent>, attendance: &Attendance, sender: mpsc::Sender<MediaEvent>) {
    loop {
        let event = tokio::select! {
            event = events.recv() => event,
            () = sender.closed() => None,
        };
        let Some(event) = event else { return };
        attendance.note(&event);
        if sender.send(event).await.is_err() {
            return;
        }
    }
}

/// Ends, and with it the program, when another instance may have taken the database.
pub async fn stay_alone(alone: Alone, stop: CancellationToken) {
    tokio::select! {
        () = alone.lost() => tracing::error!("the connection that keeps the database to this instance is gone"),
        () = stop.cancelled() => {}
    }
}

/// Starts to delete rooms that are to be deleted, and to find those that were left behind.
pub fn tend_rooms(workers: &mut Workers, ctx: &Ctx, figures: CleanupFigures) {
    workers.start("deletes rooms", |stop| clean_up(ctx.clone(), figures, stop));
    workers.start("finds rooms that were left behind", |stop| sweeping::run(ctx.clone(), stop));
}

/// Deletes rooms that are to be deleted, as long as the program runs.
async fn clean_up(ctx: Ctx, figures: CleanupFigures, stop: CancellationToken) {
    let mut ticks = tokio::time::interval(CLEANUP_EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = stop.cancelled() => return,
        }
        loop {
            match app::finish_due_cleanups(&ctx).await.inspect(|progress| figures.add(*progress)) {
                // A full step: there may be more.
                Ok(progress) if progress.finished == CLEANUPS_AT_ONCE_MAX && !stop.is_cancelled() => {}
                Ok(_) => break,
                Err(error) => {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "rooms to be deleted cannot be looked up"
                    );
                    break;
                }
            }
        }
    }
}
