//! What the reception desk asks: everybody's teleconsultations, with their links, and who is where. It needs the desk's key.

mod access;
mod calendar;
mod calendar_text;
mod events;
mod list;
mod quality;
mod ratings;
mod rules;
mod views;

use std::sync::Arc;

use axum::{Router, routing::get};
use ports::{content::RatingStore, presence::Presence};

use super::{App, rate_limit::RateLimit};
use crate::desk::DeskKey;

pub use access::AtDesk;
pub use calendar::*;
pub use events::*;
pub use list::*;
pub use quality::*;
pub use ratings::*;
pub use rules::*;

/// The desk, where there is one.
pub struct Desk {
    /// Whoever has it is the desk.
    pub key: DeskKey,
    /// Who is where; `None`: another provider carries the calls, so nobody here knows.
    pub presence: Option<Arc<dyn Presence>>,
    /// What calls were like, as people said and as was measured; `None`: nobody here asks or measures.
    pub ratings: Option<Arc<dyn RatingStore>>,
    /// How often one client may have the wrong key.
    pub tries: RateLimit,
}

impl Desk {
    /// The desk with this key.
    pub fn new(key: DeskKey, presence: Option<Arc<dyn Presence>>, ratings: Option<Arc<dyn RatingStore>>) -> Self {
        Self { key, presence, ratings, tries: RateLimit::default() }
    }
}

/// The desk's routes, for one prefix.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/teleconsultations", get(list))
        .route("/teleconsultations/events", get(events))
        .route("/teleconsultations/rules", get(rules))
        .route("/teleconsultations/{roomId}", get(view))
        .route("/teleconsultation/{roomId}/quality", get(quality))
        .route("/teleconsultation/{roomId}/ratings", get(ratings))
        .route("/teleconsultation/{roomId}/participants/{userId}/calendar", get(calendar))
}
