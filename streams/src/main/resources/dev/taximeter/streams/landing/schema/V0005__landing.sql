-- Where landing resumes. The highest offset wins, so that a landing process that was suspended and
-- wakes up cannot move it back.
CREATE TABLE IF NOT EXISTS landing_progress
(
    `topic` LowCardinality(String),
    `partition` UInt16,
    `next_offset` UInt64
)
ENGINE = ReplacingMergeTree(`next_offset`)
ORDER BY (`topic`, `partition`);

-- Records that could not be landed: where they are and why, never what is in them. A range of
-- offsets that Kafka deleted before landing is one row, named by its first offset.
CREATE TABLE IF NOT EXISTS landing_rejects
(
    `topic` LowCardinality(String),
    `partition` UInt16,
    `offset` UInt64,
    `reason` String,
    `record_partition` UInt16,
    `record_offset` UInt64
)
ENGINE = ReplacingMergeTree(`record_offset`)
ORDER BY (`topic`, `partition`, `offset`)
SETTINGS non_replicated_deduplication_window = 1000;
