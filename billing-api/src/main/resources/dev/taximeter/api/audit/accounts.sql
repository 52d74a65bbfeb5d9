-- Every account: of the catalogue, or with a state of its own.
SELECT DISTINCT account
FROM
(
    SELECT id AS account FROM accounts
    UNION ALL
    SELECT account FROM account_states
)
ORDER BY account
