//! Rooms and their people (contract §6.2, §6.5, §7.3).

use kaleyra_video::{
    CallType, ConnectionEventKind, NewParticipant, NewRoom, PageRequest, ParticipantFilter, ParticipantUpdate,
    Recording, Ring, RoomId, RoomStatus, Tools, Whiteboard,
};

use crate::service::{Answer, Service, operation};

fn room() -> RoomId {
    "room_0123456789ab".into()
}

fn new_room() -> NewRoom {
    let doctor = NewParticipant { user_id: "u1".into(), is_admin: true, tools: None };
    let tools = Tools { chat: true, whiteboard: Whiteboard::Whole, ..Tools::default() };
    let patient = NewParticipant { user_id: "u2".into(), is_admin: false, tools: Some(tools) };
    NewRoom {
        recording: Recording::Manual,
        duration_s: Some(3600),
        call_type: Some(CallType::AudioVideo),
        live: true,
        description: Some("Check-up".into()),
        initiator: Some("u1".into()),
        ..NewRoom::new(vec![doctor, patient])
    }
}

operation!(
    create_room,
    "v2",
    "POST /v2/rooms",
    r#"{"participants":[{"user_id":"u1","is_admin":true},{"user_id":"u2","is_admin":false,"tools":{"chat":true,"whiteboard":true}}],"recording":"manual","duration":3600,"call_type":"audio_video","live":true,"description":"Check-up"}"#,
    r#"{"id":"room_0123456789ab","room_id":"room_0123456789ab","recording":"manual","duration":3600,"call_type":"audio_video",
        "live":true,"description":"Check-up","recording_status":"stopped","status":"NOT_RUNNING","disabled":false,"duration_used":0,
        "creation_date":"2020-05-08T15:14:16.000Z","participants":[
        {"user_id":"u1","is_admin":true,"url":"https://h/eu/direct-rest-call-handler/t1","access_link":"https://h/eu/direct-rest-call-handler/t1"},
        {"user_id":"u2","is_admin":false,"tools":{"chat":true,"whiteboard":{"wb_pen":true}},"access_link":"https://h/eu/direct-rest-call-handler/t2"}]}"#,
    |client| client.create_room(&new_room()),
    |created| {
        assert_eq!(created.id, room());
        assert_eq!(created.recording, Some(Recording::Manual));
        assert_eq!(created.recording_status.as_deref(), Some("stopped"));
        assert_eq!((created.duration_s, created.duration_used_s), (Some(3600), Some(0)));
        assert_eq!(created.status, Some(RoomStatus::NotRunning));
        let links: Vec<&str> =
            created.participants.iter().map(|person| person.link.as_ref().unwrap().as_str()).collect();
        assert_eq!(links, ["https://h/eu/direct-rest-call-handler/t1", "https://h/eu/direct-rest-call-handler/t2"]);
        assert!(created.participants[1].tools.unwrap().chat);
        let shown = format!("{created:?}");
        assert!(!shown.contains("handler/t1") && !shown.contains("Check-up") && !shown.contains("u1"), "{shown}");
    }
);

operation!(
    create_room_v1,
    "rest",
    "POST /rest/room/create",
    r#"{"participants":[{"user_id":"u1","is_admin":true},{"user_id":"u2","is_admin":false,"tools":{"chat":true,"whiteboard":true}}],"recording":true,"recording_type":"manual","duration":3600,"call_type":"audio_video","live":true,"directCall":true,"description":"Check-up","initiatorAlias":"u1"}"#,
    r#"{"room":{"room_id":"room_0123456789ab","record":1,"duration":0,"directCall":true,"call_type":"audio_video","live":true,
        "description":"Check-up","user_urls":[{"user":"u1","url":"https://h/connect/direct-rest-call-handler/t1","tools":{},"is_admin":true}]}}"#,
    |client| client.create_room(&new_room()),
    |created| {
        assert_eq!(created.id, room());
        assert_eq!(created.recording, Some(Recording::Automatic));
        assert_eq!(created.duration_s, None);
        assert_eq!(created.participants[0].user_id, "u1".into());
        assert_eq!(created.participants[0].link.as_ref().unwrap().token(), Some("t1".into()));
    }
);

operation!(
    the_least_room,
    "v2",
    "POST /v2/rooms",
    r#"{"participants":[],"recording":"none","live":false}"#,
    r#"{"id":"r"}"#,
    |client| client.create_room(&NewRoom::new(Vec::new())),
    |created| assert!(created.participants.is_empty())
);

operation!(
    list_rooms,
    "v2",
    "GET /v2/rooms?offset=0&limit=100",
    "",
    r#"{"rooms":[{"id":"r1","status":"CLOSED","disabled":true}],"offset":0,"limit":100,"count":1,"has_more":false}"#,
    |client| client.rooms(PageRequest::FIRST),
    |page| {
        assert_eq!(page.items[0].status, Some(RoomStatus::Closed));
        assert!(page.items[0].disabled);
    }
);

operation!(
    list_rooms_v1,
    "rest",
    "GET /rest/room/list?skip=0&limit=100",
    "",
    r#"{"skip":0,"limit":100,"has_more":true,"count":1,"rooms":[{"room_id":"r1","record":false,"status":"HAUNTED","creationDate":"2020-05-08T15:14:16.000Z"}]}"#,
    |client| client.rooms(PageRequest::FIRST),
    |page| {
        assert_eq!(page.items[0].status, Some(RoomStatus::Other("HAUNTED".to_owned())));
        assert_eq!(page.items[0].recording, Some(Recording::None));
        assert!(page.items[0].creation_date.is_some());
    }
);

