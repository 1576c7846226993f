-- To list teleconsultations in the order in which they begin.
CREATE INDEX teleconsultations_by_start ON teleconsultations (start_ms, id) WHERE state <> 'trashed';
