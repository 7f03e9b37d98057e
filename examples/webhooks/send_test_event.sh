#!/bin/sh
# Sends a signed test event to an endpoint of the scheme `jobforge`. Run it with
#   ENDPOINT_URL=…/functions/v1/webhook-verify/<id> WEBHOOK_SECRET=… sh send_test_event.sh '{"order":"A-17"}'
set -eu
body=$1
now=$(date +%s)
signature=$(printf '%s.%s' "$now" "$body" |
  openssl dgst -sha256 -hmac "$WEBHOOK_SECRET" -r | cut -d ' ' -f 1)
curl -sS "$ENDPOINT_URL" -H 'content-type: application/json' \
  -H "x-jobforge-signature: t=$now,v1=$signature" --data-binary "$body" -w ' %{http_code}\n'