operation!(
    get_room,
    "v2",
    "GET /v2/rooms/room_0123456789ab",
    "",
    r#"{"id":"room_0123456789ab","recording":"none"}"#,
    |client| client.room(&room()),
    |found| assert_eq!(found.recording, Some(Recording::None))
);

operation!(
    get_room_v1,
    "rest",
    "GET /rest/room/info/room_0123456789ab",
    "",
    r#"{"room":{"room_id":"room_0123456789ab","record":1,"duration":600,"durationUsed":90,"status":"RUNNING","user_urls":[],
        "dialInfo":{"sessions":{"number":1,"hours":1,"minutes":1,"seconds":1,"users":["u1"],"details":[{"session":"s1",
        "creationDate":"2020-05-08T15:14:16.000Z","hours":0,"minutes":1,"seconds":30,"users":["u1"],
        "userEvents":[{"user":"u1","timestamp":"2020-05-08T15:14:16.000Z","event":"user_connect"}],
        "userActivities":[{"user":"u1","startTime":"2020-05-08T15:14:16.000Z","stopTime":"2020-05-08T15:15:46.000Z","seconds":90}]}]}}}}"#,
    |client| client.room(&room()),
    |found| {
        assert_eq!((found.duration_s, found.duration_used_s), (Some(600), Some(90)));
        let info = found.dial_info.unwrap();
        assert_eq!((info.sessions_count, info.duration_s), (Some(1), 3661));
        assert_eq!(info.sessions[0].duration_s, 90);
        assert_eq!(info.sessions[0].events[0].event, Some(ConnectionEventKind::Connect));
        assert_eq!(info.sessions[0].activities[0].seconds, Some(90));
    }
);

operation!(delete_room, "v2", "DELETE /v2/rooms/room_0123456789ab", "", "", |client| client.delete_room(&room()));

operation!(
    delete_room_v1,
    "rest",
    "DELETE /rest/room/delete/room_0123456789ab",
    "",
    r#"{"room":{"room_id":"room_0123456789ab","message":"deleted"}}"#,
    |client| client.delete_room(&room())
);

operation!(disable_room, "v2", "PUT /v2/rooms/room_0123456789ab/disable", "", "", |client| client
    .disable_room(&room()));

operation!(disable_room_v1, "rest", "PUT /rest/room/disable/room_0123456789ab", "", "", |client| client
    .disable_room(&room()));

operation!(start_recording, "v2", "POST /v2/rooms/room_0123456789ab/start-recording", "", "", |client| client
    .start_recording(&room()));

operation!(stop_recording, "v2", "POST /v2/rooms/room_0123456789ab/stop-recording", "", "", |client| client
    .stop_recording(&room()));

operation!(
    ring_room,
    "v2",
    "POST /v2/rooms/room_0123456789ab/call",
    r#"{"initiator":"u1","participants":["u2"]}"#,
    "",
    |client| client.ring_room(&room(), &Ring { initiator: Some("u1".into()), participants: vec!["u2".into()] })
);

operation!(ring_everyone, "v2", "POST /v2/rooms/room_0123456789ab/call", "{}", "", |client| client
    .ring_room(&room(), &Ring::default()));

operation!(
    list_participants,
    "v2",
    "GET /v2/rooms/room_0123456789ab/participants?is_admin=true&offset=0&limit=100",
    "",
    r#"{"participants":[{"user_id":"u1","is_admin":true}],"has_more":false}"#,
    |client| client.participants(&room(), ParticipantFilter::Admins, PageRequest::FIRST),
    |page| assert_eq!(page.items[0].is_admin, Some(true))
);

operation!(
    add_participant,
    "v2",
    "POST /v2/rooms/room_0123456789ab/participants",
    r#"{"user_id":"u3","is_admin":false,"tools":{}}"#,
    r#"{"user_id":"u3","is_admin":false,"link":"https://h/eu/direct-rest-call-handler/t3"}"#,
    |client| client.add_participant(
        &room(),
        &NewParticipant { user_id: "u3".into(), is_admin: false, tools: Some(Tools::default()) }
    ),
    |person| assert_eq!(person.link.unwrap().token(), Some("t3".into()))
);

operation!(
    get_participant,
    "v2",
    "GET /v2/rooms/room_0123456789ab/participants/u1",
    "",
    r#"{"user_id":"u1"}"#,
    |client| client.participant(&room(), &"u1".into()),
    |person| assert_eq!(person.tools, None)
);

operation!(
    update_participant,
    "v2",
    "PUT /v2/rooms/room_0123456789ab/participants/u1",
    r#"{"is_admin":true}"#,
    "",
    |client| client.update_participant(&room(), &"u1".into(), &ParticipantUpdate { is_admin: Some(true), tools: None }),
    |person| assert_eq!(person, None)
);

operation!(remove_participant, "v2", "DELETE /v2/rooms/room_0123456789ab/participants/u1", "", "", |client| client
    .remove_participant(&room(), &"u1".into()));

#[tokio::test]
async fn a_call_can_move_between_threads() {
    let service = Service::start(vec![Answer::new(200, r#"{"rooms":[]}"#)]).await;
    let client = service.client("v2");
    let call = tokio::spawn(async move { client.rooms(PageRequest::FIRST).await });
    assert!(call.await.unwrap().unwrap().items.is_empty());
}
