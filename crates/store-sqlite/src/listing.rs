//! Lists of teleconsultations by when they begin. They are read from the file, past the records in memory, which one page of a list
//! would push out.

use domain::TeleconsultationId;
use ports::teleconsultations::{Listed, StartingBetween, Version};
use rusqlite::{Connection, params};
use store_document::{LinkSeal, ListedRow, listed};

use crate::Fault;

/// One more than the page, to know whether there is a next one. The empty text is before every id.
const LIST: &str = "SELECT id, start_ms, version, document FROM teleconsultations
                    WHERE state <> 'trashed' AND start_ms >= ?1 AND start_ms < ?2 AND (start_ms, id) > (?3, ?4)
                    ORDER BY start_ms, id LIMIT ?5";

pub(crate) fn starting_between(
    connection: &Connection,
    wanted: &StartingBetween,
    seal: &LinkSeal,
) -> Result<Listed, Fault> {
    let from = wanted.from.as_millisecond();
    let (after_ms, after_id) = match &wanted.after {
        Some(place) => (place.start.as_millisecond(), place.id.as_str()),
        None => (from, ""),
    };
    let mut statement = connection.prepare_cached(LIST)?;
    let mut rows =
        statement.query(params![from, wanted.to.as_millisecond(), after_ms, after_id, i64::from(wanted.page()) + 1])?;
    let mut read = Vec::new();
    while let Some(row) = rows.next()? {
        let id: String = row.get(0)?;
        let id = TeleconsultationId::parse(&id)
            .map_err(|_| Fault::Corrupt { what: "the id of a teleconsultation".to_owned() })?;
        read.push(ListedRow { id, start_ms: row.get(1)?, version: Version(row.get(2)?), document: row.get(3)? });
    }
    Ok(listed(read, wanted, seal))
}
