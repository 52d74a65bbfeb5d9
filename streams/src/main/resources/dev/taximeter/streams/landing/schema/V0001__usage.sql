-- Every table: record_partition and record_offset are those of the Kafka record. A row with the
-- same key and a higher offset replaces the earlier one; read with FINAL. Absent text is '', an
-- absent instant is 1970-01-01 00:00:00.

CREATE TABLE IF NOT EXISTS usage_events
(
    `id` UUID,
    `account` String CODEC(ZSTD(1)),
    `sequence` UInt64 CODEC(Delta, ZSTD(1)),
    `fate` LowCardinality(String),
    `key` LowCardinality(String),
    `key_fingerprint` LowCardinality(String),
    `key_last_four` LowCardinality(String),
    `model` LowCardinality(String),
    `input` UInt64 CODEC(T64, ZSTD(1)),
    `cached_input` UInt64 CODEC(T64, ZSTD(1)),
    `cache_write` UInt64 CODEC(T64, ZSTD(1)),
    `output` UInt64 CODEC(T64, ZSTD(1)),
    `reasoning` UInt64 CODEC(T64, ZSTD(1)),
    `completion` DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    `start` DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    `arrival` DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    `host` LowCardinality(String),
    `path` LowCardinality(String),
    `offset` Int64 CODEC(Delta, ZSTD(1)),
    `shipment` LowCardinality(String),
    `flags` Array(LowCardinality(String)),
    `currency` LowCardinality(String),
    `cost` Decimal(38, 12) CODEC(ZSTD(1)),
    `unpriced` Bool,
    `charges.token_class` Array(LowCardinality(String)),
    `charges.model` Array(LowCardinality(String)),
    `charges.price_version` Array(LowCardinality(String)),
    `charges.quantity` Array(UInt64),
    `charges.amount` Array(Decimal(38, 12)),
    `record_partition` UInt16 CODEC(ZSTD(1)),
    `record_offset` UInt64 CODEC(Delta, ZSTD(1)),
    INDEX landed `record_offset` TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(`record_offset`)
PARTITION BY toYYYYMM(`completion`)
ORDER BY (`account`, `completion`, `id`)
SETTINGS non_replicated_deduplication_window = 1000;

-- Usage of a key, and apart from it, without one, that of all keys together: never add both up.
-- The slice comes before the account, so that what many accounts used within an hour or a day, where
-- the edge of a question cuts one, lies together: no other part of the month is read for it.
CREATE TABLE IF NOT EXISTS usage_windows
(
    `account` String CODEC(ZSTD(1)),
    `key` LowCardinality(String),
    `of_all_keys` Bool,
    `model` LowCardinality(String),
    `granularity` LowCardinality(String),
    `start` DateTime('UTC') CODEC(Delta, ZSTD(1)),
    `slice` DateTime('UTC') MATERIALIZED multiIf(`granularity` = 'minute', toStartOfHour(`start`), `granularity` = 'hour', toStartOfDay(`start`), toDateTime(0, 'UTC')) CODEC(Delta, ZSTD(1)),
    `segment` UInt64 CODEC(Delta, ZSTD(1)),
    `sequence` UInt64 CODEC(Delta, ZSTD(1)),
    `requests` UInt64 CODEC(T64, ZSTD(1)),
    `input` UInt64 CODEC(T64, ZSTD(1)),
    `cached_input` UInt64 CODEC(T64, ZSTD(1)),
    `cache_write` UInt64 CODEC(T64, ZSTD(1)),
    `output` UInt64 CODEC(T64, ZSTD(1)),
    `reasoning` UInt64 CODEC(T64, ZSTD(1)),
    `currency` LowCardinality(String),
    `cost` Decimal(38, 12) CODEC(ZSTD(1)),
    `record_partition` UInt16 CODEC(ZSTD(1)),
    `record_offset` UInt64 CODEC(Delta, ZSTD(1)),
    INDEX landed `record_offset` TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(`record_offset`)
PARTITION BY toYYYYMM(`start`)
ORDER BY (`granularity`, `of_all_keys`, `slice`, `account`, `start`, `key`, `model`, `segment`)
SETTINGS non_replicated_deduplication_window = 1000;
