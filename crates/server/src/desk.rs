//! The reception desk's side of the program: its key, and what it is told of.

mod changes;
mod key;
mod places;
mod presence;

pub use changes::{Change, Changes, KEPT_MAX, LISTENERS_MAX, Listener, Told, What};
pub use key::{DeskKey, KEY_CHARACTERS_MIN};
pub use places::{Places, Together};
pub use presence::PresenceFeed;
