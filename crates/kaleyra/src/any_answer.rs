//! Properties of reading: whatever JSON comes, it is read or refused, and nothing panics.

use proptest::prelude::*;
use serde_json::{Map, Value};

use crate::{
    Activity, Background, Broadcast, BroadcastOfUser, Channel, Chat, ChatPage, Company, ConnectionEvent, Credentials,
    DialInfo, EncryptionKey, Event, Logos, Message, Page, Participant, RecordingSettings, Room, RoomOfUser, Session,
    SignatureRecord, TagRecord, Theme, Tools, Upload, User, UserDetails, Webhook, answer::FromAnswer,
    event_data::EventData,
};

/// The names of fields that mean something somewhere.
const NAMES: &[&str] = &[
    "id",
    "user",
    "user_id",
    "room",
    "room_id",
    "session",
    "session_id",
    "sessions",
    "broadcast",
    "broadcast_id",
    "participants",
    "user_urls",
    "url",
    "link",
    "access_link",
    "tools",
    "whiteboard",
    "recording",
    "record",
    "recording_type",
    "duration",
    "durationUsed",
    "dialInfo",
    "details",
    "hours",
    "minutes",
    "seconds",
    "userEvents",
    "userActivities",
    "users",
    "rooms",
    "items",
    "has_more",
    "offset",
    "skip",
    "creation_date",
    "creationDate",
    "timestamp",
    "company",
    "default_background",
    "alias",
    "virtual_background",
    "logos",
    "theme",
    "light",
    "dark",
    "event",
    "data",
    "disabled_links",
    "rating",
    "connected_participants",
    "connected_users",
    "messages",
    "meta",
    "next",
    "page_number",
    "last_message",
    "activity_type",
    "access_token",
    "expires_at",
    "tag",
    "key",
    "role",
];

fn leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        prop::sample::select(vec![
            "",
            "1",
            "u1",
            "plus",
            "on_call_incoming",
            "2020-05-08T15:14:16.000Z",
            "-9999-13-41"
        ])
        .prop_map(Value::from),
        ".*".prop_map(Value::from),
    ]
}

fn any_json() -> impl Strategy<Value = Value> {
    leaf().prop_recursive(4, 64, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::vec((prop::sample::select(NAMES), inner), 0..8).prop_map(|fields| {
                let fields: Map<String, Value> =
                    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
                Value::Object(fields)
            }),
        ]
    })
}

macro_rules! read_all {
    ($answer:expr, $($kind:ty),+) => {
        $(let _ = <$kind>::from_answer($answer).map(|value| format!("{value:?}"));)+
    };
}

/// All events of which something is documented.
const EVENTS: &[&str] = &[
    "on_call_incoming",
    "on_call_ended",
    "on_room_created",
    "on_room_disabled",
    "on_room_new_feedback",
    "on_session_started",
    "on_user_connected",
    "on_recording_available",
    "on_broadcast_start",
    "on_message_sent",
    "on_upload_tag_added",
    "on_signature_enveloped_inserted",
    "on_something_new",
];

proptest! {
    #[test]
    fn any_answer_is_read_or_refused(answer in any_json()) {
        read_all!(
            &answer, Activity, Background, Broadcast, BroadcastOfUser, Channel, Chat, ChatPage, Company,
            ConnectionEvent, Credentials, DialInfo, EncryptionKey, Logos, Message, Participant, RecordingSettings,
            Room, RoomOfUser, Session, SignatureRecord, TagRecord, Theme, Tools, Upload, User, UserDetails, Webhook
        );
        let _ = Page::<Room>::read(&answer, &["rooms"]);
        for name in EVENTS {
            let _ = EventData::read(&(*name).into(), &answer);
        }
        let _ = Event::parse(answer.to_string().as_bytes());
    }

    #[test]
    fn any_bytes_are_an_event_or_refused(body: Vec<u8>) {
        let _ = Event::parse(&body);
    }

    #[test]
    fn unknown_fields_change_nothing(extra in any_json()) {
        let known = serde_json::json!({"id": "r1", "status": "RUNNING", "participants": [{"user_id": "u1"}]});
        let mut more = known.clone();
        more["something_new"] = extra.clone();
        more["participants"][0]["something_new"] = extra;
        prop_assert_eq!(Room::from_answer(&known), Room::from_answer(&more));
    }

    #[test]
    fn unknown_values_are_kept(word in "[a-z_]{1,20}") {
        let room = Room::from_answer(&serde_json::json!({"id": "r1", "status": word})).unwrap();
        let status = room.status.unwrap();
        prop_assert_eq!(status.as_str(), word);
    }
}
