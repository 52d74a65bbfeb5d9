-- What a position belongs to. A generation begins when an operator has decided where to resume after
-- Kafka lost records that had landed; the position in force is the one with the highest generation,
-- and of these the highest next_offset. offset_base + next_offset is the record_offset of the next
-- row. last_offset and last_checksum recognise the record before the position; -1 is unknown.
ALTER TABLE landing_progress
    ADD COLUMN IF NOT EXISTS `generation` UInt32,
    ADD COLUMN IF NOT EXISTS `topic_id` String,
    ADD COLUMN IF NOT EXISTS `offset_base` UInt64,
    ADD COLUMN IF NOT EXISTS `last_offset` Int64 DEFAULT -1,
    ADD COLUMN IF NOT EXISTS `last_checksum` UInt64,
    MODIFY ORDER BY (`topic`, `partition`, `generation`);
