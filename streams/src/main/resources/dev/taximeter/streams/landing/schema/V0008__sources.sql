-- Latest state of each source.
CREATE TABLE IF NOT EXISTS sources
(
    `host` LowCardinality(String),
    `path` String,
    `kind` LowCardinality(String),
    `status` LowCardinality(String),
    `first_seen` DateTime64(3, 'UTC'),
    `last_seen` DateTime64(3, 'UTC'),
    `last_line` DateTime64(3, 'UTC'),
    `lines` UInt64,
    `bytes` UInt64,
    `watermark` DateTime64(3, 'UTC'),
    `gaps` UInt64,
    `overlaps` UInt64,
    `reshipped_bytes` UInt64,
    `coverage_known` Bool,
    `record_partition` UInt16,
    `record_offset` UInt64
)
ENGINE = ReplacingMergeTree(`record_offset`)
ORDER BY (`host`, `path`)
SETTINGS non_replicated_deduplication_window = 1000;

-- Every gap that was ever named. One is still open if it came with its source's latest state: if
-- both have the same record_offset. `to` is 0 where the end is not known.
CREATE TABLE IF NOT EXISTS source_gaps
(
    `host` LowCardinality(String),
    `path` String,
    `file` String,
    `from` UInt64,
    `to` UInt64,
    `open_ended` Bool,
    `since` DateTime64(3, 'UTC'),
    `reason` LowCardinality(String),
    `record_partition` UInt16,
    `record_offset` UInt64
)
ENGINE = ReplacingMergeTree(`record_offset`)
ORDER BY (`host`, `path`, `file`, `from`)
SETTINGS non_replicated_deduplication_window = 1000;
