-- A price version names one price of each class, whatever version of its book or plan a row came with, and
-- what the versions of a plan's prices end in names one discount or markup. Other checks read the newest row.
-- It concerns the accounts that have such a price on a bill line.
WITH
    told AS
    (
        SELECT
            price_version AS begins,
            '' AS ends,
            concat('price ', price_version, ' ', token_class) AS subject,
            version,
            concat(
                if(price_model = '', if(graduated, 'graduated', 'flat'), toString(price_model)),
                if(graduated, ' of the total', ''),
                if(context_above > 0, concat(' above ', toString(context_above)), ''),
                if(free > 0, concat(' after ', toString(free)), ''),
                ' ',
                arrayStringConcat(
                    arrayMap(
                        (per_million, last) -> concat(toString(per_million), if(last = 18446744073709551615, '', concat(' to ', toString(last)))),
                        tiers.per_million, tiers.up_to),
                    ', ')) AS price
        FROM price_entries FINAL
        UNION ALL
        SELECT plan.1, '', concat('price ', plan.1, ' request'), version, toString(plan.2)
        FROM plans FINAL
        ARRAY JOIN arrayPushFront(arrayZip(versions.price_version, versions.per_request), (price_version, per_request)) AS plan
        UNION ALL
        SELECT '', toString(price_suffix), concat('discount or markup ', if(price_suffix = '', 'of none', price_suffix)), version, concat(toString(adjust_percent), ' %')
        FROM plans FINAL
    ),
    doubtful AS
    (
        SELECT begins, ends, subject, max(version) AS newest, argMax(price, version) AS newest_price, arraySort(groupUniqArray((version, price))) AS prices
        FROM told
        GROUP BY begins, ends, subject
        HAVING uniqExact(price) > 1
    )
SELECT DISTINCT
    l.account AS account,
    d.subject AS subject,
    concat('version ', toString(d.newest), ': ', d.newest_price) AS expected,
    arrayStringConcat(arrayMap(row -> concat('version ', toString(row.1), ': ', row.2), arrayFilter(row -> row.2 != d.newest_price, d.prices)), '; ') AS actual
FROM doubtful AS d
CROSS JOIN (SELECT DISTINCT account, price_version FROM bill_lines FINAL WHERE :account = '' OR account = :account) AS l
WHERE startsWith(l.price_version, d.begins)
    AND endsWith(l.price_version, d.ends)
    AND (d.begins = '' OR l.price_version = d.begins OR has((SELECT groupUniqArray(toString(price_suffix)) FROM plans FINAL), substring(l.price_version, length(d.begins) + 1)))
ORDER BY account, subject
