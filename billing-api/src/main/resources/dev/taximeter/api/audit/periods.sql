-- A billing period counts the events that completed in it, and those without a price.
SELECT
    account,
    concat('period ', period) AS subject,
    concat(toString(of_events.1), ' requests, ', toString(of_events.2), ' without a price') AS expected,
    concat(toString(of_state.1), ' requests, ', toString(of_state.2), ' without a price') AS actual
FROM
(
    SELECT
        account,
        period,
        (sumIf(requests, is_event), sumIf(unpriced, is_event)) AS of_events,
        (sumIf(requests, NOT is_event), sumIf(unpriced, NOT is_event)) AS of_state
    FROM
    (
        SELECT e.account AS account, formatDateTime(e.completion, '%Y-%m', :zone) AS period, true AS is_event, toUInt64(1) AS requests, toUInt64(e.unpriced) AS unpriced
        FROM usage_events AS e FINAL
        INNER JOIN (SELECT account, sequence FROM account_states FINAL WHERE if(zone = '', 'UTC', zone) = :zone) AS s ON s.account = e.account
        WHERE e.sequence <= s.sequence
            AND e.completion >= toDateTime64(:from, 3, 'UTC') AND e.completion < toDateTime64(:until, 3, 'UTC')
            AND (:account = '' OR e.account = :account)
        UNION ALL
        SELECT account, stated.1, false, stated.2, stated.3
        FROM account_states FINAL
        ARRAY JOIN JSONExtract(state, 'periods', 'Array(Tuple(period String, requests UInt64, unpriced UInt64))') AS stated
        WHERE if(zone = '', 'UTC', zone) = :zone
            AND (:month = '' OR stated.1 = :month) AND (:account = '' OR account = :account)
    )
    GROUP BY account, period
)
WHERE of_events != of_state
ORDER BY account, period
