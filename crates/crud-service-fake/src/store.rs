//! The collections and their documents.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::{
    Collection, State,
    collection::IdKind,
    commands::Commands,
    filter::{self, Filter},
    moment,
    query::Query,
    refusal::Refusal,
    values,
};

/// Who asks, and when.
pub(crate) struct Context {
    pub(crate) user: String,
    pub(crate) now: Timestamp,
}

type Document = Map<String, Value>;

pub(crate) struct Store {
    collections: Vec<(Collection, Vec<Document>)>,
    inserted: u64,
}

impl Store {
    pub(crate) fn new(collections: Vec<Collection>) -> Self {
        Self { collections: collections.into_iter().map(|collection| (collection, Vec::new())).collect(), inserted: 0 }
    }

    pub(crate) fn documents(&self, path: &str) -> Vec<Value> {
        let found = self.collections.iter().find(|(collection, _)| collection.path == path);
        found.into_iter().flat_map(|(_, documents)| documents.iter().cloned().map(Value::Object)).collect()
    }

    pub(crate) fn plant(&mut self, path: &str, document: Value) {
        if let (Ok((_, documents)), Value::Object(document)) = (self.open(path), document) {
            documents.push(document);
        }
    }

    pub(crate) fn collection(&self, path: &str) -> Result<&Collection, Refusal> {
        let found = self.collections.iter().find(|(collection, _)| collection.path == path);
        found.map(|(collection, _)| collection).ok_or_else(Refusal::not_found)
    }

    fn open(&mut self, path: &str) -> Result<(&Collection, &mut Vec<Document>), Refusal> {
        let found = self.collections.iter_mut().find(|(collection, _)| collection.path == path);
        found.map(|(collection, documents)| (&*collection, documents)).ok_or_else(Refusal::not_found)
    }

    pub(crate) fn insert(&mut self, path: &str, body: &Value, context: &Context) -> Result<Value, Refusal> {
        self.inserted += 1;
        let (seconds, number) = (u32::try_from(context.now.as_second()).unwrap_or(0), self.inserted);
        let (collection, documents) = self.open(path)?;
        let id = match collection.id_kind {
            IdKind::ObjectId => format!("{seconds:08x}{number:016x}"),
            // Of version 4 by its look; the newest does not sort last.
            IdKind::Uuid => format!("{:08x}-0000-4000-8000-{number:012x}", u32::MAX - seconds),
        };
        let mut document = values::document(collection, body)?;
        document.entry("__STATE__").or_insert_with(|| Value::from(collection.default_state.as_str()));
        let now = moment::text(context.now);
        for (name, value) in [
            ("_id", id.as_str()),
            ("creatorId", context.user.as_str()),
            ("updaterId", context.user.as_str()),
            ("createdAt", now.as_str()),
            ("updatedAt", now.as_str()),
        ] {
            document.insert(name.to_owned(), Value::from(value));
        }
        documents.push(document);
        Ok(json!({ "_id": id }))
    }

    pub(crate) fn list(&mut self, path: &str, query: &Query) -> Result<Value, Refusal> {
        let (_, documents) = self.open(path)?;
        let mut found: Vec<_> = documents.iter().filter(|document| is_asked_for(document, query)).collect();
        // Stable, so the last key first.
        for (name, downwards) in query.sort.iter().rev() {
            found.sort_by(|a, b| {
                let (a, b) = (a.get(name).unwrap_or(&Value::Null), b.get(name).unwrap_or(&Value::Null));
                let order = filter::order(a, b).unwrap_or_else(|| (!a.is_null()).cmp(&!b.is_null()));
                if *downwards { order.reverse() } else { order }
            });
        }
        let page = found.into_iter().skip(query.skip).take(query.limit);
        Ok(Value::Array(page.map(|document| projected(document, query)).collect()))
    }

    pub(crate) fn count(&mut self, path: &str, query: &Query) -> Result<Value, Refusal> {
        let (_, documents) = self.open(path)?;
        Ok(Value::from(documents.iter().filter(|document| is_asked_for(document, query)).count()))
    }

    pub(crate) fn read(&mut self, path: &str, id: &str, query: &Query) -> Result<Value, Refusal> {
        let (_, documents) = self.open(path)?;
        let found = documents.iter().find(|document| has_id(document, id) && is_asked_for(document, query));
        found.map(|document| projected(document, query)).ok_or_else(Refusal::not_found)
    }

    pub(crate) fn patch(
        &mut self,
        path: &str,
        id: &str,
        query: &Query,
        body: &Value,
        context: &Context,
    ) -> Result<Value, Refusal> {
        let (collection, documents) = self.open(path)?;
        let commands = Commands::parse(collection, body)?;
        let found = documents.iter_mut().find(|document| has_id(document, id) && is_asked_for(document, query));
        let document = found.ok_or_else(Refusal::not_found)?;
        commands.apply(document);
        touch(document, context);
        Ok(Value::Object(document.clone()))
    }

    pub(crate) fn delete(&mut self, path: &str, id: &str, query: &Query) -> Result<(), Refusal> {
        let (_, documents) = self.open(path)?;
        let place = documents.iter().position(|document| has_id(document, id) && is_asked_for(document, query));
        documents.remove(place.ok_or_else(Refusal::not_found)?);
        Ok(())
    }

    pub(crate) fn change_state(
        &mut self,
        path: &str,
        id: &str,
        filter: &Filter,
        body: &Value,
        context: &Context,
    ) -> Result<(), Refusal> {
        let to = body["stateTo"].as_str().and_then(State::parse);
        let to = to.ok_or_else(|| Refusal::invalid("body/stateTo must be equal to one of the allowed values"))?;
        let (_, documents) = self.open(path)?;
        let found = documents.iter_mut().find(|document| has_id(document, id) && filter.matches(document));
        let document = found.ok_or_else(Refusal::not_found)?;
        if let Some(from) = state(document)
            && !from.may_become(to)
        {
            let (from, to) = (from.as_str(), to.as_str());
            return Err(Refusal::bad_request(format!("transition from {from} to {to} not allowed.")));
        }
        document.insert("__STATE__".to_owned(), Value::from(to.as_str()));
        touch(document, context);
        Ok(())
    }
}

fn touch(document: &mut Document, context: &Context) {
    document.insert("updaterId".to_owned(), Value::from(context.user.as_str()));
    document.insert("updatedAt".to_owned(), Value::from(moment::text(context.now)));
}

fn state(document: &Document) -> Option<State> {
    document.get("__STATE__").and_then(Value::as_str).and_then(State::parse)
}

fn has_id(document: &Document, id: &str) -> bool {
    document.get("_id").and_then(Value::as_str) == Some(id)
}

fn is_asked_for(document: &Document, query: &Query) -> bool {
    state(document).is_some_and(|state| query.states.contains(&state)) && query.filter.matches(document)
}

fn projected(document: &Document, query: &Query) -> Value {
    let wanted = |name: &String| query.projection.is_empty() || name == "_id" || query.projection.contains(name);
    Value::Object(document.iter().filter(|(name, _)| wanted(name)).map(|(n, v)| (n.clone(), v.clone())).collect())
}
