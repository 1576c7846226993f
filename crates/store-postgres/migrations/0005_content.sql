-- What people leave in rooms. It is deleted in the write that deletes the room, but for files.
CREATE TABLE video_admissions (
    room   text   COLLATE "C" NOT NULL,
    "user" text   COLLATE "C" NOT NULL,
    at_ms  bigint NOT NULL,
    PRIMARY KEY (room, "user")
);

-- `waiting` is the person in the waiting room whom a message is to or from; without, it is for everybody.
CREATE TABLE video_messages (
    room    text   COLLATE "C" NOT NULL,
    number  bigint NOT NULL CHECK (number > 0),
    sender  text   COLLATE "C" NOT NULL,
    waiting text   COLLATE "C",
    text    text   NOT NULL,
    key     text   COLLATE "C",
    at_ms   bigint NOT NULL,
    PRIMARY KEY (room, number)
);

CREATE UNIQUE INDEX video_messages_by_key ON video_messages (room, sender, key) WHERE key IS NOT NULL;

CREATE TABLE video_elements (
    room    text   COLLATE "C" NOT NULL,
    board   text   COLLATE "C" NOT NULL,
    id      text   COLLATE "C" NOT NULL,
    author  text   NOT NULL,
    version bigint NOT NULL,
    nonce   bigint NOT NULL,
    body    text   NOT NULL,
    PRIMARY KEY (room, board, id)
);

-- `session` is empty where none was held.
CREATE TABLE video_ratings (
    room    text     COLLATE "C" NOT NULL,
    session text     COLLATE "C" NOT NULL,
    "user"  text     COLLATE "C" NOT NULL,
    stars   smallint NOT NULL,
    comment text,
    at_ms   bigint   NOT NULL,
    PRIMARY KEY (room, session, "user")
);

CREATE TABLE video_quality (
    room          text     COLLATE "C" NOT NULL,
    minute_ms     bigint   NOT NULL,
    "user"        text     COLLATE "C" NOT NULL,
    worst         smallint NOT NULL,
    round_trip_ms bigint,
    loss          bigint,
    uplink_kbps   bigint,
    downlink_kbps bigint,
    PRIMARY KEY (room, minute_ms, "user")
);

-- A deleted file stays until its bytes are removed, without its name.
CREATE TABLE video_files (
    id           text    COLLATE "C" PRIMARY KEY,
    room         text    COLLATE "C" NOT NULL,
    session      text,
    sender       text    NOT NULL,
    kind         text    NOT NULL CHECK (kind IN ('file', 'snapshot', 'board_image')),
    subject      text,
    name         text    NOT NULL,
    media_type   text    NOT NULL,
    size         bigint  NOT NULL CHECK (size >= 0),
    received     bigint  NOT NULL CHECK (received BETWEEN 0 AND size),
    begun_ms     bigint  NOT NULL,
    completed_ms bigint,
    deleted      boolean NOT NULL DEFAULT false
);

CREATE INDEX video_files_by_room ON video_files (room, begun_ms, id) WHERE NOT deleted;
CREATE INDEX video_files_by_time ON video_files (completed_ms, id) WHERE NOT deleted AND completed_ms IS NOT NULL;
CREATE INDEX video_files_to_remove ON video_files (id) WHERE deleted OR completed_ms IS NULL;
