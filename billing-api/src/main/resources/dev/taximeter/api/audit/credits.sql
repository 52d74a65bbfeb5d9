-- A credit of the catalogue has the amount that was granted, in the state and in the ledger. If it was
-- lowered below what had been drawn of it, the state has that: it was given. The ledger follows with
-- usage, so what was given beyond the amount is in its balance (see ledger.sql). It ends when the catalogue
-- says; one that was over when it came may end with the quarter of an hour before. Credits of people that
-- are over are in the ledger only: the replay follows them (final_bills).
WITH
    stated AS
    (
        SELECT
            account,
            terms_version,
            credit.1 AS id,
            toDecimal128(credit.2, 12) AS amount,
            toDecimal128(credit.3, 12) AS drawn
        FROM account_states FINAL
        ARRAY JOIN JSONExtract(state, 'credits', 'Array(Tuple(id String, amount String, drawn String))') AS credit
        WHERE :account = '' OR account = :account
    ),
    current AS
    (
        SELECT s.account AS account, c.id AS id, argMax(c.amount, c.version) AS amount, argMax(c.expires_at, c.version) AS expires_at
        FROM credits AS c FINAL
        INNER JOIN account_states AS s FINAL ON s.account = c.account
        WHERE c.version <= s.terms_version AND (:account = '' OR s.account = :account)
        GROUP BY account, id
    ),
    posted AS
    (
        SELECT account, credit AS id, -sum(amount) AS amount, max(credit_priority) >= 0 AS told, argMinIf(credit_until, posting, credit_priority >= 0) AS until, minIf(recorded, credit_priority >= 0) AS given_at
        FROM ledger_entries FINAL
        WHERE ledger = 'credits' AND kind IN ('grant', 'top-up', 'adjustment')
            AND (:account = '' OR account = :account)
        GROUP BY account, id
    )
SELECT account, subject, expected, actual
FROM
(
    SELECT account, concat('amount of credit ', id) AS subject, toString(sum(expected_amount)) AS expected, toString(sum(actual_amount)) AS actual
    FROM
    (
        SELECT c.account AS account, c.id AS id, greatest(c.amount, s.drawn) AS expected_amount, toDecimal128(0, 12) AS actual_amount
        FROM current AS c
        LEFT JOIN stated AS s ON s.account = c.account AND s.id = c.id
        UNION ALL
        SELECT account, id, toDecimal128(0, 12), amount FROM stated WHERE NOT startsWith(id, 'ledger:')
    )
    GROUP BY account, id
    UNION ALL
    SELECT account, concat('amount of credit ', id, ' in the ledger'), toString(sum(expected_amount)), toString(sum(actual_amount))
    FROM
    (
        SELECT account, id, amount AS expected_amount, toDecimal128(0, 12) AS actual_amount FROM current
        UNION ALL
        SELECT account, id, amount, toDecimal128(0, 12) FROM stated WHERE startsWith(id, 'ledger:')
        UNION ALL
        SELECT account, id, toDecimal128(0, 12), amount FROM posted
        WHERE NOT startsWith(id, 'ledger:') OR (account, id) IN (SELECT account, id FROM stated)
    )
    GROUP BY account, id
    UNION ALL
    SELECT c.account, concat('end of credit ', c.id, ' in the ledger'), toString(c.expires_at), toString(p.until)
    FROM current AS c
    INNER JOIN posted AS p ON p.account = c.account AND p.id = c.id
    WHERE p.told AND NOT (p.until BETWEEN c.expires_at AND c.expires_at + INTERVAL 1 MILLISECOND)
        AND NOT (p.until = toStartOfFifteenMinutes(c.expires_at) AND p.given_at >= p.until)
)
WHERE expected != actual
ORDER BY account, subject
