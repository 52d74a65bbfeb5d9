-- The zones of the accounts to audit; some functions need a zone that is the same for all rows.
SELECT DISTINCT if(zone = '', 'UTC', zone) AS zone
FROM account_states FINAL
WHERE :account = '' OR account = :account
ORDER BY zone
