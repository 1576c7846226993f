-- What people leave in rooms. It is deleted in the write that deletes the room, but for files.
CREATE TABLE video_admissions (
    room  TEXT    NOT NULL,
    user  TEXT    NOT NULL,
    at_ms INTEGER NOT NULL,
    PRIMARY KEY (room, user)
) STRICT, WITHOUT ROWID;

-- `waiting` is the person in the waiting room whom a message is to or from; without, it is for everybody.
CREATE TABLE video_messages (
    room    TEXT    NOT NULL,
    number  INTEGER NOT NULL CHECK (number > 0),
    sender  TEXT    NOT NULL,
    waiting TEXT,
    text    TEXT    NOT NULL,
    key     TEXT,
    at_ms   INTEGER NOT NULL,
    PRIMARY KEY (room, number)
) STRICT;

CREATE UNIQUE INDEX video_messages_by_key ON video_messages (room, sender, key) WHERE key IS NOT NULL;

CREATE TABLE video_elements (
    room    TEXT    NOT NULL,
    board   TEXT    NOT NULL,
    id      TEXT    NOT NULL,
    author  TEXT    NOT NULL,
    version INTEGER NOT NULL,
    nonce   INTEGER NOT NULL,
    body    TEXT    NOT NULL,
    PRIMARY KEY (room, board, id)
) STRICT;

-- `session` is empty where none was held.
CREATE TABLE video_ratings (
    room    TEXT    NOT NULL,
    session TEXT    NOT NULL,
    user    TEXT    NOT NULL,
    stars   INTEGER NOT NULL,
    comment TEXT,
    at_ms   INTEGER NOT NULL,
    PRIMARY KEY (room, session, user)
) STRICT;

CREATE TABLE video_quality (
    room          TEXT    NOT NULL,
    minute_ms     INTEGER NOT NULL,
    user          TEXT    NOT NULL,
    worst         INTEGER NOT NULL,
    round_trip_ms INTEGER,
    loss          INTEGER,
    uplink_kbps   INTEGER,
    downlink_kbps INTEGER,
    PRIMARY KEY (room, minute_ms, user)
) STRICT, WITHOUT ROWID;

-- A deleted file stays until its bytes are removed, without its name.
CREATE TABLE video_files (
    id           TEXT    NOT NULL PRIMARY KEY,
    room         TEXT    NOT NULL,
    session      TEXT,
    sender       TEXT    NOT NULL,
    kind         TEXT    NOT NULL CHECK (kind IN ('file', 'snapshot', 'board_image')),
    subject      TEXT,
    name         TEXT    NOT NULL,
    media_type   TEXT    NOT NULL,
    size         INTEGER NOT NULL CHECK (size >= 0),
    received     INTEGER NOT NULL CHECK (received BETWEEN 0 AND size),
    begun_ms     INTEGER NOT NULL,
    completed_ms INTEGER,
    deleted      INTEGER NOT NULL DEFAULT 0 CHECK (deleted IN (0, 1))
) STRICT;

CREATE INDEX video_files_by_room ON video_files (room, begun_ms, id) WHERE deleted = 0;
CREATE INDEX video_files_by_time ON video_files (completed_ms, id) WHERE deleted = 0 AND completed_ms IS NOT NULL;
CREATE INDEX video_files_to_remove ON video_files (id) WHERE deleted = 1 OR completed_ms IS NULL;
