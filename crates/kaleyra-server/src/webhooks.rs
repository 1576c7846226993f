//! Tells webhooks what happened, and asks for people's names (`kaleyra-video-api.md` §10, §11).
//!
//! What is to be told is on disk (`ports::deliveries`); [`Messenger`] takes it from there and sends it until it was received or is given
//! up. It sends through [`Post`], which decides which addresses may be reached.

mod names;
mod payload;
mod signature;

use std::{pin::pin, sync::Arc, time::Duration};

use async_trait::async_trait;
use futures_util::future::join_all;
use jiff::Timestamp;
use ports::{
    Clock,
    company::PayloadVersion,
    deliveries::{Delivery, DeliveryStore},
    teleconsultations::StoreError,
};
use secrecy::SecretString;
use tokio::time::sleep;
use video::VideoService;

pub use names::ProvidedNames;

/// How long a receiver may take to answer: it should answer before it does its work (§10.1).
pub const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);

/// How long to wait after each attempt that failed; after the last the delivery is given up (§15.8).
const WAITS: [Duration; 5] = [
    Duration::from_secs(10),
    Duration::from_mins(1),
    Duration::from_mins(5),
    Duration::from_mins(30),
    Duration::from_hours(2),
];

/// After how long a delivery is given up that waited for others of its room: nobody acts on yesterday's calls, and this bounds what
/// piles up for a receiver that is gone.
const AGE_MAX: Duration = Duration::from_hours(24);

/// Deliveries under way at once.
const AT_ONCE_MAX: u32 = 16;

/// How often deliveries are looked for when there are none.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// For how long deliveries are taken: longer than an attempt, so that nobody else takes them meanwhile.
const TAKEN_FOR: Duration = Duration::from_secs(30);

/// The longest answer that is read, in bytes: names of a room of people.
pub const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// A request to somebody outside.
#[derive(Debug)]
pub struct Letter {
    /// Where to.
    pub url: String,
    /// One more header: its name and value.
    pub header: (&'static str, String),
    /// The body, as JSON.
    pub body: Vec<u8>,
    /// How long everything may take.
    pub timeout: Duration,
}

/// An answer from outside.
#[derive(Debug)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The body, at most [`ANSWER_BYTES_MAX`].
    pub body: Vec<u8>,
}

/// Why a letter got no reply.
#[derive(Debug, thiserror::Error)]
pub enum PostError {
    /// The address is one that nobody may make this program reach.
    #[error("the address is not allowed")]
    Forbidden,
    /// It could not be reached, did not answer in time, or broke off.
    #[error("the receiver could not be reached: {0}")]
    Failed(String),
}

/// Sends letters. Follows no redirect, and connects to the address that it has checked.
#[async_trait]
pub trait Post: Send + Sync {
    /// Sends one.
    async fn send(&self, letter: Letter) -> Result<Reply, PostError>;
}

/// What became of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Received,
    TryAgain,
    GiveUp,
}

/// Tells webhooks what happened. There can be several, in several processes.
pub struct Messenger {
    video: Arc<VideoService>,
    deliveries: Arc<dyn DeliveryStore>,
    post: Arc<dyn Post>,
    key: SecretString,
    clock: Arc<dyn Clock>,
}

impl Messenger {
    /// Puts the messenger together; what it sends is signed with the company's `key`.
    pub fn new(
        video: Arc<VideoService>,
        deliveries: Arc<dyn DeliveryStore>,
        post: Arc<dyn Post>,
        key: SecretString,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { video, deliveries, post, key, clock }
    }

    /// Delivers until `shutdown` completes. What was under way then is sent again after the restart.
    pub async fn run(self, shutdown: impl Future<Output = ()>) {
        let mut shutdown = pin!(shutdown);
        loop {
            let work = async {
                match self.deliver_due().await {
                    Ok(0) => sleep(LOOK_EVERY).await,
                    Ok(_) => {}
                    Err(error) => {
                        tracing::warn!(error = &error as &dyn std::error::Error, "webhooks wait");
                        sleep(LOOK_EVERY).await;
                    }
                }
            };
            tokio::select! {
                biased;
                () = &mut shutdown => return,
                () = work => {}
            }
        }
    }

    /// Attempts what is due, at most sixteen deliveries. Returns how many there were.
    pub async fn deliver_due(&self) -> Result<usize, StoreError> {
        let now = self.clock.now();
        let due = self.deliveries.take_deliveries(now, now + TAKEN_FOR, AT_ONCE_MAX).await?;
        let outcomes = join_all(due.iter().map(|delivery| self.attempt(delivery))).await;
        for (delivery, outcome) in due.iter().zip(outcomes) {
            match outcome {
                Outcome::Received | Outcome::GiveUp => self.deliveries.settle_delivery(delivery.number).await?,
                Outcome::TryAgain => {
                    if let Some(due) = wait(delivery, self.clock.now()) {
                        self.deliveries.postpone_delivery(delivery.number, due).await?;
                        continue;
                    }
                    tracing::warn!(webhook = delivery.webhook.id.0, "a webhook is not told: it was tried too often");
                    self.deliveries.settle_delivery(delivery.number).await?;
                }
            }
        }
        Ok(due.len())
    }

    async fn attempt(&self, delivery: &Delivery) -> Outcome {
        let Some(body) = payload::body(&self.video, delivery) else { return Outcome::GiveUp };
        let now = self.clock.now();
        if delivery.notice.at.is_some_and(|at| now.duration_since(at).unsigned_abs() > AGE_MAX) {
            tracing::warn!(webhook = delivery.webhook.id.0, "a webhook is not told: it has waited too long");
            return Outcome::GiveUp;
        }
        let header = match delivery.webhook.version {
            PayloadVersion::V0 => signature::of_room(&self.key, delivery.notice.room.as_str()),
            PayloadVersion::V1 => signature::of_body(&self.key, now, &body),
        };
        let url = delivery.webhook.url.clone();
        match self.post.send(Letter { url, header, body, timeout: ANSWER_TIMEOUT }).await {
            // Nothing else counts as received (§10.1).
            Ok(Reply { status: 200, .. }) => Outcome::Received,
            Ok(Reply { status, .. }) => {
                tracing::warn!(webhook = delivery.webhook.id.0, status, "a webhook answered that it was not told");
                Outcome::TryAgain
            }
            Err(PostError::Forbidden) => {
                tracing::warn!(
                    webhook = delivery.webhook.id.0,
                    "a webhook is not told: its address is in a private network; WEBHOOK_PRIVATE_ADDRESSES allows that"
                );
                Outcome::GiveUp
            }
            Err(PostError::Failed(reason)) => {
                tracing::warn!(webhook = delivery.webhook.id.0, reason, "a webhook could not be told");
                Outcome::TryAgain
            }
        }
    }
}

/// When to try again; `None`: not at all.
fn wait(delivery: &Delivery, now: Timestamp) -> Option<Timestamp> {
    let attempts = usize::try_from(delivery.attempts).unwrap_or(usize::MAX);
    WAITS.get(attempts).map(|wait| now + *wait)
}
