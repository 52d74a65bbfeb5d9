-- Thresholds of quotas that usage has reached, one row each, for ever.
CREATE TABLE IF NOT EXISTS alerts
(
    `id` UUID,
    `account` LowCardinality(String),
    `quota` LowCardinality(String),
    `metric` LowCardinality(String),
    `window` LowCardinality(String),
    `key` LowCardinality(String),
    `model` LowCardinality(String),
    `period` LowCardinality(String),
    `period_start` DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    `period_end` DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    `threshold` UInt16 CODEC(ZSTD(1)),
    `limit` Decimal(38, 12) CODEC(ZSTD(1)),
    `value` Decimal(38, 12) CODEC(ZSTD(1)),
    `currency` LowCardinality(String),
    `crossed_at` DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    `line` String CODEC(ZSTD(1)),
    `arrival` DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    `late` Bool,
    `sequence` UInt64 CODEC(ZSTD(1)),
    `decided_at` DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    `record_partition` UInt16 CODEC(ZSTD(1)),
    `record_offset` UInt64 CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(`record_offset`)
ORDER BY (`account`, `id`)
SETTINGS non_replicated_deduplication_window = 1000;
