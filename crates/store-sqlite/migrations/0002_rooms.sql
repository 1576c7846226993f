-- The embedded video service. A user's role is 0 for basic and 1 for plus, so that it can only be raised with max().
CREATE TABLE video_users (
    company      TEXT    NOT NULL,
    id           TEXT    NOT NULL,
    role         INTEGER NOT NULL CHECK (role IN (0, 1)),
    allow_camera INTEGER NOT NULL CHECK (allow_camera IN (0, 1)),
    active       INTEGER NOT NULL CHECK (active IN (0, 1)),
    language     TEXT,
    created_ms   INTEGER NOT NULL,
    PRIMARY KEY (company, id)
) STRICT, WITHOUT ROWID;

-- Every key that was ever used. Without an id it was deleted before it had a room; without a document its room was deleted. Such
-- rows stay, so that a late call cannot make the room again.
CREATE TABLE video_rooms (
    company   TEXT    NOT NULL,
    key       TEXT    NOT NULL,
    id        TEXT    UNIQUE,
    document  TEXT,
    used_ms   INTEGER NOT NULL DEFAULT 0 CHECK (used_ms >= 0),
    closure   TEXT    CHECK (closure IN ('disabled', 'time_up')),
    closed_ms INTEGER,
    PRIMARY KEY (company, key)
) STRICT;

-- Whose link has this hash. The same hashes are in the rooms' documents, so no index by room is needed.
CREATE TABLE video_links (
    hash BLOB NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    room TEXT NOT NULL,
    user TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE video_sessions (
    id        TEXT    NOT NULL PRIMARY KEY,
    room      TEXT    NOT NULL,
    opened_ms INTEGER NOT NULL,
    ended_ms  INTEGER,
    document  TEXT    NOT NULL
) STRICT;

CREATE INDEX video_sessions_by_room ON video_sessions (room, opened_ms);
CREATE INDEX video_sessions_open ON video_sessions (id) WHERE ended_ms IS NULL;

CREATE TABLE video_connection_events (
    session TEXT    NOT NULL,
    number  INTEGER NOT NULL,
    user    TEXT    NOT NULL,
    kind    TEXT    NOT NULL CHECK (kind IN ('user_connect', 'user_disconnect', 'user_crashed')),
    at_ms   INTEGER NOT NULL,
    PRIMARY KEY (session, number)
) STRICT, WITHOUT ROWID;
