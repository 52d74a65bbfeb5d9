-- An event costs the sum of its charges, in its account's currency; unattributed usage costs nothing.
SELECT
    e.account AS account,
    concat('cost of event ', toString(e.sequence), ', line ', toString(e.id)) AS subject,
    if(unattributed, '0, without charges', concat(toString(charged), ' ', s.currency)) AS expected,
    if(unattributed, concat(toString(e.cost), ', ', toString(length(e.charges.amount)), ' charges'), concat(toString(e.cost), ' ', e.currency)) AS actual
FROM
(
    SELECT *, arraySum(charges.amount) AS charged, startsWith(account, 'unattributed:') AS unattributed
    FROM usage_events FINAL
    WHERE completion >= toDateTime64(:from, 3, 'UTC') AND completion < toDateTime64(:until, 3, 'UTC')
        AND (:account = '' OR account = :account)
) AS e
INNER JOIN (SELECT account, sequence, currency FROM account_states FINAL WHERE if(zone = '', 'UTC', zone) = :zone) AS s ON s.account = e.account
WHERE e.sequence <= s.sequence
    AND (e.cost != e.charged OR e.currency != s.currency OR (unattributed AND (notEmpty(e.charges.amount) OR e.cost != 0 OR e.unpriced)))
ORDER BY e.account, e.sequence
