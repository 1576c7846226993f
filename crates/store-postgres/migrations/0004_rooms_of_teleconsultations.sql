-- The provider's name for the room that a teleconsultation has, to find it by.
ALTER TABLE teleconsultations ADD COLUMN room text COLLATE "C";

UPDATE teleconsultations SET room = document::json #>> '{stage,ready,room}' WHERE state = 'ready';

CREATE INDEX teleconsultations_by_room ON teleconsultations (room) WHERE room IS NOT NULL;
