//! Users (`kaleyra-video-api.md` §6.1, §7.2).

use std::collections::BTreeMap;

use axum::extract::State;
use domain::{ProviderUserId, Role};
use ports::{
    company::{Item, ItemKey},
    register::{Part, UserChange},
    rooms::User,
};
use serde_json::{Value, json};

use crate::{
    Api,
    form::Upload,
    input::{Input, Path},
    page::PageRequest,
    picture::{self, Rule},
    refusal::Refusal,
    wire::{self, Answer, done, made},
};

/// A user's picture: 500 KB.
const AVATAR: Rule = Rule { bytes_max: 500 * 1024, side_min: None, jpeg_only: false };

/// The most ids in v1's list, which has no pages: some 4 MB.
const IDS_MAX: u32 = 100_000;

/// How many users are read at once for that list.
const IDS_AT_ONCE: u32 = 1_000;

/// The language of somebody without one, where the company has none either.
const LANGUAGE_DEFAULT: &str = "en";

/// `GET /v2/users`, `GET /rest/user/list`
pub async fn list(State(api): State<Api>, input: Input) -> Answer {
    if api.is_v1() {
        return done(json!({ "user_id_list": all_ids(&api).await? }));
    }
    let page = PageRequest::read(&input)?;
    let users = api.register.list_users(api.company(), page.part()).await?;
    done(page.answer(api.version, "users", views(&api, &users).await?))
}

/// `POST /v2/users`, `POST /rest/user/create`
pub async fn create(State(api): State<Api>, input: Input) -> Answer {
    let role = role(&input)?.ok_or_else(|| Refusal::invalid("role_validation_error", "role is missing."))?;
    let id = match input.text("id")?.filter(|id| !id.is_empty()) {
        Some(id) => {
            ProviderUserId::parse(id).map_err(|error| Refusal::invalid("invalid_user_id", format!("id {error}.")))?
        }
        None => new_id(&api)?,
    };
    let language = match input.text("language")? {
        Some(language) => Some(wire::language(language)?),
        None => api.companies.settings(api.company()).await?.0.default_language,
    };
    let user = User {
        company: api.company().clone(),
        id,
        role,
        allow_camera: camera(&api, &input)?.unwrap_or(true),
        active: true,
        language,
        created: api.clock.now(),
    };
    if !api.register.add_user(&user).await? {
        return Err(Refusal::request("user_id_already_exists", "There is a user with this id already."));
    }
    let answer = view(&api, &user, None);
    made(api.version, if api.is_v1() { json!({ "user": answer, "id": user.id.as_str() }) } else { answer })
}

/// `GET /v2/users/{id}`, `GET /rest/user/list/{id}`
pub async fn read(State(api): State<Api>, Path(id): Path<String>) -> Answer {
    let user = known(&api, &id).await?;
    answer(&api, user).await
}

/// `PUT /v2/users/{id}`, `PUT /rest/user/update/{id}`
pub async fn update(State(api): State<Api>, Path(id): Path<String>, input: Input) -> Answer {
    let id = wire::user_id(&id)?;
    let change = UserChange {
        role: role(&input)?,
        allow_camera: camera(&api, &input)?,
        language: input.text("language")?.map(wire::language).transpose()?,
        active: input.flag("active")?,
    };
    let user = api.register.change_user(api.company(), &id, &change).await?.ok_or_else(Refusal::user)?;
    if change.active == Some(false) {
        api.video.send_away(&*api.register, &id).await?;
    }
    answer(&api, user).await
}

/// `DELETE /v2/users/{id}`, `DELETE /rest/user/delete/{id}`
pub async fn delete(State(api): State<Api>, Path(id): Path<String>) -> Answer {
    let id = wire::user_id(&id)?;
    if !api.register.remove_user(api.company(), &id).await? {
        return Err(Refusal::user());
    }
    api.companies.remove_item(api.company(), &ItemKey::avatar(&id)).await?;
    api.video.send_away(&*api.register, &id).await?;
    done(json!({ "id": id.as_str(), "message": "user deleted" }))
}

/// `PUT /rest/user/update/all/permissions`
pub async fn update_all(State(api): State<Api>, input: Input) -> Answer {
    let missing = || Refusal::invalid("invalid_param", "can_video is missing.");
    let allow = camera(&api, &input)?.ok_or_else(missing)?;
    let count = api.register.change_all_cameras(api.company(), allow).await?;
    done(json!({ "users": { "count": count, "can_video": u8::from(allow) } }))
}

