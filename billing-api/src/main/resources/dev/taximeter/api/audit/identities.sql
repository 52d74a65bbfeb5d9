-- A line is usage once at most, whoever pays for it. Usage of an unknown key that was claimed stays
-- where it arrived as history; so a line may stand there once and on one bill once, if the bill says
-- that it was claimed, and what was claimed must have arrived there.
SELECT account, concat('line ', toString(line)) AS subject, expected, actual
FROM
(
    SELECT
        e.id AS line,
        min(e.account) AS account,
        countIf(NOT startsWith(e.account, 'unattributed:')) AS billed,
        countIf(startsWith(e.account, 'unattributed:')) AS received,
        countIf(has(e.flags, 'claimed')) AS claimed,
        multiIf(claimed > 0, '1 event, received and claimed once', '1 event') AS expected,
        concat(toString(billed + received), ' events, ', toString(received), ' received, ', toString(claimed), ' claimed') AS actual
    FROM usage_events AS e FINAL
    -- What the desk had no room for is history once it is there.
    WHERE NOT has(e.flags, 'desk-full') OR e.id NOT IN (SELECT id FROM suspense)
    GROUP BY line
    HAVING (billed > 1 OR received > 1 OR claimed != (billed > 0 AND received > 0))
        AND (:account = '' OR countIf(e.account = :account) > 0)
)
ORDER BY account, line
