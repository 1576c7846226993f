//! `GET /teleconsultation/:roomId/participants/:userId/calendar`.

use serde_json::json;

use crate::support::{Api, booking, booking_of, patient};

fn line(text: &str, name: &str) -> String {
    let unfolded = text.replace("\r\n ", "");
    let line = unfolded.lines().find(|line| line.starts_with(&format!("{name}:")));
    line.unwrap_or_else(|| panic!("{name} is missing in {text}")).to_owned()
}

#[tokio::test]
async fn an_entry_is_a_file_with_the_persons_own_link_and_replaces_the_one_before() {
    let api = Api::new();
    let id = api.schedule(&booking()).await;
    let path = format!("/teleconsultation/{id}/participants/doctor-1/calendar");
    let first = api.at_desk(&path).await;
    assert_eq!(first.headers["content-type"], "text/calendar; charset=utf-8");
    assert_eq!(first.headers["content-disposition"], "attachment; filename=\"consultation.ics\"");
    assert_eq!(line(&first.body, "DTSTART"), "DTSTART:20260101T110000Z");
    assert_eq!(line(&first.body, "SUMMARY"), "SUMMARY:Videoconsulto");
    let shown = api.at_desk(&format!("/teleconsultations/{id}")).await.json();
    let links = ["0", "1"].map(|at| shown.pointer(&format!("/participants/data/{at}/accessLinkURL")).unwrap().clone());
    assert_eq!(line(&first.body, "URL"), format!("URL:{}", links[0].as_str().unwrap()));
    assert!(!first.body.replace("\r\n ", "").contains(links[1].as_str().unwrap()), "nobody else's link");

    let change = json!({"start_date": "2026-01-01T12:00:00Z", "end_date": "2026-01-01T12:30:00Z"});
    api.call("PATCH", &format!("/teleconsultation/{id}"), &change).await.is(204, "");
    let second = api.at_desk(&path).await;
    assert_eq!(line(&second.body, "UID"), line(&first.body, "UID"));
    assert_eq!(line(&second.body, "DTSTART"), "DTSTART:20260101T120000Z");
    assert_eq!([line(&first.body, "SEQUENCE"), line(&second.body, "SEQUENCE")], ["SEQUENCE:1", "SEQUENCE:2"]);
}

#[tokio::test]
async fn without_a_room_there_is_an_entry_without_a_link_and_for_strangers_there_is_none() {
    let api = Api::new();
    let strange = json!({"userId": "a/b c?%20", "group": "patient", "fullName": "Luca Conti"});
    let id = api.schedule(&booking_of(3, &[patient(), strange])).await;
    let calendar =
        async |user: &str| api.at_desk(&format!("/teleconsultation/{id}/participants/{user}/calendar")).await;
    let entry = calendar("patient-1").await;
    assert!(entry.status == 200 && !entry.body.contains("URL:"), "{}", entry.body);
    assert_eq!(calendar("a%2Fb%20c%3F%2520").await.status, 200);
    for nobody in ["doctor-1", "%00", "%FF"] {
        assert!(matches!(calendar(nobody).await.status.as_u16(), 400 | 404), "{nobody}");
    }
    let elsewhere = "/teleconsultation/65f0c0ffee0123456789abcd/participants/patient-1/calendar";
    assert_eq!(api.at_desk(elsewhere).await.status, 404);
}
