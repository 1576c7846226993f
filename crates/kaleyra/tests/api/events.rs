//! Events as the documentation shows them (contract §10.4, §10.6).

use kaleyra_video::{Event, EventData, EventName, RoomId};

fn room() -> RoomId {
    "room_0123456789ab".into()
}

fn event(name: &str, data: &str) -> Event {
    let body = format!(
        r#"{{"event":"{name}","event_version":"1.0","namespace":"room","timestamp":1624605171921,"data":{data},"new":1}}"#
    );
    Event::parse(body.as_bytes()).unwrap()
}

#[test]
fn the_newer_envelope() {
    let links = r#"[{"user_id":"u1","link":"https://h/eu/direct-rest-call-handler/t1"}]"#;
    let event = event("on_room_deleted", &format!(r#"{{"room_id":"room_0123456789ab","deleted_links":{links}}}"#));
    assert_eq!(event.name, EventName::RoomDeleted);
    assert_eq!((event.version.as_deref(), event.namespace.as_deref()), (Some("1.0"), Some("room")));
    assert_eq!(event.timestamp.unwrap().as_millisecond(), 1_624_605_171_921);
    assert!(!format!("{event:?}").contains("t1"));
    let EventData::Withdrawn(data) = event.data else { panic!("other data") };
    assert_eq!(data.room_id, room());
    assert_eq!(data.links[0].link.as_ref().unwrap().token(), Some("t1".into()));
}

#[test]
fn the_older_envelope_with_json_in_a_text() {
    let body = br#"{ "event": "on_room_disabled", "room_id": "room_0123456789ab", "data": "{\"room_id\":\"room_0123456789ab\",\"message\":\"...\"}" }"#;
    let event = Event::parse(body).unwrap();
    assert_eq!((event.name, event.version, event.room_id), (EventName::RoomDisabled, None, Some(room())));
    let EventData::Withdrawn(data) = event.data else { panic!("other data") };
    assert_eq!((data.room_id, data.links), (room(), Vec::new()));
}

#[test]
fn the_older_envelope_with_an_object() {
    let body = br#"{"event":"on_call_incoming","room_id":"room_0123456789ab","data":{"initiator":"u1","roomAlias":"room_0123456789ab",
        "users":[{"user":{"userAlias":"u2"},"status":"invited"}],"options":{"duration":0}}}"#;
    let EventData::Call(data) = Event::parse(body).unwrap().data else { panic!("other data") };
    assert_eq!((data.initiator, data.room_id, data.users), (Some("u1".into()), Some(room()), vec!["u2".into()]));
}

#[test]
fn a_room_was_created() {
    let data = r#"{"room_id":"room_0123456789ab","recording":1,"recording_type":"manual","duration":0,
        "participants":[{"user":"u1","url":"https://h/t1","tools":{},"is_admin":true}]}"#;
    let EventData::Room(data) = event("on_room_created", data).data else { panic!("other data") };
    assert_eq!((data.id, data.participants[0].user_id.as_str()), (room(), "u1"));
    assert_eq!(data.recording.unwrap().as_str(), "manual");
}

#[test]
fn sessions_come_and_go() {
    let newer = r#"{"room_id":"room_0123456789ab","session_id":"s1","connected_participants":["u1","u2"],
        "timestamp":"2020-05-08T15:14:16.000Z","duration":{"total_duration":600,"elapsed_time":5}}"#;
    let older =
        r#"{"room_id":"room_0123456789ab","connected_users":2,"duration":{"total_duration":0,"duration_remained":7}}"#;
    for name in ["on_session_started", "on_session_resumed", "on_session_paused", "on_session_ended"] {
        let EventData::Session(data) = event(name, newer).data else { panic!("other data") };
        assert_eq!((data.total_duration_s, data.elapsed_s, data.remaining_s), (Some(600), Some(5), None));
        assert_eq!(data.connected_participants.len(), 2);
        let EventData::Session(data) = event(name, older).data else { panic!("other data") };
        assert_eq!((data.connected_users, data.total_duration_s, data.remaining_s), (Some(2), None, Some(7)));
    }
}

#[test]
fn people_come_and_go() {
    let newer = r#"{"room_id":"room_0123456789ab","session_id":"s1","user_id":"u1","connected_users_count":2}"#;
    let older = r#"{"user_id":"u1","first_name":"Ann","email":"a@h.test","room":{"room_id":"room_0123456789ab","connected_users":2}}"#;
    for name in ["on_user_connected", "on_user_disconnected"] {
        for data in [newer, older] {
            let EventData::Presence(data) = event(name, data).data else { panic!("other data") };
            assert_eq!((data.room_id, data.user_id, data.connected_users), (Some(room()), "u1".into(), Some(2)));
        }
    }
}

#[test]
fn files_feedback_broadcasts_messages_and_tags() {
    for name in ["on_recording_available", "on_transcription_available", "on_broadcast_recording_available"] {
        let event = event(
            name,
            r#"{"room_id":"room_0123456789ab","session_id":"s1","creationDate":"2020-05-08T15:14:16.000Z"}"#,
        );
        let EventData::File(data) = event.data else { panic!("other data") };
        assert_eq!((data.session_id.unwrap().as_str(), data.creation_date.is_some()), ("s1", true));
    }
    let feedback = event("on_room_new_feedback", r#"{"room_id":"r","session_id":"s","user_id":"u1","rating":5}"#);
    let EventData::Feedback(data) = feedback.data else { panic!("other data") };
    assert_eq!((data.rating, data.message), (Some(5), None));
    let broadcast = event("on_broadcast_pub_connected", r#"{"broadcast_id":"bro_1","user_id":"u1"}"#);
    let EventData::Broadcast(data) = broadcast.data else { panic!("other data") };
    assert_eq!((data.broadcast_id.as_str(), data.user_id), ("bro_1", Some("u1".into())));
    let message =
        event("on_message_sent", r#"{"id":"IM1","channel_id":"CH1","participants":["u1"],"body":"Hello","index":3}"#);
    let EventData::Message(data) = message.data else { panic!("other data") };
    assert_eq!((data.channel_id.unwrap().as_str(), data.index), ("CH1", Some(3)));
    let tag = event("on_upload_tag_added", r#"{"tag":"x-ray","upload_key":"a/b","room_id":null}"#);
    let EventData::UploadTag(data) = tag.data else { panic!("other data") };
    assert_eq!((data.tag.as_str(), data.room_id), ("x-ray", None));
}

#[test]
fn an_unknown_event_is_kept() {
    let event = event("on_moon_landing", r#"{"room_id":"r"}"#);
    assert_eq!(event.name, EventName::Other("on_moon_landing".to_owned()));
    let EventData::Other(data) = event.data else { panic!("other data") };
    assert_eq!(data["room_id"], "r");
}

#[test]
fn what_is_no_event_is_refused() {
    for body in [
        "",
        "{}",
        "[]",
        "null",
        r#"{"event":7}"#,
        r#"{"event":"on_room_deleted","data":"{"}"#,
        r#"{"event":"on_room_deleted","data":[]}"#,
    ] {
        assert!(Event::parse(body.as_bytes()).is_err(), "{body}");
    }
}
