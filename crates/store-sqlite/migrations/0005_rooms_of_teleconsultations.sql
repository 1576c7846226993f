-- The provider's name for the room that a teleconsultation has, to find it by.
ALTER TABLE teleconsultations ADD COLUMN room TEXT;

UPDATE teleconsultations
SET room = CASE WHEN json_valid(document) THEN json_extract(document, '$.stage.ready.room') END
WHERE state = 'ready';

CREATE INDEX teleconsultations_by_room ON teleconsultations (room) WHERE room IS NOT NULL;
