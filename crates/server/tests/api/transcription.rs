//! `GET /transcription/:roomId/:sessionId` (contract §6.10).

use app::Policy;
use domain::RoomRef;
use ports::{
    fake::ProviderFailure,
    provider::{Recording, SessionRef},
};
use teleconsultation_server::http::identity::IdentityPath;

use crate::support::{Api, booking, policy};

const SESSION: &str = "session_0123456789ab";

/// An API that records, with a teleconsultation whose session was transcribed: its id and its room.
async fn transcribed() -> (Api, String, RoomRef) {
    let policy = Policy { recording: Recording::Manual, transcription_bytes_max: 50, ..policy() };
    let api = Api::with(policy, IdentityPath::header("miauserid"));
    let id = api.schedule(&booking()).await;
    let room = api.provider.rooms().into_values().next().unwrap().opened.room;
    let srt = "1\n00:00:00,000 --> 00:00:01,000\n\"Buongiorno\"\n\n";
    api.provider.transcribe(&room, &SessionRef::new(SESSION), "\"Buongiorno\"", Some(srt));
    (api, id, room)
}

#[tokio::test]
async fn words_alone_or_subtitles_are_shown_under_our_id_and_the_providers() {
    let (api, id, room) = transcribed().await;
    for name in [id.as_str(), room.as_str()] {
        for prefix in ["", "/api/v1/telecons-be"] {
            let path = format!("{prefix}/transcription/{name}/{SESSION}");
            let words = r#"{"transcription":"\"Buongiorno\""}"#;
            api.call_bare("GET", &path).await.is(200, words);
            api.call_bare("GET", &format!("{path}?format=txt")).await.is(200, words);
            api.call_bare("GET", &format!("{path}?format=srt"))
                .await
                .is(200, r#"{"transcription":"1\n00:00:00,000 --> 00:00:01,000\n\"Buongiorno\"\n\n"}"#);
        }
    }
}

#[tokio::test]
async fn another_format_is_a_bad_request() {
    let (api, id, _) = transcribed().await;
    for format in ["vtt", "", "TXT"] {
        api.call_bare("GET", &format!("/transcription/{id}/{SESSION}?format={format}")).await.is(
            400,
            r#"{"statusCode":400,"error":"Bad Request","message":"querystring.format must be equal to one of the allowed values"}"#,
        );
    }
}

#[tokio::test]
async fn whoever_is_named_must_be_one_of_the_people() {
    let (api, id, room) = transcribed().await;
    for name in [id.as_str(), room.as_str()] {
        let path = format!("/transcription/{name}/{SESSION}");
        assert_eq!(api.read_as("patient-1", &path).await.status, 200);
        api.read_as("stranger", &path).await.is(401, r#"{"error":"Unauthorized user"}"#);
    }
}

#[tokio::test]
async fn what_is_unknown_or_not_ready_is_not_found() {
    let (api, id, room) = transcribed().await;
    for unknown in ["65f0c0ffee0123456789abcd", "room_0123456789ab", "a.b", "%00"] {
        let answer = api.call_bare("GET", &format!("/transcription/{unknown}/{SESSION}")).await;
        assert_eq!(answer.status, 404);
        let message = format!("Room with id {unknown} not found on CRUD");
        assert!(unknown == "%00" || answer.json()["message"] == message.as_str(), "{}", answer.body);
    }
    for other in ["session_000000000000", "..%2Fx", "a.b"] {
        assert_eq!(api.call_bare("GET", &format!("/transcription/{id}/{other}")).await.status, 404, "{other}");
    }
    api.call_bare("GET", &format!("/transcription/{id}/session_000000000000")).await.is(
        404,
        r#"{"statusCode":404,"error":"Not Found","message":"Transcription of session session_000000000000 not found"}"#,
    );
    let plain = SessionRef::new("session_b");
    api.provider.transcribe(&room, &plain, "words", None);
    assert_eq!(api.call_bare("GET", &format!("/transcription/{id}/session_b")).await.status, 200);
    assert_eq!(api.call_bare("GET", &format!("/transcription/{id}/session_b?format=srt")).await.status, 404);
    api.call_bare("DELETE", &format!("/teleconsultation/{id}")).await.is(204, "");
    for name in [id.as_str(), room.as_str()] {
        assert_eq!(api.call_bare("GET", &format!("/transcription/{name}/{SESSION}")).await.status, 404);
    }
}

#[tokio::test]
async fn where_nothing_is_recorded_nothing_is_found() {
    let api = Api::new();
    let id = api.schedule(&booking()).await;
    let room = api.provider.rooms().into_values().next().unwrap().opened.room;
    api.provider.transcribe(&room, &SessionRef::new(SESSION), "words", None);
    api.call_bare("GET", &format!("/transcription/{id}/{SESSION}")).await.is(
        404,
        r#"{"statusCode":404,"error":"Not Found","message":"Calls are not recorded, so there are no transcriptions"}"#,
    );
}

#[tokio::test]
async fn what_is_too_long_is_said_so_and_a_provider_that_is_out_too() {
    let (api, id, room) = transcribed().await;
    api.provider.transcribe(&room, &SessionRef::new("session_b"), &"x".repeat(51), None);
    api.call_bare("GET", &format!("/transcription/{id}/session_b"))
        .await
        .is(413, r#"{"statusCode":413,"error":"Payload Too Large","message":"The transcription is too large"}"#);
    api.provider.fail_next(ProviderFailure::UnavailableBefore);
    assert_eq!(api.call_bare("GET", &format!("/transcription/{id}/{SESSION}")).await.status, 503);
}
