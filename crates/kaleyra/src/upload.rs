//! Files exchanged in a room (contract §6.7, §7.9). They enter through the call page; this API lists, fetches and deletes them.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::{
    Client, DownloadUrl, Error, Malformed, Page, PageRequest, RoomId, SessionId, UploadKey, UserId, Version,
    answer::{FromAnswer, Object, unwrap},
    open_enum::open_enum,
    operation as op,
};

open_enum!(
    /// What kind of file it is (contract §4).
    UploadType {
        /// A file that someone sent.
        FileUpload = "file_upload",
        /// A snapshot.
        Snapshot = "snapshot",
        /// Any other.
        Generic = "generic",
    }
);

/// A file that was uploaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// Its key.
    pub key: UploadKey,
    /// Where it can be fetched. Lists do not say.
    pub url: Option<DownloadUrl>,
    /// What kind of file it is.
    pub upload_type: Option<UploadType>,
    /// When it was uploaded.
    pub creation_date: Option<Timestamp>,
    /// Who uploaded it.
    pub user_id: Option<UserId>,
    /// During which session.
    pub session_id: Option<SessionId>,
    /// In which room, if that was created through this API.
    pub room_id: Option<RoomId>,
}

impl Upload {
    fn read(upload: Object<'_>, key: UploadKey, url: Option<DownloadUrl>) -> Result<Upload, Malformed> {
        Ok(Upload {
            key,
            url,
            upload_type: upload.text(&["upload_type"])?,
            creation_date: upload.moment(&["creation_date"])?,
            user_id: upload.text(&["user_id"])?,
            session_id: upload.text(&["session_id"])?,
            room_id: upload.text(&["room_id"])?,
        })
    }
}

/// A row of a list, where some samples call the key `url` (contract §7.9).
impl FromAnswer for Upload {
    fn from_answer(answer: &Value) -> Result<Self, Malformed> {
        let upload = Object::of(answer, "uploads")?;
        let has_key = upload.find(&["key", "upload_key"]).is_some();
        let url = if has_key { upload.text(&["url"])? } else { None };
        Upload::read(upload, upload.id(&["key", "upload_key", "url"])?, url)
    }
}

/// Whose uploads to list. v1 lists those of one owner at a time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UploadFilter {
    /// Those in this room.
    pub room_id: Option<RoomId>,
    /// Those during this session.
    pub session_id: Option<SessionId>,
    /// Those of this user.
    pub user_id: Option<UserId>,
    /// Those of this kind.
    pub upload_type: Option<UploadType>,
}

#[derive(Serialize)]
struct KeyBody<'a> {
    upload_key: &'a UploadKey,
}

impl Client {
    /// Lists uploads, the newest first (contract §6.7, §7.2, §7.3, §7.6, §7.9).
    pub async fn uploads(&self, filter: &UploadFilter, page: PageRequest) -> Result<Page<Upload>, Error> {
        let room = filter.room_id.as_ref().map(RoomId::as_str);
        let session = filter.session_id.as_ref().map(SessionId::as_str);
        let user = filter.user_id.as_ref().map(UserId::as_str);
        let call = match (self.version(), room, session, user) {
            (Version::V2, _, _, _) => self
                .call(op::LIST_UPLOADS, &[])?
                .maybe("room_id", room)
                .maybe("session_id", session)
                .maybe("user_id", user),
            (Version::V1, None, None, None) => self.call(op::LIST_UPLOADS, &[])?,
            (Version::V1, Some(room), None, None) => self.call(op::LIST_UPLOADS_OF_ROOM, &[room])?,
            (Version::V1, None, Some(session), None) => self.call(op::LIST_UPLOADS_OF_SESSION, &[session])?,
            (Version::V1, None, None, Some(user)) => self.call(op::LIST_UPLOADS_OF_USER, &[user])?,
            (Version::V1, _, _, _) => {
                return Err(self.call(op::LIST_UPLOADS, &[])?.invalid("v1 lists the uploads of one owner at a time"));
            }
        };
        call.maybe("upload_type", filter.upload_type.as_ref().map(UploadType::as_str))
            .page(page)
            .read(|answer| Page::read(answer, &["uploads"]))
            .await
    }

    /// Returns an upload and where it can be fetched (contract §6.7, §7.9).
    pub async fn upload(&self, key: &UploadKey) -> Result<Upload, Error> {
        let call = match self.version() {
            Version::V1 => self.call(op::GET_UPLOAD, &[])?.query("upload_key", key.as_str()),
            Version::V2 => self.call(op::GET_UPLOAD, &[key.as_str()])?,
        };
        call.read(|answer| {
            let upload = Object::of(unwrap(answer, "upload"), "upload")?;
            Upload::read(upload, key.clone(), upload.text(&["url"])?)
        })
        .await
    }

    /// Deletes an upload (contract §6.7, §7.9).
    pub async fn delete_upload(&self, key: &UploadKey) -> Result<(), Error> {
        match self.version() {
            Version::V1 => self.call(op::DELETE_UPLOAD, &[])?.json(&KeyBody { upload_key: key })?.done().await,
            Version::V2 => self.call(op::DELETE_UPLOAD, &[key.as_str()])?.done().await,
        }
    }
}
