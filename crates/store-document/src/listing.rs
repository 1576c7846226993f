//! From the rows of a list to the page that a store gives.

use domain::TeleconsultationId;
use jiff::Timestamp;
use ports::teleconsultations::{ListPlace, Listed, StartingBetween, Version};

use crate::{LinkSeal, decode_teleconsultation};

/// One row of a list, as it lies in the database.
pub struct ListedRow {
    /// The row's key.
    pub id: TeleconsultationId,
    /// When it begins, in milliseconds since 1970.
    pub start_ms: i64,
    /// The record's version.
    pub version: Version,
    /// The record.
    pub document: String,
}

/// The page of these rows, of which there is one too many if there is a next page. What cannot be read is logged and counted.
pub fn listed(mut rows: Vec<ListedRow>, wanted: &StartingBetween, seal: &LinkSeal) -> Listed {
    let page = usize::try_from(wanted.page()).unwrap_or(usize::MAX);
    let has_next = rows.len() > page;
    rows.truncate(page);
    let last = rows.last().map(|row| ListPlace {
        start: Timestamp::from_millisecond(row.start_ms).unwrap_or(wanted.from),
        id: row.id.clone(),
    });
    let mut listed = Listed { teleconsultations: Vec::with_capacity(rows.len()), next: None, unreadable: 0 };
    listed.next = last.filter(|_| has_next);
    for ListedRow { id, version, document, start_ms: _ } in rows {
        match decode_teleconsultation(id, &document, seal) {
            Ok(teleconsultation) => listed.teleconsultations.push((teleconsultation, version)),
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "a record is left out of a list");
                listed.unreadable += 1;
            }
        }
    }
    listed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_record_hides_no_other_and_is_counted() {
        let seal = LinkSeal::new(&[7; 32]);
        let start: Timestamp = "2026-01-01T10:00:00Z".parse().unwrap();
        let row = |number: u8, document: &str| ListedRow {
            id: TeleconsultationId::new(start, [number; 8]),
            start_ms: start.as_millisecond(),
            version: Version(1),
            document: document.to_owned(),
        };
        let whole = r#"{"start":"2026-01-01T10:00:00Z","length":{"for":[1800,0]},"stage":"pending","expected":2,"participants":[]}"#;
        let wanted = StartingBetween { from: start, to: Timestamp::MAX, after: None, limit: 2 };
        let listed = listed(vec![row(1, "{"), row(2, whole), row(3, whole)], &wanted, &seal);
        assert_eq!((listed.teleconsultations.len(), listed.unreadable), (1, 1));
        assert_eq!(listed.next, Some(ListPlace { start, id: TeleconsultationId::new(start, [2; 8]) }));
    }
}
