//! The company's own texts for the pages, in v2 (`kaleyra-video-api.md` §12.4). The format of the file is not documented: an object of
//! texts as JSON is taken, kept, and given back.

use axum::extract::State;
use ports::company::{Item, ItemEntry, ItemKey, ItemKind};
use serde_json::{Map, Value, json};

use crate::{
    Api,
    form::Upload,
    input::Path,
    refusal::Refusal,
    wire::{self, Answer, LANGUAGES, done},
};

/// The longest file, in bytes: all texts of the pages take a tenth of it.
const BYTES_MAX: usize = 256 * 1024;

/// `GET /v2/company/translations`
pub async fn list(State(api): State<Api>) -> Answer {
    let mut all = Map::new();
    for language in LANGUAGES {
        let key = ItemKey::new(ItemKind::Translation, language);
        if let Some(item) = api.companies.item(api.company(), &key).await? {
            let texts = serde_json::from_slice(&item.bytes).map_err(|_| Refusal::internal())?;
            all.insert(language.to_owned(), texts);
        }
    }
    done(Value::Object(all))
}

/// `PUT /v2/company/translations/{language}`
pub async fn update(State(api): State<Api>, Path(language): Path<String>, upload: Upload) -> Answer {
    wire::language(&language)?;
    let bytes = upload.file("translation")?;
    let is_object = matches!(serde_json::from_slice(&bytes), Ok(Value::Object(_)));
    if bytes.len() > BYTES_MAX || !is_object {
        let message = format!("The file must be a JSON object of at most {BYTES_MAX} bytes.");
        return Err(Refusal::invalid("invalid_file", message));
    }
    let key = ItemKey::new(ItemKind::Translation, language);
    let created = api.clock.now();
    let item = Item { media_type: "application/json".to_owned(), bytes: bytes[..].into(), created };
    api.companies.put_item(api.company(), &key, &item).await?;
    done(view(&ItemEntry { key, created }))
}

/// `DELETE /v2/company/translations/{language}`
pub async fn delete(State(api): State<Api>, Path(language): Path<String>) -> Answer {
    wire::language(&language)?;
    let key = ItemKey::new(ItemKind::Translation, language.as_str());
    if !api.companies.remove_item(api.company(), &key).await? {
        return Err(Refusal::missing("translation_not_found", "There are no texts in this language."));
    }
    done(json!({ "language": language, "message": "translation deleted" }))
}

fn view(entry: &ItemEntry) -> Value {
    json!({ "language": entry.key.name, "creation_date": wire::date(entry.created) })
}
