-- Whether the room may be deleted at any moment, so that no teleconsultation can take it any more.
ALTER TABLE room_cleanups ADD COLUMN begun INTEGER NOT NULL DEFAULT 0 CHECK (begun IN (0, 1));
