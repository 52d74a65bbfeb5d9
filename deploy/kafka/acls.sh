#!/usr/bin/env bash
# Generated from the code; see deploy/docs/kafka.md. BOOTSTRAP: host:port; ADMIN_CONFIG: client settings of an administrator.
set -euo pipefail
: "${BOOTSTRAP:?}" "${ADMIN_CONFIG:?}"
acl() { kafka-acls.sh --bootstrap-server "$BOOTSTRAP" --command-config "$ADMIN_CONFIG" --add --allow-principal "$@"; }
acl User:taximeter-metering --topic gateway.access-log.v1 --resource-pattern-type literal --operation Create --operation Describe --operation DescribeConfigs --operation AlterConfigs --operation Read --operation Write --operation Delete
acl User:taximeter-metering --topic gateway.access-log.v1.dlq --resource-pattern-type literal --operation Create --operation Describe --operation DescribeConfigs --operation AlterConfigs --operation Read --operation Write
acl User:taximeter-metering --topic commands.v1 --resource-pattern-type literal --operation Create --operation Describe --operation DescribeConfigs --operation AlterConfigs --operation Read --operation Write
acl User:taximeter-metering --topic command.results.v1 --resource-pattern-type literal --operation Create --operation Describe --operation DescribeConfigs --operation AlterConfigs --operation Read --operation Write
acl User:taximeter-metering --topic catalog.v1 --resource-pattern-type literal --operation Create --operation Describe --operation DescribeConfigs --operation AlterConfigs --operation Read --operation Write
acl User:taximeter-metering --topic account.inputs.v1 --resource-pattern-type literal --operation Create --operation Describe --operation DescribeConfigs --operation AlterConfigs --operation Read --operation Write --operation Delete
acl User:taximeter-metering --topic usage.events.v1 --resource-pattern-type literal --operation Create --operation Describe --operation DescribeConfigs --operation AlterConfigs --operation Read --operation Write
acl User:taximeter-metering --topic usage.windows.v1 --resource-pattern-type literal --operation Create --operation Describe --operation DescribeConfigs --operation AlterConfigs --operation Read --operation Write
acl User:taximeter-metering --topic account.states.v1 --resource-pattern-type literal --operation Create --operation Describe --operation DescribeConfigs --operation AlterConfigs --operation Read --operation Write
acl User:taximeter-metering --topic ledger.entries.v1 --resource-pattern-type literal --operation Create --operation Describe --operation DescribeConfigs --operation AlterConfigs --operation Read --operation Write
acl User:taximeter-metering --topic bills.v1 --resource-pattern-type literal --operation Create --operation Describe --operation DescribeConfigs --operation AlterConfigs --operation Read --operation Write
acl User:taximeter-metering --topic alerts.v1 --resource-pattern-type literal --operation Create --operation Describe --operation DescribeConfigs --operation AlterConfigs --operation Read --operation Write
acl User:taximeter-metering --topic gate.states.v1 --resource-pattern-type literal --operation Create --operation Describe --operation DescribeConfigs --operation AlterConfigs --operation Read --operation Write
acl User:taximeter-metering --topic unattributed.keys.v1 --resource-pattern-type literal --operation Create --operation Describe --operation DescribeConfigs --operation AlterConfigs --operation Read --operation Write
acl User:taximeter-metering --topic suspense.items.v1 --resource-pattern-type literal --operation Create --operation Describe --operation DescribeConfigs --operation AlterConfigs --operation Read --operation Write
acl User:taximeter-metering --topic line.fates.v1 --resource-pattern-type literal --operation Create --operation Describe --operation DescribeConfigs --operation AlterConfigs --operation Read --operation Write
acl User:taximeter-metering --topic late.lines.v1 --resource-pattern-type literal --operation Create --operation Describe --operation DescribeConfigs --operation AlterConfigs --operation Read --operation Write
acl User:taximeter-metering --topic late.lines.decided.v1 --resource-pattern-type literal --operation Create --operation Describe --operation DescribeConfigs --operation AlterConfigs --operation Read --operation Write
acl User:taximeter-metering --topic replay.orders.v1 --resource-pattern-type literal --operation Create --operation Describe --operation DescribeConfigs --operation AlterConfigs --operation Read --operation Write
acl User:taximeter-metering --topic line.replays.v1 --resource-pattern-type literal --operation Create --operation Describe --operation DescribeConfigs --operation AlterConfigs --operation Read --operation Write
acl User:taximeter-metering --topic line-accounting.v1 --resource-pattern-type literal --operation Create --operation Describe --operation DescribeConfigs --operation AlterConfigs --operation Read --operation Write
acl User:taximeter-metering --topic metering.status.v1 --resource-pattern-type literal --operation Create --operation Describe --operation DescribeConfigs --operation AlterConfigs --operation Read --operation Write
acl User:taximeter-metering --topic source.inputs.v1 --resource-pattern-type literal --operation Create --operation Describe --operation DescribeConfigs --operation AlterConfigs --operation Read --operation Write
acl User:taximeter-metering --topic sources.v1 --resource-pattern-type literal --operation Create --operation Describe --operation DescribeConfigs --operation AlterConfigs --operation Read --operation Write
acl User:taximeter-metering --topic audit.log.v1 --resource-pattern-type literal --operation Create --operation Describe --operation DescribeConfigs --operation AlterConfigs --operation Read --operation Write
acl User:taximeter-metering --topic token.uses.v1 --resource-pattern-type literal --operation Create --operation Describe --operation DescribeConfigs --operation AlterConfigs --operation Read --operation Write
acl User:taximeter-metering --topic deliveries.v1 --resource-pattern-type literal --operation Create --operation Describe --operation DescribeConfigs --operation AlterConfigs --operation Read --operation Write
acl User:taximeter-metering --topic delivery.orders.v1 --resource-pattern-type literal --operation Create --operation Describe --operation DescribeConfigs --operation AlterConfigs --operation Read --operation Write
acl User:taximeter-metering --topic incidents.v1 --resource-pattern-type literal --operation Create --operation Describe --operation DescribeConfigs --operation AlterConfigs --operation Read --operation Write
acl User:taximeter-metering --topic alert.marks.v1 --resource-pattern-type literal --operation Create --operation Describe --operation DescribeConfigs --operation AlterConfigs --operation Read --operation Write
acl User:taximeter-metering --topic metering.gaps.v1 --resource-pattern-type literal --operation Create --operation Describe --operation DescribeConfigs --operation AlterConfigs --operation Read --operation Write
acl User:taximeter-metering --topic shipper.positions.v1 --resource-pattern-type literal --operation Create --operation Describe --operation DescribeConfigs --operation AlterConfigs --operation Read --operation Write
acl User:taximeter-metering --topic taximeter-metering- --resource-pattern-type prefixed --operation Create --operation Describe --operation DescribeConfigs --operation Read --operation Write --operation Delete
acl User:taximeter-metering --group taximeter- --resource-pattern-type prefixed --operation Read
acl User:taximeter-metering --transactional-id taximeter- --resource-pattern-type prefixed --operation Describe --operation Write
acl User:taximeter-billing-api --topic command.results.v1 --resource-pattern-type literal --operation Describe --operation Read
acl User:taximeter-billing-api --topic catalog.v1 --resource-pattern-type literal --operation Describe --operation Read
acl User:taximeter-billing-api --topic usage.events.v1 --resource-pattern-type literal --operation Describe --operation Read
acl User:taximeter-billing-api --topic account.states.v1 --resource-pattern-type literal --operation Describe --operation Read
acl User:taximeter-billing-api --topic bills.v1 --resource-pattern-type literal --operation Describe --operation Read
acl User:taximeter-billing-api --topic alerts.v1 --resource-pattern-type literal --operation Describe --operation Read
acl User:taximeter-billing-api --topic gate.states.v1 --resource-pattern-type literal --operation Describe --operation Read
acl User:taximeter-billing-api --topic unattributed.keys.v1 --resource-pattern-type literal --operation Describe --operation Read
acl User:taximeter-billing-api --topic suspense.items.v1 --resource-pattern-type literal --operation Describe --operation Read
acl User:taximeter-billing-api --topic line.fates.v1 --resource-pattern-type literal --operation Describe --operation Read
acl User:taximeter-billing-api --topic line-accounting.v1 --resource-pattern-type literal --operation Describe --operation Read
acl User:taximeter-billing-api --topic metering.status.v1 --resource-pattern-type literal --operation Describe --operation Read
acl User:taximeter-billing-api --topic sources.v1 --resource-pattern-type literal --operation Describe --operation Read
acl User:taximeter-billing-api --topic token.uses.v1 --resource-pattern-type literal --operation Describe --operation Read --operation Write
acl User:taximeter-billing-api --topic deliveries.v1 --resource-pattern-type literal --operation Describe --operation Read --operation Write
acl User:taximeter-billing-api --topic delivery.orders.v1 --resource-pattern-type literal --operation Describe --operation Read --operation Write
acl User:taximeter-billing-api --topic incidents.v1 --resource-pattern-type literal --operation Describe --operation Read --operation Write
acl User:taximeter-billing-api --topic alert.marks.v1 --resource-pattern-type literal --operation Describe --operation Read --operation Write
acl User:taximeter-billing-api --topic gateway.access-log.v1 --resource-pattern-type literal --operation Describe
acl User:taximeter-billing-api --topic commands.v1 --resource-pattern-type literal --operation Describe --operation Write
acl User:taximeter-billing-api --topic account.inputs.v1 --resource-pattern-type literal --operation Describe
acl User:taximeter-billing-api --topic late.lines.v1 --resource-pattern-type literal --operation Describe
acl User:taximeter-billing-api --topic late.lines.decided.v1 --resource-pattern-type literal --operation Describe
acl User:taximeter-billing-api --topic audit.log.v1 --resource-pattern-type literal --operation Describe --operation Write
acl User:taximeter-billing-api --group taximeter-metering --resource-pattern-type literal --operation Describe
acl User:taximeter-billing-api --group taximeter-late-lane --resource-pattern-type literal --operation Describe
acl User:taximeter-billing-api --group taximeter-delivery --resource-pattern-type literal --operation Read
acl User:taximeter-billing-api --transactional-id taximeter-delivery- --resource-pattern-type prefixed --operation Describe --operation Write
acl User:taximeter-shipper --topic gateway.access-log.v1 --resource-pattern-type literal --operation Describe --operation Write
acl User:taximeter-shipper --topic line-accounting.v1 --resource-pattern-type literal --operation Describe --operation Write
acl User:taximeter-shipper --topic source.inputs.v1 --resource-pattern-type literal --operation Describe --operation Write
acl User:taximeter-shipper --topic shipper.positions.v1 --resource-pattern-type literal --operation Describe --operation Write --operation Read
acl User:taximeter-shipper --transactional-id taximeter-shipper- --resource-pattern-type prefixed --operation Describe --operation Write
acl User:taximeter-shipper --transactional-id taximeter-backfill- --resource-pattern-type prefixed --operation Describe --operation Write
acl User:taximeter-fluent-bit --topic gateway.access-log.v1 --resource-pattern-type literal --operation Describe --operation Write
acl User:taximeter-rsyslog --topic gateway.access-log.v1 --resource-pattern-type literal --operation Describe --operation Write
# A user for each machine instead, if you want: SHIPPER_HOSTS="gateway-1 gateway-2" adds taximeter-shipper-gateway-1 and so
# on, for the shipper with that TAXIMETER_HOST_NAME; FLUENT_BIT_HOSTS and RSYSLOG_HOSTS do the same for theirs.
for host in ${SHIPPER_HOSTS:-}; do
  acl "User:taximeter-shipper-$host" --topic gateway.access-log.v1 --resource-pattern-type literal --operation Describe --operation Write
  acl "User:taximeter-shipper-$host" --topic line-accounting.v1 --resource-pattern-type literal --operation Describe --operation Write
  acl "User:taximeter-shipper-$host" --topic source.inputs.v1 --resource-pattern-type literal --operation Describe --operation Write
  acl "User:taximeter-shipper-$host" --topic shipper.positions.v1 --resource-pattern-type literal --operation Describe --operation Write --operation Read
  acl "User:taximeter-shipper-$host" --transactional-id "taximeter-shipper-$host-" --resource-pattern-type prefixed --operation Describe --operation Write
done
for host in ${FLUENT_BIT_HOSTS:-}; do
  acl "User:taximeter-fluent-bit-$host" --topic gateway.access-log.v1 --resource-pattern-type literal --operation Describe --operation Write
done
for host in ${RSYSLOG_HOSTS:-}; do
  acl "User:taximeter-rsyslog-$host" --topic gateway.access-log.v1 --resource-pattern-type literal --operation Describe --operation Write
done
