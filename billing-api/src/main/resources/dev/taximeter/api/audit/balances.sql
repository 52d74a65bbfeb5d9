-- What an account has spent is the sum of its events, and it was used last when the last of them completed.
SELECT account, subject, expected, actual
FROM
(
    SELECT
        account,
        sumIf(cost, is_event) AS cost_expected,
        sumIf(cost, NOT is_event) AS cost_actual,
        sumIf(requests, is_event) AS requests_expected,
        sumIf(requests, NOT is_event) AS requests_actual,
        maxIf(last, is_event) AS last_expected,
        maxIf(last, NOT is_event) AS last_actual
    FROM
    (
        SELECT e.account AS account, true AS is_event, e.cost AS cost, toUInt64(1) AS requests, e.completion AS last
        FROM usage_events AS e FINAL
        INNER JOIN (SELECT account, sequence FROM account_states FINAL) AS s ON s.account = e.account
        WHERE e.sequence <= s.sequence AND (:account = '' OR e.account = :account)
        UNION ALL
        SELECT account, false, spent, requests, last_completion
        FROM account_states FINAL
        WHERE :account = '' OR account = :account
    )
    GROUP BY account
)
ARRAY JOIN
    ['spent', 'requests', 'last completion'] AS subject,
    [toString(cost_expected), toString(requests_expected), toString(last_expected)] AS expected,
    [toString(cost_actual), toString(requests_actual), toString(last_actual)] AS actual
WHERE expected != actual
ORDER BY account, subject
