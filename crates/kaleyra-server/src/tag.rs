//! Tags (`kaleyra-video-api.md` §6.8, §7.10).

use axum::extract::State;
use ports::company::{Addition, Item, ItemEntry, ItemKey, ItemKind};
use serde_json::{Value, json};

use crate::{
    Api,
    input::{Input, Path},
    page::PageRequest,
    refusal::Refusal,
    wire::{self, Answer, done, made},
};

/// The most tags of a company, which v1 lists without pages.
const TAGS_MAX: u32 = 1_000;

/// The longest tag, in bytes.
const TAG_BYTES_MAX: usize = 128;

/// The most tags in one request.
const TAGS_AT_ONCE_MAX: usize = 100;

/// `GET /v2/tags`, `GET /rest/tag/list`
pub async fn list(State(api): State<Api>, input: Input) -> Answer {
    if api.is_v1() {
        let all = api.companies.items(api.company(), ItemKind::Tag, 0, TAGS_MAX).await?;
        return done(json!({ "tags": all.iter().map(view).collect::<Vec<_>>() }));
    }
    let page = PageRequest::read(&input)?;
    let part = page.part();
    let entries = api.companies.items(api.company(), ItemKind::Tag, part.offset, part.limit).await?;
    done(page.answer(api.version, "tags", entries.iter().map(view).collect()))
}

/// `POST /v2/tags`, `POST /rest/tag/add`. A tag that is there already is there.
pub async fn add(State(api): State<Api>, input: Input) -> Answer {
    let tags = tags(&input)?;
    let created = api.clock.now();
    let item = Item { media_type: String::new(), bytes: [].into(), created };
    let mut added = Vec::with_capacity(tags.len());
    for tag in tags {
        let key = ItemKey::new(ItemKind::Tag, tag);
        match api.companies.add_item(api.company(), &key, &item, TAGS_MAX).await? {
            Addition::Added => added.push(view(&ItemEntry { key, created })),
            Addition::Exists => {}
            Addition::Full => {
                return Err(Refusal::request("invalid_tags", format!("There are {TAGS_MAX} tags already.")));
            }
        }
    }
    made(api.version, json!({ "added_tags": added }))
}

/// `POST /rest/tag/remove`
pub async fn remove(State(api): State<Api>, input: Input) -> Answer {
    let mut removed = Vec::new();
    for tag in tags(&input)? {
        if api.companies.remove_item(api.company(), &ItemKey::new(ItemKind::Tag, tag)).await? {
            removed.push(json!({ "tag": tag }));
        }
    }
    done(json!({ "removed_tags": removed }))
}

/// `DELETE /v2/tags/{tag}`
pub async fn delete(State(api): State<Api>, Path(tag): Path<String>) -> Answer {
    if !api.companies.remove_item(api.company(), &ItemKey::new(ItemKind::Tag, tag.as_str())).await? {
        return Err(Refusal::missing("tag_not_found", "There is no such tag."));
    }
    done(json!({ "tag": tag, "message": "tag removed" }))
}

/// `tags`, or one `tag`.
fn tags(input: &Input) -> Result<Vec<&str>, Refusal> {
    let wrong = || {
        let message = format!("tags must be 1 to {TAGS_AT_ONCE_MAX} texts of letters, digits, '.', '_' and '-'.");
        Refusal::request("invalid_tags", message)
    };
    let name = if input.field("tags").is_some() { "tags" } else { "tag" };
    let tags = input.texts(name).map_err(|_| wrong())?.ok_or_else(wrong)?;
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    let is_tag = |tag: &&str| !tag.is_empty() && tag.len() <= TAG_BYTES_MAX && tag.bytes().all(allowed);
    if tags.is_empty() || tags.len() > TAGS_AT_ONCE_MAX || !tags.iter().all(is_tag) {
        return Err(wrong());
    }
    Ok(tags)
}

fn view(entry: &ItemEntry) -> Value {
    json!({ "tag": entry.key.name, "creation_date": wire::date(entry.created) })
}
