-- Postings are numbered without gaps and add up to 0; usage in them is that of the events up to the
-- last posting's sequence number, re-ratings apart; and the ledger tells the same balance as the state of that number.
WITH
    states AS
    (
        SELECT
            account,
            sequence,
            spent,
            JSONExtractUInt(state, 'books', 'postings') AS postings,
            toDecimal128(JSONExtractString(state, 'books', 'charged'), 12) AS charged,
            toDecimal128(JSONExtractString(state, 'books', 'noted'), 12) AS noted,
            arraySum(c -> toDecimal128(c.1, 12), JSONExtract(state, 'credits', 'Array(Tuple(amount String))')) AS credited
        FROM account_states FINAL
        WHERE :account = '' OR account = :account
    ),
    entries AS
    (
        SELECT account, posting, sequence, kind, ledger, amount
        FROM ledger_entries FINAL
        WHERE :account = '' OR account = :account
    ),
    ledgers AS
    (
        SELECT
            account,
            max(posting) AS last,
            uniqExact(posting) AS postings,
            max(sequence) AS posted_to,
            -sumIf(amount, ledger = 'usage' AND kind != 're-rating') AS usage,
            -sumIf(amount, ledger IN ('credits', 'unbilled', 'receivable', 'rounding', 'breakage')) AS balance
        FROM entries
        GROUP BY account
    )
SELECT account, subject, expected, actual
FROM
(
    SELECT account, concat('posting ', toString(posting)) AS subject, '0' AS expected, toString(sum(amount)) AS actual
    FROM entries
    GROUP BY account, posting
    HAVING sum(amount) != 0
    UNION ALL
    SELECT account, 'numbers of postings', toString(last), toString(postings)
    FROM ledgers
    WHERE last != postings
    UNION ALL
    SELECT s.account, 'last posting', toString(s.postings), toString(l.last)
    FROM states AS s
    LEFT JOIN ledgers AS l ON l.account = s.account
    WHERE s.postings != l.last
    UNION ALL
    SELECT l.account, 'usage',
        concat(toString(sum(e.cost)), ' up to event ', toString(any(l.posted_to))),
        concat(toString(any(l.usage)), ' up to event ', toString(any(l.posted_to)))
    FROM ledgers AS l
    INNER JOIN usage_events AS e FINAL ON e.account = l.account
    WHERE e.sequence <= l.posted_to
    GROUP BY l.account
    HAVING sum(e.cost) != any(l.usage)
    UNION ALL
    SELECT l.account, 'balance', toString(s.credited - s.charged + s.noted - s.spent), toString(l.balance)
    FROM ledgers AS l
    INNER JOIN states AS s ON s.account = l.account
    WHERE s.sequence = l.posted_to AND s.postings = l.last
        AND s.credited - s.charged + s.noted - s.spent != l.balance
)
ORDER BY account, subject
