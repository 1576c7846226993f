//! People and rooms to make promises about.

use domain::{ProviderUserId, Role, RoomKey, Tools};
use ports::provider::{Recording, RoomParticipant, RoomSpec, UserSpec, VideoProvider};

pub(crate) fn id(name: &str) -> ProviderUserId {
    ProviderUserId::parse(name).unwrap()
}

pub(crate) fn user(name: &str, role: Role) -> UserSpec {
    UserSpec { id: id(name), role, language: None }
}

pub(crate) fn spec(key: u8, names: &[&str]) -> RoomSpec {
    let participant = |name: &&str| RoomParticipant {
        user: id(name),
        admin: false,
        tools: Tools::all(),
        display_name: None,
        language: None,
    };
    RoomSpec {
        key: RoomKey::new([key; 16]),
        participants: names.iter().map(participant).collect(),
        duration: None,
        live: false,
        recording: Recording::None,
    }
}

/// A room for a doctor and a patient, who exist from now on.
pub(crate) async fn duo(provider: &dyn VideoProvider, key: u8) -> RoomSpec {
    provider.ensure_users(&[user("doctor", Role::Plus), user("patient", Role::Basic)]).await.unwrap();
    spec(key, &["doctor", "patient"])
}
