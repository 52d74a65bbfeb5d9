-- The account's writer stamps what it rates and what it posts with its own clock, in its order: event
-- after event, and a posting after the events that it stands behind. So no stamp lies before the one
-- before it; but for a quarter of an hour, by which clocks of machines may differ or be set back. Rows from before stamps were
-- kept have the arrival, or the instant of the command.
SELECT account, concat(kind, ' ', toString(number)) AS subject, concat('not before ', toString(before)) AS expected, toString(stamp) AS actual
FROM
(
    SELECT
        account, kind, number, stamp,
        lagInFrame(stamp) OVER (PARTITION BY account ORDER BY sequence, place, number, stamp ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS before
    FROM
    (
        SELECT account, sequence, 0 AS place, 'event' AS kind, sequence AS number, settled AS stamp
        FROM usage_events FINAL
        WHERE settled != arrival AND (:account = '' OR account = :account)
        UNION ALL
        SELECT account, sequence, 1, 'posting', posting, stamp
        FROM
        (
            SELECT account, any(sequence) AS sequence, posting, arrayDistinct([min(recorded), max(recorded)]) AS stamps
            FROM ledger_entries FINAL
            WHERE recorded != at AND (:account = '' OR account = :account)
            GROUP BY account, posting
        )
        ARRAY JOIN stamps AS stamp
    )
)
WHERE stamp + INTERVAL 15 MINUTE < before
ORDER BY account, subject
