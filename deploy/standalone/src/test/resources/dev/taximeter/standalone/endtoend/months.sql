-- What two months of usage cost, and what is due for them: plain SQL over what was used and what
-- was agreed, written from the acceptance page. Nothing of it comes from the product.
-- Statements end with a semicolon at the end of a line. Words in braces are put in by the test; what
-- has {again} in it is run twice, for the prices at which usage was rated and for the corrected ones.

-- Facts ----------------------------------------------------------------------------------------

CREATE TABLE account (
  account String, zone String, digits UInt8, early UInt8, voided UInt8
) ENGINE = Memory;

-- Debits and adjustments of now: they wait for November's bill.
CREATE TABLE debit (account String, amount Decimal(38, 12)) ENGINE = Memory;

CREATE TABLE api_key (secret String, key String, account String) ENGINE = Memory;

CREATE TABLE account_plan (
  account String, since DateTime64(3, 'UTC'), plan String
) ENGINE = Memory;

CREATE TABLE plan (
  plan String, book String, per_request Decimal(38, 12), adjust Decimal(9, 3)
) ENGINE = Memory;

-- A row for each class. Steps of a package are its size and price.
CREATE TABLE price{again} (
  book String, model String, since DateTime64(3, 'UTC'), above UInt64, class String,
  kind String, free Int64, up_to Array(Int64), price Array(Decimal(38, 12))
) ENGINE = Memory;

-- Months that are priced again once all has been used, and when they end.
CREATE TABLE re_rated (account String, month String, ends DateTime64(3, 'UTC')) ENGINE = Memory;

CREATE TABLE credit (
  credit String, account String, priority UInt16, kind UInt8, amount Decimal(38, 12),
  since DateTime64(3, 'UTC'), until DateTime64(3, 'UTC'), phase UInt8
) ENGINE = Memory;

CREATE TABLE fact (
  fact UInt32, completed DateTime64(3, 'UTC'), secret String, model String,
  input Int64, cached Int64, written Int64, output Int64, reasoning Int64, phase UInt8
) ENGINE = Memory;

-- The price of a quantity. Prices are of a single token, those of packages of a package.
CREATE FUNCTION months_cost AS (kind, free, up_to, price, quantity) ->
  multiIf(
    kind = 'flat',
      toDecimal256(toDecimal256(greatest(quantity - free, 0), 0) * price[1], 18),
    kind = 'package',
      toDecimal256(
        toDecimal256(intDiv(greatest(quantity - free, 0) + up_to[1] - 1, up_to[1]), 0) * price[1],
        18),
    kind = 'volume',
      toDecimal256(
        toDecimal256(greatest(quantity - free, 0), 0)
          * price[arrayFirstIndex(upto -> greatest(quantity - free, 0) <= upto, up_to)],
        18),
    toDecimal256(
      arraySum(
        (upto, below, each) ->
          toDecimal256(greatest(least(greatest(quantity - free, 0), upto) - below, 0), 0) * each,
        up_to, arrayConcat([toInt64(0)], arrayPopBack(up_to)), price),
      18));

-- Usage ----------------------------------------------------------------------------------------

-- Which bill takes it: 1 September's, 2 October's, 3 November's, which is not final.
CREATE TABLE used ENGINE = Memory AS
SELECT
  fact, completed, model, input, cached, written, output, reasoning, phase,
  k.account AS account, k.key AS key, a.early AS early,
  formatDateTime(completed, '%Y-%m', a.zone) AS month,
  formatDateTime(completed, '%Y-%m-%d', a.zone) AS day,
  toUInt8(multiIf(
    month = '{september}' AND phase <= if(early, 1, 2), 1,
    month IN ('{september}', '{october}') AND phase <= 2, 2,
    3)) AS bill
FROM fact AS f
JOIN api_key AS k ON k.secret = f.secret
JOIN account AS a ON a.account = k.account
SETTINGS allow_nonconst_timezone_arguments = 1;

