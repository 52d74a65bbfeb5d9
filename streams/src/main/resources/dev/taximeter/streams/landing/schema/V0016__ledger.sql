-- The ledgers of all accounts, one row for each entry of a posting. The entries of a posting add up
-- to 0; no posting is ever changed.
CREATE TABLE IF NOT EXISTS ledger_entries
(
    `account` String CODEC(ZSTD(1)),
    `posting` UInt64 CODEC(Delta, ZSTD(1)),
    `entry` UInt16 CODEC(ZSTD(1)),
    `kind` LowCardinality(String),
    `at` DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    `sequence` UInt64 CODEC(Delta, ZSTD(1)),
    `currency` LowCardinality(String),
    `command_id` String CODEC(ZSTD(1)),
    `author` LowCardinality(String),
    `reason` String CODEC(ZSTD(1)),
    `bill` UInt64 CODEC(ZSTD(1)),
    `ledger` LowCardinality(String),
    `period` LowCardinality(String),
    `credit` String CODEC(ZSTD(1)),
    `amount` Decimal(38, 12) CODEC(ZSTD(1)),
    `record_partition` UInt16 CODEC(ZSTD(1)),
    `record_offset` UInt64 CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(`record_offset`)
ORDER BY (`account`, `posting`, `entry`)
SETTINGS non_replicated_deduplication_window = 1000;
