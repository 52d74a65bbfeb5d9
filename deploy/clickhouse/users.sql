-- Users with the least rights; see deploy/docs/clickhouse.md. Put in your passwords' SHA-256 (echo -n PASSWORD | sha256sum). On a cluster add
-- ON CLUSTER '{cluster}' behind each name.
CREATE USER IF NOT EXISTS taximeter IDENTIFIED WITH sha256_hash BY '0000000000000000000000000000000000000000000000000000000000000000';
GRANT CREATE DATABASE, CREATE TABLE, ALTER TABLE, SELECT, INSERT ON taximeter.* TO taximeter;
GRANT SELECT ON system.tables TO taximeter;
CREATE USER IF NOT EXISTS taximeter_reader IDENTIFIED WITH sha256_hash BY '0000000000000000000000000000000000000000000000000000000000000000' SETTINGS readonly = 2, max_memory_usage = 4000000000, max_execution_time = 60;
GRANT SELECT ON taximeter.* TO taximeter_reader;