/// `PUT /v2/users/{id}/avatar`, `PUT /rest/user/avatar/update/{id}`
pub async fn update_avatar(State(api): State<Api>, Path(id): Path<String>, upload: Upload) -> Answer {
    let user = known(&api, &id).await?;
    let bytes = upload.file("avatar")?;
    let media_type = picture::check(&bytes, AVATAR)?;
    let item = Item { media_type: media_type.to_owned(), bytes: bytes[..].into(), created: api.clock.now() };
    let key = ItemKey::avatar(&user.id);
    api.companies.put_item(api.company(), &key, &item).await?;
    let url = api.file_url(&key);
    done(if api.is_v1() { json!({ "avatar_url": url }) } else { view(&api, &user, Some(&url)) })
}

/// `DELETE /v2/users/{id}/avatar`. Somebody without a picture is without one already.
pub async fn delete_avatar(State(api): State<Api>, Path(id): Path<String>) -> Answer {
    let user = known(&api, &id).await?;
    api.companies.remove_item(api.company(), &ItemKey::avatar(&user.id)).await?;
    done(view(&api, &user, None))
}

/// A user who exists.
pub async fn known(api: &Api, id: &str) -> Result<User, Refusal> {
    let id = wire::user_id(id)?;
    let found = api.rooms.users(api.company(), std::slice::from_ref(&id)).await?;
    found.into_iter().next().ok_or_else(Refusal::user)
}

async fn answer(api: &Api, user: User) -> Answer {
    let mut views = views(api, std::slice::from_ref(&user)).await?;
    let view = views.pop().ok_or_else(Refusal::internal)?;
    done(if api.is_v1() { json!({ "user": view }) } else { view })
}

/// Users as they are answered, with the addresses of their pictures.
async fn views(api: &Api, users: &[User]) -> Result<Vec<Value>, Refusal> {
    let keys: Vec<_> = users.iter().map(|user| ItemKey::avatar(&user.id)).collect();
    let pictures: BTreeMap<_, _> = api
        .companies
        .entries(api.company(), &keys)
        .await?
        .into_iter()
        .map(|entry| (entry.key.name.clone(), api.file_url(&entry.key)))
        .collect();
    Ok(users.iter().map(|user| view(api, user, pictures.get(user.id.as_str()))).collect())
}

fn view(api: &Api, user: &User, avatar_url: Option<&String>) -> Value {
    let camera = if api.is_v1() { "can_video" } else { "allow_camera" };
    json!({
        "id": user.id.as_str(),
        "role": wire::role(user.role),
        camera: user.allow_camera,
        "language": user.language.as_ref().map_or(LANGUAGE_DEFAULT, |language| language.as_str()),
        "active": user.active,
        "avatar_url": avatar_url,
        "creation_date": wire::date(user.created),
    })
}

async fn all_ids(api: &Api) -> Result<Vec<Value>, Refusal> {
    let mut ids = Vec::new();
    for offset in (0..IDS_MAX).step_by(IDS_AT_ONCE as usize) {
        let part = Part { offset, limit: IDS_AT_ONCE };
        let users = api.register.list_users(api.company(), part).await?;
        let is_last = users.len() < IDS_AT_ONCE as usize;
        ids.extend(users.into_iter().map(|user| json!(user.id.as_str())));
        if is_last {
            break;
        }
    }
    Ok(ids)
}

fn role(input: &Input) -> Result<Option<Role>, Refusal> {
    let wrong = || Refusal::invalid("role_validation_error", "role must be basic or plus.");
    match input.text("role").map_err(|_| wrong())? {
        None => Ok(None),
        Some("basic") => Ok(Some(Role::Basic)),
        Some("plus") => Ok(Some(Role::Plus)),
        Some(_) => Err(wrong()),
    }
}

/// v2's name, and v1's.
fn camera(api: &Api, input: &Input) -> Result<Option<bool>, Refusal> {
    let v2 = input.flag("allow_camera")?;
    Ok(if api.is_v1() || v2.is_none() { input.flag("can_video")?.or(v2) } else { v2 })
}

/// `usr_` and 12 hexadecimal digits (§3.2).
fn new_id(api: &Api) -> Result<ProviderUserId, Refusal> {
    let id = format!("usr_{}", hex::encode(api.chance.bytes::<6>()));
    ProviderUserId::parse(&id).map_err(|_| Refusal::internal())
}
