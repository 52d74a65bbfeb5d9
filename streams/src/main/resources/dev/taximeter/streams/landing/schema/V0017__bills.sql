-- Final bills. The arrays run over lines; `bill` is the whole record as JSON.
CREATE TABLE IF NOT EXISTS bills
(
    `account` String CODEC(ZSTD(1)),
    `number` UInt64 CODEC(ZSTD(1)),
    `period` LowCardinality(String),
    `status` LowCardinality(String),
    `currency` LowCardinality(String),
    `finalized_at` DateTime64(3, 'UTC') CODEC(ZSTD(1)),
    `content_hash` String CODEC(ZSTD(1)),
    `canonical_form` String CODEC(ZSTD(3)),
    `sequence_from` UInt64 CODEC(ZSTD(1)),
    `sequence_to` UInt64 CODEC(ZSTD(1)),
    `requests` UInt64 CODEC(ZSTD(1)),
    `exact_total` Decimal(38, 12) CODEC(ZSTD(1)),
    `late_total` Decimal(38, 12) CODEC(ZSTD(1)),
    `charges_total` Decimal(38, 12) CODEC(ZSTD(1)),
    `credits_total` Decimal(38, 12) CODEC(ZSTD(1)),
    `exact_due` Decimal(38, 12) CODEC(ZSTD(1)),
    `amount_due` Decimal(38, 12) CODEC(ZSTD(1)),
    `noted` Decimal(38, 12) CODEC(ZSTD(1)),
    `lines.period` Array(String),
    `lines.model` Array(String),
    `lines.token_class` Array(String),
    `lines.price_version` Array(String),
    `lines.quantity` Array(UInt64),
    `lines.amount` Array(Decimal(38, 12)),
    `credits.id` Array(String),
    `credits.amount` Array(Decimal(38, 12)),
    `bill` String CODEC(ZSTD(3)),
    `record_partition` UInt16 CODEC(ZSTD(1)),
    `record_offset` UInt64 CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(`record_offset`)
ORDER BY (`account`, `number`)
SETTINGS non_replicated_deduplication_window = 1000;
