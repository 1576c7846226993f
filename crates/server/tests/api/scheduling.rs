//! `POST`, `PATCH` and `DELETE /teleconsultation` (contract §4, §6.1, §6.2, §6.5).

use app::Policy;
use ports::provider::{Recording, RoomSpec};
use serde_json::json;
use teleconsultation_server::http::identity::IdentityPath;

use crate::support::{Api, booking, booking_of, booking_with, doctor, patient, policy};

#[tokio::test]
async fn scheduling_answers_with_the_id_alone() {
    let api = Api::new();
    let answer = api.call("POST", "/teleconsultation", &booking()).await;
    answer.is(201, &format!("{{\"roomId\":\"{}\"}}", answer.json()["roomId"].as_str().unwrap()));
    assert_eq!(answer.headers["content-type"], "application/json; charset=utf-8");
    let rooms = api.provider.rooms();
    assert_eq!(rooms.len(), 1);
    let RoomSpec { participants, duration, live, recording, .. } = &rooms.values().next().unwrap().spec;
    assert_eq!((participants.len(), *duration, *live, *recording), (2, None, true, Recording::None));
    assert_eq!(participants.iter().filter(|participant| participant.admin).count(), 1);
}

#[tokio::test]
async fn every_prefix_leads_to_the_same_teleconsultation() {
    let api = Api::new();
    let answer = api.call("POST", "/api/v1/telecons-be/teleconsultation", &booking()).await;
    assert_eq!(answer.status, 201);
    let id = answer.json()["roomId"].as_str().unwrap().to_owned();
    for prefix in ["", "/api/v1/telecons-be", "/consultations"] {
        assert_eq!(api.read_as("doctor-1", &format!("{prefix}/teleconsultation/{id}")).await.status, 200);
    }
}

#[tokio::test]
async fn every_spelling_is_accepted() {
    let api = Api::new();
    for (one, other) in [
        (
            json!({"userId": "a", "groups": ["doctor"], "fullName": "A"}),
            json!({"userExternalId": "b", "group": "patient", "fullName": "B"}),
        ),
        (
            json!({"userId": "a", "userExternalId": "a", "groups": " doctor ", "fullName": "A"}),
            json!({"userId": 7, "group": ["patient"], "fullName": "B"}),
        ),
        (
            json!({"userId": "a", "groups": ["stranger", "patient"], "group": "doctor", "fullName": "A"}),
            json!({"userId": "b", "groups": ["patient"], "fullName": "B", "language": "", "unknown": 1}),
        ),
    ] {
        let answer = api.call("POST", "/teleconsultation", &booking_of(2, &[one.clone(), other])).await;
        assert_eq!(answer.status, 201, "{one}: {}", answer.body);
    }
}

