//! What the reception desk asks: `/teleconsultations` and what belongs to it.

mod access;
mod calendar;
mod events;
mod listing;
mod people;
