//! The ids that the service gives (`kaleyra-video-api.md` §3.2).

use domain::RoomRef;
use jiff::Timestamp;
use ports::{Chance, rooms::SessionId};

/// Digits of a session id. 32 of them, so that each byte of chance gives one of them as likely as any other.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// A new room's id: `room_` and 24 hexadecimal digits, the first half the moment in milliseconds and the second half chance. It names
/// the room and opens nothing. Ids of one time stand together in an index, so that making rooms changes few of its pages.
pub fn room(chance: &dyn Chance, now: Timestamp) -> RoomRef {
    let milliseconds = now.as_millisecond().to_be_bytes();
    RoomRef::new(format!("room_{}{}", hex::encode(&milliseconds[2..]), hex::encode(chance.bytes::<6>())))
}

/// Whether this can be the id of a room of ours, such as one that was deleted.
pub fn is_room(id: &RoomRef) -> bool {
    let digits = id.as_str().strip_prefix("room_").unwrap_or_default();
    digits.len() == 24 && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// A new session's id: `session_` and 12 alphanumerics of chance.
pub fn session(chance: &dyn Chance) -> SessionId {
    let digits = chance.bytes::<12>().map(|byte| char::from(ALPHABET[usize::from(byte % 32)]));
    SessionId(format!("session_{}", digits.iter().collect::<String>()))
}

#[cfg(test)]
mod tests {
    use ports::fake::FakeChance;

    use super::*;

    #[test]
    fn ids_have_the_providers_shape_and_differ() {
        let chance = FakeChance::seeded(3);
        let (early, late) = ("2026-01-01T00:00:00Z".parse().unwrap(), "2026-01-01T00:00:01Z".parse().unwrap());
        assert!(room(&chance, early) < room(&chance, late));
        let (one, other) = (room(&chance, early), room(&chance, early));
        assert_ne!(one, other);
        assert!(is_room(&one) && is_room(&other));
        assert!(!is_room(&RoomRef::new("room_1")) && !is_room(&RoomRef::new("a-room-of-somebody-else")));

        let (one, other) = (session(&chance), session(&chance));
        assert_ne!(one, other);
        let digits = one.0.strip_prefix("session_").unwrap();
        assert!(digits.len() == 12 && digits.bytes().all(|b| b.is_ascii_alphanumeric()));
    }
}
