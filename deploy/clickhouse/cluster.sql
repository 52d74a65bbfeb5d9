-- Generated from the schema; see deploy/docs/clickhouse.md. Tables of a cluster with one shard and several replicas. Run it before
-- metering's first start and before each upgrade: what exists already is left as it is. The server's macros name cluster, shard and replica.
CREATE DATABASE IF NOT EXISTS taximeter ON CLUSTER '{cluster}';
CREATE TABLE IF NOT EXISTS taximeter.schema_migrations ON CLUSTER '{cluster}'
(
    `version` UInt32,
    `name` String,
    `checksum` String,
    `applied_at` DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}', `applied_at`)
ORDER BY `version`;
CREATE TABLE IF NOT EXISTS taximeter.usage_events ON CLUSTER '{cluster}'
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
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}', `record_offset`)
PARTITION BY toYYYYMM(`completion`)
ORDER BY (`account`, `completion`, `id`)
SETTINGS replicated_deduplication_window = 1000;
CREATE TABLE IF NOT EXISTS taximeter.usage_windows ON CLUSTER '{cluster}'
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
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}', `record_offset`)
PARTITION BY toYYYYMM(`start`)
ORDER BY (`granularity`, `of_all_keys`, `slice`, `account`, `start`, `key`, `model`, `segment`)
SETTINGS replicated_deduplication_window = 1000;
CREATE TABLE IF NOT EXISTS taximeter.account_states ON CLUSTER '{cluster}'
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
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}', `record_offset`)
ORDER BY `account`
SETTINGS replicated_deduplication_window = 1000;
CREATE TABLE IF NOT EXISTS taximeter.bill_lines ON CLUSTER '{cluster}'
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
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}', `record_offset`)
ORDER BY (`account`, `period`, `model`, `token_class`, `price_version`)
SETTINGS replicated_deduplication_window = 1000;
CREATE TABLE IF NOT EXISTS taximeter.line_fates ON CLUSTER '{cluster}'
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
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}', `record_offset`)
PARTITION BY toYYYYMM(`arrival`)
ORDER BY (`arrival`, `record_partition`, `record_offset`)
SETTINGS replicated_deduplication_window = 1000;
CREATE TABLE IF NOT EXISTS taximeter.line_accounting ON CLUSTER '{cluster}'
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
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}', `record_offset`)
PARTITION BY toYYYYMM(`hour`)
ORDER BY (`hour`, `host`, `path`, `shipment`, `writer`)
SETTINGS replicated_deduplication_window = 1000;
CREATE TABLE IF NOT EXISTS taximeter.catalog ON CLUSTER '{cluster}'
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
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}', `record_offset`)
ORDER BY (`id`, `version`)
SETTINGS replicated_deduplication_window = 1000;
CREATE TABLE IF NOT EXISTS taximeter.accounts ON CLUSTER '{cluster}'
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
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}', `record_offset`)
ORDER BY (`id`, `version`)
SETTINGS replicated_deduplication_window = 1000;
CREATE TABLE IF NOT EXISTS taximeter.plans ON CLUSTER '{cluster}'
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
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}', `record_offset`)
ORDER BY (`id`, `version`)
SETTINGS replicated_deduplication_window = 1000;
CREATE TABLE IF NOT EXISTS taximeter.price_books ON CLUSTER '{cluster}'
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
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}', `record_offset`)
ORDER BY (`id`, `version`)
SETTINGS replicated_deduplication_window = 1000;
CREATE TABLE IF NOT EXISTS taximeter.price_entries ON CLUSTER '{cluster}'
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
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}', `record_offset`)
ORDER BY (`book`, `version`, `model`, `effective_from`, `known_since`, `token_class`)
SETTINGS replicated_deduplication_window = 1000;
CREATE TABLE IF NOT EXISTS taximeter.credits ON CLUSTER '{cluster}'
(
    `id` String CODEC(ZSTD(1)),
    `version` UInt64 CODEC(ZSTD(1)),
    `account` String CODEC(ZSTD(1)),
    `amount` Decimal(38, 12) CODEC(ZSTD(1)),
    `expires_at` DateTime64(3, 'UTC') CODEC(ZSTD(1)),
    `record_partition` UInt16 CODEC(ZSTD(1)),
    `record_offset` UInt64 CODEC(ZSTD(1))
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}', `record_offset`)
ORDER BY (`id`, `version`)
SETTINGS replicated_deduplication_window = 1000;
CREATE TABLE IF NOT EXISTS taximeter.landing_progress ON CLUSTER '{cluster}'
(
    `topic` LowCardinality(String),
    `partition` UInt16,
    `next_offset` UInt64
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}', `next_offset`)
ORDER BY (`topic`, `partition`);
CREATE TABLE IF NOT EXISTS taximeter.landing_rejects ON CLUSTER '{cluster}'
(
    `topic` LowCardinality(String),
    `partition` UInt16,
    `offset` UInt64,
    `reason` String,
    `record_partition` UInt16,
    `record_offset` UInt64
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}', `record_offset`)
ORDER BY (`topic`, `partition`, `offset`)
SETTINGS replicated_deduplication_window = 1000;
CREATE TABLE IF NOT EXISTS taximeter.usage_identities ON CLUSTER '{cluster}'
(
    `id` UUID,
    `arrival` DateTime64(3, 'UTC') CODEC(ZSTD(1)),
    `kept` Bool,
    `record_partition` UInt16 CODEC(ZSTD(1)),
    `record_offset` UInt64 CODEC(ZSTD(1)),
    INDEX landed `record_offset` TYPE minmax GRANULARITY 64
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}', `record_offset`)
PARTITION BY toYYYYMM(`arrival`)
ORDER BY `id`
TTL toDateTime(`arrival`) + toIntervalDay(401) DELETE WHERE NOT `kept`
SETTINGS index_granularity = 256, replicated_deduplication_window = 1000;
CREATE TABLE IF NOT EXISTS taximeter.fate_identities ON CLUSTER '{cluster}'
(
    `id` UUID,
    `fate` LowCardinality(String),
    `arrival` DateTime64(3, 'UTC') CODEC(ZSTD(1)),
    `kept` Bool,
    `record_partition` UInt16 CODEC(ZSTD(1)),
    `record_offset` UInt64 CODEC(ZSTD(1)),
    INDEX landed `record_offset` TYPE minmax GRANULARITY 64
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}', `record_offset`)
PARTITION BY toYYYYMM(`arrival`)
ORDER BY (`id`, `fate`)
TTL toDateTime(`arrival`) + toIntervalDay(401) DELETE WHERE NOT `kept`
SETTINGS index_granularity = 256, replicated_deduplication_window = 1000;
CREATE TABLE IF NOT EXISTS taximeter.dead_letters ON CLUSTER '{cluster}'
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
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}', `record_offset`)
PARTITION BY toYYYYMM(`arrival`)
ORDER BY (`arrival`, `id`)
TTL toDateTime(`arrival`) + toIntervalDay(400)
SETTINGS index_granularity = 1024, replicated_deduplication_window = 1000;
CREATE TABLE IF NOT EXISTS taximeter.line_replays ON CLUSTER '{cluster}'
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
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}', `record_offset`)
PARTITION BY toYYYYMM(`arrival`)
ORDER BY (`id`, `outcome`)
SETTINGS index_granularity = 1024, replicated_deduplication_window = 1000;
ALTER TABLE taximeter.line_accounting ON CLUSTER '{cluster}'
    MODIFY COLUMN IF EXISTS `settled` Int64 CODEC(T64, ZSTD(1)),
    MODIFY COLUMN IF EXISTS `billed` Int64 CODEC(T64, ZSTD(1)),
    MODIFY COLUMN IF EXISTS `unattributed` Int64 CODEC(T64, ZSTD(1)),
    MODIFY COLUMN IF EXISTS `unbillable` Int64 CODEC(T64, ZSTD(1)),
    MODIFY COLUMN IF EXISTS `duplicate` Int64 CODEC(T64, ZSTD(1)),
    MODIFY COLUMN IF EXISTS `suspense` Int64 CODEC(T64, ZSTD(1)),
    MODIFY COLUMN IF EXISTS `quarantined` Int64 CODEC(T64, ZSTD(1));
