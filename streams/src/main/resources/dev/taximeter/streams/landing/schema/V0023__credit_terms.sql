-- When a credit pays, in the entries of the posting that gave it: else only the account's state would
-- tell. The priority is -1 in all other entries, and in those from before this step; an instant of 0 is
-- none. Ends are the first millisecond that is not before them, because usage is known to the millisecond.
ALTER TABLE ledger_entries
    ADD COLUMN IF NOT EXISTS `credit_priority` Int64 DEFAULT -1 CODEC(T64, ZSTD(1)),
    ADD COLUMN IF NOT EXISTS `credit_from` DateTime64(3, 'UTC') DEFAULT toDateTime64(0, 3, 'UTC') CODEC(Delta, ZSTD(1)),
    ADD COLUMN IF NOT EXISTS `credit_until` DateTime64(3, 'UTC') DEFAULT toDateTime64(0, 3, 'UTC') CODEC(Delta, ZSTD(1));
