-- Every request to change something, with what came of it: the later of its two records replaces the
-- attempt. `commands` is JSON. Kept for three years.
CREATE TABLE IF NOT EXISTS audit_log
(
    `id` UUID,
    `at` DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    `token` LowCardinality(String),
    `author` LowCardinality(String),
    `role` LowCardinality(String),
    `account` LowCardinality(String),
    `address` LowCardinality(String),
    `method` LowCardinality(String),
    `route` LowCardinality(String),
    `path` String CODEC(ZSTD(1)),
    `outcome` LowCardinality(String),
    `status` UInt16 CODEC(ZSTD(1)),
    `problem` LowCardinality(String),
    `detail` String CODEC(ZSTD(1)),
    `commands` String CODEC(ZSTD(1)),
    `record_partition` UInt16 CODEC(ZSTD(1)),
    `record_offset` UInt64 CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(`record_offset`)
PARTITION BY toYYYYMM(`at`)
ORDER BY (`at`, `id`)
TTL toDateTime(`at`) + INTERVAL 3 YEAR
SETTINGS non_replicated_deduplication_window = 1000;
