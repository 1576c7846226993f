//! From what the desk sees to what it reads. Names are those of a booking, so that what was read can be changed and sent back.

use std::collections::BTreeMap;

use app::DeskView;
use domain::{Participant, ProviderUserId, Role};
use ports::presence::{Check, DeviceState, NetworkState, Presence, Quality, Stage, Whereabouts};
use serde::Serialize;
use utoipa::ToSchema;

use super::super::{date_time, view::LinkRules};

/// A teleconsultation as the desk sees it.
#[derive(Serialize, ToSchema)]
pub struct DeskTeleconsultationView {
    /// Its id for ever.
    #[serde(rename = "roomId")]
    #[schema(pattern = "^[0-9a-f]{24}$")]
    pub room_id: String,
    /// When it begins.
    #[schema(format = DateTime)]
    pub start_date: String,
    /// When it ends.
    #[schema(format = DateTime)]
    pub end_date: String,
    /// Who takes part.
    pub participants: DeskPeopleView,
    /// Whether everybody is known, so that there is a room and everyone has a link.
    pub complete: bool,
    /// Whether it can no longer be changed. Until then a change may replace the links.
    pub frozen: bool,
    /// Grows with its changes, as in its calendar files.
    pub sequence: i32,
}

/// The people of a teleconsultation.
#[derive(Serialize, ToSchema)]
pub struct DeskPeopleView {
    /// How many there will be.
    pub number: u8,
    /// Those known so far.
    pub data: Vec<DeskPersonView>,
}

/// One person.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeskPersonView {
    /// How the calling system names the person.
    pub user_id: String,
    /// The groups that decided the person's role.
    pub groups: Vec<String>,
    /// `plus`: organises and takes part; `basic`: takes part.
    pub role: &'static str,
    /// Shown to the others.
    #[schema(required = true)]
    pub full_name: Option<String>,
    /// The person's language.
    #[schema(required = true)]
    pub language: Option<String>,
    /// The person's own link, once there is a room.
    #[serde(rename = "accessLinkURL")]
    #[schema(required = true)]
    pub access_link_url: Option<String>,
    /// Where the person is; `null`: nobody here knows, because another provider carries the calls.
    #[schema(required = true)]
    pub presence: Option<PresenceView>,
}

/// Where somebody is.
#[derive(Serialize, ToSchema)]
#[schema(title = "PresenceView")]
pub struct PresenceView {
    /// `away`: their page is not open; `lobby`: they have opened their link; `waiting`: they have asked to be let in; `admitted`: they may
    /// enter; `in`: they are in the call.
    pub stage: &'static str,
    /// Since when, if that is known.
    #[schema(required = true, format = DateTime)]
    pub since: Option<String>,
    /// What the connection in the call is like: `good`, `weak`, `lost` or `unknown`.
    pub quality: &'static str,
    /// What their page found out before the call.
    #[schema(required = true)]
    pub check: Option<CheckView>,
}

/// What somebody's page found out before the call. Devices are `ok`, `blocked`, `missing`, `busy`, `insecure`, `unsupported`, `failed` or
/// `skipped`.
#[derive(Serialize, ToSchema)]
#[schema(title = "CheckView")]
pub struct CheckView {
    /// The microphone.
    pub microphone: &'static str,
    /// The camera.
    pub camera: &'static str,
    /// The speaker.
    pub speaker: &'static str,
    /// `good`, `weak`, `tcp_only`, `failed` or `skipped`.
    pub network: &'static str,
    /// What can be sent, in kbit/s.
    #[schema(required = true)]
    pub uplink_kbps: Option<u32>,
    /// What can be received, in kbit/s.
    #[schema(required = true)]
    pub downlink_kbps: Option<u32>,
    /// The browser's name and version.
    #[schema(required = true)]
    pub browser: Option<String>,
    /// When.
    #[schema(format = DateTime)]
    pub at: String,
}

/// The whole answer.
pub async fn teleconsultation(
    seen: DeskView,
    presence: Option<&dyn Presence>,
    links: &LinkRules,
) -> DeskTeleconsultationView {
    let DeskView { teleconsultation, is_frozen, sequence } = seen;
    let places = match (presence, teleconsultation.room()) {
        (Some(presence), Some(room)) => Some(presence.whereabouts(&room.room).await),
        // Without a room nobody can be anywhere.
        (Some(_), None) => Some(BTreeMap::new()),
        (None, _) => None,
    };
    let data = teleconsultation.roster.known().iter().map(|one| person(one, places.as_ref(), links)).collect();
    DeskTeleconsultationView {
        room_id: teleconsultation.id.to_string(),
        start_date: date_time::format(teleconsultation.schedule.start()),
        end_date: date_time::format(teleconsultation.schedule.end()),
        participants: DeskPeopleView { number: teleconsultation.roster.expected(), data },
        complete: teleconsultation.room().is_some(),
        frozen: is_frozen,
        sequence,
    }
}

fn person(
    person: &Participant,
    places: Option<&BTreeMap<ProviderUserId, Whereabouts>>,
    links: &LinkRules,
) -> DeskPersonView {
    DeskPersonView {
        user_id: person.id.as_str().to_owned(),
        groups: person.groups.iter().map(|group| group.as_str().to_owned()).collect(),
        role: role(person.role),
        full_name: person.full_name.as_ref().map(|name| name.as_str().to_owned()),
        language: person.language.as_ref().map(|language| language.as_str().to_owned()),
        access_link_url: links.link_of(person),
        presence: places
            .map(|places| places.get(&person.provider_user).map_or_else(PresenceView::away, self::presence)),
    }
}

/// The name of a role.
pub fn role(role: Role) -> &'static str {
    match role {
        Role::Basic => "basic",
        Role::Plus => "plus",
    }
}

impl PresenceView {
    fn away() -> Self {
        presence(&Whereabouts::default())
    }
}

fn presence(place: &Whereabouts) -> PresenceView {
    PresenceView {
        stage: match place.stage {
            Stage::Away => "away",
            Stage::Lobby => "lobby",
            Stage::Waiting => "waiting",
            Stage::Admitted => "admitted",
            Stage::In => "in",
        },
        since: place.since.map(date_time::format),
        quality: match place.quality {
            Quality::Unknown => "unknown",
            Quality::Good => "good",
            Quality::Weak => "weak",
            Quality::Lost => "lost",
        },
        check: place.check.as_ref().map(check),
    }
}

fn check(check: &Check) -> CheckView {
    CheckView {
        microphone: device(check.microphone),
        camera: device(check.camera),
        speaker: device(check.speaker),
        network: match check.network {
            NetworkState::Good => "good",
            NetworkState::Weak => "weak",
            NetworkState::TcpOnly => "tcp_only",
            NetworkState::Failed => "failed",
            NetworkState::Skipped => "skipped",
        },
        uplink_kbps: check.uplink_kbps,
        downlink_kbps: check.downlink_kbps,
        browser: check.browser.clone(),
        at: date_time::format(check.at),
    }
}

fn device(state: DeviceState) -> &'static str {
    match state {
        DeviceState::Ok => "ok",
        DeviceState::Blocked => "blocked",
        DeviceState::Missing => "missing",
        DeviceState::Busy => "busy",
        DeviceState::Insecure => "insecure",
        DeviceState::Unsupported => "unsupported",
        DeviceState::Failed => "failed",
        DeviceState::Skipped => "skipped",
    }
}
