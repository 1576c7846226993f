//! Backgrounds (`kaleyra-video-api.md` §12.3).

use axum::extract::State;
use ports::company::{Addition, BACKGROUNDS_MAX, BackgroundAlias, Item, ItemEntry, ItemKey, ItemKind};
use serde_json::{Value, json};

use crate::{
    Api,
    form::Upload,
    input::Input,
    page::PageRequest,
    picture::{self, Rule},
    refusal::Refusal,
    wire::{self, Answer, done, made},
};

/// A background: JPEG, 1280 by 1280 at least; 16 MB.
const BACKGROUND: Rule = Rule { bytes_max: 16 * 1024 * 1024, side_min: Some(1280), jpeg_only: true };

/// `GET /v2/company/virtual-backgrounds`, `GET /rest/company/virtual-backgrounds`
pub async fn list(State(api): State<Api>, input: Input) -> Answer {
    if api.is_v1() {
        let all = api.companies.items(api.company(), ItemKind::Background, 0, BACKGROUNDS_MAX).await?;
        let (settings, _) = api.companies.settings(api.company()).await?;
        let default =
            settings.default_background.and_then(|alias| all.iter().find(|entry| entry.key.name == alias.as_str()));
        return done(json!({ "virtual_backgrounds": {
            "default_background": default.map(|entry| view(&api, entry)),
            "backgrounds": all.iter().map(|entry| view(&api, entry)).collect::<Vec<_>>(),
        } }));
    }
    let page = PageRequest::read(&input)?;
    let part = page.part();
    let entries = api.companies.items(api.company(), ItemKind::Background, part.offset, part.limit).await?;
    done(page.answer(api.version, "virtual_backgrounds", entries.iter().map(|entry| view(&api, entry)).collect()))
}

/// `POST /v2/company/virtual-background`, `POST /rest/company/virtual-background`
pub async fn create(State(api): State<Api>, upload: Upload) -> Answer {
    let bytes = upload.file("virtual_background")?;
    let media_type = picture::check(&bytes, BACKGROUND)?;
    let key = ItemKey::background(&BackgroundAlias::new(api.chance.bytes()));
    let created = api.clock.now();
    let item = Item { media_type: media_type.to_owned(), bytes: bytes[..].into(), created };
    match api.companies.add_item(api.company(), &key, &item, BACKGROUNDS_MAX).await? {
        Addition::Added => {
            let view = view(&api, &ItemEntry { key, created });
            made(api.version, if api.is_v1() { json!({ "virtual_background": view }) } else { view })
        }
        Addition::Full => {
            let message = format!("There are {BACKGROUNDS_MAX} backgrounds already: delete one.");
            Err(Refusal::request("exceeded_background_limit", message))
        }
        // The alias is of chance: it does not happen.
        Addition::Exists => Err(Refusal::busy("Try again.")),
    }
}

/// `DELETE /v2/company/virtual-background`, `DELETE /rest/company/virtual-background`; the alias is in the body, as JSON or as a form.
pub async fn delete(State(api): State<Api>, input: Input) -> Answer {
    let missing = || Refusal::missing("background_not_found", "There is no background with this alias.");
    let alias = match input.text("background_alias")? {
        Some(alias) => alias,
        None => input.text("alias")?.unwrap_or_default(),
    };
    let alias = BackgroundAlias::parse(alias).map_err(|_| missing())?;
    let view = find(&api, &alias).await?.ok_or_else(missing)?;
    if !api.companies.remove_item(api.company(), &ItemKey::background(&alias)).await? {
        return Err(missing());
    }
    done(if api.is_v1() { json!({ "virtual_background": view }) } else { view })
}

/// The background as it is answered; `None` if there is none of this alias.
pub async fn find(api: &Api, alias: &BackgroundAlias) -> Result<Option<Value>, Refusal> {
    let found = api.companies.entries(api.company(), &[ItemKey::background(alias)]).await?;
    Ok(found.first().map(|entry| view(api, entry)))
}

/// Under both of its names, at the address that the pages use.
fn view(api: &Api, entry: &ItemEntry) -> Value {
    // What is stored under another name is none of ours.
    let url = BackgroundAlias::parse(&entry.key.name).ok().map(|alias| api.video.background_url(&alias));
    json!({
        "alias": entry.key.name,
        "background_alias": entry.key.name,
        "url": url,
        "creation_date": wire::date(entry.created),
    })
}
