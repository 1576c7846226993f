//! [`BoardStore`] on SQLite.

use async_trait::async_trait;
use domain::RoomRef;
use ports::{
    content::{BoardId, BoardStore, Element, ElementId},
    teleconsultations::StoreError,
};
use rusqlite::{Connection, params};

use super::{person, require_room};
use crate::rooms::SqliteRooms;

#[async_trait]
impl BoardStore for SqliteRooms {
    async fn save_elements(&self, room: &RoomRef, board: &BoardId, elements: &[Element]) -> Result<(), StoreError> {
        const SAVE: &str = "INSERT INTO video_elements (room, board, id, author, version, nonce, body)
                            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                            ON CONFLICT (room, board, id) DO UPDATE SET author = excluded.author,
                            version = excluded.version, nonce = excluded.nonce, body = excluded.body";
        let (room, board, elements) = (room.clone(), board.clone(), elements.to_vec());
        let save = move |connection: &Connection| {
            require_room(connection, &room)?;
            let mut statement = connection.prepare_cached(SAVE)?;
            for element in &elements {
                statement.execute(params![
                    room.as_str(),
                    board.0,
                    element.id.0,
                    element.author.as_str(),
                    element.version,
                    element.nonce,
                    element.body,
                ])?;
            }
            Ok(())
        };
        self.database.write("drawing", save).await
    }

    async fn elements(&self, room: &RoomRef, board: &BoardId) -> Result<Vec<Element>, StoreError> {
        const ELEMENTS: &str = "SELECT id, author, version, nonce, body FROM video_elements
                                WHERE room = ?1 AND board = ?2 ORDER BY id";
        let read = |connection: &Connection| {
            let mut statement = connection.prepare_cached(ELEMENTS)?;
            let mut rows = statement.query([room.as_str(), board.0.as_str()])?;
            let mut elements = Vec::new();
            while let Some(row) = rows.next()? {
                elements.push(Element {
                    id: ElementId(row.get(0)?),
                    author: person(room.as_str(), row, 1)?,
                    version: row.get(2)?,
                    nonce: row.get(3)?,
                    body: row.get(4)?,
                });
            }
            Ok(elements)
        };
        self.database.read("reading a board", read).await
    }

    async fn boards(&self, room: &RoomRef) -> Result<Vec<BoardId>, StoreError> {
        const BOARDS: &str = "SELECT DISTINCT board FROM video_elements WHERE room = ?1 ORDER BY board";
        let read = |connection: &Connection| {
            let mut statement = connection.prepare_cached(BOARDS)?;
            let boards = statement.query_map([room.as_str()], |row| row.get(0).map(BoardId))?;
            Ok(boards.collect::<Result<_, _>>()?)
        };
        self.database.read("listing boards", read).await
    }

    async fn clear_board(&self, room: &RoomRef, board: &BoardId) -> Result<(), StoreError> {
        const CLEAR: &str = "DELETE FROM video_elements WHERE room = ?1 AND board = ?2";
        let (room, board) = (room.clone(), board.clone());
        let clear = move |connection: &Connection| {
            connection.prepare_cached(CLEAR)?.execute([room.as_str(), board.0.as_str()])?;
            Ok(())
        };
        self.database.write("clearing a board", clear).await
    }
}
