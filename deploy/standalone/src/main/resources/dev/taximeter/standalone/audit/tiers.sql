-- With graduated prices an event costs f(total after it) - f(total before it), where the total is the
-- account's in the month, of the class and the price entry, in the order of sequence numbers.
WITH prices AS
(
    SELECT
        price_version,
        token_class,
        any(tiers.up_to) AS ends,
        arrayPushFront(arrayPopBack(ends), 0) AS starts,
        arrayMap(price -> toDecimal256(price, 12), any(tiers.per_million)) AS per_million
    FROM price_entries FINAL
    WHERE graduated
    GROUP BY price_version, token_class
)
SELECT
    account,
    concat(token_class, ' of event ', toString(sequence), ', line ', toString(id)) AS subject,
    toString(amount_expected) AS expected,
    toString(amount) AS actual
FROM
(
    SELECT
        account,
        sequence,
        id,
        token_class,
        amount,
        arraySum((price, first, last) -> price * (toInt64(least(total, last)) - toInt64(least(total, first))), per_million, starts, ends) / 1000000
            - arraySum((price, first, last) -> price * (toInt64(least(total - quantity, last)) - toInt64(least(total - quantity, first))), per_million, starts, ends) / 1000000 AS amount_expected
    FROM
    (
        SELECT
            e.account AS account,
            e.sequence AS sequence,
            e.id AS id,
            e.token_class AS token_class,
            e.quantity AS quantity,
            toDecimal256(e.amount, 12) AS amount,
            p.starts AS starts,
            p.ends AS ends,
            p.per_million AS per_million,
            sum(e.quantity) OVER (PARTITION BY e.account, toStartOfMonth(e.completion, :zone), e.price_version, e.token_class ORDER BY e.sequence ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS total
        FROM
        (
            SELECT
                account, sequence, id, completion,
                charge.1 AS token_class,
                charge.2 AS price_version,
                charge.3 AS quantity,
                charge.4 AS amount
            FROM usage_events FINAL
            ARRAY JOIN arrayZip(charges.token_class, charges.price_version, charges.quantity, charges.amount) AS charge
            WHERE completion >= toDateTime64(:from, 3, 'UTC') AND completion < toDateTime64(:until, 3, 'UTC')
                AND (:account = '' OR account = :account)
        ) AS e
        INNER JOIN (SELECT account, sequence FROM account_states FINAL WHERE if(zone = '', 'UTC', zone) = :zone) AS s ON s.account = e.account
        INNER JOIN prices AS p ON p.price_version = e.price_version AND p.token_class = e.token_class
        WHERE e.sequence <= s.sequence
    )
)
WHERE amount != amount_expected
ORDER BY account, sequence, token_class
