-- A line that finds its payer is moved from one fate to another by the writer that held it: the
-- counters of one writer alone can be negative; add over writers.
ALTER TABLE line_accounting
    MODIFY COLUMN IF EXISTS `settled` Int64 CODEC(T64, ZSTD(1)),
    MODIFY COLUMN IF EXISTS `billed` Int64 CODEC(T64, ZSTD(1)),
    MODIFY COLUMN IF EXISTS `unattributed` Int64 CODEC(T64, ZSTD(1)),
    MODIFY COLUMN IF EXISTS `unbillable` Int64 CODEC(T64, ZSTD(1)),
    MODIFY COLUMN IF EXISTS `duplicate` Int64 CODEC(T64, ZSTD(1)),
    MODIFY COLUMN IF EXISTS `suspense` Int64 CODEC(T64, ZSTD(1)),
    MODIFY COLUMN IF EXISTS `quarantined` Int64 CODEC(T64, ZSTD(1));

-- What was metered of each unknown key (`key_fingerprint` is 'none' for lines without one) and who
-- claims it. What was received and is neither claimed nor held stays unattributed for ever.
CREATE TABLE IF NOT EXISTS unattributed_keys
(
    `key_fingerprint` String CODEC(ZSTD(1)),
    `holder` String CODEC(ZSTD(1)),
    `key_last_four` LowCardinality(String),
    `first_seen` DateTime64(3, 'UTC') CODEC(ZSTD(1)),
    `last_seen` DateTime64(3, 'UTC') CODEC(ZSTD(1)),
    `received` UInt64 CODEC(ZSTD(1)),
    `claimed` UInt64 CODEC(ZSTD(1)),
    `held` UInt64 CODEC(ZSTD(1)),
    `claim_account` String CODEC(ZSTD(1)),
    `claim_key` String CODEC(ZSTD(1)),
    `claim_from` DateTime64(3, 'UTC') CODEC(ZSTD(1)),
    `claim_command` String CODEC(ZSTD(1)),
    `claim_author` String CODEC(ZSTD(1)),
    `claim_reason` String CODEC(ZSTD(1)),
    `claim_at` DateTime64(3, 'UTC') CODEC(ZSTD(1)),
    `record_partition` UInt16 CODEC(ZSTD(1)),
    `record_offset` UInt64 CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(`record_offset`)
ORDER BY `key_fingerprint`
SETTINGS non_replicated_deduplication_window = 1000;

-- Lines in suspense, the evidence, and who decided what, when and why. `state` is open, assigned or
-- written-off. The arrays run over the keys that the line names as payer.
CREATE TABLE IF NOT EXISTS suspense
(
    `id` UUID,
    `state` LowCardinality(String),
    `reason` LowCardinality(String),
    `model` LowCardinality(String),
    `input` UInt64 CODEC(T64, ZSTD(1)),
    `cached_input` UInt64 CODEC(T64, ZSTD(1)),
    `cache_write` UInt64 CODEC(T64, ZSTD(1)),
    `output` UInt64 CODEC(T64, ZSTD(1)),
    `reasoning` UInt64 CODEC(T64, ZSTD(1)),
    `completion` DateTime64(3, 'UTC') CODEC(ZSTD(1)),
    `arrival` DateTime64(3, 'UTC') CODEC(ZSTD(1)),
    `host` LowCardinality(String),
    `path` LowCardinality(String),
    `offset` Int64 CODEC(ZSTD(1)),
    `shipment` LowCardinality(String),
    `flags` Array(LowCardinality(String)),
    `request_id` String CODEC(ZSTD(1)),
    `excerpt` String CODEC(ZSTD(1)),
    `candidates.key_fingerprint` Array(String),
    `candidates.account` Array(String),
    `account` String CODEC(ZSTD(1)),
    `key` String CODEC(ZSTD(1)),
    `command_id` String CODEC(ZSTD(1)),
    `author` String CODEC(ZSTD(1)),
    `decision_reason` String CODEC(ZSTD(1)),
    `decided_at` DateTime64(3, 'UTC') CODEC(ZSTD(1)),
    `record_partition` UInt16 CODEC(ZSTD(1)),
    `record_offset` UInt64 CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(`record_offset`)
ORDER BY `id`
SETTINGS non_replicated_deduplication_window = 1000;
