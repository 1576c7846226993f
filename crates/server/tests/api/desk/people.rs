//! Who is where, and what connections were like.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use domain::{ProviderUserId, RoomRef};
use jiff::Timestamp;
use ports::{
    content::{QualityMinute, Rating, RatingStore},
    presence::{Check, DeviceState, NetworkState, Presence, Quality, Stage, Whereabouts},
    teleconsultations::StoreError,
};
use serde_json::json;
use teleconsultation_server::http::desk::Desk;

use crate::support::{Api, booking, booking_of, desk_key, patient};

/// In every room the patient waits with a microphone that is blocked, and had a bad minute.
struct Patient(ProviderUserId);

fn at(minute: i8) -> Timestamp {
    format!("2026-01-01T09:{minute:02}:00Z").parse().unwrap()
}

#[async_trait]
impl Presence for Patient {
    async fn whereabouts(&self, _room: &RoomRef) -> BTreeMap<ProviderUserId, Whereabouts> {
        let check = Check {
            microphone: DeviceState::Blocked,
            camera: DeviceState::Ok,
            speaker: DeviceState::Skipped,
            network: NetworkState::TcpOnly,
            uplink_kbps: Some(800),
            downlink_kbps: None,
            browser: Some("Safari 17".to_owned()),
            at: at(57),
        };
        let place =
            Whereabouts { stage: Stage::Waiting, since: Some(at(58)), check: Some(check), quality: Quality::Unknown };
        BTreeMap::from([(self.0.clone(), place)])
    }
}

#[async_trait]
impl RatingStore for Patient {
    async fn rate(&self, _room: &RoomRef, _rating: &Rating) -> Result<(), StoreError> {
        unreachable!("the desk only reads")
    }

    async fn ratings(&self, _room: &RoomRef) -> Result<Vec<Rating>, StoreError> {
        unreachable!("the desk shows no ratings")
    }

    async fn add_quality(
        &self,
        _room: &RoomRef,
        _user: &ProviderUserId,
        _minutes: &[QualityMinute],
    ) -> Result<(), StoreError> {
        unreachable!("the desk only reads")
    }

    async fn quality(
        &self,
        _room: &RoomRef,
        _from: Timestamp,
    ) -> Result<Vec<(ProviderUserId, QualityMinute)>, StoreError> {
        let minute = |minute, worst| QualityMinute {
            minute: at(minute),
            worst,
            round_trip_ms: Some(120),
            loss: Some(250),
            uplink_kbps: None,
            downlink_kbps: Some(300),
        };
        let elsewhere = ProviderUserId::parse("usr_of_another_room").unwrap();
        Ok(vec![(self.0.clone(), minute(31, 0)), (self.0.clone(), minute(30, 1)), (elsewhere, minute(30, 2))])
    }
}

/// With the patient's user as the use cases derive it.
fn watched() -> Api {
    let key = app::UserIdKey::new(b"ak_live_0123456789abcdef01234567");
    let patient = Arc::new(Patient(key.provider_user(&domain::ParticipantId::parse("patient-1").unwrap())));
    Api::with_desk(Some(Desk::new(desk_key(), Some(patient.clone()), Some(patient))))
}

#[tokio::test]
async fn who_is_where_is_shown_with_what_their_page_found_out() {
    let api = watched();
    let id = api.schedule(&booking()).await;
    let shown = api.at_desk(&format!("/teleconsultations/{id}")).await.json();
    let people = &shown["participants"]["data"];
    let away = json!({"stage": "away", "since": null, "quality": "unknown", "check": null});
    assert_eq!(people[0]["presence"], away);
    let waiting = json!({
        "stage": "waiting", "since": "2026-01-01T09:58:00.000Z", "quality": "unknown",
        "check": {"microphone": "blocked", "camera": "ok", "speaker": "skipped", "network": "tcp_only",
                  "uplink_kbps": 800, "downlink_kbps": null, "browser": "Safari 17", "at": "2026-01-01T09:57:00.000Z"},
    });
    assert_eq!(people[1]["presence"], waiting);
    let id = api.schedule(&booking_of(2, &[patient()])).await;
    let shown = api.at_desk(&format!("/teleconsultations/{id}")).await.json();
    assert_eq!(shown["participants"]["data"][0]["presence"], away, "without a room nobody is anywhere");
}

#[tokio::test]
async fn what_connections_were_like_is_shown_minute_by_minute_for_the_people_who_are_known() {
    let api = watched();
    let id = api.schedule(&booking()).await;
    let shown = api.at_desk(&format!("/teleconsultation/{id}/quality")).await.json();
    let minute = |minute: &str, worst: &str| json!({"minute": minute, "worst": worst, "roundTripMs": 120, "lossPercent": 2.5, "uplinkKbps": null, "downlinkKbps": 300});
    let expected = json!({"measured": true, "participants": [
        {"userId": "doctor-1", "fullName": "Ada Marino", "minutes": []},
        {"userId": "patient-1", "fullName": "Luca Conti", "minutes": [
            minute("2026-01-01T09:30:00.000Z", "weak"), minute("2026-01-01T09:31:00.000Z", "lost"),
        ]},
    ]});
    assert_eq!(shown, expected);
    assert_eq!(api.at_desk("/teleconsultation/nonsense/quality").await.status, 404);
}

#[tokio::test]
async fn where_nobody_measures_that_is_said() {
    let api = Api::new();
    let id = api.schedule(&booking()).await;
    let shown = api.at_desk(&format!("/teleconsultation/{id}/quality")).await.json();
    assert_eq!((&shown["measured"], &shown["participants"][0]["minutes"]), (&json!(false), &json!([])));
}
