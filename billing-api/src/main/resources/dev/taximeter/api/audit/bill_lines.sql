-- A bill line is the sum of its events' charges. A line that has gone beyond the account's state is
-- compared next time; if it stays beyond, that is a difference.
SELECT
    account,
    concat('bill ', period, ', ', model, ' ', token_class, ' at ', price_version, if(last > stated, ', beyond the state', '')) AS subject,
    concat(toString(of_events), if(last > stated, concat(', up to event ', toString(stated)), '')) AS expected,
    concat(toString(of_line), if(last > stated, concat(', up to event ', toString(last)), '')) AS actual
FROM
(
    SELECT
        account, period, model, token_class, price_version,
        max(stated) AS stated,
        max(last) AS last,
        (sumIf(quantity, is_event), sumIf(amount, is_event)) AS of_events,
        (sumIf(quantity, NOT is_event), sumIf(amount, NOT is_event)) AS of_line
    FROM
    (
        SELECT
            e.account AS account,
            formatDateTime(e.completion, '%Y-%m', :zone) AS period,
            charge.1 AS model, charge.2 AS token_class, charge.3 AS price_version,
            true AS is_event, s.sequence AS stated, toUInt64(0) AS last, charge.4 AS quantity, charge.5 AS amount
        FROM usage_events AS e FINAL
        INNER JOIN (SELECT account, sequence FROM account_states FINAL WHERE if(zone = '', 'UTC', zone) = :zone) AS s ON s.account = e.account
        ARRAY JOIN arrayZip(e.charges.model, e.charges.token_class, e.charges.price_version, e.charges.quantity, e.charges.amount) AS charge
        WHERE e.sequence <= s.sequence
            AND e.completion >= toDateTime64(:from, 3, 'UTC') AND e.completion < toDateTime64(:until, 3, 'UTC')
            AND (:account = '' OR e.account = :account)
        UNION ALL
        SELECT b.account, b.period, b.model, b.token_class, b.price_version, false, s.sequence, b.sequence, b.quantity, b.amount
        FROM bill_lines AS b FINAL
        INNER JOIN (SELECT account, sequence FROM account_states FINAL WHERE if(zone = '', 'UTC', zone) = :zone) AS s ON s.account = b.account
        WHERE (:month = '' OR b.period = :month) AND (:account = '' OR b.account = :account)
    )
    GROUP BY account, period, model, token_class, price_version
)
WHERE of_events != of_line
ORDER BY account, period, model, token_class, price_version
