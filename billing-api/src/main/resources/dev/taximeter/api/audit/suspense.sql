-- A line that was assigned on the suspense desk is billed to that account and key, once, and no
-- other line says that it was.
SELECT '' AS account, concat('line ', toString(line)) AS subject, expected, actual
FROM
(
    SELECT
        line,
        arrayStringConcat(arraySort(groupArrayIf(payer, is_decision)), '; ') AS expected,
        arrayStringConcat(arraySort(groupArrayIf(payer, NOT is_decision)), '; ') AS actual
    FROM
    (
        SELECT id AS line, concat('assigned to ', account, ', key ', key) AS payer, true AS is_decision FROM suspense FINAL WHERE state = 'assigned'
        UNION ALL
        SELECT id, concat('assigned to ', account, ', key ', key), false FROM usage_events FINAL WHERE has(flags, 'assigned')
    )
    GROUP BY line
)
WHERE expected != actual
ORDER BY line
