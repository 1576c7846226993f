//! Lists of teleconsultations by when they begin. One that does not say when is in none.

use domain::TeleconsultationId;
use jiff::Timestamp;
use ports::teleconsultations::{ListPlace, StartingBetween};
use serde_json::{Value, json};

use crate::document;

/// The order of lists.
pub(crate) const ORDER: &str = "startDate,_id";

/// The filter that those wanted match.
pub(crate) fn filter(wanted: &StartingBetween) -> Value {
    let mut filter = json!({"startDate": {"$gte": document::text(wanted.from), "$lt": document::text(wanted.to)}});
    if let Some(ListPlace { start, id }) = &wanted.after {
        let start = document::text(*start);
        filter["$or"] = json!([
            {"startDate": {"$gt": start}},
            {"startDate": {"$eq": start}, "_id": {"$gt": id.as_str()}},
        ]);
    }
    filter
}

/// Where a document is listed, whatever is in it. A list cannot go on after one that does not say.
pub(crate) fn place(document: &Value) -> Option<ListPlace> {
    let id = TeleconsultationId::parse(document["_id"].as_str()?).ok()?;
    let start: Timestamp = document["startDate"].as_str()?.parse().ok()?;
    Some(ListPlace { start, id })
}
