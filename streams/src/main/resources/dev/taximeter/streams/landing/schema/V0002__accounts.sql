-- The latest state of each account; `state` is the whole AccountState as JSON.
CREATE TABLE IF NOT EXISTS account_states
(
    `account` String CODEC(ZSTD(1)),
    `sequence` UInt64 CODEC(ZSTD(1)),
    `terms_version` UInt64 CODEC(ZSTD(1)),
    `currency` LowCardinality(String),
    `zone` LowCardinality(String),
    `spent` Decimal(38, 12) CODEC(ZSTD(1)),
    `requests` UInt64 CODEC(ZSTD(1)),
    `last_completion` DateTime64(3, 'UTC') CODEC(ZSTD(1)),
    `state` String CODEC(ZSTD(1)),
    `record_partition` UInt16 CODEC(ZSTD(1)),
    `record_offset` UInt64 CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(`record_offset`)
ORDER BY `account`
SETTINGS non_replicated_deduplication_window = 1000;

-- The lines of all billing periods. `sequence` is the account's sequence number of the state that
-- wrote the row; a line that did not change keeps the number of an earlier state.
CREATE TABLE IF NOT EXISTS bill_lines
(
    `account` String CODEC(ZSTD(1)),
    `period` LowCardinality(String),
    `model` LowCardinality(String),
    `token_class` LowCardinality(String),
    `price_version` LowCardinality(String),
    `quantity` UInt64 CODEC(T64, ZSTD(1)),
    `amount` Decimal(38, 12) CODEC(ZSTD(1)),
    `sequence` UInt64 CODEC(ZSTD(1)),
    `record_partition` UInt16 CODEC(ZSTD(1)),
    `record_offset` UInt64 CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(`record_offset`)
ORDER BY (`account`, `period`, `model`, `token_class`, `price_version`)
SETTINGS non_replicated_deduplication_window = 1000;
