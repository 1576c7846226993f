//! Sessions, their files, and uploads (contract §6.6, §6.7, §7.6, §7.9).

use kaleyra_video::{
    ConnectionEventKind, LinkValidity, PageRequest, SessionFilter, SessionId, UploadFilter, UploadKey, UploadType,
};

use crate::service::operation;

fn session() -> SessionId {
    "session_1".into()
}

operation!(
    list_sessions,
    "v2",
    "GET /v2/sessions?user_id=u1&room_id=r1&start_date=2026-01-01T00%3A00%3A00.000Z&offset=0&limit=100",
    "",
    r#"{"sessions":[{"id":"session_1","session_id":"session_1","room_id":"r1","creation_date":"2020-05-08T15:14:16.000Z",
        "duration":60,"connected_participants":["u1","u2"]}],"has_more":false}"#,
    |client| {
        let filter = SessionFilter {
            room_id: Some("r1".into()),
            user_id: Some("u1".into()),
            after: Some("2026-01-01T00:00:00Z".parse().unwrap()),
            before: None,
        };
        async move { client.sessions(&filter, PageRequest::FIRST).await }
    },
    |page| {
        assert_eq!(page.items[0].id, session());
        assert_eq!(page.items[0].duration_s, Some(60));
        assert_eq!(page.items[0].connected_participants, ["u1".into(), "u2".into()]);
    }
);

operation!(
    list_sessions_v1,
    "rest",
    "GET /rest/session/list?end_date=2026-01-01T00%3A00%3A00.000Z&skip=0&limit=100",
    "",
    r#"{"skip":0,"limit":100,"has_more":false,"count":1,"sessions":[{"session_id":"session_1","duration":null,"room_id":null,"broadcast_id":"bro_1"}]}"#,
    |client| {
        let filter =
            SessionFilter { before: Some("2026-01-01T00:00:00Z".parse().unwrap()), ..SessionFilter::default() };
        async move { client.sessions(&filter, PageRequest::FIRST).await }
    },
    |page| {
        assert_eq!((page.items[0].duration_s, &page.items[0].room_id), (None, &None));
        assert_eq!(page.items[0].broadcast_id, Some("bro_1".into()));
    }
);

operation!(
    list_sessions_of_user_v1,
    "rest",
    "GET /rest/user/u1/session/list?skip=0&limit=100",
    "",
    r#"{"sessions":[{"session_id":"session_1","duration":0}]}"#,
    |client| {
        let filter = SessionFilter { user_id: Some("u1".into()), ..SessionFilter::default() };
        async move { client.sessions(&filter, PageRequest::FIRST).await }
    },
    |page| assert_eq!(page.items[0].duration_s, None)
);

operation!(
    get_session,
    "v2",
    "GET /v2/sessions/session_1",
    "",
    r#"{"id":"session_1"}"#,
    |client| client.session(&session()),
    |found| {
        assert_eq!(found.id, session());
    }
);

operation!(
    get_session_v1,
    "rest",
    "GET /rest/session/session_1",
    "",
    r#"{"session_id":"session_1","duration":12}"#,
    |client| client.session(&session()),
    |found| assert_eq!(found.duration_s, Some(12))
);

const CONNECTIONS: &str = r#"{"skip":0,"limit":100,"has_more":false,"count":1,"session_id":"session_1","connection_events":[
    {"user_id":"u1","timestamp":"2020-05-08T15:14:16.000Z","event":"user_crashed"},
    {"user_id":"u1","timestamp":"2020-05-08T15:14:15.000Z","event":"user_vanished"}]}"#;

operation!(
    list_connections,
    "v2",
    "GET /v2/sessions/session_1/user-connections?offset=0&limit=100",
    "",
    CONNECTIONS,
    |client| client.connections(&session(), PageRequest::FIRST),
    |page| {
        assert_eq!(page.items[0].event, ConnectionEventKind::Crash);
        assert_eq!(page.items[1].event, ConnectionEventKind::Other("user_vanished".to_owned()));
    }
);

operation!(
    list_connections_v1,
    "rest",
    "GET /rest/session/session_1/connection/list?skip=0&limit=100",
    "",
    CONNECTIONS,
    |client| client.connections(&session(), PageRequest::FIRST),
    |page| assert_eq!(page.items.len(), 2)
);

const LINK: &str = r#"{"url":"https://h/f.mp4?sig=1"}"#;

operation!(
    get_recording,
    "v2",
    "GET /v2/sessions/session_1/recording?expire_time=3600",
    "",
    LINK,
    |client| client.recording_link(&session(), LinkValidity::from_s(100_000)),
    |url| {
        assert_eq!(url.as_str(), "https://h/f.mp4?sig=1");
        assert_eq!(format!("{url:?}"), "DownloadUrl(hidden)");
    }
);

operation!(
    get_recording_v1,
    "rest",
    "GET /rest/room/recording/session_1?expire_time=30000",
    "",
    LINK,
    |client| client.recording_link(&session(), LinkValidity::SHORTEST),
    |url| assert_eq!(url.as_str(), "https://h/f.mp4?sig=1")
);

