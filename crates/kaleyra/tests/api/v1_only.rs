//! What only v1 has (contract §7.2, §7.4, §7.5, §7.11 to §7.13), and what a generation does not have.

use kaleyra_video::{
    ActivityFilter, ActivityType, ChatPageRef, ChatQuery, Error, Landing, LinkTokenState, LinkValidity, NewBroadcast,
    NewRoom, PageRequest, Panelist, Recording, SessionFilter, UploadFilter, UserId, UserListRange,
};

use crate::service::{Answer, Service, operation};

fn user() -> UserId {
    "u1".into()
}

operation!(
    list_rooms_of_user,
    "rest",
    "GET /rest/user/room/list/u1?filter%5Blimit%5D=5&filter%5Bskip%5D=0",
    "",
    r#"{"room_list":[{"room_id":"r1","creation_date":"2020-05-08T15:14:16.000Z","disabled":true},{"room_id":"r2"}]}"#,
    |client| client.rooms_of_user(&user(), UserListRange { limit: 5, skip: 0 }),
    |rooms| assert_eq!((rooms[0].disabled, rooms[1].disabled), (true, false))
);

operation!(
    list_broadcasts_of_user,
    "rest",
    "GET /rest/user/broadcast/list/u1?filter%5Blimit%5D=0&filter%5Bskip%5D=0",
    "",
    r#"{"broadcast_list":[{"broadcast_id":"bro_1"}]}"#,
    |client| client.broadcasts_of_user(&user(), UserListRange::default()),
    |broadcasts| assert_eq!(broadcasts[0].broadcast_id.as_str(), "bro_1")
);

operation!(
    list_chats_of_user,
    "rest",
    "GET /rest/user/u1/chat/list",
    "",
    r#"{"user_id":"u1","chat_list":[{"users":["u1","u2"],"unread_messages_count":3,"last_message":null}]}"#,
    |client| client.chats_of_user(&user()),
    |chats| assert_eq!((chats[0].unread_messages_count, &chats[0].last_message), (Some(3), &None))
);

operation!(
    list_chat_messages,
    "rest",
    "GET /rest/chat/messages?users%5B%5D=u1&users%5B%5D=u2&order=desc&page_number=2&page_token=t&page_size=50",
    "",
    r#"{"meta":{"page_number":2,"page_size":50,"page_token":"t","next":{"page_number":3,"page_token":"x"},"previous":null},
        "messages":[{"index":1,"body":"Hello","from":"u1","date":"2020-05-08T15:14:16.000Z","type":"text"}]}"#,
    |client| {
        let query = ChatQuery {
            users: vec!["u1".into(), "u2".into()],
            newest_first: true,
            page_size: 50,
            page: Some(ChatPageRef { number: 2, token: Some("t".to_owned()) }),
        };
        async move { client.chat_messages(&query).await }
    },
    |page| {
        assert_eq!(page.next, Some(ChatPageRef { number: 3, token: Some("x".to_owned()) }));
        assert_eq!(page.previous, None);
        assert_eq!(page.messages[0].index, Some(1));
    }
);

operation!(
    add_chat,
    "rest",
    "POST /rest/chat/add",
    r#"{"users":["u1"]}"#,
    r#"{"chat":{"users":["u1"]},"message":"Chat added"}"#,
    |client| client.add_chat(&[user()])
);

operation!(remove_chat, "rest", "POST /rest/chat/remove", r#"{"users":["u1"]}"#, "", |client| client
    .remove_chat(&[user()]));

operation!(
    send_chat_message,
    "rest",
    "POST /rest/chat/messages",
    r#"{"users":["u1"],"sender":"u1","message":"Hello"}"#,
    r#"{"users":["u1"],"sender":"u1","index":4,"message":"Hello","timestamp":"2020-05-08T15:14:16.000Z"}"#,
    |client| client.send_chat_message(&[user()], &user(), &"Hello".into()),
    |message| assert_eq!(message.index, Some(4))
);

operation!(
    create_broadcast,
    "rest",
    "POST /rest/broadcast/create",
    r#"{"publisher_id":"u1","description":"News","record":"1","panelists":[{"user_id":"u2"}]}"#,
    r#"{"broadcast_id":"bro_1","description":"News","chat":true,"recording":"1","publisher_id":"u1","panelists":[]}"#,
    |client| {
        let broadcast = NewBroadcast {
            publisher_id: user(),
            description: "News".into(),
            record: true,
            panelists: vec![Panelist { user_id: "u2".into() }],
            chat: None,
        };
        async move { client.create_broadcast(&broadcast).await }
    },
    |broadcast| assert_eq!((broadcast.id.as_str(), broadcast.record), ("bro_1", Some(true)))
);

operation!(
    get_broadcast_link,
    "rest",
    "GET /rest/call/u1?broadcast_id=bro_1&direct=true",
    "",
    r#"{"url":"https://h/t1"}"#,
    |client| client.broadcast_link(&user(), &"bro_1".into(), Landing::Direct),
    |link| assert_eq!(link.as_str(), "https://h/t1")
);