CREATE TABLE IF NOT EXISTS taximeter.unattributed_keys ON CLUSTER '{cluster}'
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
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}', `record_offset`)
ORDER BY `key_fingerprint`
SETTINGS replicated_deduplication_window = 1000;
CREATE TABLE IF NOT EXISTS taximeter.suspense ON CLUSTER '{cluster}'
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
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}', `record_offset`)
ORDER BY `id`
SETTINGS replicated_deduplication_window = 1000;
CREATE TABLE IF NOT EXISTS taximeter.sources ON CLUSTER '{cluster}'
(
    `host` LowCardinality(String),
    `path` String,
    `kind` LowCardinality(String),
    `status` LowCardinality(String),
    `first_seen` DateTime64(3, 'UTC'),
    `last_seen` DateTime64(3, 'UTC'),
    `last_line` DateTime64(3, 'UTC'),
    `lines` UInt64,
    `bytes` UInt64,
    `watermark` DateTime64(3, 'UTC'),
    `gaps` UInt64,
    `overlaps` UInt64,
    `reshipped_bytes` UInt64,
    `coverage_known` Bool,
    `record_partition` UInt16,
    `record_offset` UInt64
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}', `record_offset`)
ORDER BY (`host`, `path`)
SETTINGS replicated_deduplication_window = 1000;
CREATE TABLE IF NOT EXISTS taximeter.source_gaps ON CLUSTER '{cluster}'
(
    `host` LowCardinality(String),
    `path` String,
    `file` String,
    `from` UInt64,
    `to` UInt64,
    `open_ended` Bool,
    `since` DateTime64(3, 'UTC'),
    `reason` LowCardinality(String),
    `record_partition` UInt16,
    `record_offset` UInt64
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}', `record_offset`)
ORDER BY (`host`, `path`, `file`, `from`)
SETTINGS replicated_deduplication_window = 1000;
ALTER TABLE taximeter.usage_events ON CLUSTER '{cluster}'
    ADD COLUMN IF NOT EXISTS `request_id` String CODEC(ZSTD(1));
