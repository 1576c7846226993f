-- What companies have set for their calls. `document` is all of it as JSON.
CREATE TABLE video_companies (
    company  TEXT    NOT NULL PRIMARY KEY,
    version  INTEGER NOT NULL CHECK (version > 0),
    document TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

-- What companies have uploaded: pictures, texts, keys, words.
CREATE TABLE video_items (
    company    TEXT    NOT NULL,
    kind       TEXT    NOT NULL CHECK (kind IN ('background', 'logo', 'avatar', 'translation', 'encryption_key', 'tag')),
    name       TEXT    NOT NULL,
    created_ms INTEGER NOT NULL,
    media_type TEXT    NOT NULL,
    bytes      BLOB    NOT NULL,
    PRIMARY KEY (company, kind, name)
) STRICT;

CREATE INDEX video_items_by_time ON video_items (company, kind, created_ms DESC, name);

CREATE TABLE video_webhooks (
    company    TEXT    NOT NULL,
    id         TEXT    NOT NULL,
    event      TEXT    NOT NULL,
    url        TEXT    NOT NULL,
    version    INTEGER NOT NULL CHECK (version IN (0, 1)),
    created_ms INTEGER NOT NULL,
    PRIMARY KEY (company, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX video_webhooks_by_event ON video_webhooks (company, event);

-- What is still to be told to whom. Numbers are never used again.
CREATE TABLE video_deliveries (
    number   INTEGER PRIMARY KEY AUTOINCREMENT,
    company  TEXT    NOT NULL,
    webhook  TEXT    NOT NULL,
    room     TEXT    NOT NULL,
    at_ms    INTEGER,
    due_ms   INTEGER NOT NULL,
    attempts INTEGER NOT NULL CHECK (attempts >= 0),
    document TEXT    NOT NULL
) STRICT;

CREATE INDEX video_deliveries_by_due ON video_deliveries (due_ms, number);
CREATE INDEX video_deliveries_in_order ON video_deliveries (company, webhook, room, number);

CREATE INDEX video_sessions_by_time ON video_sessions (opened_ms, id);
