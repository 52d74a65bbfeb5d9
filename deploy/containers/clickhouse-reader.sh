#!/usr/bin/env bash
# Run once by the ClickHouse image, while its data directory is empty: the API's user, which can only read.
set -euo pipefail
password=$(cat /run/secrets/clickhouse-reader-password)
clickhouse-client --user "$CLICKHOUSE_USER" --password "$(cat /run/secrets/clickhouse-password)" --multiquery <<SQL
CREATE DATABASE IF NOT EXISTS taximeter;
CREATE USER IF NOT EXISTS taximeter_reader IDENTIFIED WITH sha256_password BY '$password' SETTINGS readonly = 2;
GRANT SELECT ON taximeter.* TO taximeter_reader;
SQL
