-- What companies have set for their calls. `document` is all of it as JSON.
CREATE TABLE video_companies (
    company  text   COLLATE "C" PRIMARY KEY,
    version  bigint NOT NULL CHECK (version > 0),
    document text   NOT NULL
);

-- What companies have uploaded: pictures, texts, keys, words.
CREATE TABLE video_items (
    company    text   COLLATE "C" NOT NULL,
    kind       text   COLLATE "C" NOT NULL
               CHECK (kind IN ('background', 'logo', 'avatar', 'translation', 'encryption_key', 'tag')),
    name       text   COLLATE "C" NOT NULL,
    created_ms bigint NOT NULL,
    media_type text   NOT NULL,
    bytes      bytea  NOT NULL,
    PRIMARY KEY (company, kind, name)
);

CREATE INDEX video_items_by_time ON video_items (company, kind, created_ms DESC, name);

CREATE TABLE video_webhooks (
    company    text     COLLATE "C" NOT NULL,
    id         text     COLLATE "C" NOT NULL,
    event      text     COLLATE "C" NOT NULL,
    url        text     NOT NULL,
    version    smallint NOT NULL CHECK (version IN (0, 1)),
    created_ms bigint   NOT NULL,
    PRIMARY KEY (company, id)
);

CREATE INDEX video_webhooks_by_event ON video_webhooks (company, event);

-- What is still to be told to whom.
CREATE TABLE video_deliveries (
    number   bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    company  text    COLLATE "C" NOT NULL,
    webhook  text    COLLATE "C" NOT NULL,
    room     text    COLLATE "C" NOT NULL,
    at_ms    bigint,
    due_ms   bigint  NOT NULL,
    attempts bigint  NOT NULL CHECK (attempts >= 0),
    document text    NOT NULL
);

CREATE INDEX video_deliveries_by_due ON video_deliveries (due_ms, number);
CREATE INDEX video_deliveries_in_order ON video_deliveries (company, webhook, room, number);

CREATE INDEX video_sessions_by_time ON video_sessions (opened_ms, id);
