//! Files that people sent in rooms: listed, fetched and deleted. They enter through the call page (`kaleyra-video-api.md` §6.7, §7.9).
//!
//! A file's key is its id, which has no slash; clients take keys as they are.

use axum::extract::State;
use domain::RoomRef;
use ports::{
    content::{File, FileFilter, FileId, FileKind},
    rooms::SessionId,
};
use serde_json::{Map, Value, json};

use crate::{
    Api,
    input::{Input, Path},
    page::PageRequest,
    refusal::Refusal,
    room, session, user,
    wire::{self, Answer, done},
};

/// `GET /v2/uploads`, `GET /rest/upload/list`
pub async fn list(State(api): State<Api>, input: Input) -> Answer {
    let mut filter = FileFilter::default();
    if !api.is_v1() {
        filter.room = input.text("room_id")?.map(RoomRef::new);
        filter.session = input.text("session_id")?.map(|id| SessionId(id.to_owned()));
        filter.from = input.text("user_id")?.map(wire::user_id).transpose()?;
    }
    answer(&api, &input, filter).await
}

/// `GET /rest/room/{id}/upload/list`
pub async fn list_of_room(State(api): State<Api>, Path(id): Path<String>, input: Input) -> Answer {
    room::known(&api, &id).await?;
    answer(&api, &input, FileFilter { room: Some(RoomRef::new(id)), ..FileFilter::default() }).await
}

/// `GET /rest/session/{id}/upload/list`
pub async fn list_of_session(State(api): State<Api>, Path(id): Path<String>, input: Input) -> Answer {
    let session = session::known(&api, &id).await?;
    answer(&api, &input, FileFilter { session: Some(session.id), ..FileFilter::default() }).await
}

/// `GET /rest/user/{id}/upload/list`
pub async fn list_of_user(State(api): State<Api>, Path(id): Path<String>, input: Input) -> Answer {
    let user = user::known(&api, &id).await?;
    answer(&api, &input, FileFilter { from: Some(user.id), ..FileFilter::default() }).await
}

/// `GET /v2/uploads/{key}`
pub async fn read_by_path(State(api): State<Api>, Path(key): Path<String>) -> Answer {
    read(&api, Some(&key)).await
}

/// `GET /rest/upload/resource`
pub async fn read_by_field(State(api): State<Api>, input: Input) -> Answer {
    read(&api, input.text("upload_key")?).await
}

/// `DELETE /v2/uploads/{key}`
pub async fn delete_by_path(State(api): State<Api>, Path(key): Path<String>) -> Answer {
    delete(&api, Some(&key)).await
}

/// `DELETE /rest/upload/resource`
pub async fn delete_by_field(State(api): State<Api>, input: Input) -> Answer {
    delete(&api, input.text("upload_key")?).await
}

async fn answer(api: &Api, input: &Input, filter: FileFilter) -> Answer {
    let page = PageRequest::read(input)?;
    let kind = match input.text("upload_type")? {
        None => None,
        Some(name) => Some(kind_named(name).ok_or_else(|| {
            Refusal::invalid("invalid_param", "upload_type must be file_upload, snapshot or generic.")
        })?),
    };
    let files = api.files.list(&FileFilter { kind, ..filter }, page.part()).await?;
    let row = |file: &File| {
        let mut row = view(file);
        row.insert("key".to_owned(), json!(file.id.0));
        Value::Object(row)
    };
    done(page.answer(api.version, "uploads", files.iter().map(row).collect()))
}

async fn read(api: &Api, key: Option<&str>) -> Answer {
    let missing = || Refusal::missing("upload_key_not_exists", "There is no such file.");
    let file = known(api, key).await?.ok_or_else(missing)?;
    let link = api.files.link(&file.id).await?.ok_or_else(missing)?;
    let mut answer = view(&file);
    answer.insert("key".to_owned(), json!(file.id.0));
    answer.insert("url".to_owned(), json!(format!("{}{}", api.public_url, link.path)));
    done(Value::Object(answer))
}

async fn delete(api: &Api, key: Option<&str>) -> Answer {
    let missing = || Refusal::missing("upload_not_found", "There is no such file.");
    let file = known(api, key).await?.ok_or_else(missing)?;
    let deleted = api.files.delete(&file.id).await?.ok_or_else(missing)?;
    done(json!({ "upload_key": deleted.id.0, "upload_type": kind(deleted.kind) }))
}

/// A complete file in a room of the company's.
async fn known(api: &Api, key: Option<&str>) -> Result<Option<File>, Refusal> {
    let Some(key) = key else { return Ok(None) };
    let Some(file) = api.files.complete_file(&FileId(key.to_owned())).await? else { return Ok(None) };
    let room = api.rooms.room(&file.room).await?;
    Ok(room.filter(|state| state.room.company == *api.company()).map(|_| file))
}

fn view(file: &File) -> Map<String, Value> {
    let view = json!({
        "upload_type": kind(file.kind),
        "creation_date": wire::date(file.completed.unwrap_or(file.begun)),
        "user_id": file.from.as_str(),
        "session_id": file.session.as_ref().map(|session| &session.0),
        "room_id": file.room.as_str(),
    });
    let Value::Object(view) = view else { unreachable!("an object is written") };
    view
}

/// A kind of file by its name (§4).
const fn kind(kind: FileKind) -> &'static str {
    match kind {
        FileKind::File => "file_upload",
        FileKind::Snapshot => "snapshot",
        FileKind::BoardImage => "generic",
    }
}

fn kind_named(name: &str) -> Option<FileKind> {
    FileKind::ALL.into_iter().find(|known| kind(*known) == name)
}