operation!(
    list_broadcasts,
    "rest",
    "GET /rest/broadcast/list?skip=0&limit=100",
    "",
    r#"{"broadcasts":[{"id":"bro_1","status":"on","record":"0","publisher":{"id":"u1"}}]}"#,
    |client| client.broadcasts(PageRequest::FIRST),
    |page| assert_eq!(page.items[0].record, Some(false))
);

operation!(
    get_broadcast,
    "rest",
    "GET /rest/broadcast/info/bro_1",
    "",
    r#"{"broadcast":{"id":"bro_1","dialInfo":{"numberOfSessions":1,"sessions":[{"session_id":"s1","subscribersCount":9,"totalTime":60}]}}}"#,
    |client| client.broadcast(&"bro_1".into()),
    |broadcast| assert_eq!(broadcast.sessions[0].subscribers_count, Some(9))
);

operation!(
    get_broadcast_recording,
    "rest",
    "GET /rest/broadcast/recording/s1?expire_time=60000",
    "",
    r#"{"url":"https://h/f.mp4"}"#,
    |client| client.broadcast_recording_link(&"s1".into(), LinkValidity::from_s(60)),
    |url| assert_eq!(url.as_str(), "https://h/f.mp4")
);

operation!(
    check_link_token,
    "rest",
    "GET /rest/token/check/0123456789abcdef",
    "",
    r#"{"token":"0123456789abcdef","code":"NOT_ACTIVE_TOKEN","message":"no"}"#,
    |client| client.check_link_token(&"0123456789abcdef".into()),
    |state| assert_eq!(state, LinkTokenState::NotActive)
);

operation!(delete_link_token, "rest", "DELETE /rest/token/delete/0123456789abcdef", "", "{}", |client| client
    .delete_link_token(&"0123456789abcdef".into()));

operation!(
    list_activities,
    "rest",
    "GET /rest/activity?filter%5Blimit%5D=2&filter%5Bactivity_type%5D=user_hangup&filter%5Buser_alias%5D=u1",
    "",
    r#"{"activities":[{"activity_type":"user_hangup","creation_date":"2020-05-08T15:14:16.000Z","user_alias":"u1",
        "room":{"room_alias":"r1","recording":true,"users":["u1"],"initiator":"u1","call_type":"audio_only"}}]}"#,
    |client| {
        let filter = ActivityFilter {
            limit: Some(2),
            activity_type: Some(ActivityType::Hangup),
            user_id: Some(user()),
            ..ActivityFilter::default()
        };
        async move { client.activities(&filter).await }
    },
    |activities| {
        let room = activities[0].room.as_ref().unwrap();
        assert_eq!((room.room_id.as_ref().unwrap().as_str(), &room.recording), ("r1", &Some(Recording::Automatic)));
    }
);

operation!(
    fast_call,
    "rest",
    "GET /rest/call/u1?callee=u2%2Cu3&record=0",
    "",
    r#"{"url":"https://h/t1"}"#,
    |client| {
        let callees = ["u2".into(), "u3".into()];
        async move { client.fast_call(&user(), &callees, &Recording::None).await }
    },
    |link| assert_eq!(link.token(), Some("t1".into()))
);

#[tokio::test]
async fn what_a_generation_does_not_offer_is_not_asked() {
    let service = Service::start(vec![Answer::new(200, "{}")]).await;
    let (v1, v2) = (service.client("rest"), service.client("v2"));
    let error = v1.start_recording(&"r1".into()).await.unwrap_err();
    assert!(matches!(error, Error::Unsupported { .. }));
    assert_eq!(error.to_string(), "start recording: not offered by v1 of the API");
    assert!(matches!(v2.add_chat(&[user()]).await, Err(Error::Unsupported { .. })));
    assert!(service.seen().is_empty());
}

#[tokio::test]
async fn what_cannot_be_right_is_not_asked() {
    let service = Service::start(vec![Answer::new(200, "{}")]).await;
    let (v1, v2) = (service.client("rest"), service.client("v2"));
    for id in ["", ".", ".."] {
        assert!(matches!(v2.delete_user(&id.into()).await, Err(Error::Invalid { .. })), "{id}");
    }
    let short = NewRoom { duration_s: Some(59), ..NewRoom::new(Vec::new()) };
    assert!(matches!(v2.create_room(&short).await, Err(Error::Invalid { .. })));
    let transcribed = NewRoom { offline_transcription: true, ..NewRoom::new(Vec::new()) };
    assert!(matches!(v1.create_room(&transcribed).await, Err(Error::Invalid { .. })));
    assert!(matches!(v2.create_access_token(&user(), 359).await, Err(Error::Invalid { .. })));
    assert!(matches!(v2.create_access_token(&user(), 86_401).await, Err(Error::Invalid { .. })));
    let of_room = SessionFilter { room_id: Some("r1".into()), ..SessionFilter::default() };
    assert!(matches!(v1.sessions(&of_room, PageRequest::FIRST).await, Err(Error::Invalid { .. })));
    let of_two = UploadFilter { room_id: Some("r1".into()), user_id: Some(user()), ..UploadFilter::default() };
    assert!(matches!(v1.uploads(&of_two, PageRequest::FIRST).await, Err(Error::Invalid { .. })));
    assert!(service.seen().is_empty());
}
