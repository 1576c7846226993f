//! Lists of teleconsultations by when they begin.

use deadpool_postgres::GenericClient;
use domain::TeleconsultationId;
use ports::teleconsultations::{Listed, StartingBetween, Version};
use store_document::{LinkSeal, ListedRow, listed};

use crate::Fault;

/// One more than the page, to know whether there is a next one. The empty text is before every id.
const LIST: &str = "SELECT id, start_ms, version, document FROM teleconsultations
                    WHERE state <> 'trashed' AND start_ms >= $1 AND start_ms < $2 AND (start_ms, id) > ($3, $4)
                    ORDER BY start_ms, id LIMIT $5";

pub(crate) async fn starting_between(
    client: &impl GenericClient,
    wanted: &StartingBetween,
    seal: &LinkSeal,
) -> Result<Listed, Fault> {
    let corrupt = |what: &str| Fault::Corrupt { what: what.to_owned() };
    let (from, to) = (wanted.from.as_millisecond(), wanted.to.as_millisecond());
    let (after_ms, after_id) = match &wanted.after {
        Some(place) => (place.start.as_millisecond(), place.id.as_str()),
        None => (from, ""),
    };
    let count = i64::from(wanted.page()) + 1;
    let statement = client.prepare_cached(LIST).await?;
    let mut read = Vec::new();
    for row in client.query(&statement, &[&from, &to, &after_ms, &after_id, &count]).await? {
        let id = TeleconsultationId::parse(row.try_get(0)?).map_err(|_| corrupt("the id of a teleconsultation"))?;
        let version: i64 = row.try_get(2)?;
        let version = u64::try_from(version).map_err(|_| corrupt("the version of a teleconsultation"))?;
        read.push(ListedRow { id, start_ms: row.try_get(1)?, version: Version(version), document: row.try_get(3)? });
    }
    Ok(listed(read, wanted, seal))
}
