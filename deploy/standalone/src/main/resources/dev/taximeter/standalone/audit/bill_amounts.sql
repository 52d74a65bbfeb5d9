-- A bill line's amount is a function of its quantity and its price alone, whatever the events were.
WITH prices AS
(
    SELECT
        price_version,
        token_class,
        any(ends) AS ends,
        arrayPushFront(arrayPopBack(ends), 0) AS starts,
        arrayMap(price -> toDecimal256(price, 12), any(per_million)) AS per_million
    FROM
    (
        SELECT price_version, token_class, tiers.up_to AS ends, tiers.per_million AS per_million FROM price_entries FINAL
        UNION ALL
        SELECT price_version, 'request', [toUInt64(18446744073709551615)], [per_request * 1000000] FROM plans FINAL
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
        arraySum((price, first, last) -> price * (toInt64(least(b.quantity, last)) - toInt64(least(b.quantity, first))), p.per_million, p.starts, p.ends) / 1000000 AS amount_expected
    FROM bill_lines AS b FINAL
    LEFT JOIN prices AS p ON p.price_version = b.price_version AND p.token_class = b.token_class
    WHERE (:month = '' OR b.period = :month) AND (:account = '' OR b.account = :account)
)
WHERE NOT known OR amount != amount_expected
ORDER BY account, period, model, token_class, price_version
