-- Price models beyond flat and graduated, tiers by the prompt's length, discounts, changes of plan.
-- `context_above` is 0 for an entry's own prices. `price_model` says how the tiers are meant: of a
-- package, the one tier ends with the package and its price is that of a package. `free` tokens come
-- before the first tier. `graduated` is true for every price that depends on a running total. In rows
-- from before this step `price_model` is '': then `graduated` alone says it.
ALTER TABLE price_entries
    ADD COLUMN IF NOT EXISTS `context_above` UInt64,
    ADD COLUMN IF NOT EXISTS `price_model` LowCardinality(String),
    ADD COLUMN IF NOT EXISTS `free` UInt64,
    MODIFY ORDER BY (`book`, `version`, `model`, `effective_from`, `known_since`, `token_class`, `context_above`);

-- What the price versions of a plan's book end in, because a discount makes other prices.
ALTER TABLE plans
    ADD COLUMN IF NOT EXISTS `adjust_percent` Decimal(38, 12) CODEC(ZSTD(1)),
    ADD COLUMN IF NOT EXISTS `price_suffix` LowCardinality(String),
    ADD COLUMN IF NOT EXISTS `cost_book` LowCardinality(String);

-- '' in rows from before this step: a book of what accounts pay.
ALTER TABLE price_books
    ADD COLUMN IF NOT EXISTS `purpose` LowCardinality(String);

-- `plan` holds until the first of the changes, which are in order.
ALTER TABLE accounts
    ADD COLUMN IF NOT EXISTS `plan_changes.from` Array(DateTime64(3, 'UTC')),
    ADD COLUMN IF NOT EXISTS `plan_changes.plan` Array(String),
    ADD COLUMN IF NOT EXISTS `cost_book` LowCardinality(String);