#[tokio::test]
async fn a_field_that_is_wrong_is_named_and_nothing_is_made() {
    let api = Api::new();
    let with = |number: serde_json::Value, data: serde_json::Value| {
        booking_with("participants", json!({"number": number, "data": data}))
    };
    let person = |change: serde_json::Value| {
        let mut person = doctor();
        person.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        booking_of(2, &[person, patient()])
    };
    for (body, message) in [
        (json!([]), "body must be object"),
        (booking_with("participants", json!(null)), "body must have required property 'participants'"),
        (booking_with("start_date", json!(null)), "body must have required property 'start_date'"),
        (booking_with("end_date", json!(null)), "body must have required property 'end_date' or 'duration_in_seconds'"),
        (
            booking_with("duration_in_seconds", json!(600)),
            "body must NOT have both 'end_date' and 'duration_in_seconds': only one can be specified",
        ),
        (booking_with("start_date", json!("tomorrow")), "body.start_date must match format \"date-time\""),
        (booking_with("end_date", json!("2026-01-01T11:30:00")), "body.end_date must match format \"date-time\""),
        (booking_with("end_date", json!({})), "body.end_date must be string"),
        (
            booking_with("participants", json!(["a", "b"])),
            "body.participants must be object: without AUTH_SERVICE a list of ids is not enough",
        ),
        (booking_with("participants", json!({"data": []})), "body.participants must have required property 'number'"),
        (booking_with("participants", json!({"number": 2})), "body.participants must have required property 'data'"),
        (with(json!(2.5), json!([])), "body.participants.number must be integer"),
        (with(json!("two"), json!([])), "body.participants.number must be integer"),
        (with(json!(2), json!({})), "body.participants.data must be array"),
        (
            with(json!(2), json!([{"groups": "doctor"}])),
            "body.participants.data.0 must have required property 'userId'",
        ),
        (with(json!(2), json!([{"userId": "a"}])), "body.participants.data.0 must have required property 'groups'"),
        (
            with(json!(2), json!([{"userId": "a", "group": "doctor"}])),
            "body.participants.data.0 must have required property 'fullName'",
        ),
        (person(json!({"userId": ""})), "body.participants.data.0.userId must have 1 to 256 bytes"),
        (
            person(json!({"userExternalId": "other"})),
            "body.participants.data.0 must NOT have a 'userId' and a 'userExternalId' that differ",
        ),
        (person(json!({"groups": [{}]})), "body.participants.data.0.groups.0 must be string"),
        (
            person(json!({"fullName": " "})),
            "body.participants.data.0.fullName must have 1 to 128 characters and no control characters",
        ),
        (
            person(json!({"language": "x".repeat(36)})),
            "body.participants.data.0.language must have 1 to 35 characters and no control characters",
        ),
        (with(json!(2), json!(vec![doctor(); 101])), "body.participants.data must NOT have more than 100 items"),
        (with(json!(1), json!([])), "Failed POST /teleconsultation: at least 2 participants are needed"),
        (with(json!(-1), json!([])), "Failed POST /teleconsultation: at least 2 participants are needed"),
        (with(json!(26), json!([])), "Failed POST /teleconsultation: at most 25 participants are allowed"),
        (with(json!(1e300), json!([])), "Failed POST /teleconsultation: at most 25 participants are allowed"),
        (
            with(json!(2), json!([doctor(), patient(), {"userId": "c", "group": "patient", "fullName": "C"}])),
            "Failed POST /teleconsultation: there are more participants than the expected number",
        ),
        (
            person(json!({"groups": ["stranger"]})),
            "Failed POST /teleconsultation: user doctor-1 does not belong to any configured group",
        ),
        (
            person(json!({"groups": []})),
            "Failed POST /teleconsultation: user doctor-1 does not belong to any configured group",
        ),
        (
            booking_with("end_date", json!("2026-01-01T11:04:59.999Z")),
            "Failed POST /teleconsultation: the duration must be at least 5 minutes",
        ),
        (
            booking_with("end_date", json!("2026-01-01T09:00:00Z")),
            "Failed POST /teleconsultation: the duration must be at least 5 minutes",
        ),
    ] {
        let answer = api.call("POST", "/teleconsultation", &body).await;
        answer.is(400, &json_error(message));
    }
    assert_eq!((api.provider.rooms_made(), api.provider.users().len()), (0, 0));
}

fn json_error(message: &str) -> String {
    format!("{{\"statusCode\":400,\"error\":\"Bad Request\",\"message\":{}}}", json!(message))
}

