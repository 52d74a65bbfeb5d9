-- Each event stands on the bill lines that its account's terms choose for its model and instant.
--
-- Terms reach an account in order, but an event does not name them. So every version of the terms
-- up to the one that the account's state names is tried: an event is right if one of them gives its
-- charges, and if that one is no earlier than what an earlier event needs.
WITH
    arrayConcat((SELECT groupUniqArrayArray(entries.effective_from) FROM price_books FINAL), (SELECT groupUniqArrayArray(plan_changes.from) FROM accounts FINAL), (SELECT groupUniqArrayArray(versions.from) FROM plans FINAL)) AS bounds,
    (SELECT groupUniqArray(context_above) FROM price_entries FINAL) AS prompt_bounds,
    -- A month has room for so many lines; further models stand on the lines of their entries' patterns.
    (SELECT groupUniqArray(account) FROM (SELECT account FROM bill_lines FINAL GROUP BY account, period HAVING count() > 994)) AS full_accounts,
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
            -- All of the prompt decides the context tier.
            e.input + e.cached_input + e.cache_write AS prompt,
            cityHash64(e.account, e.model, arrayCount(bound -> bound <= e.completion, bounds), arrayCount(bound -> bound < prompt, prompt_bounds), used, charged, e.unpriced) AS kind
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
        SELECT kind, any(account) AS account, any(model) AS model, max(completion) AS completion, max(prompt) AS prompt, any(used) AS used, any(charged) AS charged, any(unpriced) AS unpriced, max(terms_version) AS terms_version
        FROM events
        GROUP BY kind
    ),
    -- All plans that an account has, one after the other; the first from the beginning.
    plans_of AS
    (
        SELECT id AS account, version, arrayPushFront(plan_changes.plan, plan) AS plan_ids, arrayPushFront(plan_changes.from, toDateTime64(0, 3, 'UTC')) AS starts
        FROM accounts FINAL
    ),
    changes AS
    (
        SELECT account, version FROM plans_of
        UNION DISTINCT
        SELECT a.account, p.version FROM (SELECT DISTINCT account, arrayJoin(plan_ids) AS plan FROM plans_of) AS a
        INNER JOIN (SELECT id, version FROM plans FINAL) AS p ON p.id = a.plan
        UNION DISTINCT
        SELECT a.account, b.version FROM (SELECT DISTINCT account, arrayJoin(plan_ids) AS plan FROM plans_of) AS a
        INNER JOIN (SELECT DISTINCT id, price_book FROM plans FINAL) AS p ON p.id = a.plan
        INNER JOIN (SELECT id, version FROM price_books FINAL) AS b ON b.id = p.price_book
    ),
    plan_periods AS
    (
        SELECT account, version, period.1 AS plan, period.2 AS start, period.3 AS end
        FROM
        (
            SELECT c.account AS account, c.version AS version, arrayZip(a.plan_ids, a.starts, arrayPushBack(arrayPopFront(a.starts), toDateTime64('2200-01-01 00:00:00', 3, 'UTC'))) AS periods
            FROM changes AS c
            ASOF INNER JOIN plans_of AS a ON a.account = c.account AND a.version <= c.version
        )
        ARRAY JOIN periods AS period
    ),
    -- A plan's terms apply from an instant on, too; in rows that name none, to all time.
    plan_terms AS
    (
        SELECT id, version, arrayZip(starts, arrayPushBack(arrayPopFront(starts), toDateTime64('2200-01-01 00:00:00', 3, 'UTC')), books, price_versions, suffixes, charges) AS spans
        FROM
        (
            SELECT
                id,
                version,
                empty(versions.from) AS always,
                if(always, [toDateTime64(0, 3, 'UTC')], versions.from) AS starts,
                if(always, [toString(price_book)], versions.price_book) AS books,
                if(always, [price_version], versions.price_version) AS price_versions,
                if(always, [toString(price_suffix)], versions.price_suffix) AS suffixes,
                if(always, [per_request], versions.per_request) AS charges
            FROM plans FINAL
        )
    ),
    spans_of AS
    (
        SELECT
            account, version, greatest(start, span.1) AS start, least(end, span.2) AS end,
            span.3 AS price_book, span.4 AS price_version, span.5 AS price_suffix, span.6 AS per_request
        FROM
        (
            SELECT c.account AS account, c.version AS version, c.start AS start, c.end AS end, p.spans AS spans
            FROM plan_periods AS c
            ASOF INNER JOIN plan_terms AS p ON p.id = c.plan AND p.version <= c.version
        )
        ARRAY JOIN spans AS span
        WHERE greatest(start, span.1) < least(end, span.2)
    ),
    terms AS
    (
        SELECT
            c.account AS account,
            c.version AS version,
            c.start AS start,
            c.end AS end,
            c.price_version AS plan_version,
            c.price_suffix AS price_suffix,
            c.per_request AS per_request,
            b.entries.model AS models,
            arrayMap(
                model -> replaceAll(replaceAll(replaceAll(replaceAll(model, char(92), concat(char(92), char(92))), '%', concat(char(92), '%')), '_', concat(char(92), '_')), '*', '%'),
                models) AS patterns,
            b.entries.effective_from AS effective_from,
            b.entries.known_since AS known_since,
            b.entries.price_version AS price_versions
        FROM spans_of AS c
        ASOF INNER JOIN (SELECT id, version, entries.model, entries.effective_from, entries.known_since, entries.price_version FROM price_books FINAL) AS b ON b.id = c.price_book AND b.version <= c.version
    ),
    priced AS
    (
        SELECT price_version, groupUniqArray(token_class) AS own_price, groupUniqArrayIf(token_class, graduated) AS graduated
        FROM price_entries FINAL
        GROUP BY price_version
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
    -- The best entry: an exact name, else the longest text before the first star; then the newest.
    chosen AS
    (
        SELECT
            k.kind AS kind,
            has(full_accounts, k.account) AS is_full,
            k.model AS model,
            k.used AS used,
            k.charged AS charged,
            k.unpriced AS unpriced,
            k.prompt AS prompt,
            t.version AS version,
            t.price_suffix AS price_suffix,
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
        WHERE t.version <= k.terms_version AND k.completion >= t.start AND k.completion < t.end
    ),
    -- A long prompt takes all of the request to the tier that it exceeds.
    in_context AS
    (
        SELECT
            c.kind AS kind, c.is_full AS is_full, c.model AS model, c.used AS used, c.charged AS charged, c.unpriced AS unpriced, c.version AS version,
            c.plan_version AS plan_version, c.per_request AS per_request, c.pattern AS pattern, c.price_version AS price_version, c.price_suffix AS price_suffix,
            arrayReduce('max', arrayFilter(above -> above < c.prompt, x.aboves)) AS exceeded,
            if(exceeded > 0, concat(c.price_version, ':', 'above-', toString(exceeded)), c.price_version) AS tier_version
        FROM chosen AS c
        LEFT JOIN contexts AS x ON x.entry = c.price_version
    ),
    -- What these terms would charge.
    derived AS
    (
        SELECT
            c.kind AS kind,
            c.version AS version,
            if(
                c.is_full,
                arraySort(arrayMap(
                    x -> (toString(x.1), if(x.2 = c.pattern AND x.3 != c.plan_version AND NOT has(p.graduated, x.1), c.model, toString(x.2)), toString(x.3)),
                    c.charged)),
                arrayMap(x -> (toString(x.1), toString(x.2), toString(x.3)), c.charged)) AS charged,
            c.unpriced AS unpriced,
            arrayDistinct(arrayMap(
                class -> multiIf(
                    has(p.own_price, class), class,
                    class IN ('cachedInput', 'cacheWrite'), 'input',
                    class = 'reasoning', 'output',
                    class),
                arrayConcat(c.used, if(has(p.own_price, 'request'), ['request'], [])))) AS wanted,
            arrayFilter(class -> has(p.own_price, class), wanted) AS given,
            c.price_version = '' OR length(given) < length(wanted) AS should_be_unpriced,
            if(
                c.price_version = '',
                [],
                arraySort(arrayConcat(
                    arrayMap(class -> (class, if(has(p.graduated, class), c.pattern, c.model), concat(c.tier_version, c.price_suffix)), given),
                    if(c.per_request > 0, [('request', '*', c.plan_version)], [])))) AS should_be_charged
        FROM in_context AS c
        LEFT JOIN priced AS p ON p.price_version = c.tier_version
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
