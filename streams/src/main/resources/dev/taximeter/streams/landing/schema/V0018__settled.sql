-- When the account's writer rated the event: from then on it was known what it costs and who pays. It
-- rises with the account's sequence numbers. Of rows from before this step only the arrival is known.
ALTER TABLE usage_events
    ADD COLUMN IF NOT EXISTS `settled` DateTime64(3, 'UTC') DEFAULT `arrival` CODEC(Delta, ZSTD(1));
