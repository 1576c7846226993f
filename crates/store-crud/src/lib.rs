//! Teleconsultations in the platform's CRUD Service (`mia-platform.md` §9), in the two collections that deployments of the replaced
//! service have (`teleconsultation-service.md` §10), which other programs read too.
//!
//! The service writes one document at a time and knows no versions. What that takes:
//!
//! - A teleconsultation's id is given by the service, so a draft, which nobody sees by default, is put there first (`reservation`).
//! - A change is made on condition that the document was not written since it was read (`revision`).
//! - What must not be forgotten about a room is a draft too (`cleanups`), written before what it is about and taken away after it. It
//!   tells only where to look: the document of the teleconsultation decides. Who looks, has first made sure that no write that was
//!   decided before can still change what is seen (`fence`), and takes away only what lay there when looking (`handed`).
//! - What has no column lies in the first participant's element, the one place where a collection takes any key (`ours`).
//!
//! So a process can be killed between any two calls, and nobody's clock decides about a room.

mod cleanups;
mod collection;
mod columns;
mod config;
mod document;
mod fence;
mod handed;
mod listing;
mod ours;
mod participant;
mod reservation;
mod revision;
mod sorted;
mod store;
mod users;
mod write;

pub use config::{CrudConfig, CrudConfigError};
pub use store::CrudTeleconsultations;
