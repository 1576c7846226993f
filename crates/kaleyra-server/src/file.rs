//! Logos and people's pictures as browsers fetch them: without the company's key, by an address that cannot be guessed. Backgrounds have
//! such an address by their alias alone, which the video service shows.

use axum::{
    extract::{Path, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use hmac::{Hmac, KeyInit, Mac};
use ports::company::{ItemKey, ItemKind};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

use crate::{Api, refusal::Refusal};

/// Where they are, below the public address.
pub const PATH: &str = "/company-files";

/// Bytes of the signature in an address: 128 bits, which nobody guesses.
const SIGNATURE_LEN: usize = 16;

/// What a signature is for, so that the key's other uses give none that fits.
const PURPOSE: &str = "teleconsultation: address of a picture\n";

/// How long browsers may keep a picture, so that a replaced one is seen after a while.
const CACHE: HeaderValue = HeaderValue::from_static("private, max-age=300");

impl Api {
    /// Where a picture can be fetched. Whoever has the address sees the picture.
    pub fn file_url(&self, key: &ItemKey) -> String {
        format!("{}{}", self.public_url, path(&self.key, key))
    }
}

/// The path of a logo or somebody's picture, of the company with this key. Of the characters that end something in HTML or CSS it has none,
/// because no such item's name has.
pub fn path(company_key: &SecretString, item: &ItemKey) -> String {
    let kind = kind_text(item.kind).unwrap_or("none");
    let signature = mac(company_key, item).finalize().into_bytes();
    // The kind comes before the name in one segment, so that a user named ".." is no way up.
    format!("{PATH}/{kind}-{}/{}", item.name, hex::encode(&signature[..SIGNATURE_LEN]))
}

fn mac(company_key: &SecretString, item: &ItemKey) -> Hmac<Sha256> {
    let secret = company_key.expose_secret().as_bytes();
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes keys of every length (RFC 2104 §2)");
    mac.update(PURPOSE.as_bytes());
    mac.update(kind_text(item.kind).unwrap_or("none").as_bytes());
    mac.update(b"\n");
    mac.update(item.name.as_bytes());
    mac
}

/// `GET /company-files/{kind}-{name}/{signature}`
pub async fn read(State(api): State<Api>, Path((name, signature)): Path<(String, String)>) -> Response {
    match find(&api, &name, &signature).await {
        Ok(Some((media_type, bytes))) => {
            let nosniff = HeaderValue::from_static("nosniff");
            let headers = [
                (header::CONTENT_TYPE, media_type),
                (header::CACHE_CONTROL, CACHE),
                (header::X_CONTENT_TYPE_OPTIONS, nosniff),
                // Shown by pages and applications of any origin.
                (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("cross-origin")),
                (header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
            ];
            (headers, bytes).into_response()
        }
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

async fn find(api: &Api, name: &str, signature: &str) -> Result<Option<(HeaderValue, Vec<u8>)>, Refusal> {
    let Some((kind, name)) = name.split_once('-') else { return Ok(None) };
    let Some(kind) = kind_named(kind) else { return Ok(None) };
    let key = ItemKey::new(kind, name);
    let mut given = [0; SIGNATURE_LEN];
    // Compared in constant time.
    let fits = hex::decode_to_slice(signature, &mut given).is_ok()
        && mac(&api.key, &key).verify_truncated_left(&given).is_ok();
    if !fits {
        return Ok(None);
    }
    let Some(item) = api.companies.item(api.company(), &key).await? else { return Ok(None) };
    let media_type = HeaderValue::from_str(&item.media_type).map_err(|_| Refusal::internal())?;
    Ok(Some((media_type, item.bytes.to_vec())))
}

/// Only these have such an address.
const fn kind_text(kind: ItemKind) -> Option<&'static str> {
    match kind {
        ItemKind::Logo => Some("logo"),
        ItemKind::Avatar => Some("avatar"),
        ItemKind::Background | ItemKind::Translation | ItemKind::EncryptionKey | ItemKind::Tag => None,
    }
}

fn kind_named(text: &str) -> Option<ItemKind> {
    match text {
        "logo" => Some(ItemKind::Logo),
        "avatar" => Some(ItemKind::Avatar),
        _ => None,
    }
}
