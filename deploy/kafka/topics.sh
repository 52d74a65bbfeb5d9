#!/usr/bin/env bash
# Generated from the code; see deploy/docs/kafka.md. BOOTSTRAP: host:port; ADMIN_CONFIG: client settings of an administrator.
set -euo pipefail
: "${BOOTSTRAP:?}" "${ADMIN_CONFIG:?}"
# Partitions can be chosen once, before the first line; TAXIMETER_PARTITIONS is the same number.
partitions=${PARTITIONS:-8} replication=${REPLICATION:-3}
topic() { kafka-topics.sh --bootstrap-server "$BOOTSTRAP" --command-config "$ADMIN_CONFIG" --create --if-not-exists --replication-factor "$replication" "$@"; }
topic --topic gateway.access-log.v1 --partitions "$partitions" --config cleanup.policy=delete --config max.message.bytes=12582912 --config retention.ms=604800000 --config segment.bytes=67108864 --config segment.ms=21600000
topic --topic gateway.access-log.v1.dlq --partitions "$partitions" --config cleanup.policy=delete --config max.message.bytes=17825792 --config retention.ms=2592000000
topic --topic commands.v1 --partitions 1 --config cleanup.policy=delete --config max.message.bytes=12582912 --config retention.ms=604800000
topic --topic command.results.v1 --partitions 1 --config cleanup.policy=delete --config max.message.bytes=12582912 --config retention.ms=604800000
topic --topic catalog.v1 --partitions 1 --config cleanup.policy=compact --config max.message.bytes=12582912 --config segment.bytes=33554432
topic --topic account.inputs.v1 --partitions "$partitions" --config cleanup.policy=delete --config max.message.bytes=12582912 --config retention.ms=-1 --config segment.bytes=67108864 --config segment.ms=21600000
topic --topic usage.events.v1 --partitions "$partitions" --config cleanup.policy=delete --config max.message.bytes=12582912 --config retention.ms=604800000
topic --topic usage.windows.v1 --partitions "$partitions" --config cleanup.policy=delete --config max.message.bytes=12582912 --config retention.ms=604800000
topic --topic account.states.v1 --partitions "$partitions" --config cleanup.policy=compact --config max.message.bytes=12582912 --config segment.bytes=33554432
topic --topic ledger.entries.v1 --partitions "$partitions" --config cleanup.policy=compact --config max.message.bytes=12582912 --config segment.bytes=33554432
topic --topic bills.v1 --partitions "$partitions" --config cleanup.policy=compact --config max.message.bytes=12582912 --config segment.bytes=33554432
topic --topic alerts.v1 --partitions "$partitions" --config cleanup.policy=delete --config max.message.bytes=12582912 --config retention.ms=2592000000
topic --topic gate.states.v1 --partitions "$partitions" --config cleanup.policy=compact --config max.message.bytes=12582912 --config segment.bytes=33554432
topic --topic unattributed.keys.v1 --partitions "$partitions" --config cleanup.policy=compact --config max.message.bytes=12582912 --config segment.bytes=33554432
topic --topic suspense.items.v1 --partitions "$partitions" --config cleanup.policy=compact --config max.message.bytes=12582912 --config segment.bytes=33554432
topic --topic line.fates.v1 --partitions "$partitions" --config cleanup.policy=delete --config max.message.bytes=12582912 --config retention.ms=2592000000
topic --topic late.lines.v1 --partitions "$partitions" --config cleanup.policy=delete --config max.message.bytes=17825792 --config retention.ms=2592000000
topic --topic late.lines.decided.v1 --partitions "$partitions" --config cleanup.policy=delete --config max.message.bytes=17825792 --config retention.ms=2592000000
topic --topic replay.orders.v1 --partitions 1 --config cleanup.policy=delete --config max.message.bytes=12582912 --config retention.ms=2592000000
topic --topic line.replays.v1 --partitions "$partitions" --config cleanup.policy=delete --config max.message.bytes=12582912 --config retention.ms=2592000000
topic --topic line-accounting.v1 --partitions "$partitions" --config cleanup.policy=compact --config max.message.bytes=12582912 --config segment.bytes=33554432
topic --topic metering.status.v1 --partitions 1 --config cleanup.policy=compact --config max.message.bytes=12582912 --config segment.bytes=33554432
topic --topic source.inputs.v1 --partitions 1 --config cleanup.policy=delete --config max.message.bytes=12582912 --config retention.ms=604800000
topic --topic sources.v1 --partitions 1 --config cleanup.policy=compact --config max.message.bytes=12582912 --config segment.bytes=33554432
topic --topic audit.log.v1 --partitions 1 --config cleanup.policy=delete --config max.message.bytes=12582912 --config retention.ms=2592000000
topic --topic token.uses.v1 --partitions 1 --config cleanup.policy=compact --config max.message.bytes=12582912 --config segment.bytes=33554432
topic --topic deliveries.v1 --partitions "$partitions" --config cleanup.policy=compact --config max.message.bytes=12582912 --config segment.bytes=33554432
topic --topic delivery.orders.v1 --partitions "$partitions" --config cleanup.policy=delete --config max.message.bytes=12582912 --config retention.ms=604800000
topic --topic incidents.v1 --partitions 1 --config cleanup.policy=compact --config max.message.bytes=12582912 --config segment.bytes=33554432
topic --topic alert.marks.v1 --partitions 1 --config cleanup.policy=compact --config max.message.bytes=12582912 --config segment.bytes=33554432
topic --topic metering.gaps.v1 --partitions 1 --config cleanup.policy=delete --config max.message.bytes=12582912 --config retention.ms=2592000000
topic --topic shipper.positions.v1 --partitions 1 --config cleanup.policy=compact --config max.message.bytes=12582912 --config segment.bytes=33554432
