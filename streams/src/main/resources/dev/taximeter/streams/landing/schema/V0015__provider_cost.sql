-- What the provider charges for the request, by the cost books. `provider_currency` is '' if no cost
-- entry says it; `provider_cost` is then 0 and means nothing.
ALTER TABLE usage_events
    ADD COLUMN IF NOT EXISTS `provider_cost` Decimal(38, 12) CODEC(ZSTD(1)),
    ADD COLUMN IF NOT EXISTS `provider_currency` LowCardinality(String),
    ADD COLUMN IF NOT EXISTS `provider_charges.token_class` Array(LowCardinality(String)),
    ADD COLUMN IF NOT EXISTS `provider_charges.model` Array(LowCardinality(String)),
    ADD COLUMN IF NOT EXISTS `provider_charges.price_version` Array(LowCardinality(String)),
    ADD COLUMN IF NOT EXISTS `provider_charges.quantity` Array(UInt64),
    ADD COLUMN IF NOT EXISTS `provider_charges.amount` Array(Decimal(38, 12));
