-- A bill line's amount is a function of its quantity and its price alone, whatever the events were.
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
            price_version,
            token_class,
            argMax(model, version) AS model,
            argMax(free, version) AS free,
            argMax(ends, version) AS ends,
            arrayPushFront(arrayPopBack(ends), 0) AS starts,
            argMax(per_million, version) AS per_million
        FROM
        (
            SELECT
                concat(e.price_version, a.price_suffix) AS price_version,
                e.token_class AS token_class,
                if(e.price_model = '', if(e.graduated, 'graduated', 'flat'), e.price_model) AS model,
                e.free AS free,
                e.tiers.up_to AS ends,
                arrayMap(price -> toDecimal256(price, 12) * a.percent / 100, e.tiers.per_million) AS per_million,
                e.version AS version
            FROM (SELECT * FROM price_entries FINAL) AS e
            CROSS JOIN adjustments AS a
            UNION ALL
            SELECT price_version, 'request', 'flat', 0, [toUInt64(18446744073709551615)], [toDecimal256(per_request, 12) * toDecimal256(1000000, 4)], version FROM plans FINAL
        )
        GROUP BY price_version, token_class
    )
SELECT
    account,
    concat('amount of bill ', period, ', ', model, ' ', token_class, ' at ', price_version) AS subject,
    if(known, concat(toString(quantity), ' for ', toString(amount_expected)), 'a price of that version') AS expected,
    if(known, concat(toString(quantity), ' for ', toString(amount)), 'none in the catalogue') AS actual
FROM
(
    SELECT
        b.account AS account, b.period AS period, b.model AS model, b.token_class AS token_class, b.price_version AS price_version, b.quantity AS quantity,
        toDecimal256(b.amount, 12) AS amount,
        notEmpty(p.ends) AS known,
        arrayMap(
            tokens -> multiIf(
                p.model = 'volume', p.per_million[arrayFirstIndex(last -> tokens <= last, p.ends)] * toInt64(tokens) / 1000000,
                p.model = 'package', p.per_million[1] * toInt64(intDiv(tokens, p.ends[1]) + if(tokens % p.ends[1] = 0, 0, 1)),
                arraySum((price, first, last) -> price * (toInt64(least(tokens, last)) - toInt64(least(tokens, first))), p.per_million, p.starts, p.ends) / 1000000),
            [if(b.quantity > p.free, b.quantity - p.free, 0)])[1] AS amount_expected
    FROM bill_lines AS b FINAL
    LEFT JOIN prices AS p ON p.price_version = b.price_version AND p.token_class = b.token_class
    WHERE (:month = '' OR b.period = :month) AND (:account = '' OR b.account = :account)
)
WHERE NOT known OR amount != amount_expected
ORDER BY account, period, model, token_class, price_version
