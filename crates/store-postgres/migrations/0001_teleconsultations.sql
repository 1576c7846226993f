-- The teleconsultations. `document` is the whole record as JSON, kept as text because texts in it may hold what jsonb refuses; the other
-- columns repeat what queries ask for.
CREATE TABLE teleconsultations (
    id       text   COLLATE "C" PRIMARY KEY,
    version  bigint NOT NULL CHECK (version > 0),
    state    text   NOT NULL CHECK (state IN ('pending', 'ready', 'trashed')),
    start_ms bigint NOT NULL,
    end_ms   bigint NOT NULL,
    document text   NOT NULL
);

-- Whose user at the video provider is whose.
CREATE TABLE provider_users (
    participant   text COLLATE "C" PRIMARY KEY,
    provider_user text NOT NULL
);

-- Rooms that must not outlive their use. A due moment is whole seconds since 1970 and the nanoseconds on top, of the same sign.
CREATE TABLE room_cleanups (
    room_key         text    COLLATE "C" PRIMARY KEY,
    room             text,
    teleconsultation text    NOT NULL,
    due_second       bigint  NOT NULL,
    due_nanosecond   integer NOT NULL,
    attempts         bigint  NOT NULL CHECK (attempts >= 0),
    begun            boolean NOT NULL
);

CREATE INDEX room_cleanups_by_due ON room_cleanups (due_second, due_nanosecond, room_key);

-- One row that is written to learn whether the database can be written.
CREATE TABLE heartbeat (
    only_one boolean PRIMARY KEY CHECK (only_one),
    beats    bigint  NOT NULL
);

INSERT INTO heartbeat (only_one, beats) VALUES (true, 0);
