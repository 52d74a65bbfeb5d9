-- Which lines have been seen, for as long as identities are retained. Look-ups are by id, so rows
-- are in that order, in small granules. Landed from the topics that intake itself writes: usage
-- can be held back for days before it becomes an event. Rows are kept for ever if the line's
-- completion is not certain: nothing else tells how old a copy of it is.
--
-- The metering process adapts the TTL to its settings.
CREATE TABLE IF NOT EXISTS usage_identities
(
    `id` UUID,
    `arrival` DateTime64(3, 'UTC') CODEC(ZSTD(1)),
    `kept` Bool,
    `record_partition` UInt16 CODEC(ZSTD(1)),
    `record_offset` UInt64 CODEC(ZSTD(1)),
    INDEX landed `record_offset` TYPE minmax GRANULARITY 64
)
ENGINE = ReplacingMergeTree(`record_offset`)
PARTITION BY toYYYYMM(`arrival`)
ORDER BY `id`
TTL toDateTime(`arrival`) + toIntervalDay(401) DELETE WHERE NOT `kept`
SETTINGS index_granularity = 256, non_replicated_deduplication_window = 1000;

-- A line can have several fates one after the other, as a dead letter that was replayed.
CREATE TABLE IF NOT EXISTS fate_identities
(
    `id` UUID,
    `fate` LowCardinality(String),
    `arrival` DateTime64(3, 'UTC') CODEC(ZSTD(1)),
    `kept` Bool,
    `record_partition` UInt16 CODEC(ZSTD(1)),
    `record_offset` UInt64 CODEC(ZSTD(1)),
    INDEX landed `record_offset` TYPE minmax GRANULARITY 64
)
ENGINE = ReplacingMergeTree(`record_offset`)
PARTITION BY toYYYYMM(`arrival`)
ORDER BY (`id`, `fate`)
TTL toDateTime(`arrival`) + toIntervalDay(401) DELETE WHERE NOT `kept`
SETTINGS index_granularity = 256, non_replicated_deduplication_window = 1000;

-- Lines from before these tables. Their records are not those of the topics that land here.
INSERT INTO usage_identities (`id`, `arrival`, `kept`, `record_partition`, `record_offset`)
SELECT `id`, `arrival`, has(`flags`, 'tampered'), 65535, 0 FROM usage_events;

INSERT INTO fate_identities (`id`, `fate`, `arrival`, `kept`, `record_partition`, `record_offset`)
SELECT `id`, `fate`, `arrival`, `fate` = 'suspense', 65535, 0 FROM line_fates WHERE `fate` != 'duplicate';

-- Lines that somebody may want to look at again. Their content, sealed, is in the topic alone, at
-- record_partition and record_offset.
CREATE TABLE IF NOT EXISTS dead_letters
(
    `id` UUID,
    `fate` LowCardinality(String),
    `reason` LowCardinality(String),
    `excerpt` String CODEC(ZSTD(1)),
    `completion` DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    `arrival` DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    `host` LowCardinality(String),
    `path` LowCardinality(String),
    `offset` Int64 CODEC(Delta, ZSTD(1)),
    `shipment` LowCardinality(String),
    `record_partition` UInt16 CODEC(ZSTD(1)),
    `record_offset` UInt64 CODEC(Delta, ZSTD(1)),
    INDEX by_id `id` TYPE bloom_filter GRANULARITY 1
)
ENGINE = ReplacingMergeTree(`record_offset`)
PARTITION BY toYYYYMM(`arrival`)
ORDER BY (`arrival`, `id`)
TTL toDateTime(`arrival`) + toIntervalDay(400)
SETTINGS index_granularity = 1024, non_replicated_deduplication_window = 1000;

-- What became of dead letters that were sent again: the latest record of each outcome.
CREATE TABLE IF NOT EXISTS line_replays
(
    `id` UUID,
    `outcome` LowCardinality(String),
    `fate` LowCardinality(String),
    `reason` LowCardinality(String),
    `problem` String CODEC(ZSTD(1)),
    `command_id` String CODEC(ZSTD(1)),
    `author` LowCardinality(String),
    `at` DateTime64(3, 'UTC') CODEC(ZSTD(1)),
    `arrival` DateTime64(3, 'UTC') CODEC(ZSTD(1)),
    `host` LowCardinality(String),
    `path` LowCardinality(String),
    `shipment` LowCardinality(String),
    `record_partition` UInt16 CODEC(ZSTD(1)),
    `record_offset` UInt64 CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(`record_offset`)
PARTITION BY toYYYYMM(`arrival`)
ORDER BY (`id`, `outcome`)
SETTINGS index_granularity = 1024, non_replicated_deduplication_window = 1000;
