-- A line is usage once at most, whoever pays for it.
SELECT account, concat('line ', toString(line)) AS subject, '1 event' AS expected, concat(toString(events), ' events') AS actual
FROM
(
    SELECT e.id AS line, min(e.account) AS account, count() AS events
    FROM usage_events AS e FINAL
    GROUP BY line
    HAVING events > 1 AND (:account = '' OR countIf(e.account = :account) > 0)
)
ORDER BY account, line