ALTER TABLE taximeter.line_fates ON CLUSTER '{cluster}'
    ADD COLUMN IF NOT EXISTS `request_id` String CODEC(ZSTD(1));
ALTER TABLE taximeter.landing_progress ON CLUSTER '{cluster}'
    ADD COLUMN IF NOT EXISTS `generation` UInt32,
    ADD COLUMN IF NOT EXISTS `topic_id` String,
    ADD COLUMN IF NOT EXISTS `offset_base` UInt64,
    ADD COLUMN IF NOT EXISTS `last_offset` Int64 DEFAULT -1,
    ADD COLUMN IF NOT EXISTS `last_checksum` UInt64,
    MODIFY ORDER BY (`topic`, `partition`, `generation`);
ALTER TABLE taximeter.price_entries ON CLUSTER '{cluster}'
    ADD COLUMN IF NOT EXISTS `context_above` UInt64,
    ADD COLUMN IF NOT EXISTS `price_model` LowCardinality(String),
    ADD COLUMN IF NOT EXISTS `free` UInt64,
    MODIFY ORDER BY (`book`, `version`, `model`, `effective_from`, `known_since`, `token_class`, `context_above`);
ALTER TABLE taximeter.plans ON CLUSTER '{cluster}'
    ADD COLUMN IF NOT EXISTS `adjust_percent` Decimal(38, 12) CODEC(ZSTD(1)),
    ADD COLUMN IF NOT EXISTS `price_suffix` LowCardinality(String),
    ADD COLUMN IF NOT EXISTS `cost_book` LowCardinality(String);
ALTER TABLE taximeter.price_books ON CLUSTER '{cluster}'
    ADD COLUMN IF NOT EXISTS `purpose` LowCardinality(String);
ALTER TABLE taximeter.accounts ON CLUSTER '{cluster}'
    ADD COLUMN IF NOT EXISTS `plan_changes.from` Array(DateTime64(3, 'UTC')),
    ADD COLUMN IF NOT EXISTS `plan_changes.plan` Array(String),
    ADD COLUMN IF NOT EXISTS `cost_book` LowCardinality(String);
