//! Who is where, and what calls were like.

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

/// In every room the patient waits with a microphone that is blocked, and had a bad minute, which they said so many times.
struct Patient(ProviderUserId, u32);

/// Words that would do harm wherever they were taken for more than words.
const HOSTILE: &str = "</script><img src=x onerror=alert(1)> {{7*7}} \u{202e}'; DROP TABLE video_ratings; --\r\n";

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

    async fn ratings(&self, _room: &RoomRef, limit: u32) -> Result<Vec<Rating>, StoreError> {
        let elsewhere = ProviderUserId::parse("usr_of_another_room").unwrap();
        let rating = |nr: u32| Rating {
            session: None,
            user: if nr == 1 { elsewhere.clone() } else { self.0.clone() },
            stars: 2,
            comment: (nr == 0).then(|| HOSTILE.to_owned()),
            at: at(40),
        };
        Ok((0..self.1.min(limit)).map(rating).collect())
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
    rated(2)
}

/// The same with so many ratings.
fn rated(times: u32) -> Api {
    let key = app::UserIdKey::new(b"ak_live_0123456789abcdef01234567");
    let patient = Arc::new(Patient(key.provider_user(&domain::ParticipantId::parse("patient-1").unwrap()), times));
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
async fn what_people_thought_of_a_call_is_shown_in_their_own_words_and_never_more_than_can_be_read() {
    let api = watched();
    let id = api.schedule(&booking()).await;
    let shown = api.at_desk(&format!("/teleconsultation/{id}/ratings")).await;
    assert_eq!(shown.headers["content-type"], "application/json; charset=utf-8");
    let when = "2026-01-01T09:40:00.000Z";
    let expected = json!({"asked": true, "more": false, "ratings": [
        {"userId": "patient-1", "fullName": "Luca Conti", "stars": 2, "comment": HOSTILE, "at": when},
        {"userId": null, "fullName": null, "stars": 2, "comment": null, "at": when},
    ]});
    assert_eq!(shown.json(), expected);
    assert_eq!(api.at_desk("/teleconsultation/nonsense/ratings").await.status, 404);
    for (kept, more) in [(200, false), (201, true)] {
        let api = rated(kept);
        let id = api.schedule(&booking()).await;
        let shown = api.at_desk(&format!("/teleconsultation/{id}/ratings")).await.json();
        assert_eq!((shown["ratings"].as_array().unwrap().len(), &shown["more"]), (200, &json!(more)));
    }
}

#[tokio::test]
async fn where_nobody_measures_or_asks_that_is_said() {
    let api = Api::new();
    let id = api.schedule(&booking()).await;
    let shown = api.at_desk(&format!("/teleconsultation/{id}/quality")).await.json();
    assert_eq!((&shown["measured"], &shown["participants"][0]["minutes"]), (&json!(false), &json!([])));
    let shown = api.at_desk(&format!("/teleconsultation/{id}/ratings")).await.json();
    assert_eq!(shown, json!({"asked": false, "ratings": [], "more": false}));
}
