-- Landing refused no record.
SELECT '' AS account, concat('record of ', topic, '-', toString(partition), ' at offset ', toString(offset)) AS subject, 'landed' AS expected, reason AS actual
FROM landing_rejects FINAL
ORDER BY topic, partition, offset
