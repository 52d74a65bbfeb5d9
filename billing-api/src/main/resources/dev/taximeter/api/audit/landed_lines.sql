-- Every line that was counted with a fate has landed with that fate. The rows of a line that found
-- its payer later stay where they were: it is taken off there. The subject names a total, so that
-- lines in flight do not look like the same ones each time.
SELECT
    '' AS account,
    concat(fate, ' lines of shipment ', shipment, ', ', host, ':', path, ', hour ', toString(hour), ', of ', toString(sumIf(lines, is_counter))) AS subject,
    toString(sumIf(lines, is_counter)) AS expected,
    toString(sumIf(lines, NOT is_counter)) AS actual
FROM
(
    SELECT shipment, host, path, hour, counted.1 AS fate, true AS is_counter, counted.2 AS lines
    FROM line_accounting FINAL
    ARRAY JOIN [('billed', billed), ('unattributed', unattributed), ('unbillable', unbillable), ('duplicate', duplicate), ('suspense', suspense), ('quarantined', quarantined)] AS counted
    UNION ALL
    -- What the desk had no room for is history once it is there.
    SELECT shipment, host, path, toStartOfHour(arrival) AS hour, fate, false, toInt64(count())
    FROM usage_events FINAL
    WHERE NOT has(flags, 'desk-full') OR id NOT IN (SELECT id FROM suspense)
    GROUP BY shipment, host, path, hour, fate
    UNION ALL
    SELECT shipment, host, path, toStartOfHour(arrival) AS hour, fate, false, toInt64(count()) FROM line_fates FINAL GROUP BY shipment, host, path, hour, fate
    UNION ALL
    SELECT shipment, host, path, toStartOfHour(arrival) AS hour, if(has(flags, 'claimed'), 'unattributed', 'suspense') AS left_fate, false, -toInt64(count())
    FROM usage_events FINAL
    WHERE hasAny(flags, ['claimed', 'assigned']) OR (has(flags, 'desk-full') AND id NOT IN (SELECT id FROM suspense))
    GROUP BY shipment, host, path, hour, left_fate
    UNION ALL
    -- A quarantined line that was replayed has landed once more, with its new fate. One that a replay
    -- took out of suspense is taken off above, as if a person had assigned it.
    SELECT shipment, host, path, toStartOfHour(arrival) AS hour, 'quarantined', false, -toInt64(count())
    FROM line_replays FINAL
    WHERE outcome = 'resolved' AND id IN (SELECT id FROM line_fates WHERE fate = 'quarantined')
    GROUP BY shipment, host, path, hour
)
GROUP BY fate, shipment, host, path, hour
HAVING sumIf(lines, is_counter) != sumIf(lines, NOT is_counter)
ORDER BY shipment, host, path, hour, fate
