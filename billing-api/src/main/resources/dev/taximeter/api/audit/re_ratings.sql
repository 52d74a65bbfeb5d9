-- What re-ratings of a month posted is what its usage up to their basis costs by the terms that they
-- name, less what it was charged; and ledger, bills and what waits for a bill say the same.
WITH
    arrayConcat((SELECT groupUniqArrayArray(entries.effective_from) FROM price_books FINAL), (SELECT groupUniqArrayArray(plan_changes.from) FROM accounts FINAL), (SELECT groupUniqArrayArray(versions.from) FROM plans FINAL)) AS bounds,
    (SELECT groupUniqArray(context_above) FROM price_entries FINAL) AS prompt_bounds,
    states AS
    (
        SELECT
            account,
            JSONExtractUInt(state, 'books', 'postings') AS postings,
            JSONExtract(state, 'periods', 'Array(Tuple(period String, billing Tuple(charges Array(Tuple(kind String, amount String, period String)), reRated Tuple(posted String, basis UInt64, termsVersion UInt64))))') AS periods
        FROM account_states FINAL
        WHERE if(zone = '', 'UTC', zone) = :zone AND (:account = '' OR account = :account)
    ),
    done AS
    (
        SELECT account, postings, stated.1 AS period, toDecimal128OrZero(stated.2.2.1, 12) AS posted, stated.2.2.2 AS basis, stated.2.2.3 AS terms
        FROM states
        ARRAY JOIN periods AS stated
        WHERE :month = '' OR stated.1 = :month
    ),
    -- Requests that stand on the same lines.
    sums AS
    (
        SELECT
            d.account AS account, d.period AS period, d.terms AS terms, e.model AS model,
            arrayCount(bound -> bound <= e.completion, bounds) AS segment,
            arrayCount(bound -> bound < e.input + e.cached_input + e.cache_write, prompt_bounds) AS context,
            max(e.completion) AS completion,
            max(e.input + e.cached_input + e.cache_write) AS prompt,
            sum(e.input) AS input, sum(e.cached_input) AS cached_input, sum(e.cache_write) AS cache_write,
            sum(e.output) AS output, sum(e.reasoning) AS reasoning, count() AS requests, sum(e.cost) AS charged
        FROM usage_events AS e FINAL
        INNER JOIN done AS d ON d.account = e.account
        WHERE d.basis > 0 AND e.sequence <= d.basis AND formatDateTime(e.completion, '%Y-%m', :zone) = d.period
            AND e.completion >= toDateTime64(:from, 3, 'UTC') AND e.completion < toDateTime64(:until, 3, 'UTC')
        GROUP BY account, period, terms, model, segment, context
    ),
    planned AS
    (
        SELECT
            g.*,
            a.plan_ids[1 + arrayCount(start -> start <= g.completion, a.starts)] AS plan
        FROM sums AS g
        ASOF INNER JOIN (SELECT id, version, arrayPushFront(plan_changes.plan, plan) AS plan_ids, plan_changes.from AS starts FROM accounts FINAL) AS a ON a.id = g.account AND a.version <= g.terms
    ),
    of_plan AS
    (
        SELECT
            g.*,
            -- The plan's terms at the instant; a row that names none has them for all time.
            arrayCount(from -> from <= g.completion, p.starts) AS place,
            if(place = 0, toString(p.price_book), p.books[place]) AS price_book,
            if(place = 0, toString(p.price_suffix), p.suffixes[place]) AS price_suffix,
            if(place = 0, p.per_request, p.charges[place]) AS per_request
        FROM planned AS g
        ASOF INNER JOIN (SELECT id, version, price_book, price_suffix, per_request, versions.from AS starts, versions.price_book AS books, versions.price_suffix AS suffixes, versions.per_request AS charges FROM plans FINAL) AS p ON p.id = g.plan AND p.version <= g.terms
    ),
    of_book AS
    (
        SELECT
            g.*,
            b.models AS models, b.effective_from AS effective_from, b.known_since AS known_since, b.price_versions AS price_versions,
            arrayMap(
                pattern -> replaceAll(replaceAll(replaceAll(replaceAll(pattern, char(92), concat(char(92), char(92))), '%', concat(char(92), '%')), '_', concat(char(92), '_')), '*', '%'),
                models) AS patterns
        FROM of_plan AS g
        ASOF INNER JOIN (SELECT id, version, entries.model AS models, entries.effective_from AS effective_from, entries.known_since AS known_since, entries.price_version AS price_versions FROM price_books FINAL) AS b ON b.id = g.price_book AND b.version <= g.terms
    ),
    -- The best entry: an exact name, else the longest text before the first star; then the newest.
    chosen AS
    (
        SELECT
            account, period, input, cached_input, cache_write, output, reasoning, requests, charged, prompt, price_suffix, per_request,
            arraySort(
                place -> (
                    position(models[place], '*') > 0,
                    -if(position(models[place], '*') > 0, position(models[place], '*') - 1, length(models[place])),
                    -toUnixTimestamp64Milli(effective_from[place]),
                    -toInt64(known_since[place]),
                    -toInt64(lengthUTF8(models[place])),
                    models[place]),
                arrayFilter(place -> effective_from[place] <= completion AND like(model, patterns[place]), arrayEnumerate(models)))[1] AS best,
            if(best = 0, '', price_versions[best]) AS entry
        FROM of_book
    ),
    contexts AS
    (
        SELECT entry, groupUniqArray(context_above) AS aboves
        FROM
        (
            SELECT substring(price_version, 1, length(price_version) - length(concat(':', 'above-', toString(context_above)))) AS entry, context_above
            FROM price_entries FINAL
            WHERE context_above > 0
        )
        GROUP BY entry
    ),
    in_context AS
    (
        SELECT
            c.*,
            arrayReduce('max', arrayFilter(above -> above < c.prompt, x.aboves)) AS exceeded,
            if(exceeded > 0, concat(c.entry, ':', 'above-', toString(exceeded)), c.entry) AS tier
        FROM chosen AS c
        LEFT JOIN contexts AS x ON x.entry = c.entry
    ),
    -- A class without a price of its own is priced as its parent.
    counted AS
    (
        SELECT
            c.account AS account, c.period AS period, concat(c.tier, c.price_suffix) AS price_version,
            line.1 AS token_class, sum(line.2) AS quantity
        FROM in_context AS c
        INNER JOIN (SELECT price_version, groupUniqArray(token_class) AS own FROM price_entries FINAL GROUP BY price_version) AS p ON p.price_version = c.tier
        ARRAY JOIN
        [
            ('input', c.input + if(has(p.own, 'cachedInput'), 0, c.cached_input) + if(has(p.own, 'cacheWrite'), 0, c.cache_write)),
            ('cachedInput', if(has(p.own, 'cachedInput'), c.cached_input, 0)),
            ('cacheWrite', if(has(p.own, 'cacheWrite'), c.cache_write, 0)),
            ('output', c.output + if(has(p.own, 'reasoning'), 0, c.reasoning)),
            ('reasoning', if(has(p.own, 'reasoning'), c.reasoning, 0)),
            ('request', if(has(p.own, 'request'), c.requests, 0))
        ] AS line
        WHERE line.2 > 0
        GROUP BY account, period, price_version, token_class
    ),
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
    ),
    costs AS
    (
        SELECT
            c.account AS account, c.period AS period,
            arrayMap(
                tokens -> multiIf(
                    p.model = 'volume', p.per_million[arrayFirstIndex(last -> tokens <= last, p.ends)] * toInt64(tokens) / 1000000,
                    p.model = 'package', p.per_million[1] * toInt64(intDiv(tokens, p.ends[1]) + if(tokens % p.ends[1] = 0, 0, 1)),
                    arraySum((price, first, last) -> price * (toInt64(least(tokens, last)) - toInt64(least(tokens, first))), p.per_million, p.starts, p.ends) / 1000000),
                [if(c.quantity > p.free, c.quantity - p.free, 0)])[1] AS cost
        FROM counted AS c
        INNER JOIN prices AS p ON p.price_version = c.price_version AND p.token_class = c.token_class
        UNION ALL
        SELECT account, period, toDecimal256(per_request, 12) * toInt64(requests)
        FROM in_context
        WHERE best > 0
        UNION ALL
        SELECT account, period, -toDecimal256(charged, 12)
        FROM sums
    ),
    -- Of the same moment as the state, or not compared.
    in_ledger AS
    (
        SELECT account, max(posting) AS last
        FROM ledger_entries FINAL
        WHERE :account = '' OR account = :account
        GROUP BY account
    ),
    charges AS
    (
        SELECT account, charge.3 AS period, toDecimal128OrZero(charge.2, 12) AS amount
        FROM states
        ARRAY JOIN arrayFlatten(arrayMap(p -> p.2.1, periods)) AS charge
        WHERE charge.1 = 're-rating'
        UNION ALL
        SELECT b.account, charge.3, toDecimal128OrZero(charge.2, 12)
        FROM (SELECT account, status, bill FROM bills FINAL) AS b
        ARRAY JOIN JSONExtract(b.bill, 'content', 'charges', 'Array(Tuple(kind String, amount String, period String))') AS charge
        WHERE b.status = 'final' AND charge.1 = 're-rating'
    )
