-- Lines that did not become usage. They have no key of their own (a line may be a duplicate many
-- times), hence the record's position.
CREATE TABLE IF NOT EXISTS line_fates
(
    `id` UUID,
    `fate` LowCardinality(String),
    `reason` LowCardinality(String),
    `leakage` Bool,
    `key_fingerprint` LowCardinality(String),
    `model` LowCardinality(String),
    `completion` DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    `arrival` DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    `host` LowCardinality(String),
    `path` LowCardinality(String),
    `offset` Int64 CODEC(Delta, ZSTD(1)),
    `shipment` LowCardinality(String),
    `record_partition` UInt16 CODEC(ZSTD(1)),
    `record_offset` UInt64 CODEC(Delta, ZSTD(1)),
    INDEX landed `record_offset` TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(`record_offset`)
PARTITION BY toYYYYMM(`arrival`)
ORDER BY (`arrival`, `record_partition`, `record_offset`)
SETTINGS non_replicated_deduplication_window = 1000;

-- Conservation counters, cumulative within their key: add over writers.
CREATE TABLE IF NOT EXISTS line_accounting
(
    `writer` LowCardinality(String),
    `shipment` LowCardinality(String),
    `host` LowCardinality(String),
    `path` LowCardinality(String),
    `hour` DateTime('UTC') CODEC(Delta, ZSTD(1)),
    `read` UInt64 CODEC(T64, ZSTD(1)),
    `settled` UInt64 CODEC(T64, ZSTD(1)),
    `billed` UInt64 CODEC(T64, ZSTD(1)),
    `unattributed` UInt64 CODEC(T64, ZSTD(1)),
    `unbillable` UInt64 CODEC(T64, ZSTD(1)),
    `duplicate` UInt64 CODEC(T64, ZSTD(1)),
    `suspense` UInt64 CODEC(T64, ZSTD(1)),
    `quarantined` UInt64 CODEC(T64, ZSTD(1)),
    `record_partition` UInt16 CODEC(ZSTD(1)),
    `record_offset` UInt64 CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(`record_offset`)
PARTITION BY toYYYYMM(`hour`)
ORDER BY (`hour`, `host`, `path`, `shipment`, `writer`)
SETTINGS non_replicated_deduplication_window = 1000;
