-- The terms of a plan by the instant from which they apply, the first from the beginning (1970). The
-- columns before are those of the terms that the version brought. Rows from before this step have no
-- arrays: their terms apply to all time.
ALTER TABLE plans
    ADD COLUMN IF NOT EXISTS `versions.from` Array(DateTime64(3, 'UTC')),
    ADD COLUMN IF NOT EXISTS `versions.price_book` Array(String),
    ADD COLUMN IF NOT EXISTS `versions.per_request` Array(Decimal(38, 12)),
    ADD COLUMN IF NOT EXISTS `versions.price_version` Array(String),
    ADD COLUMN IF NOT EXISTS `versions.price_suffix` Array(String);
