//! Keys that recordings can be encrypted with (`kaleyra-video-api.md` §7.8). They are kept for the day on which there are recordings.

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

/// The most keys of a company. Keys cannot be deleted, and one is replaced every few months at most.
pub const KEYS_MAX: u32 = 1_000;

/// The longest key, in bytes: an RSA key of 16 384 bits takes less than 3 kB.
const KEY_BYTES_MAX: usize = 8_192;

/// `GET /v2/company/encryption-keys`, `GET /rest/key/list`
pub async fn list(State(api): State<Api>, input: Input) -> Answer {
    let page = PageRequest::read(&input)?;
    let (after, before) = (input.moment("start_date")?, input.moment("end_date")?);
    let mut entries = api.companies.items(api.company(), ItemKind::EncryptionKey, 0, KEYS_MAX).await?;
    entries.retain(|entry| after.is_none_or(|after| entry.created > after));
    entries.retain(|entry| before.is_none_or(|before| entry.created < before));
    done(page.answer(api.version, "keys", page.cut(entries).iter().map(view).collect()))
}

/// `POST /v2/company/encryption-keys`, `POST /rest/key/create`
pub async fn create(State(api): State<Api>, input: Input) -> Answer {
    let wrong = || Refusal::invalid("invalid_public_key_error", "public_key must be an RSA public key as PEM.");
    let text = input.text("public_key").map_err(|_| wrong())?.ok_or_else(wrong)?;
    if !is_public_key(text) {
        return Err(wrong());
    }
    let key = ItemKey::new(ItemKind::EncryptionKey, format!("pk_{}", hex::encode(api.chance.bytes::<6>())));
    let created = api.clock.now();
    let item = Item { media_type: "application/x-pem-file".to_owned(), bytes: text.as_bytes().into(), created };
    match api.companies.add_item(api.company(), &key, &item, KEYS_MAX).await? {
        Addition::Added => made(api.version, view(&ItemEntry { key, created })),
        Addition::Full => Err(Refusal::request("keys_list_error", format!("There are {KEYS_MAX} keys already."))),
        // Of 48 bits of chance: try again.
        Addition::Exists => Err(Refusal::busy("Try again.")),
    }
}

/// `GET /v2/company/encryption-keys/{id}`, `GET /rest/key/{id}`
pub async fn read(State(api): State<Api>, Path(id): Path<String>) -> Answer {
    let found = api.companies.entries(api.company(), &[ItemKey::new(ItemKind::EncryptionKey, id)]).await?;
    let missing = || Refusal::missing("invalid_key_error", "There is no such key.");
    done(view(found.first().ok_or_else(missing)?))
}

/// Whether the text is PEM of a public key, on one line or several (RFC 7468): that its bytes begin as a DER sequence, and no more.
fn is_public_key(text: &str) -> bool {
    let body = ["PUBLIC KEY", "RSA PUBLIC KEY"].into_iter().find_map(|label| {
        let text = text.trim().strip_prefix(&format!("-----BEGIN {label}-----"))?;
        text.strip_suffix(&format!("-----END {label}-----"))
    });
    let Some(body) = body.filter(|_| text.len() <= KEY_BYTES_MAX) else { return false };
    // Newlines may come as the two characters that stand for one.
    let digits: String = body.replace("\\n", "").chars().filter(|c| !c.is_ascii_whitespace()).collect();
    let is_digit = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/');
    let unpadded = digits.trim_end_matches('=');
    // 'M' is how the first byte of every DER sequence, 0x30, begins in base64 (RFC 4648).
    digits.len().is_multiple_of(4) && digits.len() >= 100 && unpadded.starts_with('M') && unpadded.bytes().all(is_digit)
}

fn view(entry: &ItemEntry) -> Value {
    json!({ "key_id": entry.key.name, "id": entry.key.name, "creation_date": wire::date(entry.created) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_pem_on_one_line_or_several() {
        let digits = format!("MIIB{}==", "A".repeat(118));
        for between in ["\n", "", "\\n"] {
            let key = format!("-----BEGIN PUBLIC KEY-----{between}{digits}{between}-----END PUBLIC KEY-----");
            assert!(is_public_key(&key), "{key}");
        }
        for wrong in [
            String::new(),
            digits.clone(),
            format!("-----BEGIN PRIVATE KEY-----{digits}-----END PRIVATE KEY-----"),
            format!("-----BEGIN PUBLIC KEY-----{}-----END PUBLIC KEY-----", "é".repeat(60)),
            format!("-----BEGIN PUBLIC KEY-----{}-----END PUBLIC KEY-----", "M".repeat(KEY_BYTES_MAX)),
            "-----BEGIN PUBLIC KEY----------END PUBLIC KEY-----".to_owned(),
        ] {
            assert!(!is_public_key(&wrong), "{wrong}");
        }
    }
}
