//! The embedded video service: users, rooms, sessions, access links and tools, with Kaleyra's rules (`kaleyra-video-api.md` §4,
//! §6, §8, §15), behind [`ports::provider::VideoProvider`].
//!
//! Three parts, made in this order, so that nothing needs what is made after it:
//!
//! 1. [`Doorkeeper`] answers the media engine who may enter which room. It needs the store and the clock.
//! 2. [`VideoService`] makes users and rooms, and lets people in by their links ([`VideoService::enter`], which `POST /call/enter`
//!    answers from). It needs the engine.
//! 3. [`SessionWorker`] takes the engine's events and drives the sessions. It runs as long as the engine does.
//!
//! ```
//! use std::sync::Arc;
//!
//! use ports::{
//!     Chance, Clock,
//!     media::{Admission, MediaEngine, MediaEvent},
//!     rooms::{CompanyId, RoomStore},
//! };
//! use teleconsultation_video::{Doorkeeper, LinkSecret, SessionWorker, VideoConfig, VideoService};
//! use tokio::sync::mpsc;
//!
//! async fn start(
//!     store: Arc<dyn RoomStore>,
//!     start_engine: impl FnOnce(Arc<dyn Admission>) -> (Arc<dyn MediaEngine>, mpsc::Receiver<MediaEvent>),
//!     clock: Arc<dyn Clock>,
//!     chance: Arc<dyn Chance>,
//!     link_secret: [u8; 32], // of chance, made once and kept; changing it ends all links
//!     shutdown: impl Future<Output = ()> + Send + 'static,
//! ) -> VideoService {
//!     let (engine, events) = start_engine(Arc::new(Doorkeeper::new(store.clone(), clock.clone())));
//!     let config = VideoConfig {
//!         company: CompanyId("default".to_owned()),
//!         public_url: "https://visits.example.org".to_owned(),
//!         region: "eu".to_owned(), // links are {public_url}/{region}/direct-rest-call-handler/{token}
//!         link_secret: LinkSecret::new(link_secret),
//!     };
//!     let service = VideoService::new(config, store.clone(), engine.clone(), clock.clone(), chance.clone());
//!     let worker = SessionWorker::new(store, engine, clock, chance);
//!     tokio::spawn(worker.run(events, shutdown));
//!     service
//! }
//! ```
//!
//! `POST /call/enter` with the last segment of a link: [`VideoService::enter`] answers an [`Entry`] of plain values;
//! [`tools::on_wire`] and [`status_on_wire`] have the names for JSON. [`EnterError`] says whether the link is nobody's, the room is
//! closed, or to try again.
//!
//! # What the pages can read
//!
//! A media room's metadata is `{"status":"NOT_RUNNING"|"RUNNING"|"CLOSED","duration_seconds":n|null,"duration_used_seconds":n,
//! "running_since":"2026-01-01T00:00:00.000Z"|null}`, and from 30 s before the end also `"ends_at"`. While the room runs,
//! `duration_used_seconds` is the use up to `running_since`, so the time left is `duration_seconds - duration_used_seconds - (now -
//! running_since)`. A participant's metadata is `{"user_id":…,"is_admin":…,"tools":{…}}` with every tool listed.
//!
//! # What survives what
//!
//! Users, rooms and links are on disk before they are answered. The use of a room's duration is written down whenever a session
//! opens, pauses or ends or somebody comes or goes, and every 10 s while it is counted: a process that is killed loses 10 s of use
//! at most, always in the people's favour. After a restart the sessions that were open go on when people come back, and end if
//! too few have come back after 60 s.
//!
//! A `live` room ends when somebody hangs up and leaves fewer than two; when a connection broke or was replaced by a newer one, it
//! waits 10 s for the person to join anew.
//!
//! A clock that is set back or forth adds nothing, or at most 15 s, to what is used.

mod attendance;
mod call;
mod checks;
pub mod credentials;
mod doorkeeper;
mod due;
mod entry;
mod figures;
pub mod files;
mod hands;
mod id;
mod identity;
mod limits;
mod link;
mod metadata;
mod observer;
mod rules;
mod service;
#[cfg(test)]
mod testing;
pub mod tools;
mod waiting_room;
mod worker;

pub use attendance::Attendance;
pub use checks::{CHECK_VALID_FOR, CHECKS_MAX, Checks};
pub use doorkeeper::Doorkeeper;
pub use entry::{Entry, EntryCompany, EntryParticipant, EntryRoom, MEDIA_TOKEN_VALID_FOR, MediaAccess};
pub use figures::SessionFigures;
pub use limits::{CHECKPOINT, CONNECTION_EVENTS_MAX, LIVE_RETURN_MAX, RATING_WITHIN, RETURN_MAX, STEP_MAX, WARNING};
pub use link::LinkSecret;
pub use metadata::status_on_wire;
pub use observer::{CallObserver, Unobserved};
pub use rules::{DURATION_MAX, DURATION_MIN, RoomRefused, is_open, status, used_at};
pub use service::{
    BACKGROUNDS_PATH, Check, EnterError, OrderError, ParticipantChange, Reissue, RoomOrder, VideoConfig, VideoService,
    Visitor,
};
pub use waiting_room::{ADMISSION_MAX, WaitingRooms, waits};
pub use worker::SessionWorker;
