//! People and rooms to make promises about.

use domain::{ProviderUserId, Role, RoomKey, Tools};
use ports::provider::{BackgroundImage, Recording, RoomParticipant, RoomSpec, UserSpec, VideoProvider};

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

/// A JPEG's beginning, up to its frame of 1280 by 1280 points: as large as Kaleyra wants one at least.
pub(crate) fn image() -> BackgroundImage {
    let bytes = [0xff, 0xd8, 0xff, 0xc0, 0, 11, 8, 5, 0, 5, 0, 1, 1, 0x11, 0, 0xff, 0xd9];
    BackgroundImage::new(bytes.to_vec()).unwrap()
}
