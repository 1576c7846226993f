-- The teleconsultations. `document` is the whole record as JSON; the other columns repeat what queries ask for.
CREATE TABLE teleconsultations (
    id       TEXT    NOT NULL PRIMARY KEY,
    version  INTEGER NOT NULL CHECK (version > 0),
    state    TEXT    NOT NULL CHECK (state IN ('pending', 'ready', 'trashed')),
    start_ms INTEGER NOT NULL,
    end_ms   INTEGER NOT NULL,
    document TEXT    NOT NULL
) STRICT;

-- Whose user at the video provider is whose.
CREATE TABLE provider_users (
    participant   TEXT NOT NULL PRIMARY KEY,
    provider_user TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Rooms that must not outlive their use. A due moment is whole seconds since 1970 and the nanoseconds on top, of the same sign.
CREATE TABLE room_cleanups (
    room_key         TEXT    NOT NULL PRIMARY KEY,
    room             TEXT,
    teleconsultation TEXT    NOT NULL,
    due_second       INTEGER NOT NULL,
    due_nanosecond   INTEGER NOT NULL,
    attempts         INTEGER NOT NULL CHECK (attempts >= 0)
) STRICT, WITHOUT ROWID;

CREATE INDEX room_cleanups_by_due ON room_cleanups (due_second, due_nanosecond);

-- One row that is written to learn whether the database can be written.
CREATE TABLE heartbeat (
    only  INTEGER NOT NULL PRIMARY KEY CHECK (only = 1),
    beats INTEGER NOT NULL
) STRICT;

INSERT INTO heartbeat (only, beats) VALUES (1, 0);
