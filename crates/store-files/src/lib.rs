//! [`ports::content::FileBytes`] on a disk or in an object store: each part of a file is an object of its own, so that what has arrived
//! stays, and what is sent again replaces it.

mod bucket;
mod failure;
mod object_files;
mod place;

pub use bucket::BucketError;
pub use object_files::{ObjectFiles, OpenError};
pub use place::{InvalidPlace, Place};
