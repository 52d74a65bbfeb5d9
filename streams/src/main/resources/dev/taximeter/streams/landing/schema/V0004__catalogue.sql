-- Every version of every catalogue resource; `resource` is its JSON. The highest version of an id
-- is in force.
CREATE TABLE IF NOT EXISTS catalog
(
    `id` String CODEC(ZSTD(1)),
    `version` UInt64 CODEC(ZSTD(1)),
    `kind` LowCardinality(String),
    `command_id` String CODEC(ZSTD(1)),
    `author` LowCardinality(String),
    `reason` String CODEC(ZSTD(1)),
    `at` DateTime64(3, 'UTC') CODEC(ZSTD(1)),
    `resource` String CODEC(ZSTD(1)),
    `record_partition` UInt16 CODEC(ZSTD(1)),
    `record_offset` UInt64 CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(`record_offset`)
ORDER BY (`id`, `version`)
SETTINGS non_replicated_deduplication_window = 1000;

-- The tables below repeat parts of `catalog` in columns, also with every version.
CREATE TABLE IF NOT EXISTS accounts
(
    `id` String CODEC(ZSTD(1)),
    `version` UInt64 CODEC(ZSTD(1)),
    `name` String CODEC(ZSTD(1)),
    `currency` LowCardinality(String),
    `timezone` LowCardinality(String),
    `plan` LowCardinality(String),
    `record_partition` UInt16 CODEC(ZSTD(1)),
    `record_offset` UInt64 CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(`record_offset`)
ORDER BY (`id`, `version`)
SETTINGS non_replicated_deduplication_window = 1000;

CREATE TABLE IF NOT EXISTS plans
(
    `id` String CODEC(ZSTD(1)),
    `version` UInt64 CODEC(ZSTD(1)),
    `price_book` LowCardinality(String),
    `per_request` Decimal(38, 12) CODEC(ZSTD(1)),
    `known_since` UInt64 CODEC(ZSTD(1)),
    `price_version` String CODEC(ZSTD(1)),
    `record_partition` UInt16 CODEC(ZSTD(1)),
    `record_offset` UInt64 CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(`record_offset`)
ORDER BY (`id`, `version`)
SETTINGS non_replicated_deduplication_window = 1000;

-- One row for each version of a price book; the arrays run over its entries.
CREATE TABLE IF NOT EXISTS price_books
(
    `id` String CODEC(ZSTD(1)),
    `version` UInt64 CODEC(ZSTD(1)),
    `currency` LowCardinality(String),
    `entries.model` Array(String),
    `entries.effective_from` Array(DateTime64(3, 'UTC')),
    `entries.known_since` Array(UInt64),
    `entries.price_version` Array(String),
    `record_partition` UInt16 CODEC(ZSTD(1)),
    `record_offset` UInt64 CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(`record_offset`)
ORDER BY (`id`, `version`)
SETTINGS non_replicated_deduplication_window = 1000;

-- One row for each class of each entry of each version of a price book. The arrays run over the
-- tiers; the end of an unbounded tier is the largest number. A flat price is one unbounded tier.
CREATE TABLE IF NOT EXISTS price_entries
(
    `book` LowCardinality(String),
    `version` UInt64 CODEC(ZSTD(1)),
    `model` String CODEC(ZSTD(1)),
    `effective_from` DateTime64(3, 'UTC') CODEC(ZSTD(1)),
    `known_since` UInt64 CODEC(ZSTD(1)),
    `price_version` String CODEC(ZSTD(1)),
    `token_class` LowCardinality(String),
    `graduated` Bool,
    `tiers.up_to` Array(UInt64),
    `tiers.per_million` Array(Decimal(38, 12)),
    `record_partition` UInt16 CODEC(ZSTD(1)),
    `record_offset` UInt64 CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(`record_offset`)
ORDER BY (`book`, `version`, `model`, `effective_from`, `known_since`, `token_class`)
SETTINGS non_replicated_deduplication_window = 1000;

CREATE TABLE IF NOT EXISTS credits
(
    `id` String CODEC(ZSTD(1)),
    `version` UInt64 CODEC(ZSTD(1)),
    `account` String CODEC(ZSTD(1)),
    `amount` Decimal(38, 12) CODEC(ZSTD(1)),
    `expires_at` DateTime64(3, 'UTC') CODEC(ZSTD(1)),
    `record_partition` UInt16 CODEC(ZSTD(1)),
    `record_offset` UInt64 CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(`record_offset`)
ORDER BY (`id`, `version`)
SETTINGS non_replicated_deduplication_window = 1000;
