-- The embedded video service. A user's role is 0 for basic and 1 for plus, so that it can only be raised with greatest().
CREATE TABLE video_users (
    company      text     COLLATE "C" NOT NULL,
    id           text     COLLATE "C" NOT NULL,
    role         smallint NOT NULL CHECK (role IN (0, 1)),
    allow_camera boolean  NOT NULL,
    active       boolean  NOT NULL,
    language     text,
    created_ms   bigint   NOT NULL,
    PRIMARY KEY (company, id)
);

-- Every key that was ever used. Without an id it was deleted before it had a room; without a document its room was deleted. Such
-- rows stay, so that a late call cannot make the room again.
CREATE TABLE video_rooms (
    company   text   COLLATE "C" NOT NULL,
    key       text   COLLATE "C" NOT NULL,
    id        text   COLLATE "C" UNIQUE,
    document  text,
    used_ms   bigint NOT NULL DEFAULT 0 CHECK (used_ms >= 0),
    closure   text   CHECK (closure IN ('disabled', 'time_up')),
    closed_ms bigint,
    PRIMARY KEY (company, key)
);

-- Whose link has this hash. The same hashes are in the rooms' documents, so no index by room is needed.
CREATE TABLE video_links (
    hash bytea PRIMARY KEY CHECK (length(hash) = 32),
    room text  NOT NULL,
    "user" text NOT NULL
);

CREATE TABLE video_sessions (
    id        text   COLLATE "C" PRIMARY KEY,
    room      text   NOT NULL,
    opened_ms bigint NOT NULL,
    ended_ms  bigint,
    document  text   NOT NULL
);

CREATE INDEX video_sessions_by_room ON video_sessions (room, opened_ms);
CREATE INDEX video_sessions_open ON video_sessions (id) WHERE ended_ms IS NULL;

CREATE TABLE video_connection_events (
    session text   COLLATE "C" NOT NULL,
    number  bigint NOT NULL,
    "user"  text   NOT NULL,
    kind    text   NOT NULL CHECK (kind IN ('user_connect', 'user_disconnect', 'user_crashed')),
    at_ms   bigint NOT NULL,
    PRIMARY KEY (session, number)
);
