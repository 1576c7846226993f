//! What every use case is given.

use std::sync::Arc;

use domain::{ParticipantId, Privileges, ProviderUserId};
use hmac::{Hmac, KeyInit, Mac};
use jiff::SignedDuration;
use ports::{
    Caller, Chance, Clock,
    directory::{CustomIds, UserDirectory},
    provider::{Recording, VideoProvider},
    teleconsultations::TeleconsultationStore,
};
use sha2::Sha256;

/// The ports and rules that use cases work with.
#[derive(Clone)]
pub struct Ctx {
    /// Keeps teleconsultations.
    pub store: Arc<dyn TeleconsultationStore>,
    /// Makes rooms.
    pub provider: Arc<dyn VideoProvider>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Makes ids.
    pub chance: Arc<dyn Chance>,
    /// The operator's rules.
    pub policy: Arc<Policy>,
    /// Derives provider users.
    pub user_id_key: UserIdKey,
    /// Know the people whom callers name (contract §3, modes A and A+); `None`: callers tell groups and names themselves (mode B).
    pub directories: Option<Directories>,
    /// On whose behalf services of the platform are asked.
    pub caller: Caller,
}

impl Ctx {
    /// The same, on behalf of this caller.
    #[must_use]
    pub fn on_behalf_of(&self, caller: Caller) -> Self {
        let store = self.store.for_caller(&caller).unwrap_or_else(|| self.store.clone());
        Self { store, caller, ..self.clone() }
    }
}

/// The directories that know the people whom callers name.
#[derive(Clone)]
pub struct Directories {
    /// The identity provider's users.
    pub users: Arc<dyn UserDirectory>,
    /// Where callers name people by ids of their own: who is whom.
    pub custom_ids: Option<Arc<dyn CustomIds>>,
}

/// What the operator decides (contract §8).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Which groups have which role and tools.
    pub privileges: Privileges,
    /// How long before its start a teleconsultation stops changing and shows its links (`IMMUTABLE_PERIOD_MS`).
    pub immutable_period: SignedDuration,
    /// Whether rooms never expire (`UNLIMITED_TELECONSULTATION`); else the dates limit how long a room can be used.
    pub unlimited: bool,
    /// Whether a call ends when fewer than two remain (`LIVE_TELECONSULTATION`).
    pub live: bool,
    /// Whether calls are recorded (`DEFAULT_RECORDING_TYPE`).
    pub recording: Recording,
    /// Whether callers may have the files of a room deleted (`TELECONSULTATION_DELETE_UPLOADS`).
    pub delete_uploads: bool,
    /// The longest transcription that is shown, in bytes (`TRANSCRIPTION_MAX_FILE_SIZE`).
    pub transcription_bytes_max: usize,
}

/// Derives the provider's id for a person from the caller's, so that making a user twice makes one. Never shows itself.
#[derive(Clone)]
pub struct UserIdKey(Hmac<Sha256>);

impl UserIdKey {
    /// Takes the company's key, of any length.
    #[expect(clippy::missing_panics_doc, reason = "it never panics")]
    pub fn new(company_key: &[u8]) -> Self {
        // HMAC is defined for keys of every length (RFC 2104 §2), so this cannot fail.
        Self(Hmac::new_from_slice(company_key).expect("HMAC takes keys of every length"))
    }

    /// `usr_` and the first 24 hexadecimal digits of the id's HMAC-SHA-256: 96 bits, and nobody without the key can tell whose.
    #[expect(clippy::missing_panics_doc, reason = "it never panics")]
    pub fn provider_user(&self, id: &ParticipantId) -> ProviderUserId {
        use std::fmt::Write as _;

        let mut mac = self.0.clone();
        mac.update(id.as_str().as_bytes());
        let mut text = String::from("usr_");
        for byte in mac.finalize().into_bytes().iter().take(12) {
            // Writing to a `String` never fails.
            let _ = write!(text, "{byte:02x}");
        }
        // 28 characters of `usr_` and hexadecimal digits, all of which a provider's id may have.
        ProviderUserId::parse(&text).expect("hexadecimal digits are allowed in a provider's id")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_person_has_one_user_and_another_key_gives_another() {
        let id = |text| ParticipantId::parse(text).unwrap();
        let key = UserIdKey::new(b"ak_live_0123456789abcdef01234567");
        let user = key.provider_user(&id("mario.rossi@example.org"));
        assert_eq!(user, key.provider_user(&id("mario.rossi@example.org")));
        assert_ne!(user, key.provider_user(&id("maria.rossi@example.org")));
        assert_ne!(user, UserIdKey::new(b"other").provider_user(&id("mario.rossi@example.org")));
        assert_eq!(user.as_str().len(), 28);
    }
}
