//! Who is told at once what happens in the rooms.

use domain::{ProviderUserId, RoomRef};

/// Told what happens in rooms, by the parts that see it happen. It must not wait: what takes time is done elsewhere.
pub trait CallObserver: Send + Sync {
    /// Somebody is connected to the media engine.
    fn joined(&self, room: &RoomRef, user: &ProviderUserId);

    /// They are no more.
    fn left(&self, room: &RoomRef, user: &ProviderUserId);

    /// Nobody is.
    fn emptied(&self, room: &RoomRef);

    /// The session is over.
    fn session_ended(&self, room: &RoomRef);

    /// The room may be closed or deleted, or its people, their links or what they may do may be others: whoever wants to know looks
    /// it up.
    fn changed(&self, room: &RoomRef);
}

/// Tells nobody.
pub struct Unobserved;

impl CallObserver for Unobserved {
    fn joined(&self, _: &RoomRef, _: &ProviderUserId) {}
    fn left(&self, _: &RoomRef, _: &ProviderUserId) {}
    fn emptied(&self, _: &RoomRef) {}
    fn session_ended(&self, _: &RoomRef) {}
    fn changed(&self, _: &RoomRef) {}
}
