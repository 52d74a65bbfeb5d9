-- Events of an account are numbered from 1 without gaps or repetitions.
-- A gap is named by its first number, so that one that is only still landing does not persist.
SELECT
    account,
    concat('events after number ', toString(arrayFirstIndex((number, place) -> number != place, numbers, arrayEnumerate(numbers)) - 1)) AS subject,
    concat(toString(stated), ' events, ', toString(stated), ' numbers') AS expected,
    concat(toString(length(numbers) - 1), ' events, ', toString(length(arrayDistinct(numbers)) - 1), ' numbers') AS actual
FROM
(
    SELECT
        account,
        max(stated) AS stated,
        -- A last number that fits nowhere, so that there is always a first misplaced one.
        arrayPushBack(arraySort(groupArrayIf(sequence, counted)), 0) AS numbers
    FROM
    (
        SELECT e.account AS account, e.sequence AS sequence, s.sequence AS stated, e.sequence <= s.sequence AS counted
        FROM usage_events AS e FINAL
        LEFT JOIN (SELECT account, sequence FROM account_states FINAL) AS s ON s.account = e.account
        WHERE :account = '' OR e.account = :account
        UNION ALL
        SELECT account, 0, sequence, false
        FROM account_states FINAL
        WHERE :account = '' OR account = :account
    )
    GROUP BY account
    HAVING countIf(counted) != stated OR uniqExactIf(sequence, counted) != stated OR stated = 0 AND max(sequence) > 0
)
ORDER BY account
