//! Where somebody is, for those who look after a room without being in it.

use ports::presence::{
    Check, DeviceState, NetworkState, Quality as PresenceQuality, Stage as PresenceStage, Whereabouts,
};

use crate::{
    people::Person,
    wire::{CheckView, Moment, Quality, Stage},
};

/// As admins see them, but that who has left the waiting room's page is away: nobody can speak to them now.
pub fn of(person: &Person) -> Whereabouts {
    let has_left = person.stage == Stage::Waiting && person.connection.is_none();
    Whereabouts {
        stage: match person.stage {
            Stage::Away => PresenceStage::Away,
            Stage::Waiting if has_left => PresenceStage::Away,
            Stage::Lobby => PresenceStage::Lobby,
            Stage::Waiting => PresenceStage::Waiting,
            Stage::Admitted => PresenceStage::Admitted,
            Stage::In => PresenceStage::In,
        },
        since: person.since.filter(|_| !has_left),
        check: person.check.as_ref().map(check),
        quality: match person.quality {
            Quality::Lost => PresenceQuality::Lost,
            Quality::Weak => PresenceQuality::Weak,
            Quality::Good => PresenceQuality::Good,
            Quality::Unknown => PresenceQuality::Unknown,
        },
    }
}

fn check(view: &CheckView) -> Check {
    let (check, Moment(at)) = view.parts();
    Check {
        microphone: device(check.microphone),
        camera: device(check.camera),
        speaker: device(check.speaker),
        network: match check.network {
            "good" => NetworkState::Good,
            "weak" => NetworkState::Weak,
            "tcp_only" => NetworkState::TcpOnly,
            "failed" => NetworkState::Failed,
            _ => NetworkState::Skipped,
        },
        uplink_kbps: check.uplink_kbps,
        downlink_kbps: check.downlink_kbps,
        browser: check.browser.clone(),
        at,
    }
}

/// The words are those of the wire, which knows no others.
fn device(result: &str) -> DeviceState {
    match result {
        "ok" => DeviceState::Ok,
        "blocked" => DeviceState::Blocked,
        "missing" => DeviceState::Missing,
        "busy" => DeviceState::Busy,
        "insecure" => DeviceState::Insecure,
        "unsupported" => DeviceState::Unsupported,
        "failed" => DeviceState::Failed,
        _ => DeviceState::Skipped,
    }
}
