-- What arrived lately is asked for every half minute. Without this, all usage there is would be read.
ALTER TABLE usage_events
    ADD INDEX IF NOT EXISTS arrived `arrival` TYPE minmax GRANULARITY 1;

ALTER TABLE usage_events
    MATERIALIZE INDEX IF EXISTS arrived;
