//! Files that people sent in rooms.

use bytes::Bytes;
use domain::RoomRef;
use kaleyra_video::{Client, NewParticipant, NewRoom, Page, PageRequest, Room, Upload, UploadFilter, UploadType};
use ports::{
    content::{File, FileKind},
    provider::{UploadsDeleted, VideoProvider as _},
    rooms::{RoomState, RoomStore as _},
};
use video::files::{Guest, NewFile};

use crate::{
    people::meet,
    service::Service,
    table::{Table, refused},
};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

pub async fn both(service: &Service, client: &Client, table: &mut Table) {
    let (room, other) = (room(client).await, room(client).await);
    let session = meet(service, &room, "session_eeeeeeeeeeee").await;
    let in_session = state(service, &room, &session).await;
    let files = [
        send(service, &in_session, 0, FileKind::File).await,
        send(service, &in_session, 1, FileKind::Snapshot).await,
        send(service, &state(service, &other, &session).await, 0, FileKind::BoardImage).await,
    ];
    // One that is not whole is nobody's business.
    begin(service, &in_session, 0, FileKind::File).await;
    let keys = |page: &Page<Upload>| page.items.iter().map(|upload| upload.key.clone()).collect::<Vec<_>>();
    let key = |file: &File| kaleyra_video::UploadKey::from(file.id.0.as_str());

    let any = UploadFilter::default();
    let page = PageRequest::new(0, 2);
    let all = table.whole("list uploads", client.uploads(&any, page).await);
    assert_eq!((all.items.len(), all.next(page).is_some()), (2, true));
    let rest = client.uploads(&any, all.next(page).unwrap()).await.unwrap();
    assert_eq!((rest.items.len(), rest.next(page)), (1, None));
    let snapshots = UploadFilter { upload_type: Some(UploadType::Snapshot), ..any.clone() };
    assert_eq!(keys(&client.uploads(&snapshots, PageRequest::FIRST).await.unwrap()), [key(&files[1])]);

    let of_room = UploadFilter { room_id: Some(other.id.clone()), ..any.clone() };
    let listed = table.whole("list uploads of room", client.uploads(&of_room, PageRequest::FIRST).await);
    assert_eq!(keys(&listed), [key(&files[2])]);
    let of_session = UploadFilter { session_id: Some(session.clone()), ..any.clone() };
    let listed = table.whole("list uploads of session", client.uploads(&of_session, PageRequest::FIRST).await);
    assert_eq!(listed.items.len(), 3);
    let of_user = UploadFilter { user_id: Some("bert.2".into()), ..any.clone() };
    let listed = table.whole("list uploads of user", client.uploads(&of_user, PageRequest::FIRST).await);
    let row = Upload {
        key: key(&files[1]),
        url: None,
        upload_type: Some(UploadType::Snapshot),
        creation_date: files[1].completed,
        user_id: Some("bert.2".into()),
        session_id: Some(session),
        room_id: Some(room.id.clone()),
    };
    assert_eq!(listed.items, [row]);

    let upload = table.whole("get upload", client.upload(&key(&files[0])).await);
    let url = upload.url.expect("it can be fetched");
    let prefix = format!("http://{}/call/files/{}?expires=", service.address, files[0].id.0);
    assert!(url.as_str().starts_with(&prefix), "of this service");
    table.whole("delete upload", client.delete_upload(&key(&files[0])).await);
    refused("delete upload", "upload_not_found", client.delete_upload(&key(&files[0])).await);
    refused("get upload", "upload_key_not_exists", client.upload(&key(&files[0])).await);
    let foreign = "production/company/anna/1767225600123-0123456789abcdef0123".into();
    refused("get upload", "upload_key_not_exists", client.upload(&foreign).await);
    refused("delete upload", "upload_not_found", client.delete_upload(&foreign).await);

    let deleted = service.video.delete_uploads(&RoomRef::new(room.id.as_str())).await.unwrap();
    assert_eq!(deleted, UploadsDeleted { total: 2, deleted: 2 }, "the one that is not whole too");
    assert_eq!(keys(&client.uploads(&any, PageRequest::FIRST).await.unwrap()), [key(&files[2])]);
    service.files.delete(&files[2].id).await.unwrap();
}

async fn room(client: &Client) -> Room {
    let participant = |user: &str| NewParticipant { user_id: user.into(), is_admin: false, tools: None };
    client.create_room(&NewRoom::new(vec![participant("anna"), participant("bert.2")])).await.unwrap()
}

async fn state(service: &Service, room: &Room, session: &kaleyra_video::SessionId) -> RoomState {
    let id = RoomRef::new(room.id.as_str());
    let state = service.store.room(&id).await.unwrap().unwrap();
    let session = service.store.sessions(&id, 1).await.unwrap().into_iter().next().unwrap_or_else(|| {
        let (of, people) = (id.clone(), std::collections::BTreeSet::new());
        let now = service.now();
        ports::rooms::Session {
            id: ports::rooms::SessionId(session.as_str().to_owned()),
            room: of,
            opened: now,
            ended: None,
            used: std::time::Duration::ZERO,
            running: None,
            counted_until: now,
            connected: people.clone(),
            people,
            connections: 0,
        }
    });
    RoomState { session: Some(session), ..state }
}

async fn begin(service: &Service, state: &RoomState, member: usize, kind: FileKind) -> File {
    let guest = Guest { state, member: &state.room.members[member] };
    let new = NewFile { name: "a.png".to_owned(), kind, size: PNG.len() as u64, request: None, of: None };
    service.files.begin(guest, new).await.unwrap()
}

async fn send(service: &Service, state: &RoomState, member: usize, kind: FileKind) -> File {
    let guest = Guest { state, member: &state.room.members[member] };
    let file = begin(service, state, member, kind).await;
    let mut upload = service.files.resume(guest, &file.id, 0).await.unwrap();
    upload.add(Bytes::from_static(PNG)).await.unwrap();
    upload.into_file()
}
