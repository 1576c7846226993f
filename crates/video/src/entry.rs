//! What somebody gets who comes through their link.

use std::time::Duration;

use domain::{FullName, Language, ProviderUserId, RoomRef, Tools};
use jiff::Timestamp;
use ports::{
    media::{Grant, RoomName, TrackSource},
    provider::{CallType, Recording, RoomStatus},
    rooms::{Member, RoomState, User},
};

use crate::{Visitor, identity, metadata, rules, tools};

/// How long a media token can be used to enter. Clients renew theirs while they are connected.
pub const MEDIA_TOKEN_VALID_FOR: Duration = Duration::from_mins(10);

/// All that the call page needs: `POST /call/enter` answers this as JSON.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    /// How to get into the media room; `None`: a host has to let them in first.
    pub media: Option<MediaAccess>,
    /// The room.
    pub room: EntryRoom,
    /// The person.
    pub participant: EntryParticipant,
    /// What the company has set for its calls.
    pub company: EntryCompany,
}

/// What a company has set for its calls, as far as the page needs it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EntryCompany {
    /// The path of the picture that people can have behind them, on the pages' own origin.
    pub background: Option<String>,
    /// Where browsers go after a call.
    pub end_call_redirect_url: Option<String>,
    /// How long after it.
    pub end_call_redirect_timeout: Duration,
}

/// Lets somebody into the media room. Whoever has it is that person, so it has no `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct MediaAccess {
    /// Signed access token for the media engine.
    pub token: String,
    /// Until when the token lets its bearer in.
    pub expires: Timestamp,
}

/// The room that somebody enters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryRoom {
    /// Its id, which is also the name of the media room.
    pub id: RoomRef,
    /// What happens in it; [`crate::status_on_wire`] names it.
    pub status: RoomStatus,
    /// How long it can be used; `None`: without end.
    pub duration: Option<Duration>,
    /// How much of that is used at this moment.
    pub duration_used: Duration,
    /// Whether a session ends when fewer than two remain.
    pub live: bool,
    /// What media a call starts with.
    pub call_type: CallType,
    /// Whether it is recorded.
    pub recording: Recording,
}

/// The person who enters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryParticipant {
    /// The user.
    pub user: ProviderUserId,
    /// Shown to the others; without one they see the user's id.
    pub display_name: Option<FullName>,
    /// Language of the pages, if one was asked for.
    pub language: Option<Language>,
    /// Whether they may act on others.
    pub admin: bool,
    /// Whether they may publish their camera.
    pub camera: bool,
    /// What they may use; [`crate::tools::on_wire`] names them.
    pub tools: Tools,
}

/// What the token lets a member do (`kaleyra-video-api.md` §6.1–6.3): speak always; be seen unless the room is for sound only or the
/// user may not; share the screen and send data if a tool says so.
pub fn grant(state: &RoomState, member: &Member, user: &User) -> Grant {
    let mut sources = vec![TrackSource::Microphone];
    if may_use_camera(state, user) {
        sources.push(TrackSource::Camera);
    }
    if member.tools.screen_sharing {
        sources.extend([TrackSource::ScreenShare, TrackSource::ScreenShareAudio]);
    }
    let name = member.display_name.as_ref().map_or(member.user.as_str(), FullName::as_str);
    Grant {
        room: RoomName(state.room.id.as_str().to_owned()),
        identity: identity::of(member),
        name: Some(name.to_owned()),
        metadata: metadata::participant(member),
        sources,
        publish_data: tools::sends_data(&member.tools),
        valid_for: MEDIA_TOKEN_VALID_FOR,
    }
}

/// Puts together what the page needs.
pub fn entry(
    Visitor { state, member, user }: &Visitor,
    media_token: Option<String>,
    company: EntryCompany,
    now: Timestamp,
) -> Entry {
    let room = &state.room;
    Entry {
        media: media_token.map(|token| MediaAccess { token, expires: now + MEDIA_TOKEN_VALID_FOR }),
        room: EntryRoom {
            id: room.id.clone(),
            status: rules::status(room, state.session.as_ref()),
            duration: room.duration,
            duration_used: rules::used_at(room, state.session.as_ref(), now),
            live: room.live,
            call_type: room.call_type,
            recording: room.recording,
        },
        participant: EntryParticipant {
            user: member.user.clone(),
            display_name: member.display_name.clone(),
            language: member.language.clone().or_else(|| user.language.clone()),
            admin: member.admin,
            camera: may_use_camera(state, user),
            tools: member.tools,
        },
        company,
    }
}

fn may_use_camera(state: &RoomState, user: &User) -> bool {
    user.allow_camera && state.room.call_type != CallType::AudioOnly
}

#[cfg(test)]
mod tests {
    use domain::Role;

    use super::*;
    use crate::testing;

    fn granted(change: impl FnOnce(&mut RoomState, &mut Member, &mut User)) -> Grant {
        let (_, room) = testing::room("room_1", &["anna", "bert"]);
        let (mut state, mut member, mut user) =
            (RoomState { room, session: None }, testing::member("anna"), testing::user("anna", Role::Plus));
        change(&mut state, &mut member, &mut user);
        grant(&state, &member, &user)
    }

    #[test]
    fn with_every_tool_everything_may_be_published() {
        let grant = granted(|_, _, _| {});
        let all =
            [TrackSource::Microphone, TrackSource::Camera, TrackSource::ScreenShare, TrackSource::ScreenShareAudio];
        assert_eq!(grant.sources, all);
        assert!(grant.publish_data);
        assert_eq!(grant.name.as_deref(), Some("anna"));
        assert_eq!((grant.room.0.as_str(), grant.identity.0.as_str()), ("room_1", "anna"));
    }

    #[test]
    fn without_any_tool_there_are_sound_and_picture_and_no_data() {
        let grant = granted(|_, member, _| member.tools = Tools::none());
        assert_eq!(grant.sources, [TrackSource::Microphone, TrackSource::Camera]);
        assert!(!grant.publish_data);
    }

    #[test]
    fn a_room_for_sound_only_or_a_user_without_camera_gets_no_camera() {
        let camera = |grant: Grant| grant.sources.contains(&TrackSource::Camera);
        assert!(!camera(granted(|state, _, _| state.room.call_type = CallType::AudioOnly)));
        assert!(camera(granted(|state, _, _| state.room.call_type = CallType::AudioUpgradable)));
        assert!(!camera(granted(|_, _, user| user.allow_camera = false)));
    }

    #[test]
    fn the_name_shown_is_the_display_name() {
        let grant = granted(|_, member, _| member.display_name = Some(FullName::parse("Dr. Anna").unwrap()));
        assert_eq!(grant.name.as_deref(), Some("Dr. Anna"));
    }
}
