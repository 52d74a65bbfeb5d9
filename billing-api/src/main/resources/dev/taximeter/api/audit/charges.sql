-- A charge has the tokens of its class and of those without a price of their own, and its amount is
-- quantity x price. Prices with a running total depend on the order of events: see tiers.sql.
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
            argMax(graduated, version) AS graduated,
            argMax(per_million, version) AS per_million,
            groupUniqArrayArray([token_class]) OVER (PARTITION BY price_version) AS own_price
        FROM
        (
            SELECT
                concat(e.price_version, a.price_suffix) AS price_version,
                e.token_class AS token_class,
                e.graduated AS graduated,
                toDecimal256(e.tiers.per_million[1], 12) * a.percent / 100 AS per_million,
                e.version AS version
            FROM (SELECT price_version, token_class, graduated, tiers.per_million, version FROM price_entries FINAL) AS e
            CROSS JOIN adjustments AS a
            UNION ALL
            SELECT price_version, 'request', false, toDecimal256(per_request, 12) * toDecimal256(1000000, 4), version FROM plans FINAL
        )
        GROUP BY price_version, token_class
    )
SELECT
    account,
    concat(token_class, ' of event ', toString(sequence), ', line ', toString(id)) AS subject,
    if(known, concat(toString(quantity_expected), if(graduated, '', concat(' for ', toString(amount_expected)))), concat('a price with version ', price_version)) AS expected,
    if(known, concat(toString(quantity), if(graduated, '', concat(' for ', toString(amount)))), 'none in the catalogue') AS actual
FROM
(
    SELECT
        e.account AS account,
        e.sequence AS sequence,
        e.id AS id,
        e.token_class AS token_class,
        e.price_version AS price_version,
        e.quantity AS quantity,
        toDecimal256(e.amount, 12) AS amount,
        p.graduated AS graduated,
        notEmpty(p.own_price) AS known,
        multiIf(
            e.token_class = 'input', e.input + if(has(p.own_price, 'cachedInput'), 0, e.cached_input) + if(has(p.own_price, 'cacheWrite'), 0, e.cache_write),
            e.token_class = 'cachedInput', e.cached_input,
            e.token_class = 'cacheWrite', e.cache_write,
            e.token_class = 'output', e.output + if(has(p.own_price, 'reasoning'), 0, e.reasoning),
            e.token_class = 'reasoning', e.reasoning,
            1) AS quantity_expected,
        p.per_million * quantity_expected / 1000000 AS amount_expected
    FROM
    (
        SELECT
            account, sequence, id, input, cached_input, cache_write, output, reasoning,
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
    LEFT JOIN prices AS p ON p.price_version = e.price_version AND p.token_class = e.token_class
    WHERE e.sequence <= s.sequence
)
WHERE NOT known OR quantity != quantity_expected OR (NOT graduated AND amount != amount_expected)
ORDER BY account, sequence, token_class
