-- When the account's writer recorded the posting, by the clock of `usage_events.settled`: a command is
-- of the instant at which it was asked for, which is earlier. Of rows from before this step only that
-- one is known.
ALTER TABLE ledger_entries
    ADD COLUMN IF NOT EXISTS `recorded` DateTime64(3, 'UTC') DEFAULT `at` CODEC(Delta, ZSTD(1));
