-- A minute, hour, day or month of a key, or of all keys together, is the sum of its events. Minutes and hours are UTC's and can lie on
-- the edge of what is asked for; days and months are those of the accounts' zone. A window that has gone beyond the account's state is
-- compared next time; if it stays beyond, that is a difference. It costs what it does in the account's currency.
SELECT
    account,
    concat(granularity, ' ', toString(toDateTime(start, 'UTC')), if(of_all_keys, ', all keys', concat(', key ', key)), ', model ', model, if(last > stated, ', beyond the state', '')) AS subject,
    concat(toString(of_events), if(currency != '', concat(' ', currency), ''), if(last > stated, concat(', up to event ', toString(stated)), '')) AS expected,
    concat(toString(of_window), if(empty(others), if(currency != '', concat(' ', currency), ''), concat(', ', arrayStringConcat(others, ', '))), if(last > stated, concat(', up to event ', toString(last)), '')) AS actual
FROM
(
    SELECT
        account, key, of_all_keys, model, granularity, start,
        max(stated) AS stated,
        max(last) AS last,
        max(account_currency) AS currency,
        arraySort(groupUniqArrayIf(concat('segment ', toString(segment), ' in ', if(own_currency = '', 'none', own_currency)), NOT is_event AND own_currency != account_currency)) AS others,
        (sumIf(requests, is_event), sumIf(input, is_event), sumIf(cached_input, is_event), sumIf(cache_write, is_event), sumIf(output, is_event), sumIf(reasoning, is_event), sumIf(cost, is_event)) AS of_events,
        (sumIf(requests, NOT is_event), sumIf(input, NOT is_event), sumIf(cached_input, NOT is_event), sumIf(cache_write, NOT is_event), sumIf(output, NOT is_event), sumIf(reasoning, NOT is_event), sumIf(cost, NOT is_event)) AS of_window
    FROM
    (
        SELECT
            e.account AS account, place.2 AS key, place.3 AS of_all_keys, e.model AS model, place.1 AS granularity,
            multiIf(
                granularity = 'minute', toUnixTimestamp(toStartOfMinute(e.completion)),
                granularity = 'hour', toUnixTimestamp(toStartOfHour(e.completion)),
                granularity = 'day', toUnixTimestamp(toStartOfDay(e.completion, :zone)),
                toUnixTimestamp(toDateTime(toStartOfMonth(e.completion, :zone), :zone))) AS start,
            true AS is_event, s.sequence AS stated, toUInt64(0) AS last, toUInt64(1) AS requests,
            e.input AS input, e.cached_input AS cached_input, e.cache_write AS cache_write, e.output AS output, e.reasoning AS reasoning, e.cost AS cost, toString(s.currency) AS account_currency, account_currency AS own_currency, toUInt64(0) AS segment
        FROM usage_events AS e FINAL
        INNER JOIN (SELECT account, sequence, currency FROM account_states FINAL WHERE if(zone = '', 'UTC', zone) = :zone) AS s ON s.account = e.account
        ARRAY JOIN arrayFlatten(arrayMap(length -> [(length, toString(e.key), false), (length, '', true)], if(
            e.completion >= toDateTime64(:from, 3, 'UTC') AND e.completion < toDateTime64(:until, 3, 'UTC'),
            ['minute', 'hour', 'day', 'month'], ['minute', 'hour']))) AS place
        WHERE e.sequence <= s.sequence
            AND e.completion >= toDateTime64(:window_from, 3, 'UTC') AND e.completion < toDateTime64(:window_until, 3, 'UTC')
            AND (:account = '' OR e.account = :account)
        UNION ALL
        SELECT
            w.account, w.key, w.of_all_keys, w.model, w.granularity, toUnixTimestamp(w.start),
            false, s.sequence, w.sequence, w.requests,
            w.input, w.cached_input, w.cache_write, w.output, w.reasoning, w.cost, toString(s.currency), toString(w.currency), w.segment
        FROM usage_windows AS w FINAL
        INNER JOIN (SELECT account, sequence, currency FROM account_states FINAL WHERE if(zone = '', 'UTC', zone) = :zone) AS s ON s.account = w.account
        WHERE w.start >= if(w.granularity IN ('minute', 'hour'), toDateTime64(:window_from, 3, 'UTC'), toDateTime64(:from, 3, 'UTC'))
            AND w.start < if(w.granularity IN ('minute', 'hour'), toDateTime64(:window_until, 3, 'UTC'), toDateTime64(:until, 3, 'UTC'))
            AND (:account = '' OR w.account = :account)
    )
    GROUP BY account, key, of_all_keys, model, granularity, start
)
WHERE of_events != of_window OR notEmpty(others)
ORDER BY account, granularity, start, of_all_keys, key, model
