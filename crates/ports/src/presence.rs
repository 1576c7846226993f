//! Who is where, at this moment: for whoever looks after people before and during their calls.
//!
//! It is what the program sees by itself, so it is forgotten with the process and says nothing of calls that others carry.

use std::collections::BTreeMap;

use async_trait::async_trait;
use domain::{ProviderUserId, RoomRef};
use jiff::Timestamp;

/// How far somebody has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Stage {
    /// Their page is not open.
    #[default]
    Away,
    /// They have opened their link.
    Lobby,
    /// They have asked to be let in.
    Waiting,
    /// They may enter, and have not.
    Admitted,
    /// They are in the call.
    In,
}

/// What the check of a device found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceState {
    /// It works.
    Ok,
    /// The browser or the system does not let the page use it.
    Blocked,
    /// There is none.
    Missing,
    /// Another program has it.
    Busy,
    /// The page was not loaded safely, so no browser lets it use devices.
    Insecure,
    /// The browser cannot do this.
    Unsupported,
    /// It does not work, for another reason.
    Failed,
    /// It was not looked at.
    Skipped,
}

/// What the check of the network found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NetworkState {
    /// Good enough for pictures.
    Good,
    /// Pictures will be poor.
    Weak,
    /// UDP does not get through.
    TcpOnly,
    /// Nothing gets through.
    Failed,
    /// It was not looked at.
    Skipped,
}

/// What somebody's page found out before the call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// The microphone.
    pub microphone: DeviceState,
    /// The camera.
    pub camera: DeviceState,
    /// The speaker.
    pub speaker: DeviceState,
    /// The network.
    pub network: NetworkState,
    /// What can be sent, in kbit/s.
    pub uplink_kbps: Option<u32>,
    /// What can be received, in kbit/s.
    pub downlink_kbps: Option<u32>,
    /// The browser's name and version, at most 60 characters.
    pub browser: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// What somebody's connection in the call is like.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Quality {
    /// Nobody measures it.
    #[default]
    Unknown,
    /// Good.
    Good,
    /// Weak: pictures or sound suffer.
    Weak,
    /// Lost: they are being waited for.
    Lost,
}

/// Where somebody is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Whereabouts {
    /// How far they have come.
    pub stage: Stage,
    /// Since when they are there, if that is known.
    pub since: Option<Timestamp>,
    /// What their page found out before the call.
    pub check: Option<Check>,
    /// What their connection in the call is like.
    pub quality: Quality,
}

/// Tells who is where.
#[async_trait]
pub trait Presence: Send + Sync {
    /// Where the people of a room are. Whoever is not named, is away.
    async fn whereabouts(&self, room: &RoomRef) -> BTreeMap<ProviderUserId, Whereabouts>;
}

/// Is told that something changed. Telling must never wait.
pub trait PresenceWatcher: Send + Sync {
    /// Somebody of this room is somewhere else, or their check or quality changed.
    fn changed(&self, room: &RoomRef);
}
