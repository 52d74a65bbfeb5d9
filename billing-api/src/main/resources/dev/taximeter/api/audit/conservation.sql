-- Lines read = lines decided, and lines billed or unattributed = lines rated, for each shipment,
-- source and hour of arrival. Lines without a shipment of ours have no count of lines read. The
-- subject names a total, so that lines in flight do not look like the same ones each time.
SELECT
    '' AS account,
    concat(what, ' of shipment ', shipment, ', ', host, ':', path, ', hour ', toString(hour), ', of ', toString(lines_decided)) AS subject,
    expected,
    actual
FROM
(
    SELECT
        shipment, host, path, hour,
        sum(read) AS lines_read,
        sum(billed + unattributed + unbillable + duplicate + suspense + quarantined) AS lines_decided,
        sum(billed + unattributed) AS usage_decided,
        sum(settled) AS usage_settled,
        countIf(writer = 'shipper') AS shipped
    FROM line_accounting FINAL
    GROUP BY shipment, host, path, hour
)
ARRAY JOIN
    ['lines read and decided', 'usage decided and rated'] AS what,
    [if(shipped = 0, '', toString(lines_read)), toString(usage_decided)] AS expected,
    [if(shipped = 0, '', toString(lines_decided)), toString(usage_settled)] AS actual
WHERE expected != actual
ORDER BY hour, host, path, shipment, what
