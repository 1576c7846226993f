//! `POST /teleconsultation/:roomId/participants/data` (contract §6.3).

use axum::body::Body;
use hyper::Request;
use serde_json::json;

use crate::support::{Api, booking, booking_of, doctor, patient};

#[tokio::test]
async fn the_last_person_brings_the_room() {
    let api = Api::new();
    let id = api.schedule(&booking_of(2, &[patient()])).await;
    assert_eq!((api.provider.rooms_made(), api.provider.users().len()), (0, 1));
    let path = format!("/teleconsultation/{id}/participants/data");
    api.call("POST", &path, &doctor()).await.is(201, "");
    assert_eq!((api.provider.rooms_made(), api.provider.users().len()), (1, 2));
    let seen = api.read_as("doctor-1", &format!("/teleconsultation/{id}")).await;
    assert_eq!(seen.json()["participantsBandyerCall"][0]["fullName"], "Luca Conti");
}

#[tokio::test]
async fn a_last_person_without_any_plus_user_is_refused_with_the_id_and_not_added() {
    let api = Api::new();
    let id = api.schedule(&booking_of(2, &[patient()])).await;
    let path = format!("/teleconsultation/{id}/participants/data");
    let other = json!({"userId": "patient-2", "group": "patient", "fullName": "Mina Okafor"});
    let text = format!("{{\"error\":\"Failed POST /teleconsultation/{id}/participants/data: no plus user in room\"}}");
    api.call("POST", &path, &other).await.is(400, &text);
    assert_eq!(api.read_as("patient-2", &format!("/teleconsultation/{id}")).await.status, 401);
    api.call("POST", &path, &doctor()).await.is(201, "");
}

#[tokio::test]
async fn the_same_person_again_is_corrected_and_one_too_many_is_refused() {
    let api = Api::new();
    let id = api.schedule(&booking()).await;
    let path = format!("/teleconsultation/{id}/participants/data");
    let mut corrected = patient();
    corrected["fullName"] = json!("Luca Conte");
    api.call("POST", &path, &corrected).await.is(201, "");
    let seen = api.read_as("doctor-1", &format!("/teleconsultation/{id}")).await.json();
    assert_eq!(seen["participantsBandyerCall"][0]["fullName"], "Luca Conte");
    assert_eq!((api.provider.rooms().len(), api.provider.rooms_made()), (1, 2), "another name is another room");

    let other = json!({"userId": "patient-2", "group": "patient", "fullName": "Mina Okafor"});
    let text = format!(
        "{{\"statusCode\":400,\"error\":\"Bad Request\",\"message\":\"Failed POST /teleconsultation/{id}/participants/data: all participants are already known\"}}"
    );
    api.call("POST", &path, &other).await.is(400, &text);
}

#[tokio::test]
async fn within_the_window_nobody_is_added_to_a_complete_list_and_somebody_to_an_incomplete_one() {
    let api = Api::new();
    let complete = api.schedule(&booking()).await;
    let pending = api.schedule(&booking_of(2, &[patient()])).await;
    api.at("2026-01-01T11:10:00Z");
    let text = format!(
        "{{\"statusCode\":400,\"error\":\"Bad Request\",\"message\":\"Failed POST /teleconsultation/{complete}/participants/data: teleconsultation can no longer be modified\"}}"
    );
    api.call("POST", &format!("/teleconsultation/{complete}/participants/data"), &doctor()).await.is(400, &text);
    api.call("POST", &format!("/teleconsultation/{pending}/participants/data"), &doctor()).await.is(201, "");
    assert!(api.link_of("patient-1", &pending).await.is_string());
}

#[tokio::test]
async fn an_unknown_room_is_not_found() {
    let api = Api::new();
    let answer = api.call("POST", "/teleconsultation/65f0c0ffee0123456789abcd/participants/data", &doctor()).await;
    answer.is(
        404,
        r#"{"statusCode":404,"error":"Not Found","message":"Room with id 65f0c0ffee0123456789abcd not found on CRUD"}"#,
    );
}

#[tokio::test]
async fn a_person_can_come_as_a_form() {
    let api = Api::new();
    let id = api.schedule(&booking_of(2, &[patient()])).await;
    let request = Request::post(format!("/teleconsultation/{id}/participants/data"))
        .header("content-type", "application/x-www-form-urlencoded; charset=utf-8")
        .body(Body::from("userId=doctor-1&groups=nurse&groups=doctor&fullName=Ada+Marino"))
        .unwrap();
    api.send(request).await.is(201, "");
}
