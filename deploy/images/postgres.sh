#!/bin/sh
# Starts the PostgreSQL of docker-compose.yml with TLS: sh postgres.sh docker-entrypoint.sh postgres
# Nobody comes over the network in plain text, whatever pg_hba.conf an older volume holds.
# The server takes a key that it owns alone, and /certificates is another user's: so both are copied, into memory, and again when they are new.
set -eu
given="${CERTIFICATES_DIRECTORY:-/certificates}"
own="${OWN_DIRECTORY:-/tmp/micropay-tls}"

take() (
  umask 077
  for file in tls.crt tls.key; do
    cp "$given/$file" "$own/$file.new" && mv "$own/$file.new" "$own/$file" || exit 1
  done
)

is_new() { ! cmp -s "$given/tls.crt" "$own/tls.crt" || ! cmp -s "$given/tls.key" "$own/tls.key"; }

mkdir -p -m 700 "$own"
take
# From inside the container comes the image's own script, as it begins a volume.
cat >"$own/pg_hba.conf" <<EOF
local all all trust
hostssl all all all scram-sha-256
EOF

# Of the two files one may be new and one not, for a moment: then the server keeps what it has, and is told again.
(
  while sleep "${LOOK_EVERY_SECONDS:-30}" && kill -0 $$ 2>/dev/null; do
    if is_new && take; then kill -HUP $$; fi
  done
) &

exec "$@" -c ssl=on -c ssl_cert_file="$own/tls.crt" -c ssl_key_file="$own/tls.key" -c ssl_min_protocol_version=TLSv1.3 \
  -c hba_file="$own/pg_hba.conf"
