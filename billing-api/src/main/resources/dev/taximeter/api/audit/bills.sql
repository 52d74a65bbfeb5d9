-- Final bills are numbered without gaps, add up, and are due in the ledger.
WITH
    made AS
    (
        SELECT
            *,
            -- What of credit notes goes back to credits, and is not due less.
            toDecimal128(arraySum(note -> arraySum(use -> toDecimal128OrZero(use.1, 12), note.1), JSONExtract(bill, 'notes', 'Array(Tuple(returned Array(Tuple(amount String))))')), 12) AS returned
        FROM bills FINAL
        WHERE :account = '' OR account = :account
    ),
    due AS
    (
        SELECT account, bill, sum(amount) AS amount
        FROM ledger_entries FINAL
        WHERE ledger = 'receivable' AND (:account = '' OR account = :account)
        GROUP BY account, bill
    )
SELECT account, subject, expected, actual
FROM
(
    SELECT account, 'numbers of bills' AS subject, toString(max(number)) AS expected, toString(uniqExact(number)) AS actual
    FROM made
    GROUP BY account
    HAVING max(number) != uniqExact(number)
    UNION ALL
    SELECT s.account, 'last bill', toString(JSONExtractUInt(s.state, 'books', 'bills')), toString(f.last)
    FROM account_states AS s FINAL
    LEFT JOIN (SELECT account, max(number) AS last FROM made GROUP BY account) AS f ON f.account = s.account
    WHERE JSONExtractUInt(s.state, 'books', 'bills') != f.last AND (:account = '' OR s.account = :account)
    UNION ALL
    SELECT account, concat('sum of bill ', toString(number)), toString(arraySum(lines.amount)), toString(exact_total + late_total)
    FROM made
    WHERE arraySum(lines.amount) != exact_total + late_total
    UNION ALL
    SELECT account, concat('due by bill ', toString(number)), toString(exact_total + late_total + charges_total - credits_total), toString(exact_due)
    FROM made
    WHERE exact_total + late_total + charges_total - credits_total != exact_due
    UNION ALL
    SELECT account, concat('credit notes on bill ', toString(number)), concat('at most ', toString(greatest(amount_due, 0) + arraySum(a -> greatest(a, toDecimal128(0, 12)), credits.amount))), toString(noted)
    FROM made
    WHERE noted > greatest(amount_due, 0) + arraySum(a -> greatest(a, toDecimal128(0, 12)), credits.amount)
    UNION ALL
    SELECT f.account, concat('bill ', toString(f.number), ' in the ledger'), toString(if(f.status = 'void', toDecimal128(0, 12), f.amount_due - f.noted + f.returned)), toString(d.amount)
    FROM made AS f
    LEFT JOIN due AS d ON d.account = f.account AND d.bill = f.number
    WHERE if(f.status = 'void', toDecimal128(0, 12), f.amount_due - f.noted + f.returned) != d.amount
)
ORDER BY account, subject