SELECT account, subject, expected, actual
FROM
(
    SELECT d.account AS account, concat('re-rating of ', d.period) AS subject, toString(sum(c.cost)) AS expected, toString(any(toDecimal256(d.posted, 12))) AS actual
    FROM done AS d
    LEFT JOIN costs AS c ON c.account = d.account AND c.period = d.period
    WHERE d.basis > 0
    GROUP BY d.account, d.period
    HAVING sum(c.cost) != any(toDecimal256(d.posted, 12))
    UNION ALL
    SELECT d.account, concat('re-rating of ', d.period, ' in the ledger'), toString(any(d.posted)), toString(sum(e.amount))
    FROM done AS d
    INNER JOIN in_ledger AS l ON l.account = d.account AND l.last = d.postings
    LEFT JOIN (SELECT account, period, -amount AS amount FROM ledger_entries FINAL WHERE kind = 're-rating' AND ledger = 'usage') AS e ON e.account = d.account AND e.period = d.period
    GROUP BY d.account, d.period
    HAVING any(d.posted) != sum(e.amount)
    UNION ALL
    SELECT d.account, concat('re-rating of ', d.period, ' on bills'), toString(any(d.posted)), toString(sum(c.amount))
    FROM done AS d
    LEFT JOIN charges AS c ON c.account = d.account AND c.period = d.period
    GROUP BY d.account, d.period
    HAVING any(d.posted) != sum(c.amount)
)
ORDER BY account, subject