-- A bill, its month and the last phase whose lines it has.
CREATE TABLE bill ENGINE = Memory AS
SELECT account, bill, month, phase
FROM account
ARRAY JOIN
  [toUInt8(1), 2, 3] AS bill,
  ['{september}', '{october}', '{november}'] AS month,
  [toUInt8(if(early, 1, 2)), 2, 3] AS phase;

-- The plan that has begun last.
CREATE TABLE planned ENGINE = Memory AS
SELECT
  u.fact AS fact, p.plan AS plan, p.book AS book, p.per_request AS per_request, p.adjust AS adjust
FROM (
  SELECT used.fact AS fact, argMax(c.plan, c.since) AS plan
  FROM used JOIN account_plan AS c ON c.account = used.account
  WHERE c.since <= used.completed
  GROUP BY fact
) AS u
JOIN plan AS p ON p.plan = u.plan;

-- Of the entries in force that match the model: an exact one, else the longest prefix; the latest.
-- Two patterns of one prefix that begin together are as good; the longer one is taken.
CREATE TABLE entered{again} ENGINE = Memory AS
SELECT
  fact,
  argMax(
    (e.model, e.since),
    (if(e.star = 0, 1, 0), e.star, e.since, length(e.model))) AS best,
  best.1 AS pattern,
  best.2 AS since
FROM used
JOIN planned ON planned.fact = used.fact
JOIN (
  SELECT DISTINCT book, model, since, position(model, '*') AS star FROM price{again}
) AS e ON e.book = planned.book
WHERE e.since <= used.completed AND used.model LIKE replaceOne(e.model, '*', '%')
GROUP BY used.fact AS fact;

-- The longest tier that the prompt exceeds prices all of the request.
CREATE TABLE tiered{again} ENGINE = Memory AS
SELECT fact, any(p.book) AS book, any(e.pattern) AS pattern, any(e.since) AS since,
  any(p.adjust) AS adjust, max(t.above) AS above
FROM entered{again} AS e
JOIN planned AS p ON p.fact = e.fact
JOIN used AS u ON u.fact = e.fact
JOIN (SELECT DISTINCT book, model, since, above FROM price{again}) AS t
  ON t.book = p.book AND t.model = e.pattern AND t.since = e.since
WHERE t.above = 0 OR u.input + u.cached + u.written > t.above
GROUP BY e.fact AS fact;

-- Classes without a price of their own count as their parents.
CREATE TABLE counted{again} ENGINE = Memory AS
SELECT fact, book, pattern, since, adjust, above, counts.1 AS class, counts.2 AS quantity,
  has(classes, class) AS is_priced
FROM (
  SELECT fact, any(t.book) AS book, any(t.pattern) AS pattern, any(t.since) AS since,
    any(t.adjust) AS adjust, any(t.above) AS above, groupUniqArray(p.class) AS classes
  FROM tiered{again} AS t
  JOIN price{again} AS p
    ON p.book = t.book AND p.model = t.pattern AND p.since = t.since AND p.above = t.above
  GROUP BY t.fact AS fact
) AS f
JOIN used AS u ON u.fact = f.fact
ARRAY JOIN [
  ('input',
    u.input + if(has(classes, 'cachedInput'), 0, u.cached)
      + if(has(classes, 'cacheWrite'), 0, u.written)),
  ('cachedInput', if(has(classes, 'cachedInput'), u.cached, 0)),
  ('cacheWrite', if(has(classes, 'cacheWrite'), u.written, 0)),
  ('output', u.output + if(has(classes, 'reasoning'), 0, u.reasoning)),
  ('reasoning', if(has(classes, 'reasoning'), u.reasoning, 0)),
  ('request', if(has(classes, 'request'), toInt64(1), 0))
] AS counts
WHERE quantity > 0;

CREATE TABLE unpriced{again} ENGINE = Memory AS
SELECT fact FROM used WHERE fact NOT IN (SELECT fact FROM entered{again})
UNION DISTINCT
SELECT fact FROM counted{again} WHERE NOT is_priced;

