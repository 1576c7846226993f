//! The user-id map (`teleconsultation-service.md` §10.2).
//!
//! It has no unique index, so two who meet somebody at the same moment both add them. Then the oldest entry holds, for everybody who
//! reads after both were written; whoever added one reads again before using it.

use std::{collections::BTreeMap, ops::Range};

use domain::{ParticipantId, ProviderUserId};
use form_urlencoded::byte_serialize;
use platform::PlatformError;
use serde_json::{Value, json};

use crate::{
    collection::{Collection, PAGE_MAX, State, Wanted},
    columns::MapColumns,
};

/// How many ids are asked for at once: the longest list of a teleconsultation.
const IDS_AT_ONCE_MAX: usize = 25;

/// How long the ids of one call may be in its address, in bytes. They are in it twice if a map has two columns for them, and an address
/// of more than 8 kB may be refused on the way.
const ADDRESS_IDS_MAX: usize = 3000;

const READING: &str = "read the user-id map";

fn public(filter: Value) -> Wanted<'static> {
    Wanted { states: &[State::Public], filter: Some(filter) }
}

/// Those of `ids` who are in the map.
pub(crate) async fn of(
    collection: &Collection,
    columns: MapColumns,
    ids: &[&ParticipantId],
) -> Result<BTreeMap<ParticipantId, ProviderUserId>, PlatformError> {
    let texts: Vec<_> = ids.iter().map(|id| id.as_str()).collect();
    let mut users = BTreeMap::new();
    for part in parts(&texts) {
        let (ids, texts) = (&ids[part.clone()], &texts[part]);
        let entries = entries(collection, columns.filter(texts), PAGE_MAX).await?;
        let is_cut = entries.len() >= PAGE_MAX;
        for (id, user) in read(columns, entries) {
            // What cannot be read was never of use to anybody.
            if ids.contains(&&id) {
                users.entry(id).or_insert(user);
            }
        }
        if is_cut {
            // Somebody with very many entries can hide the others.
            for id in ids.iter().filter(|id| !users.contains_key(**id)).copied().collect::<Vec<_>>() {
                let oldest = self::entries(collection, columns.filter(&[id.as_str()]), 1).await?;
                users.extend(read(columns, oldest).filter(|(found, _)| found == id));
            }
        }
    }
    Ok(users)
}

/// Whose users these are.
pub(crate) async fn names(
    collection: &Collection,
    columns: MapColumns,
    users: &[ProviderUserId],
) -> Result<BTreeMap<ProviderUserId, ParticipantId>, PlatformError> {
    let texts: Vec<_> = users.iter().map(ProviderUserId::as_str).collect();
    let mut names = BTreeMap::new();
    for part in parts(&texts) {
        let entries = entries(collection, json!({"bandyerId": {"$in": texts[part]}}), PAGE_MAX).await?;
        for (id, user) in read(columns, entries) {
            names.entry(user).or_insert(id);
        }
    }
    Ok(names)
}

/// Adds whoever is not in the map, and returns the users in force.
pub(crate) async fn remember(
    collection: &Collection,
    columns: MapColumns,
    users: &BTreeMap<ParticipantId, ProviderUserId>,
) -> Result<BTreeMap<ParticipantId, ProviderUserId>, PlatformError> {
    let ids: Vec<_> = users.keys().collect();
    let known = of(collection, columns, &ids).await?;
    let mut added = false;
    for (id, user) in users.iter().filter(|(id, _)| !known.contains_key(*id)) {
        let mut entry = columns.entry(id.as_str());
        entry.insert("bandyerId".to_owned(), json!(user.as_str()));
        entry.insert("__STATE__".to_owned(), json!(State::Public.as_str()));
        match collection.insert("add to the user-id map", Value::Object(entry)).await {
            Ok(_) => {}
            // A map that does have a unique index: somebody else was faster.
            Err(error) if error.status() == Some(409) => {}
            Err(error) => return Err(error),
        }
        added = true;
    }
    if !added {
        return Ok(known);
    }
    let mut in_force = of(collection, columns, &ids).await?;
    for (id, user) in users {
        // Written and not found: a read that lags behind the write. What was written holds as soon as it is seen.
        in_force.entry(id.clone()).or_insert_with(|| user.clone());
    }
    Ok(in_force)
}

/// The entries that a filter matches, the oldest first: by when they were added, and by their ids where that is the same, an order on
/// which everybody agrees.
async fn entries(collection: &Collection, filter: Value, limit: usize) -> Result<Vec<Value>, PlatformError> {
    let mut entries = collection.list(READING, &public(filter), "createdAt,_id", limit).await?;
    let text = |value: &Value| value.as_str().map(str::to_owned);
    entries.sort_by_cached_key(|entry| (text(&entry["createdAt"]), text(&entry["_id"])));
    Ok(entries)
}

fn read(columns: MapColumns, entries: Vec<Value>) -> impl Iterator<Item = (ParticipantId, ProviderUserId)> {
    entries.into_iter().filter_map(move |entry| {
        let id = ParticipantId::parse(columns.id(&entry)?).ok()?;
        let user = ProviderUserId::parse(entry["bandyerId"].as_str()?).ok()?;
        Some((id, user))
    })
}

/// Ranges of ids that fit into one call's address each.
fn parts(ids: &[&str]) -> Vec<Range<usize>> {
    let mut parts: Vec<Range<usize>> = Vec::new();
    let mut len = 0;
    for (place, id) in ids.iter().enumerate() {
        // As in a filter: quoted, with a comma, and escaped.
        let id_len: usize = byte_serialize(json!([id]).to_string().as_bytes()).map(str::len).sum();
        match parts.last_mut() {
            Some(part) if part.len() < IDS_AT_ONCE_MAX && len + id_len <= ADDRESS_IDS_MAX => {
                part.end = place + 1;
                len += id_len;
            }
            Some(_) | None => {
                parts.push(place..place + 1);
                len = id_len;
            }
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_is_asked_for_once_in_addresses_that_are_not_too_long() {
        assert_eq!(parts(&[]), []);
        let short = vec!["auth0|1"; 60];
        assert_eq!(parts(&short), [0..25, 25..50, 50..60]);
        let widest = "è".repeat(ParticipantId::LEN_MAX / 2);
        assert_eq!(parts(&[&*widest; 5]), [0..3, 3..5]);
    }
}
