#!/bin/sh
# Puts the Functions app's address into kong.yml (Kong has no variables in a service's URL) and starts Kong. A missing
# setting stops it here: Kong itself would start and answer everything with 500.
set -eu

for name in KOMBIFY_FUNCTIONS_URL KOMBIFY_FUNCTIONS_KEY KOMBIFY_ISSUER KOMBIFY_AUDIENCE KOMBIFY_JWKS_URI KOMBIFY_STACK_ZONE \
  KOMBIFY_SIM_HOST_KEY; do
  eval "value=\${$name:-}"
  if [ -z "$value" ]; then
    echo "$name is not set." >&2
    exit 1
  fi
done
case "$KOMBIFY_FUNCTIONS_URL" in
  *[!a-zA-Z0-9.:/-]* | http://*) echo "KOMBIFY_FUNCTIONS_URL is not a plain https address." >&2; exit 1 ;;
esac

template="${KOMBIFY_KONG_TEMPLATE:-/opt/kombify/kong.template.yml}"
if ! grep -q 'url: http://functions.internal:7071$' "$template"; then
  echo "kong.yml no longer names the Functions app the way this script expects." >&2
  exit 1
fi
sed "s#url: http://functions.internal:7071\$#url: $KOMBIFY_FUNCTIONS_URL#" "$template" > "$KONG_DECLARATIVE_CONFIG"
exec "${KOMBIFY_KONG_ENTRYPOINT:-/docker-entrypoint.sh}" kong docker-start
