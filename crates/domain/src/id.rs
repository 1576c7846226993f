//! A type for every id, so that one kind cannot stand for another.

use std::fmt;

/// An id that cannot be one: empty, too long, or of characters that the id's kind does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct InvalidId {
    reason: &'static str,
}

/// Names one teleconsultation for ever: the public `roomId` of the contract (§1), 24 lower-case hexadecimal digits or a UUID.
///
/// It is what the CRUD Service calls `_id`: four bytes of seconds since 1970, then eight bytes of chance, so ids sort by
/// creation; or, in collections that say so, a UUID (`mia-platform.md` §9.1). Both are safe in a path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TeleconsultationId(String);

impl TeleconsultationId {
    const OBJECT_ID_LEN: usize = 24;

    /// Makes an id from the second of its creation and eight bytes of chance.
    pub fn new(created: jiff::Timestamp, chance: [u8; 8]) -> Self {
        let seconds = u32::try_from(created.as_second()).unwrap_or(0);
        Self(format!("{seconds:08x}{:016x}", u64::from_be_bytes(chance)))
    }

    /// Reads an id. A text that no teleconsultation can have as its id is an error, which callers answer like an unknown id.
    ///
    /// A UUID is read as it is written (RFC 9562 §4), of any version and in lower case: one id has one spelling.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        let is_object_id = text.len() == Self::OBJECT_ID_LEN && text.bytes().all(is_digit);
        if is_object_id || is_uuid(text) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidId { reason: "must be 24 lower-case hexadecimal digits, or a UUID in lower case" })
        }
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TeleconsultationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A lower-case hexadecimal digit.
fn is_digit(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

/// Groups of 8, 4, 4, 4 and 12 digits.
fn is_uuid(text: &str) -> bool {
    let is_right = |(place, byte)| if matches!(place, 8 | 13 | 18 | 23) { byte == b'-' } else { is_digit(byte) };
    text.len() == 36 && text.bytes().enumerate().all(is_right)
}

/// How the calling system names a person: `userId` or `userExternalId` on the wire, `receivedUserId` in stored data.
///
/// It may be an e-mail address or a fiscal code, so it has no `Debug` or `Display` that shows it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ParticipantId(String);

impl ParticipantId {
    /// The longest id accepted, in bytes: Auth0 ids, e-mail addresses and FHIR ids all stay below it.
    pub const LEN_MAX: usize = 256;

    /// Reads an id given by a caller.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        if text.is_empty() || text.len() > Self::LEN_MAX {
            return Err(InvalidId { reason: "must have 1 to 256 bytes" });
        }
        if text.chars().any(char::is_control) {
            return Err(InvalidId { reason: "must not have control characters" });
        }
        Ok(Self(text.to_owned()))
    }

    /// The id as text, for stores and wires only.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ParticipantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ParticipantId(..)")
    }
}

/// A person's id at the video provider: `bandyerUserId` on the wire, `[a-zA-Z0-9._-]`, at most 128 characters
/// (`kaleyra-video-api.md` §6.1).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProviderUserId(String);

impl ProviderUserId {
    /// Reads an id. An empty id, a longer one or other characters are an error.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
        if !text.is_empty() && text.len() <= 128 && text.bytes().all(allowed) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidId { reason: "must have 1 to 128 characters of a-z, A-Z, 0-9, '.', '_' and '-'" })
        }
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ProviderUserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A room as its provider names it: `bandyerRoomId` in stored data. Opaque.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoomRef(String);

impl RoomRef {
    /// Takes the provider's word for it.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The reference as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Our own name for a room, chosen before the provider is asked for it, so that asking twice gives one room.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoomKey(String);

impl RoomKey {
    /// The digits of the moment in a key of [`Self::of`]: 48 bits of milliseconds.
    const MOMENT_LEN: usize = 12;

    /// The digits of the chance in a key of [`Self::of`]: 32 bits, for rooms of one teleconsultation within one millisecond.
    const CHANCE_LEN: usize = 8;

    /// Makes the key of a teleconsultation's next room.
    ///
    /// Keys of one time stand together in an index, so that making rooms changes few of its pages. A key says whose room it is and
    /// since when, so that a room which is found at the provider can be judged by it alone.
    pub fn of(teleconsultation: &TeleconsultationId, made: jiff::Timestamp, chance: [u8; 4]) -> Self {
        // A moment before 1970, or one after the year 10000, has no such digits.
        let moment = u64::try_from(made.as_millisecond()).unwrap_or(0) & 0xffff_ffff_ffff;
        Self(format!("{moment:012x}{teleconsultation}{:08x}", u32::from_be_bytes(chance)))
    }

    /// Makes a key of sixteen bytes of chance, for a room of no teleconsultation of ours.
    pub fn new(chance: [u8; 16]) -> Self {
        Self(format!("{:032x}", u128::from_be_bytes(chance)))
    }