#[tokio::test]
async fn a_complete_list_without_a_plus_user_is_refused_in_the_documented_words() {
    let api = Api::new();
    let other = json!({"userId": "patient-2", "group": "patient", "fullName": "Mina Okafor"});
    let answer = api.call("POST", "/teleconsultation", &booking_of(2, &[patient(), other.clone()])).await;
    answer.is(400, r#"{"error":"Failed POST /teleconsultation: no plus user in room"}"#);
    assert_eq!(api.provider.users().len(), 0);

    let id = api.schedule(&booking()).await;
    let change = json!({"participants": {"number": 2, "data": [patient(), other]}});
    let answer = api.call("PATCH", &format!("/teleconsultation/{id}"), &change).await;
    answer.is(400, r#"{"error":"Failed PATCH /teleconsultation: no plus user in room"}"#);
}

#[tokio::test]
async fn five_minutes_are_enough_and_a_duration_may_be_a_text() {
    let api = Api::new();
    let by_duration = |seconds: serde_json::Value| {
        let mut booking = booking_with("end_date", json!(null));
        booking["duration_in_seconds"] = seconds;
        booking
    };
    assert_eq!(api.call("POST", "/teleconsultation", &by_duration(json!(300))).await.status, 201);
    assert_eq!(api.call("POST", "/teleconsultation", &by_duration(json!("300"))).await.status, 201);
    assert_eq!(api.call("POST", "/teleconsultation", &by_duration(json!(299))).await.status, 400);
    assert_eq!(api.call("POST", "/teleconsultation", &by_duration(json!(i64::MAX))).await.status, 400);
    assert_eq!(api.call("POST", "/teleconsultation", &by_duration(json!(86_401))).await.status, 201);
    for negative in [json!(-1), json!("-600"), json!(i64::MIN)] {
        let answer = api.call("POST", "/teleconsultation", &by_duration(negative)).await;
        answer.is(400, &json_error("body.duration_in_seconds must be >= 300"));
    }
}

#[tokio::test]
async fn a_finite_room_lasts_as_long_as_its_dates_and_at_most_a_day() {
    let api = Api::with(Policy { unlimited: false, live: false, ..policy() }, IdentityPath::header("miauserid"));
    api.schedule(&booking()).await;
    let spec = api.provider.rooms().into_values().next().unwrap().spec;
    assert_eq!((spec.duration.map(|it| it.as_secs()), spec.live), (Some(1800), false));
    let day = booking_with("end_date", json!("2026-01-02T11:00:00Z"));
    assert_eq!(api.call("POST", "/teleconsultation", &day).await.status, 201);
    let longer = booking_with("end_date", json!("2026-01-02T11:00:01Z"));
    api.call("POST", "/teleconsultation", &longer).await.is(
        400,
        r#"{"statusCode":400,"error":"Bad Request","message":"Failed POST /teleconsultation: the duration must be at most 24 hours"}"#,
    );
}

#[tokio::test]
async fn somebody_listed_twice_counts_once() {
    let api = Api::new();
    api.schedule(&booking_of(2, &[doctor(), doctor(), patient()])).await;
    assert_eq!(api.provider.rooms_made(), 1);
    api.schedule(&booking_of(2, &[doctor(), doctor()])).await;
    assert_eq!(api.provider.rooms_made(), 1, "one person twice is not two people");
}

#[tokio::test]
async fn a_change_of_people_replaces_the_room_and_keeps_the_id() {
    let api = Api::new();
    let id = api.schedule(&booking()).await;
    let path = format!("/teleconsultation/{id}");
    let before = api.provider.rooms().into_keys().next().unwrap();
    let other = json!({"userId": "patient-2", "group": "patient", "fullName": "Mina Okafor"});

    let change = json!({"participants": {"number": 2, "data": [doctor(), other]}});
    api.call("PATCH", &path, &change).await.is(204, "");

    let rooms = api.provider.rooms();
    assert_eq!((rooms.len(), rooms.contains_key(&before)), (1, false));
    assert_eq!(api.read_as("patient-2", &path).await.status, 200);
    assert_eq!(api.read_as("patient-1", &path).await.status, 401);
}

#[tokio::test]
async fn what_does_not_affect_the_room_keeps_it() {
    let api = Api::new();
    let id = api.schedule(&booking()).await;
    let path = format!("/teleconsultation/{id}");
    for change in [
        json!({"start_date": "2026-01-01T12:00:00Z", "end_date": "2026-01-01T13:00:00Z"}),
        json!({"participants": {"number": 2, "data": [patient(), doctor()]}}),
        json!({"unknown": true}),
    ] {
        api.call("PATCH", &path, &change).await.is(204, "");
    }
    assert_eq!(api.provider.rooms_made(), 1);
    api.at("2026-01-01T11:50:00Z");
    assert!(api.link_of("doctor-1", &id).await.is_string());
}

#[tokio::test]
async fn a_finite_rooms_dates_replace_it_when_they_change_its_length() {
    let api = Api::with(Policy { unlimited: false, ..policy() }, IdentityPath::header("miauserid"));
    let id = api.schedule(&booking()).await;
    let change = json!({"end_date": "2026-01-01T12:00:00Z"});
    api.call("PATCH", &format!("/teleconsultation/{id}"), &change).await.is(204, "");
    let rooms = api.provider.rooms();
    assert_eq!((rooms.len(), api.provider.rooms_made()), (1, 2));
    assert_eq!(rooms.values().next().unwrap().spec.duration.unwrap().as_secs(), 3600);
}

#[tokio::test]
async fn a_list_that_is_not_complete_any_more_loses_its_room() {
    let api = Api::new();
    let id = api.schedule(&booking()).await;
    let path = format!("/teleconsultation/{id}");
    let change = json!({"participants": {"number": 3, "data": [doctor(), patient()]}});
    api.call("PATCH", &path, &change).await.is(204, "");
    assert_eq!(api.provider.rooms().len(), 0);
    api.at("2026-01-01T11:00:00Z");
    let seen = api.read_as("doctor-1", &path).await.json();
    assert_eq!((&seen["accessLinkURL"], seen.get("details")), (&json!(null), None));
    // Pending, so it can still be changed.
    api.call("PATCH", &path, &json!({"participants": {"number": 2, "data": [doctor(), patient()]}})).await.is(204, "");
    assert_eq!(api.provider.rooms().len(), 1);
    assert!(api.link_of("doctor-1", &id).await.is_string(), "complete within the window: open at once");
}

#[tokio::test]
async fn moving_the_start_keeps_a_duration_and_keeps_an_end() {
    let api = Api::new();
    let by_end = api.schedule(&booking()).await;
    let late = json!({"start_date": "2026-01-01T11:26:00Z"});
    assert_eq!(api.call("PATCH", &format!("/teleconsultation/{by_end}"), &late).await.status, 400);
    let mut booking = booking_with("end_date", json!(null));
    booking["duration_in_seconds"] = json!(300);
    let by_duration = api.schedule(&booking).await;
    assert_eq!(api.call("PATCH", &format!("/teleconsultation/{by_duration}"), &late).await.status, 204);
}

#[tokio::test]
async fn from_the_immutable_window_on_changes_are_refused_by_the_stored_start() {
    let api = Api::new();
    let id = api.schedule(&booking()).await;
    let path = format!("/teleconsultation/{id}");
    let change = json!({"start_date": "2026-01-03T11:00:00Z", "end_date": "2026-01-03T12:00:00Z"});
    api.at("2026-01-01T10:50:00Z");
    let refused = r#"{"statusCode":400,"error":"Bad Request","message":"Failed PATCH /teleconsultation: teleconsultation can no longer be modified"}"#;
    api.call("PATCH", &path, &change).await.is(400, refused);
    api.at("2026-01-01T10:49:59.999Z");
    api.call("PATCH", &path, &change).await.is(204, "");
}

#[tokio::test]
async fn an_empty_change_is_refused() {
    let api = Api::new();
    let id = api.schedule(&booking()).await;
    api.call("PATCH", &format!("/teleconsultation/{id}"), &json!({}))
        .await
        .is(400, r#"{"statusCode":400,"error":"Bad Request","message":"body must NOT have fewer than 1 properties"}"#);
}

#[tokio::test]
async fn deleting_deletes_the_room_hides_the_teleconsultation_and_can_be_repeated() {
    let api = Api::new();
    let id = api.schedule(&booking()).await;
    let path = format!("/teleconsultation/{id}");
    api.at("2026-01-01T11:15:00Z");
    api.call_bare("DELETE", &path).await.is(204, "");
    assert_eq!(api.provider.rooms().len(), 0);
    api.read_as("doctor-1", &path).await.is(404, &format!("{{\"error\":\"Room with id {id} not found on CRUD\"}}"));
    let gone =
        format!("{{\"statusCode\":404,\"error\":\"Not Found\",\"message\":\"Room with id {id} not found on CRUD\"}}");
    api.call("PATCH", &path, &json!({"start_date": "2026-01-01T12:00:00Z"})).await.is(404, &gone);
    api.call_bare("DELETE", &path).await.is(204, "");
}
