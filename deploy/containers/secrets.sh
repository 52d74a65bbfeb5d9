#!/usr/bin/env bash
# Makes the secrets of compose.yaml that do not exist yet, under ./secrets. Keep a copy of root-secret: without it keys and
# earlier lines are no longer recognised.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
mkdir -p secrets
# Nobody else gets into the folder; the files are mounted as they are, for the containers' own users.
chmod 700 secrets
for name in root-secret admin-token clickhouse-password clickhouse-reader-password grafana-password; do
  if [ ! -s "secrets/$name" ]; then
    od -An -vtx1 -N32 /dev/urandom | tr -d ' \n' >"secrets/$name"
    chmod 444 "secrets/$name"
  fi
done
# The API makes this one, see metrics-token.sh; the container is given the file itself, so it has to be there before.
if [ ! -e secrets/metrics-token ]; then
  : >secrets/metrics-token
  chmod 644 secrets/metrics-token
fi
