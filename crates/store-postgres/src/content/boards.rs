//! [`BoardStore`] on PostgreSQL.

use std::collections::BTreeMap;

use async_trait::async_trait;
use domain::RoomRef;
use ports::{
    content::{BoardId, BoardStore, Element, ElementId},
    teleconsultations::StoreError,
};
use tokio_postgres::types::ToSql;

use super::{as_stored, number, person, require_room};
use crate::{
    database::{read, write},
    rooms::PostgresRooms,
};

#[async_trait]
impl BoardStore for PostgresRooms {
    async fn save_elements(&self, room: &RoomRef, board: &BoardId, elements: &[Element]) -> Result<(), StoreError> {
        const SAVE: &str = "INSERT INTO video_elements (room, board, id, author, version, nonce, body)
                            SELECT $1, $2, id, author, version, nonce, body
                            FROM unnest($3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::text[])
                                 AS element (id, author, version, nonce, body)
                            ON CONFLICT (room, board, id) DO UPDATE SET author = excluded.author,
                            version = excluded.version, nonce = excluded.nonce, body = excluded.body";
        // Each once, the last of its id, because a statement cannot change a row twice; and in the order of their ids, so that two who
        // write the same ones do not wait for each other.
        let once: BTreeMap<_, _> = elements.iter().map(|element| (&element.id, element)).collect();
        let ids: Vec<_> = once.keys().map(|id| id.0.as_str()).collect();
        let authors: Vec<_> = once.values().map(|element| element.author.as_str()).collect();
        let versions: Vec<_> = once.values().map(|element| as_stored(element.version)).collect();
        let nonces: Vec<_> = once.values().map(|element| as_stored(element.nonce)).collect();
        let bodies: Vec<_> = once.values().map(|element| element.body.as_str()).collect();
        write!(self.database, "drawing", |transaction| {
            require_room(transaction, room).await?;
            let statement = transaction.prepare_cached(SAVE).await?;
            let values: [&(dyn ToSql + Sync); 7] =
                [&room.as_str(), &board.0, &ids, &authors, &versions, &nonces, &bodies];
            transaction.execute(&statement, &values).await?;
            Ok(())
        })
    }

    async fn elements(&self, room: &RoomRef, board: &BoardId) -> Result<Vec<Element>, StoreError> {
        const ELEMENTS: &str = "SELECT id, author, version, nonce, body FROM video_elements
                                WHERE room = $1 AND board = $2 ORDER BY id";
        read!(self.database, "reading a board", |client| {
            let statement = client.prepare_cached(ELEMENTS).await?;
            let rows = client.query(&statement, &[&room.as_str(), &board.0]).await?;
            let mut elements = Vec::with_capacity(rows.len());
            for row in &rows {
                elements.push(Element {
                    id: ElementId(row.try_get(0)?),
                    author: person(room.as_str(), row, 1)?,
                    version: number(room.as_str(), row, 2)?,
                    nonce: number(room.as_str(), row, 3)?,
                    body: row.try_get(4)?,
                });
            }
            Ok(elements)
        })
    }

    async fn boards(&self, room: &RoomRef) -> Result<Vec<BoardId>, StoreError> {
        const BOARDS: &str = "SELECT DISTINCT board FROM video_elements WHERE room = $1 ORDER BY board";
        read!(self.database, "listing boards", |client| {
            let statement = client.prepare_cached(BOARDS).await?;
            let rows = client.query(&statement, &[&room.as_str()]).await?;
            Ok(rows.iter().map(|row| row.try_get(0).map(BoardId)).collect::<Result<_, _>>()?)
        })
    }

    async fn clear_board(&self, room: &RoomRef, board: &BoardId) -> Result<(), StoreError> {
        const CLEAR: &str = "DELETE FROM video_elements WHERE room = $1 AND board = $2";
        write!(self.database, "clearing a board", |transaction| {
            let statement = transaction.prepare_cached(CLEAR).await?;
            transaction.execute(&statement, &[&room.as_str(), &board.0]).await?;
            Ok(())
        })
    }
}