operation!(delete_recording, "v2", "DELETE /v2/sessions/session_1/recording", "", "", |client| client
    .delete_recording(&session()));

operation!(
    get_transcription,
    "v2",
    "GET /v2/sessions/session_1/transcription",
    "",
    LINK,
    |client| client.transcription_link(&session()),
    |url| assert!(url.as_str().starts_with("https://h/"))
);

operation!(delete_transcription, "v2", "DELETE /v2/sessions/session_1/transcription", "", "", |client| client
    .delete_transcription(&session()));

operation!(
    get_summarization,
    "v2",
    "GET /v2/sessions/session_1/summarization",
    "",
    LINK,
    |client| client.summarization_link(&session()),
    |url| assert!(url.as_str().starts_with("https://h/"))
);

operation!(delete_summarization, "v2", "DELETE /v2/sessions/session_1/summarization", "", "", |client| client
    .delete_summarization(&session()));

fn key() -> UploadKey {
    "sandbox/acme/u1/1588950856000-0123456789abcdef0123".into()
}

const UPLOADS: &str = r#"{"uploads":[{"key":"sandbox/acme/u1/1588950856000-0123456789abcdef0123","upload_type":"snapshot","user_id":"u1",
    "session_id":"s1","room_id":null,"creation_date":"2020-05-08T15:14:16.000Z"},{"url":"k2","upload_type":"scan"}],"has_more":false}"#;

fn of_room() -> UploadFilter {
    UploadFilter { room_id: Some("r1".into()), upload_type: Some(UploadType::Snapshot), ..UploadFilter::default() }
}

operation!(
    list_uploads,
    "v2",
    "GET /v2/uploads?room_id=r1&upload_type=snapshot&offset=0&limit=100",
    "",
    UPLOADS,
    |client| client.uploads(&of_room(), PageRequest::FIRST),
    |page| {
        assert_eq!(page.items[0].key, key());
        assert_eq!(page.items[0].room_id, None);
        assert_eq!(page.items[1].key, "k2".into());
        assert_eq!(page.items[1].upload_type, Some(UploadType::Other("scan".to_owned())));
    }
);

operation!(
    list_uploads_v1,
    "rest",
    "GET /rest/upload/list?skip=0&limit=100",
    "",
    UPLOADS,
    |client| client.uploads(&UploadFilter::default(), PageRequest::FIRST),
    |page| assert_eq!(page.items.len(), 2)
);

operation!(
    list_uploads_of_room_v1,
    "rest",
    "GET /rest/room/r1/upload/list?upload_type=snapshot&skip=0&limit=100",
    "",
    UPLOADS,
    |client| client.uploads(&of_room(), PageRequest::FIRST),
    |page| assert_eq!(page.items.len(), 2)
);

operation!(
    list_uploads_of_session_v1,
    "rest",
    "GET /rest/session/s1/upload/list?skip=0&limit=100",
    "",
    UPLOADS,
    |client| {
        let filter = UploadFilter { session_id: Some("s1".into()), ..UploadFilter::default() };
        async move { client.uploads(&filter, PageRequest::FIRST).await }
    },
    |page| assert_eq!(page.items.len(), 2)
);

operation!(
    list_uploads_of_user_v1,
    "rest",
    "GET /rest/user/u1/upload/list?skip=0&limit=100",
    "",
    UPLOADS,
    |client| {
        let filter = UploadFilter { user_id: Some("u1".into()), ..UploadFilter::default() };
        async move { client.uploads(&filter, PageRequest::FIRST).await }
    },
    |page| assert_eq!(page.items.len(), 2)
);

operation!(
    get_upload,
    "v2",
    "GET /v2/uploads/sandbox%2Facme%2Fu1%2F1588950856000-0123456789abcdef0123",
    "",
    r#"{"url":"https://h/file","upload_type":"file_upload","user_id":"u1"}"#,
    |client| client.upload(&key()),
    |upload| {
        assert_eq!(upload.key, key());
        assert_eq!(upload.url.unwrap().as_str(), "https://h/file");
    }
);

operation!(
    get_upload_v1,
    "rest",
    "GET /rest/upload/resource?upload_key=sandbox%2Facme%2Fu1%2F1588950856000-0123456789abcdef0123",
    "",
    r#"{"url":"https://h/file"}"#,
    |client| client.upload(&key()),
    |upload| assert_eq!(upload.upload_type, None)
);

operation!(
    delete_upload,
    "v2",
    "DELETE /v2/uploads/sandbox%2Facme%2Fu1%2F1588950856000-0123456789abcdef0123",
    "",
    "",
    |client| client.delete_upload(&key())
);

operation!(
    delete_upload_v1,
    "rest",
    "DELETE /rest/upload/resource",
    r#"{"upload_key":"sandbox/acme/u1/1588950856000-0123456789abcdef0123"}"#,
    "{}",
    |client| client.delete_upload(&key())
);
