//! Users (contract §6.1, §7.2).

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::{
    Client, DownloadUrl, Error, File, Form, Language, Malformed, Page, PageRequest, UserId, Version,
    answer::{FromAnswer, Object, unwrap},
    open_enum::open_enum,
    operation as op,
};

open_enum!(
    /// What a user may do (contract §4).
    Role {
        /// May join.
        Basic = "basic",
        /// May create and join, and consumes a licence in production.
        Plus = "plus",
    }
);

/// A user (contract §6.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The id.
    pub id: UserId,
    /// What they may do.
    pub role: Option<Role>,
    /// Whether they may publish video.
    pub allow_camera: Option<bool>,
    /// The language of their pages.
    pub language: Option<Language>,
    /// Whether they can use the platform at all.
    pub active: Option<bool>,
    /// Where their picture is.
    pub avatar_url: Option<DownloadUrl>,
    /// When they were created.
    pub creation_date: Option<Timestamp>,
}

impl FromAnswer for User {
    fn from_answer(answer: &Value) -> Result<Self, Malformed> {
        // v1's list holds nothing but ids.
        if let Some(id) = answer.as_str().filter(|id| !id.is_empty()) {
            let (role, allow_camera, language, active) = (None, None, None, None);
            return Ok(User {
                id: id.into(),
                role,
                allow_camera,
                language,
                active,
                avatar_url: None,
                creation_date: None,
            });
        }
        let user = Object::of(unwrap(answer, "user"), "user")?;
        Ok(User {
            id: user.id(&["id", "user_id"])?,
            role: user.text(&["role"])?,
            allow_camera: user.flag(&["allow_camera", "can_video"])?,
            language: user.text(&["language"])?,
            active: user.flag(&["active"])?,
            avatar_url: user.text(&["avatar_url"])?,
            creation_date: user.moment(&["creation_date"])?,
        })
    }
}

/// A user to be created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewUser {
    /// The id to give them; the service chooses one if there is none. With one, a repeated creation ends in
    /// `user_id_already_exists` and not in a second user (contract §14.5).
    pub id: Option<UserId>,
    /// What they may do.
    pub role: Role,
    /// Whether they may publish video; the service's default is yes.
    pub allow_camera: Option<bool>,
    /// The language of their pages; the service's default is the company's.
    pub language: Option<Language>,
}

impl NewUser {
    /// A user with this id and role, and the service's defaults.
    pub fn new(id: UserId, role: Role) -> NewUser {
        NewUser { id: Some(id), role, allow_camera: None, language: None }
    }
}

/// What to change about a user; `None` keeps.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UserUpdate {
    /// What they may do.
    pub role: Option<Role>,
    /// Whether they may publish video.
    pub allow_camera: Option<bool>,
    /// The language of their pages.
    pub language: Option<Language>,
    /// Whether they can use the platform at all. The id of a user who cannot stays taken (contract §4).
    pub active: Option<bool>,
}

/// What is sent about a user. The flag's name depends on the generation.
#[derive(Serialize)]
struct UserBody<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a UserId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'a Role>,
    #[serde(skip_serializing_if = "Option::is_none")]
    allow_camera: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    can_video: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<&'a Language>,
    #[serde(skip_serializing_if = "Option::is_none")]
    active: Option<bool>,
}

/// Returns the flag under v2's name and under v1's.
fn camera(version: Version, allow: Option<bool>) -> (Option<bool>, Option<bool>) {
    match version {
        Version::V1 => (None, allow),
        Version::V2 => (allow, None),
    }
}

impl Client {
    /// Lists users (contract §6.1, §7.2). v1 gives all of them at once, and nothing but their ids.
    pub async fn users(&self, page: PageRequest) -> Result<Page<User>, Error> {
        let call = self.call(op::LIST_USERS, &[])?;
        match self.version() {
            Version::V1 => {
                call.read(|answer| Object::of(answer, "answer")?.required_list(&["user_id_list"]).map(Page::whole))
                    .await
            }
            Version::V2 => call.page(page).read(|answer| Page::read(answer, &["users"])).await,
        }
    }

    /// Creates a user (contract §6.1, §7.2). Refused with `user_id_already_exists` if the id is taken, also by an inactive user.
    pub async fn create_user(&self, user: &NewUser) -> Result<User, Error> {
        let (allow_camera, can_video) = camera(self.version(), user.allow_camera);
        let body = UserBody {
            id: user.id.as_ref(),
            role: Some(&user.role),
            allow_camera,
            can_video,
            language: user.language.as_ref(),
            active: None,
        };
        self.call(op::CREATE_USER, &[])?.json(&body)?.answer().await
    }

    /// Returns a user (contract §6.1, §7.2).
    pub async fn user(&self, user: &UserId) -> Result<User, Error> {
        self.call(op::GET_USER, &[user.as_str()])?.answer().await
    }

    /// Changes a user (contract §6.1, §7.2). Returns them as they are then, if the service says.
    pub async fn update_user(&self, user: &UserId, update: &UserUpdate) -> Result<Option<User>, Error> {
        let (allow_camera, can_video) = camera(self.version(), update.allow_camera);
        let body = UserBody {
            id: None,
            role: update.role.as_ref(),
            allow_camera,
            can_video,
            language: update.language.as_ref(),
            active: update.active,
        };
        self.call(op::UPDATE_USER, &[user.as_str()])?.json(&body)?.maybe_answer().await
    }

    /// Deletes a user and disconnects them (contract §6.1, §7.2).
    pub async fn delete_user(&self, user: &UserId) -> Result<(), Error> {
        self.call(op::DELETE_USER, &[user.as_str()])?.done().await
    }

    /// Sets a user's picture: png or jpeg, at most 500 KB, best 300 by 300 (contract §6.1, §7.2). Returns where it is, if the service
    /// says.
    pub async fn update_avatar(&self, user: &UserId, picture: File) -> Result<Option<DownloadUrl>, Error> {
        let form = Form::default().file("avatar", picture);
        let call = self.call(op::UPDATE_AVATAR, &[user.as_str()])?.form(&form);
        let url = |answer: &Value| Object::of(unwrap(answer, "user"), "answer")?.text(&["avatar_url"]);
        Ok(call.maybe_read(url).await?.flatten())
    }

    /// Removes a user's picture (contract §6.1). v2 only.
    pub async fn delete_avatar(&self, user: &UserId) -> Result<(), Error> {
        self.call(op::DELETE_AVATAR, &[user.as_str()])?.done().await
    }

    /// Allows or forbids every user of the company to publish video, and returns how many they are (contract §7.2). v1 only.
    pub async fn update_all_permissions(&self, allow_camera: bool) -> Result<u64, Error> {
        let (_, can_video) = camera(Version::V1, Some(allow_camera));
        let body = UserBody { id: None, role: None, allow_camera: None, can_video, language: None, active: None };
        let count = |answer: &Value| {
            let users = Object::of(unwrap(answer, "users"), "users")?;
            users.number(&["count"])?.ok_or(Malformed { field: "count", expected: "a number" })
        };
        self.call(op::UPDATE_ALL_PERMISSIONS, &[])?.json(&body)?.read(count).await
    }
}
