#!/bin/sh
# Prints the settings that docker-compose.yml asks for, with new secrets: sh deploy/images/make-env.sh > .env
# With a file that was made by an older one, the passwords that it lacks: sh deploy/images/make-env.sh .env >> .env
# Make it once. A ledger keeps LEDGER_ID, REQUEST_HASH_KEY and KAFKA_CLUSTER_ID for as long as it lives.
set -eu
[ -t 1 ] || chmod 600 /dev/stdout 2>/dev/null || true

if [ "$#" -gt 0 ]; then
  held="$1"
  sh "$0" | grep '_PASSWORD=' | while IFS= read -r line; do
    grep -q "^${line%%=*}=" "$held" || printf '%s\n' "$line"
  done
  exit
fi

secret() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }
gateway_port="${GATEWAY_PORT:-8080}"
issuer_port="${ISSUER_PORT:-8090}"

cat <<EOF
# Where browsers reach the gateway; both ports are published on this machine's loopback only.
GATEWAY_PORT=$gateway_port
PUBLIC_URL=http://127.0.0.1:$gateway_port

# The development issuer signs anyone in, without a password. With an issuer of your own: delete COMPOSE_PROFILES,
# and name yours and its client here.
COMPOSE_PROFILES=issuer
ISSUER_PORT=$issuer_port
OIDC_ISSUER=http://issuer.localhost:$issuer_port
OIDC_CLIENT_ID=gateway
OIDC_CLIENT_SECRET=$(secret)

LEDGER_ID=micropay
KAFKA_CLUSTER_ID=$(head -c 16 /dev/urandom | base64 | tr '+/' 'AB' | tr -d '=')
REQUEST_HASH_KEY=$(secret)
CURSOR_SECRET=$(secret)
SESSION_SECRET=$(secret)
KAFKA_ADMIN_PASSWORD=$(secret)
KAFKA_WRITER_PASSWORD=$(secret)
KAFKA_READER_PASSWORD=$(secret)
POSTGRES_PASSWORD=$(secret)
REDIS_PASSWORD=$(secret)
GRAFANA_PASSWORD=$(secret)
LEASES_RUN_PASSWORD=$(secret)
LEASES_TELL_PASSWORD=$(secret)
ACCOUNTS_BUILD_PASSWORD=$(secret)
ACCOUNTS_RUN_PASSWORD=$(secret)
ACCOUNTS_READ_PASSWORD=$(secret)
RECONCILIATION_BUILD_PASSWORD=$(secret)
RECONCILIATION_RUN_PASSWORD=$(secret)
RECONCILIATION_READ_PASSWORD=$(secret)
AUDIT_BUILD_PASSWORD=$(secret)
AUDIT_RUN_PASSWORD=$(secret)
AUDIT_READ_PASSWORD=$(secret)
EOF
