-- Each event stands on the bill lines that its account's terms choose for its model and instant.
--
-- Terms reach an account in order, but an event does not name them. So every version of the terms
-- up to the one that the account's state names is tried: an event is right if one of them gives its
-- charges, and if that one is no earlier than what an earlier event needs.
WITH
    arraySort((SELECT groupUniqArrayArray(entries.effective_from) FROM price_books FINAL)) AS bounds,
    ['input', 'cachedInput', 'cacheWrite', 'output', 'reasoning'] AS classes,
    events AS
    (
        SELECT
            e.account AS account,
            e.id AS id,
            e.sequence AS sequence,
            e.model AS model,
            e.completion AS completion,
            e.unpriced AS unpriced,
            s.terms_version AS terms_version,
            -- The class stands on its own line or on its parent's, but only if it was used at all.
            arrayFilter((class, tokens) -> tokens > 0, classes, [e.input, e.cached_input, e.cache_write, e.output, e.reasoning]) AS used,
            arraySort(arrayZip(e.charges.token_class, e.charges.model, e.charges.price_version)) AS charged,
            cityHash64(e.account, e.model, arrayCount(bound -> bound <= e.completion, bounds), used, charged, e.unpriced) AS kind
        FROM usage_events AS e FINAL
        INNER JOIN (SELECT account, sequence, terms_version FROM account_states FINAL WHERE if(zone = '', 'UTC', zone) = :zone) AS s ON s.account = e.account
        WHERE e.sequence <= s.sequence
            AND NOT startsWith(e.account, 'unattributed:')
            AND e.completion >= toDateTime64(:from, 3, 'UTC') AND e.completion < toDateTime64(:until, 3, 'UTC')
            AND (:account = '' OR e.account = :account)
    ),
    -- Events of one kind have the same price, whatever they count.
    kinds AS
    (
        SELECT kind, any(account) AS account, any(model) AS model, max(completion) AS completion, any(used) AS used, any(charged) AS charged, any(unpriced) AS unpriced, max(terms_version) AS terms_version
        FROM events
        GROUP BY kind
    ),
    changes AS
    (
        SELECT id AS account, version FROM accounts FINAL
        UNION DISTINCT
        SELECT a.id, p.version FROM (SELECT DISTINCT id, plan FROM accounts FINAL) AS a
        INNER JOIN (SELECT id, version FROM plans FINAL) AS p ON p.id = a.plan
        UNION DISTINCT
        SELECT a.id, b.version FROM (SELECT DISTINCT id, plan FROM accounts FINAL) AS a
        INNER JOIN (SELECT DISTINCT id, price_book FROM plans FINAL) AS p ON p.id = a.plan
        INNER JOIN (SELECT id, version FROM price_books FINAL) AS b ON b.id = p.price_book
    ),
    terms AS
    (
        SELECT
            c.account AS account,
            c.version AS version,
            p.price_version AS plan_version,
            p.per_request AS per_request,
            b.entries.model AS models,
            arrayMap(
                model -> replaceAll(replaceAll(replaceAll(replaceAll(model, char(92), concat(char(92), char(92))), '%', concat(char(92), '%')), '_', concat(char(92), '_')), '*', '%'),
                models) AS patterns,
            b.entries.effective_from AS effective_from,
            b.entries.known_since AS known_since,
            b.entries.price_version AS price_versions
        FROM changes AS c
        ASOF INNER JOIN (SELECT id, version, plan FROM accounts FINAL) AS a ON a.id = c.account AND a.version <= c.version
        ASOF INNER JOIN (SELECT id, version, price_book, price_version, per_request FROM plans FINAL) AS p ON p.id = a.plan AND p.version <= c.version
        ASOF INNER JOIN (SELECT id, version, entries.model, entries.effective_from, entries.known_since, entries.price_version FROM price_books FINAL) AS b ON b.id = p.price_book AND b.version <= c.version
    ),
    priced AS
    (
        SELECT price_version, groupUniqArray(token_class) AS own_price, groupUniqArrayIf(token_class, graduated) AS graduated
        FROM price_entries FINAL
        GROUP BY price_version
    ),
    -- The best entry: an exact name, else the longest text before the first star; then the newest.
    chosen AS
    (
        SELECT
            k.kind AS kind,
            k.model AS model,
            k.used AS used,
            k.charged AS charged,
            k.unpriced AS unpriced,
            t.version AS version,
            t.plan_version AS plan_version,
            t.per_request AS per_request,
            arrayFilter(
                place -> t.effective_from[place] <= k.completion AND like(k.model, t.patterns[place]),
                arrayEnumerate(t.models)) AS matching,
            arraySort(
                place -> (
                    position(t.models[place], '*') > 0,
                    -if(position(t.models[place], '*') > 0, position(t.models[place], '*') - 1, length(t.models[place])),
                    -toUnixTimestamp64Milli(t.effective_from[place]),
                    -toInt64(t.known_since[place]),
                    -toInt64(lengthUTF8(t.models[place])),
                    t.models[place]),
                matching)[1] AS best,
            if(best = 0, '', t.models[best]) AS pattern,
            if(best = 0, '', t.price_versions[best]) AS price_version
        FROM kinds AS k
        INNER JOIN terms AS t ON t.account = k.account
        WHERE t.version <= k.terms_version
    ),
    -- What these terms would charge.
    derived AS
    (
        SELECT
            c.kind AS kind,
            c.version AS version,
            c.charged AS charged,
            c.unpriced AS unpriced,
            arrayDistinct(arrayMap(
                class -> multiIf(
                    has(p.own_price, class), class,
                    class IN ('cachedInput', 'cacheWrite'), 'input',
                    class = 'reasoning', 'output',
                    class),
                c.used)) AS wanted,
            arrayFilter(class -> has(p.own_price, class), wanted) AS given,
            c.price_version = '' OR length(given) < length(wanted) AS should_be_unpriced,
            if(
                c.price_version = '',
                [],
                arraySort(arrayConcat(
                    arrayMap(class -> (class, if(has(p.graduated, class), c.pattern, c.model), c.price_version), given),
                    if(c.per_request > 0, [('request', '*', c.plan_version)], [])))) AS should_be_charged
        FROM chosen AS c
        LEFT JOIN priced AS p ON p.price_version = c.price_version
    ),
    verdicts AS
    (
        SELECT
            kind,
            minIf(version, fits) AS earliest,
            maxIf(version, fits) AS latest,
            argMax(toString(should_be_charged), version) AS expected,
            any(toString(charged)) AS actual
        FROM
        (
            SELECT
                kind,
                version,
                charged,
                should_be_charged,
                toString(charged) = toString(should_be_charged) AND unpriced = should_be_unpriced AS fits
            FROM derived
        )
        GROUP BY kind
    )
SELECT
    account,
    concat('price of event ', toString(sequence), ', line ', toString(id)) AS subject,
    expected,
    if(latest > 0, concat(actual, ' of terms that had been replaced'), actual) AS actual
FROM
(
    SELECT
        e.account AS account,
        e.id AS id,
        e.sequence AS sequence,
        v.latest AS latest,
        v.expected AS expected,
        v.actual AS actual,
        max(v.earliest) OVER (PARTITION BY e.account ORDER BY e.sequence ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS needed
    FROM events AS e
    LEFT JOIN verdicts AS v ON v.kind = e.kind
)
WHERE latest = 0 OR latest < needed
ORDER BY account, sequence
