-- Postings are numbered without gaps and add up to 0; usage in them is that of the events up to the
-- last posting's sequence number, re-ratings apart. And the ledger tells the same balance as the state:
-- of the postings that the state knows, less what was used since the last of them. So it can be told
-- at any moment, however busy the account is. All of it is in the account's currency. Everything is read once: what moves meanwhile moves in all of it.
WITH
    states AS
    (
        SELECT
            account,
            sequence,
            currency,
            spent,
            JSONExtractUInt(state, 'books', 'postings') AS postings,
            toDecimal128(JSONExtractString(state, 'books', 'charged'), 12) AS charged,
            toDecimal128(JSONExtractString(state, 'books', 'noted'), 12) AS noted,
            JSONExtract(state, 'credits', 'Array(Tuple(id String, amount String))') AS credits,
            arraySum(c -> toDecimal128(c.2, 12), credits) AS credited,
            arrayMap(c -> c.1, credits) AS ids
        FROM account_states FINAL
        WHERE :account = '' OR account = :account
    ),
    entries AS
    (
        SELECT account, posting, entry, sequence, currency, kind, ledger, credit, amount
        FROM ledger_entries FINAL
        WHERE :account = '' OR account = :account
    ),
    ledgers AS
    (
        SELECT
            s.account AS account,
            any(s.sequence) AS stated,
            any(s.postings) AS postings,
            any(s.spent) AS spent,
            max(e.posting) AS last,
            minIf(e.posting, e.posting > s.postings) AS beyond,
            maxIf(e.sequence, e.posting <= s.postings) AS posted_to,
            -sumIf(e.amount, e.posting <= s.postings AND e.ledger = 'usage' AND e.kind != 're-rating') AS usage,
            -sumIf(e.amount, e.posting <= s.postings AND e.ledger IN ('credits', 'unbilled', 'receivable', 'rounding', 'breakage')) AS balance,
            -- Credits that are over are in the ledger only.
            any(s.credited - s.charged + s.noted)
                - sumIf(e.amount, e.posting <= s.postings AND e.ledger = 'credits' AND e.kind IN ('grant', 'top-up', 'adjustment') AND startsWith(e.credit, 'ledger:') AND NOT has(s.ids, e.credit)) AS granted
        FROM states AS s
        LEFT JOIN entries AS e ON e.account = s.account
        GROUP BY s.account
    ),
    costs AS
    (
        SELECT
            l.account AS account,
            any(l.stated) AS stated,
            any(l.postings) AS postings,
            any(l.spent) AS spent,
            any(l.last) AS last,
            any(l.beyond) AS beyond,
            any(l.posted_to) AS posted_to,
            any(l.usage) AS usage,
            any(l.balance) AS balance,
            any(l.granted) AS granted,
            sumIf(e.cost, e.sequence <= l.posted_to) AS posted,
            sumIf(e.cost, e.sequence > l.posted_to AND e.sequence <= l.stated) AS since
        FROM ledgers AS l
        LEFT JOIN (SELECT account, sequence, cost FROM usage_events FINAL WHERE :account = '' OR account = :account) AS e ON e.account = l.account
        GROUP BY l.account
    )
SELECT account, subject, expected, actual
FROM
(
    SELECT account, concat('posting ', toString(posting)) AS subject, '0' AS expected, toString(sum(amount)) AS actual
    FROM entries
    GROUP BY account, posting
    HAVING sum(amount) != 0
    UNION ALL
    SELECT e.account, concat('currency of posting ', toString(e.posting), ', entry ', toString(e.entry)), toString(s.currency), toString(e.currency)
    FROM entries AS e
    INNER JOIN states AS s ON s.account = e.account
    WHERE e.posting <= s.postings AND e.currency != s.currency
    UNION ALL
    SELECT account, 'numbers of postings', toString(max(posting)), toString(uniqExact(posting))
    FROM entries
    GROUP BY account
    HAVING max(posting) != uniqExact(posting)
    UNION ALL
    SELECT
        account, difference.1, difference.2, difference.3
    FROM costs
    ARRAY JOIN
    [
        ('last posting', toString(postings), toString(if(last < postings, last, postings))),
        (concat('posting ', toString(beyond), ' beyond the state'), 'none', if(beyond = 0, 'none', 'there')),
        (
            'usage',
            concat(toString(posted), ' up to event ', toString(posted_to)),
            concat(toString(usage), ' up to event ', toString(posted_to))
        ),
        (
            'balance',
            concat(toString(granted - spent + since), ' at posting ', toString(postings)),
            concat(toString(if(last < postings, granted - spent + since, balance)), ' at posting ', toString(postings))
        )
    ] AS difference
    -- Usage of unknown keys has no ledger.
    WHERE last > 0 OR postings > 0
)
WHERE expected != actual
ORDER BY account, subject
