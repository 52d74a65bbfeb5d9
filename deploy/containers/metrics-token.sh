#!/usr/bin/env bash
# Asks the API for a token that can read and nothing else, for Prometheus. Once, when the API is up.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
if [ -s secrets/metrics-token ]; then
  exit 0
fi
# The administrator's token goes the way that no list of processes shows.
answer=$(curl -sS -H @- -H 'Content-Type: application/json' \
  -d '{"name":"prometheus","role":"viewer"}' http://127.0.0.1:8080/v1/tokens \
  <<<"Authorization: Bearer $(cat secrets/admin-token)")
token=$(sed -n 's/.*"secret" *: *"\([^"]*\)".*/\1/p' <<<"$answer")
if [ -z "$token" ]; then
  echo "the API made no token: $answer" >&2
  echo "If there is one named prometheus already, revoke it first (POST /v1/tokens/ID/revoke)." >&2
  exit 1
fi
# Into the file that the container has, not into another one of that name.
printf %s "$token" >secrets/metrics-token
