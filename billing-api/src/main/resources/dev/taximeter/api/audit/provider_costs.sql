-- What the provider charges: each charge is f(total after it) - f(total before it) of its cost entry, also
-- for flat costs, where the total does not matter; and the cost of an event is the sum of its charges.
WITH
    -- A discount or markup makes other prices, which the version names at its end.
    adjustments AS
    (
        SELECT price_suffix, toDecimal256(argMax(percent, version), 4) AS percent
        FROM
        (
            SELECT price_suffix, toDecimal256(adjust_percent, 4) + 100 AS percent, version FROM plans FINAL
            UNION ALL
            SELECT '', toDecimal256(100, 4), 0
        )
        GROUP BY price_suffix
    ),
    prices AS
    (
        SELECT
            concat(e.price_version, a.price_suffix) AS price_version,
            e.token_class AS token_class,
            argMax(if(e.price_model = '', if(e.graduated, 'graduated', 'flat'), e.price_model), e.version) AS model,
            argMax(e.free, e.version) AS free,
            argMax(e.tiers.up_to, e.version) AS ends,
            arrayPushFront(arrayPopBack(ends), 0) AS starts,
            argMax(arrayMap(price -> toDecimal256(price, 12) * a.percent / 100, e.tiers.per_million), e.version) AS per_million
        FROM (SELECT * FROM price_entries FINAL) AS e
        CROSS JOIN adjustments AS a
        GROUP BY price_version, token_class
    )
SELECT
    account,
    concat('provider cost, ', token_class, ' of event ', toString(sequence), ', line ', toString(id)) AS subject,
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
        ends,
        -- The price of all tokens up to and with the event, less that of those before it.
        arrayMap(
            tokens -> multiIf(
                model = 'volume', per_million[arrayFirstIndex(last -> tokens <= last, ends)] * toInt64(tokens) / 1000000,
                model = 'package', per_million[1] * toInt64(intDiv(tokens, ends[1]) + if(tokens % ends[1] = 0, 0, 1)),
                arraySum((price, first, last) -> price * (toInt64(least(tokens, last)) - toInt64(least(tokens, first))), per_million, starts, ends) / 1000000),
            [if(total > free, total - free, 0), if(total - quantity > free, total - quantity - free, 0)]) AS amounts,
        amounts[1] - amounts[2] AS amount_expected
    FROM
    (
        SELECT
            e.account AS account,
            e.sequence AS sequence,
            e.id AS id,
            e.token_class AS token_class,
            e.quantity AS quantity,
            toDecimal256(e.amount, 12) AS amount,
            p.model AS model,
            p.free AS free,
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
            ARRAY JOIN arrayZip(provider_charges.token_class, provider_charges.price_version, provider_charges.quantity, provider_charges.amount) AS charge
            WHERE completion >= toDateTime64(:from, 3, 'UTC') AND completion < toDateTime64(:until, 3, 'UTC')
                AND (:account = '' OR account = :account)
        ) AS e
        INNER JOIN (SELECT account, sequence FROM account_states FINAL WHERE if(zone = '', 'UTC', zone) = :zone) AS s ON s.account = e.account
        LEFT JOIN prices AS p ON p.price_version = e.price_version AND p.token_class = e.token_class
        WHERE e.sequence <= s.sequence
    )
)
WHERE amount != amount_expected OR empty(ends)
UNION ALL
SELECT
    account,
    concat('provider cost of event ', toString(sequence), ', line ', toString(id)) AS subject,
    toString(arraySum(provider_charges.amount)) AS expected,
    toString(provider_cost) AS actual
FROM usage_events FINAL
WHERE provider_cost != arraySum(provider_charges.amount)
    AND completion >= toDateTime64(:from, 3, 'UTC') AND completion < toDateTime64(:until, 3, 'UTC')
    AND account IN (SELECT account FROM account_states FINAL WHERE if(zone = '', 'UTC', zone) = :zone)
    AND (:account = '' OR account = :account)
