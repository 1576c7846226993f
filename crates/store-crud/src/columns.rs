//! Which optional columns a collection has (`teleconsultation-service.md` §10): writing one that it lacks is refused.

use platform::PlatformError;
use serde_json::{Map, Value, json};

use crate::collection::Collection;

/// The optional columns of the collection of teleconsultations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Columns {
    pub(crate) state: bool,
    pub(crate) duration: bool,
    pub(crate) end: bool,
}

impl Columns {
    /// Those of a service that does not tell: `endDate` is in every version's documentation since 1.2.
    pub(crate) const ASSUMED: Self = Self { state: false, duration: false, end: true };

    /// `None` from a service that does not tell.
    pub(crate) async fn read(collection: &Collection) -> Result<Option<Self>, PlatformError> {
        Ok(told(collection.schema().await?, "participants")?.map(|schema| Self {
            state: has(&schema, "teleconsultationState"),
            duration: has(&schema, "duration"),
            end: has(&schema, "endDate"),
        }))
    }
}

/// The columns of the user-id map: what is now `receivedUserId` was `auth0Id` before version 1.2 of the replaced service (§10.3), and a
/// collection may have either or both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MapColumns {
    received: bool,
    auth0: bool,
    auth0_required: bool,
}

const RECEIVED: &str = "receivedUserId";
const AUTH0: &str = "auth0Id";

impl MapColumns {
    /// Those of a service that does not tell.
    pub(crate) const ASSUMED: Self = Self { received: true, auth0: false, auth0_required: false };

    /// `None` from a service that does not tell.
    pub(crate) async fn read(collection: &Collection) -> Result<Option<Self>, PlatformError> {
        Ok(told(collection.schema().await?, "bandyerId")?.map(|schema| {
            let auth0 = has(&schema, AUTH0);
            let required = schema["required"].as_array().is_some_and(|names| names.contains(&json!(AUTH0)));
            Self { received: has(&schema, RECEIVED) || !auth0, auth0, auth0_required: auth0 && required }
        }))
    }

    /// The filter that the entries of these people match.
    pub(crate) fn filter(self, ids: &[&str]) -> Value {
        let any = self.names().map(|name| json!({ name: {"$in": ids} }));
        let mut any: Vec<Value> = any.collect();
        if any.len() == 1 { any.swap_remove(0) } else { json!({ "$or": any }) }
    }

    /// The caller's id in an entry.
    pub(crate) fn id(self, entry: &Value) -> Option<&str> {
        self.names().filter_map(|name| entry[name].as_str()).find(|text| !text.is_empty())
    }

    /// A new entry with the caller's id in its place.
    pub(crate) fn entry(self, id: &str) -> Map<String, Value> {
        let mut entry = Map::new();
        for (name, is_written) in [(RECEIVED, self.received), (AUTH0, !self.received || self.auth0_required)] {
            if is_written {
                entry.insert(name.to_owned(), json!(id));
            }
        }
        entry
    }

    /// The columns that may have it, the one that counts first.
    fn names(self) -> impl Iterator<Item = &'static str> {
        [(RECEIVED, self.received), (AUTH0, self.auth0)].into_iter().filter_map(|(name, has)| has.then_some(name))
    }
}

/// The schema, unless it is of something else: it must have this column, without which there is no such collection. Columns that are
/// taken for missing would be left unwritten.
fn told(schema: Option<Value>, column: &str) -> Result<Option<Value>, PlatformError> {
    match schema {
        Some(schema) if !has(&schema, column) => Err(PlatformError::Unexpected {
            service: "the CRUD Service",
            doing: "tell a collection's columns",
            oddity: format!("no column {column}"),
        }),
        schema => Ok(schema),
    }
}

fn has(schema: &Value, column: &str) -> bool {
    schema["properties"].get(column).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEW: MapColumns = MapColumns::ASSUMED;
    const OLD: MapColumns = MapColumns { received: false, auth0: true, auth0_required: true };
    const BOTH: MapColumns = MapColumns { received: true, auth0: true, auth0_required: true };

    #[test]
    fn people_are_asked_for_by_the_columns_that_there_are() {
        assert_eq!(NEW.filter(&["a"]), json!({"receivedUserId": {"$in": ["a"]}}));
        assert_eq!(OLD.filter(&["a"]), json!({"auth0Id": {"$in": ["a"]}}));
        let both = json!({"$or": [{"receivedUserId": {"$in": ["a"]}}, {"auth0Id": {"$in": ["a"]}}]});
        assert_eq!(BOTH.filter(&["a"]), both);
    }

    #[test]
    fn the_new_column_counts_where_both_say_something() {
        assert_eq!(BOTH.id(&json!({"receivedUserId": "new", "auth0Id": "old"})), Some("new"));
        assert_eq!(BOTH.id(&json!({"receivedUserId": "", "auth0Id": "old"})), Some("old"));
        assert_eq!(BOTH.id(&json!({"receivedUserId": null})), None);
        assert_eq!(OLD.id(&json!({"receivedUserId": "new", "auth0Id": "old"})), Some("old"));
    }

    #[test]
    fn an_entry_has_what_its_collection_requires_and_nothing_that_it_lacks() {
        let written = |columns: MapColumns| Value::Object(columns.entry("a"));
        assert_eq!(written(NEW), json!({"receivedUserId": "a"}));
        assert_eq!(written(OLD), json!({"auth0Id": "a"}));
        assert_eq!(written(BOTH), json!({"receivedUserId": "a", "auth0Id": "a"}));
        let optional = MapColumns { auth0_required: false, ..BOTH };
        assert_eq!(written(optional), json!({"receivedUserId": "a"}));
    }
}