    /// Whose room it is, and when the key was made; `None` if it was not made by [`Self::of`].
    pub fn origin(&self) -> Option<(TeleconsultationId, jiff::Timestamp)> {
        let (moment, rest) = self.0.split_at_checked(Self::MOMENT_LEN)?;
        let (id, chance) = rest.split_at_checked(rest.len().checked_sub(Self::CHANCE_LEN)?)?;
        if !moment.bytes().chain(chance.bytes()).all(is_digit) {
            return None;
        }
        let made = jiff::Timestamp::from_millisecond(i64::from_str_radix(moment, 16).ok()?).ok()?;
        Some((TeleconsultationId::parse(id).ok()?, made))
    }

    /// Takes back a key that was stored.
    pub fn from_stored(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_teleconsultation_id_reads_back_and_sorts_by_creation() {
        let early = TeleconsultationId::new("2026-01-01T00:00:00Z".parse().unwrap(), [0xff; 8]);
        let late = TeleconsultationId::new("2026-01-01T00:00:01Z".parse().unwrap(), [0; 8]);
        assert!(early < late);
        assert_eq!(TeleconsultationId::parse(early.as_str()), Ok(early));
    }

    #[test]
    fn a_uuid_is_an_id_as_it_is_written() {
        for text in ["018f3a5c-6e1b-7c2d-9e3f-a1b2c3d4e5f6", "00000000-0000-0000-0000-000000000000"] {
            assert_eq!(TeleconsultationId::parse(text).unwrap().as_str(), text);
        }
        for text in [
            "018F3A5C-6E1B-7C2D-9E3F-A1B2C3D4E5F6",
            "018f3a5c6e1b7c2d9e3fa1b2c3d4e5f6",
            "{018f3a5c-6e1b-7c2d-9e3f-a1b2c3d4e5f6}",
            "018f3a5c-6e1b-7c2d-9e3f-a1b2c3d4e5f",
            "018f3a5c-6e1b-7c2d-9e3f-a1b2c3d4e5/6",
            "018f3a5-c6e1b-7c2d-9e3f-a1b2c3d4e5f6",
            "018f3a5c-6e1b-7c2d-9e3f-a1b2c3d4e5è",
            "------------------------------------",
        ] {
            assert!(TeleconsultationId::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn texts_that_are_no_ids_are_refused() {
        for text in [
            "",
            "65F0C0FFEE0123456789ABCD",
            "65f0c0ffee0123456789abc",
            "../../../etc/passwd/00000",
            "é5f0c0ffee0123456789abc",
        ] {
            assert!(TeleconsultationId::parse(text).is_err(), "{text}");
        }
        assert!(ProviderUserId::parse("usr_0/1").is_err());
        assert!(ParticipantId::parse("").is_err());
        assert!(ParticipantId::parse("a\nb").is_err());
        assert!(ParticipantId::parse(&"x".repeat(257)).is_err());
    }

    #[test]
    fn a_room_key_says_whose_it_is_and_since_when() {
        let made = "2026-01-01T00:00:00.123Z".parse().unwrap();
        let id = TeleconsultationId::new(made, [7; 8]);
        let key = RoomKey::of(&id, made, [1, 2, 3, 4]);
        assert_eq!(key.as_str(), "019b76daa87b6955b900070707070707070701020304");
        assert_eq!(key.origin(), Some((id.clone(), made)));
        assert_ne!(key, RoomKey::of(&id, made, [1, 2, 3, 5]));
        let later = made + jiff::SignedDuration::from_millis(1);
        assert!(key < RoomKey::of(&id, later, [0; 4]));
        let uuid = TeleconsultationId::parse("018f3a5c-6e1b-7c2d-9e3f-a1b2c3d4e5f6").unwrap();
        let key = RoomKey::of(&uuid, made, [1, 2, 3, 4]);
        assert_eq!(key.as_str(), "019b76daa87b018f3a5c-6e1b-7c2d-9e3f-a1b2c3d4e5f601020304");
        assert_eq!(key.origin(), Some((uuid, made)));
        let before = RoomKey::of(&id, "1969-01-01T00:00:00Z".parse().unwrap(), [0; 4]);
        assert_eq!(before.origin().unwrap().1, jiff::Timestamp::UNIX_EPOCH);
    }

    #[test]
    fn a_key_that_was_made_otherwise_says_nothing() {
        let of_uuid = "-19b76daa87b018f3a5c-6e1b-7c2d-9e3f-a1b2c3d4e5f601020304";
        let chance = "019b76daa87b6955b90007070707070707070102-304";
        for text in ["", "01", &"+".repeat(44), &"è".repeat(22), &"f".repeat(45), &"f".repeat(56), of_uuid, chance] {
            assert_eq!(RoomKey::from_stored(text).origin(), None, "{text}");
        }
        assert_eq!(RoomKey::new([7; 16]).origin(), None);
    }

    #[test]
    fn a_participant_id_never_shows_itself_in_debug_output() {
        let id = ParticipantId::parse("mario.rossi@example.org").unwrap();
        assert_eq!(format!("{id:?}"), "ParticipantId(..)");
    }
}
