-- A credit has the amount that was granted, and pays for the usage that completed before it expires.
-- What a credit pays for that had expired when it was granted depends on when that was.
WITH
    stated AS
    (
        SELECT
            account,
            sequence,
            terms_version,
            credit.1 AS id,
            toDecimal128(credit.2, 12) AS amount,
            toDecimal128(credit.3, 12) AS used
        FROM account_states FINAL
        ARRAY JOIN JSONExtract(state, 'credits', 'Array(Tuple(id String, amount String, spentBeforeExpiry String))') AS credit
        WHERE :account = '' OR account = :account
    ),
    granted AS
    (
        SELECT c.id AS id, c.version AS version, c.account AS account, c.amount AS amount, c.expires_at AS expires_at, g.at AS granted_at
        FROM credits AS c FINAL
        INNER JOIN (SELECT id, min(at) AS at FROM catalog FINAL WHERE kind = 'credit' GROUP BY id) AS g ON g.id = concat('credit/', c.id)
    ),
    current AS
    (
        SELECT
            s.account AS account,
            g.id AS id,
            argMax(g.amount, g.version) AS amount,
            argMax(g.expires_at, g.version) AS expires_at,
            argMax(g.granted_at, g.version) AS granted_at
        FROM granted AS g
        INNER JOIN account_states AS s FINAL ON s.account = g.account
        WHERE g.version <= s.terms_version AND (:account = '' OR s.account = :account)
        GROUP BY account, id
    ),
    paid AS
    (
        SELECT e.account AS account, c.id AS id, sum(e.cost) AS used
        FROM usage_events AS e FINAL
        INNER JOIN (SELECT account, sequence FROM account_states FINAL) AS s ON s.account = e.account
        INNER JOIN current AS c ON c.account = e.account
        WHERE e.sequence <= s.sequence AND (toUnixTimestamp64Milli(c.expires_at) = 0 OR e.completion < c.expires_at)
        GROUP BY account, id
    )
SELECT account, subject, expected, actual
FROM
(
    SELECT account, concat('amount of credit ', id) AS subject, toString(sumIf(amount, is_granted)) AS expected, toString(sumIf(amount, NOT is_granted)) AS actual
    FROM
    (
        SELECT account, id, amount, true AS is_granted FROM current
        UNION ALL
        SELECT account, id, amount, false FROM stated
    )
    GROUP BY account, id
    UNION ALL
    SELECT c.account, concat('usage that credit ', c.id, ' may pay for'), toString(p.used), toString(s.used)
    FROM current AS c
    INNER JOIN stated AS s ON s.account = c.account AND s.id = c.id
    LEFT JOIN paid AS p ON p.account = c.account AND p.id = c.id
    WHERE toUnixTimestamp64Milli(c.expires_at) = 0 OR c.granted_at < c.expires_at
)
WHERE expected != actual
ORDER BY account, subject