-- What each request adds to which line, and the price of that line.
CREATE TABLE charge{again} ENGINE = Memory AS
SELECT
  c.fact AS fact,
  c.class AS class,
  p.kind != 'flat' OR p.free > 0 AS is_tiered,
  if(is_tiered, c.pattern, u.model) AS model,
  concat(
    c.book, ':', c.pattern, ':', formatDateTime(c.since, '%Y-%m-%dT%H:%i:%SZ'), ':v1',
    if(c.above = 0, '', concat(':above-', toString(c.above))),
    if(c.adjust = 0, '', concat(if(c.adjust > 0, ':+', ':'), toString(c.adjust), '%'))) AS version,
  c.quantity AS quantity, p.kind AS kind, p.free AS free, p.up_to AS up_to,
  arrayMap(
    each -> toDecimal256(
      toDecimal256(each, 18) * toDecimal256(100 + c.adjust, 3)
        / if(p.kind = 'package', 100, 100000000),
      18),
    p.price) AS price
FROM counted{again} AS c
JOIN used AS u ON u.fact = c.fact
JOIN price{again} AS p
  ON p.book = c.book AND p.model = c.pattern AND p.since = c.since AND p.above = c.above
    AND p.class = c.class
WHERE c.is_priced
UNION ALL
SELECT
  fact, 'request', toUInt8(0), '*', concat('plan:', plan, ':v1'), toInt64(1), 'flat', toInt64(0),
  [toInt64(9223372036854775807)], [toDecimal256(per_request, 18)]
FROM planned
WHERE per_request > 0 AND fact IN (SELECT fact FROM entered{again});

-- Bills ----------------------------------------------------------------------------------------

