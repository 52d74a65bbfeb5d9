-- What stands in the columns of a bill or a state is what stands in the document beside them; a bill's
-- hash is that of its canonical form; and an account has the currency and the zone of the catalogue.
SELECT account, subject, expected, actual
FROM
(
    SELECT account, concat('column ', pair.1, ' of bill ', toString(number)) AS subject, pair.2 AS expected, pair.3 AS actual
    FROM
    (
        SELECT
            account,
            number,
            JSONExtractRaw(bill, 'content') AS content,
            JSONExtract(bill, 'notes', 'Array(Tuple(amount String))') AS note_amounts,
            JSONExtract(content, 'lines', 'Array(Tuple(model String, tokenClass String, priceVersion String, quantity UInt64, amount String))') AS own,
            JSONExtract(content, 'lateLines', 'Array(Tuple(period String, line Tuple(model String, tokenClass String, priceVersion String, quantity UInt64, amount String)))') AS late,
            JSONExtract(content, 'creditsApplied', 'Array(Tuple(credit String, amount String))') AS uses,
            [
                ('account', JSONExtractString(content, 'account'), account),
                ('number', toString(JSONExtractUInt(content, 'number')), toString(number)),
                ('period', JSONExtractString(content, 'period'), toString(period)),
                ('status', JSONExtractString(bill, 'status'), toString(status)),
                ('currency', JSONExtractString(content, 'currency'), toString(currency)),
                ('finalized_at', toString(parseDateTime64BestEffortOrZero(JSONExtractString(bill, 'finalizedAt'), 3, 'UTC')), toString(finalized_at)),
                ('content_hash', JSONExtractString(bill, 'contentHash'), content_hash),
                ('canonical_form', lower(hex(SHA256(canonical_form))), JSONExtractString(bill, 'contentHash')),
                ('sequence_from', toString(JSONExtractUInt(content, 'covers', 'sequenceFrom')), toString(sequence_from)),
                ('sequence_to', toString(JSONExtractUInt(content, 'covers', 'sequenceTo')), toString(sequence_to)),
                ('requests', toString(JSONExtractUInt(content, 'covers', 'requests')), toString(requests)),
                ('exact_total', toString(toDecimal128OrZero(JSONExtractString(content, 'exactTotal'), 12)), toString(exact_total)),
                ('late_total', toString(toDecimal128OrZero(JSONExtractString(content, 'lateTotal'), 12)), toString(late_total)),
                ('charges_total', toString(toDecimal128OrZero(JSONExtractString(content, 'chargesTotal'), 12)), toString(charges_total)),
                ('credits_total', toString(toDecimal128OrZero(JSONExtractString(content, 'creditsTotal'), 12)), toString(credits_total)),
                ('exact_due', toString(toDecimal128OrZero(JSONExtractString(content, 'exactDue'), 12)), toString(exact_due)),
                ('amount_due', toString(toDecimal128OrZero(JSONExtractString(content, 'amountDue'), 12)), toString(amount_due)),
                ('noted', toString(arraySum(note -> toDecimal128OrZero(note.1, 12), note_amounts)), toString(noted)),
                (
                    'lines',
                    toString(arrayConcat(
                        arrayMap(line -> (JSONExtractString(content, 'period'), line.1, line.2, line.3, line.4, toDecimal128OrZero(line.5, 12)), own),
                        arrayMap(line -> (line.1, line.2.1, line.2.2, line.2.3, line.2.4, toDecimal128OrZero(line.2.5, 12)), late))),
                    toString(arrayZip(lines.period, lines.model, lines.token_class, lines.price_version, lines.quantity, lines.amount))
                ),
                (
                    'credits',
                    toString(arrayMap(use -> (use.1, toDecimal128OrZero(use.2, 12)), uses)),
                    toString(arrayZip(credits.id, credits.amount))
                )
            ] AS pairs
        FROM bills FINAL
        WHERE :account = '' OR account = :account
    )
    ARRAY JOIN pairs AS pair
    UNION ALL
    SELECT account, concat('column ', pair.1, ' of the state'), pair.2, pair.3
    FROM
    (
        SELECT
            account,
            [
                ('account', JSONExtractString(state, 'account'), account),
                ('sequence', toString(JSONExtractUInt(state, 'sequence')), toString(sequence)),
                ('terms_version', toString(JSONExtractUInt(state, 'termsVersion')), toString(terms_version)),
                ('currency', JSONExtractString(state, 'currency'), toString(currency)),
                ('zone', JSONExtractString(state, 'zone'), toString(zone)),
                ('spent', toString(toDecimal128OrZero(JSONExtractString(state, 'spent'), 12)), toString(spent)),
                ('requests', toString(JSONExtractUInt(state, 'requests')), toString(requests)),
                ('last_completion', toString(parseDateTime64BestEffortOrZero(JSONExtractString(state, 'lastCompletion'), 3, 'UTC')), toString(last_completion))
            ] AS pairs
        FROM account_states FINAL
        WHERE :account = '' OR account = :account
    )
    ARRAY JOIN pairs AS pair
    UNION ALL
    SELECT s.account, concat(pair.1, ' of the account'), pair.2, pair.3
    FROM account_states AS s FINAL
    INNER JOIN (SELECT id, argMax(currency, version) AS currency, argMax(timezone, version) AS zone FROM accounts FINAL GROUP BY id) AS a ON a.id = s.account
    ARRAY JOIN [('currency', toString(a.currency), toString(s.currency)), ('zone', toString(a.zone), toString(s.zone))] AS pair
    WHERE s.currency != '' AND (:account = '' OR s.account = :account)
)
WHERE expected != actual
ORDER BY account, subject