ALTER TABLE taximeter.usage_events ON CLUSTER '{cluster}'
    ADD COLUMN IF NOT EXISTS `provider_cost` Decimal(38, 12) CODEC(ZSTD(1)),
    ADD COLUMN IF NOT EXISTS `provider_currency` LowCardinality(String),
    ADD COLUMN IF NOT EXISTS `provider_charges.token_class` Array(LowCardinality(String)),
    ADD COLUMN IF NOT EXISTS `provider_charges.model` Array(LowCardinality(String)),
    ADD COLUMN IF NOT EXISTS `provider_charges.price_version` Array(LowCardinality(String)),
    ADD COLUMN IF NOT EXISTS `provider_charges.quantity` Array(UInt64),
    ADD COLUMN IF NOT EXISTS `provider_charges.amount` Array(Decimal(38, 12));
CREATE TABLE IF NOT EXISTS taximeter.ledger_entries ON CLUSTER '{cluster}'
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
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}', `record_offset`)
ORDER BY (`account`, `posting`, `entry`)
SETTINGS replicated_deduplication_window = 1000;
CREATE TABLE IF NOT EXISTS taximeter.bills ON CLUSTER '{cluster}'
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
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}', `record_offset`)
ORDER BY (`account`, `number`)
SETTINGS replicated_deduplication_window = 1000;
ALTER TABLE taximeter.usage_events ON CLUSTER '{cluster}'
    ADD COLUMN IF NOT EXISTS `settled` DateTime64(3, 'UTC') DEFAULT `arrival` CODEC(Delta, ZSTD(1));
ALTER TABLE taximeter.plans ON CLUSTER '{cluster}'
    ADD COLUMN IF NOT EXISTS `versions.from` Array(DateTime64(3, 'UTC')),
    ADD COLUMN IF NOT EXISTS `versions.price_book` Array(String),
    ADD COLUMN IF NOT EXISTS `versions.per_request` Array(Decimal(38, 12)),
    ADD COLUMN IF NOT EXISTS `versions.price_version` Array(String),
    ADD COLUMN IF NOT EXISTS `versions.price_suffix` Array(String);
CREATE TABLE IF NOT EXISTS taximeter.audit_log ON CLUSTER '{cluster}'
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
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}', `record_offset`)
PARTITION BY toYYYYMM(`at`)
ORDER BY (`at`, `id`)
TTL toDateTime(`at`) + INTERVAL 3 YEAR
SETTINGS replicated_deduplication_window = 1000;
ALTER TABLE taximeter.ledger_entries ON CLUSTER '{cluster}'
    ADD COLUMN IF NOT EXISTS `recorded` DateTime64(3, 'UTC') DEFAULT `at` CODEC(Delta, ZSTD(1));
ALTER TABLE taximeter.ledger_entries ON CLUSTER '{cluster}'
    ADD COLUMN IF NOT EXISTS `credit_priority` Int64 DEFAULT -1 CODEC(T64, ZSTD(1)),
    ADD COLUMN IF NOT EXISTS `credit_from` DateTime64(3, 'UTC') DEFAULT toDateTime64(0, 3, 'UTC') CODEC(Delta, ZSTD(1)),
    ADD COLUMN IF NOT EXISTS `credit_until` DateTime64(3, 'UTC') DEFAULT toDateTime64(0, 3, 'UTC') CODEC(Delta, ZSTD(1));
CREATE TABLE IF NOT EXISTS taximeter.alerts ON CLUSTER '{cluster}'
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
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}', `record_offset`)
ORDER BY (`account`, `id`)
SETTINGS replicated_deduplication_window = 1000;
ALTER TABLE taximeter.usage_events ON CLUSTER '{cluster}'
    ADD INDEX IF NOT EXISTS arrived `arrival` TYPE minmax GRANULARITY 1;
ALTER TABLE taximeter.usage_events ON CLUSTER '{cluster}'
    MATERIALIZE INDEX IF EXISTS arrived;