-- What of a month's line stands on which bill. What stands on an earlier one counts before it.
CREATE TABLE line ENGINE = Memory AS
SELECT
  account, month, model, class, version, bill, quantity, kind, free, up_to, price,
  sum(quantity) OVER (
    PARTITION BY account, month, model, class, version ORDER BY bill
    ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS until,
  until - quantity AS before,
  months_cost(kind, free, up_to, price, until)
    - months_cost(kind, free, up_to, price, before) AS amount
FROM (
  SELECT
    u.account AS account, u.month AS month, c.model AS model, c.class AS class,
    c.version AS version, u.bill AS bill, sum(c.quantity) AS quantity,
    any(c.kind) AS kind, any(c.free) AS free, any(c.up_to) AS up_to, any(c.price) AS price
  FROM charge AS c JOIN used AS u ON u.fact = c.fact
  GROUP BY account, month, model, class, version, bill
);

-- What a month's usage costs at the corrected prices, less what it was charged: a charge of that month
-- on the next bill, paid by what was valid at its end, or is now.
CREATE TABLE re_rating ENGINE = Memory AS
SELECT account, month, sum(cost) AS amount
FROM (
  SELECT
    u.account AS account, u.month AS month,
    months_cost(any(c.kind), any(c.free), any(c.up_to), any(c.price), sum(c.quantity)) AS cost
  FROM charge_again AS c JOIN used AS u ON u.fact = c.fact
  GROUP BY account, month, c.model, c.class, c.version
  UNION ALL
  SELECT account, month, -amount FROM line
)
WHERE (account, month) IN (SELECT account, month FROM re_rated)
GROUP BY account, month;

-- Credits --------------------------------------------------------------------------------------

-- Instants at which a credit begins or ends that is known to a bill.
CREATE TABLE cut ENGINE = Memory AS
SELECT b.account AS account, b.bill AS bill, at
FROM bill AS b
JOIN credit AS c ON c.account = b.account
ARRAY JOIN [c.since, c.until] AS at
WHERE c.phase <= b.phase
UNION DISTINCT
SELECT account, bill, toDateTime64(0, 3, 'UTC') FROM bill;

CREATE TABLE dated ENGINE = Memory AS
SELECT u.fact AS fact, max(cut.at) AS cut
FROM used AS u
JOIN cut ON cut.account = u.account AND cut.bill = u.bill
WHERE cut.at <= u.completed
GROUP BY fact;

-- What each line costs between two of them, in the order of completion. A total that falls later
-- takes from the parts before, so that no credit pays more than the total; what falls below what
-- is billed stands at the first.
CREATE TABLE part ENGINE = Memory AS
SELECT
  account, bill, month, cut,
  sum(if(q_until = q, lowest, greatest(lowest - reached_before, toDecimal256(0, 18)))) AS cost
FROM (
  SELECT
    *,
    min(reached) OVER (
      PARTITION BY account, bill, month, model, class, version ORDER BY cut
      ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS lowest,
    months_cost(kind, free, up_to, price, before + q_until - q)
      - months_cost(kind, free, up_to, price, before) AS reached_before
  FROM (
    SELECT
      *,
      sum(q) OVER (
        PARTITION BY account, bill, month, model, class, version ORDER BY cut
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS q_until,
      months_cost(kind, free, up_to, price, before + q_until)
        - months_cost(kind, free, up_to, price, before) AS reached
    FROM (
      SELECT
        u.account AS account, u.bill AS bill, u.month AS month, c.model AS model,
        c.class AS class, c.version AS version, d.cut AS cut, sum(c.quantity) AS q,
        any(l.before) AS before, any(l.kind) AS kind, any(l.free) AS free,
        any(l.up_to) AS up_to, any(l.price) AS price
      FROM charge AS c
      JOIN used AS u ON u.fact = c.fact
      JOIN dated AS d ON d.fact = c.fact
      JOIN line AS l
        ON l.account = u.account AND l.bill = u.bill AND l.month = u.month
          AND l.model = c.model AND l.class = c.class AND l.version = c.version
      GROUP BY account, bill, month, model, class, version, cut
    )
  )
)
GROUP BY account, bill, month, cut;

-- A debit is paid by what is valid now: it stands behind all instants that have been.
CREATE TABLE owed ENGINE = Memory AS
SELECT account, bill, month, cut, sum(cost) AS cost
FROM (
  SELECT account, bill, month, cut, cost FROM part
  UNION ALL
  SELECT d.account, toUInt8(3), '{november}', c.cut, toDecimal256(d.amount, 18)
  FROM debit AS d
  JOIN (SELECT account, max(at) AS cut FROM cut WHERE bill = 3 AND at <= now() GROUP BY account) AS c
    ON c.account = d.account
  UNION ALL
  SELECT r.account, toUInt8(3), r.month, max(cut.at), any(r.amount)
  FROM re_rating AS r
  JOIN re_rated AS e ON e.account = r.account AND e.month = r.month
  JOIN cut ON cut.account = r.account
  WHERE cut.bill = 3 AND cut.at < least(e.ends, now64(3))
  GROUP BY r.account, r.month
)
GROUP BY account, bill, month, cut;

-- The same for all lines of a month together.
CREATE TABLE month_part ENGINE = Memory AS
SELECT
  account, bill, month, cut,
  if(place = 1, lowest, greatest(lowest - reached + cost, toDecimal256(0, 18))) AS cost
FROM (
  SELECT
    *,
    min(reached) OVER (
      PARTITION BY account, bill, month ORDER BY cut
      ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS lowest
  FROM (
    SELECT
      *,
      row_number() OVER (PARTITION BY account, bill, month ORDER BY cut) AS place,
      sum(cost) OVER (
        PARTITION BY account, bill, month ORDER BY cut
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS reached
    FROM owed
  )
);

CREATE TABLE ranked ENGINE = Memory AS
SELECT
  *,
  row_number() OVER (PARTITION BY account ORDER BY priority, until, kind, credit) AS rank,
  count() OVER (PARTITION BY account) - rank + 1 AS from_last
FROM credit;

CREATE TABLE draw (
  account String, bill UInt8, month String, cut DateTime64(3, 'UTC'), credit String,
  amount Decimal(76, 18)
) ENGINE = Memory;

-- A month that has become cheaper than its bills gives back to the credits that paid for it, to the
-- last one first.
--each {rank} of {bill}
INSERT INTO draw
SELECT
  m.account, {bill}, m.month, m.cut, c.credit,
  -least(p.paid, m.owed - ifNull(d.returned, toDecimal256(0, 18))) AS given
FROM (
  SELECT account, month, min(part.cut) AS cut, -sum(cost) AS owed
  FROM month_part AS part WHERE bill = {bill} GROUP BY account, month HAVING owed > 0
) AS m
JOIN ranked AS c ON c.account = m.account
JOIN (
  SELECT account, month, credit, sum(amount) AS paid FROM draw WHERE bill < {bill}
  GROUP BY account, month, credit HAVING paid > 0
) AS p ON p.account = m.account AND p.month = m.month AND p.credit = c.credit
LEFT JOIN (
  SELECT account, month, -sum(amount) AS returned FROM draw WHERE bill = {bill}
  GROUP BY account, month
) AS d ON d.account = m.account AND d.month = m.month
WHERE c.from_last = {rank} AND given < 0;

-- Once for each rank: the credit pays what those before it left, in the order of completion. What the
-- account itself gets back takes from what follows.
--each {rank} of {bill}
INSERT INTO draw
SELECT
  account, bill, month, cut, credit, least(until_here, has) - least(until_here - due, has) AS amount
FROM (
  SELECT
    *,
    sum(due) OVER (
      PARTITION BY account ORDER BY month, cut
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS until_here
  FROM (
    SELECT
      p.account AS account, p.bill AS bill, p.month AS month, p.cut AS cut, c.credit AS credit,
      toDecimal256(c.amount, 18) - ifNull(t.taken, toDecimal256(0, 18)) AS has,
      p.paid_until - p.paid_before - ifNull(d.paid, toDecimal256(0, 18)) AS due
    FROM (
      SELECT
        account, bill, month, cut,
        greatest(max(owed) OVER (
          PARTITION BY account ORDER BY month, cut
          ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW), toDecimal256(0, 18)) AS paid_until,
        if(place = 1, toDecimal256(0, 18), greatest(max(owed) OVER (
          PARTITION BY account ORDER BY month, cut
          ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), toDecimal256(0, 18))) AS paid_before
      FROM (
        SELECT
          n.account AS account, n.bill AS bill, n.month AS month, n.cut AS cut,
          row_number() OVER (PARTITION BY account ORDER BY month, cut) AS place,
          sum(n.cost + ifNull(g.returned, toDecimal256(0, 18))) OVER (
            PARTITION BY account ORDER BY month, cut
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS owed
        FROM (SELECT * FROM month_part WHERE bill = {bill}) AS n
        LEFT JOIN (
          SELECT account, month, cut, -sum(amount) AS returned FROM draw
          WHERE bill = {bill} AND amount < 0 GROUP BY account, month, cut
        ) AS g ON g.account = n.account AND g.month = n.month AND g.cut = n.cut
      )
    ) AS p
    JOIN bill AS b ON b.account = p.account AND b.bill = p.bill
    JOIN ranked AS c ON c.account = p.account
    LEFT JOIN (SELECT credit, sum(amount) AS taken FROM draw GROUP BY credit) AS t
      ON t.credit = c.credit
    LEFT JOIN (
      SELECT account, month, cut, sum(amount) AS paid FROM draw WHERE bill = {bill} AND amount > 0
      GROUP BY account, month, cut
    ) AS d ON d.account = p.account AND d.month = p.month AND d.cut = p.cut
    WHERE c.rank = {rank} AND c.phase <= b.phase AND c.since <= p.cut AND p.cut < c.until
  )
)
WHERE amount != 0;
