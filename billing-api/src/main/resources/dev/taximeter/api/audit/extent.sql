-- How much there is to check.
SELECT count(), uniqExact(e.account)
FROM usage_events AS e FINAL
INNER JOIN (SELECT account, sequence FROM account_states FINAL WHERE if(zone = '', 'UTC', zone) = :zone) AS s ON s.account = e.account
WHERE e.sequence <= s.sequence
    AND e.completion >= toDateTime64(:from, 3, 'UTC') AND e.completion < toDateTime64(:until, 3, 'UTC')
    AND (:account = '' OR e.account = :account)
