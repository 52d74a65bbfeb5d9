-- The request id that the gateway logged; '' if the line told none. A client may have chosen it: it
-- groups the attempts of one operation, and identifies nothing.
ALTER TABLE usage_events
    ADD COLUMN IF NOT EXISTS `request_id` String CODEC(ZSTD(1));

ALTER TABLE line_fates
    ADD COLUMN IF NOT EXISTS `request_id` String CODEC(ZSTD(1));
