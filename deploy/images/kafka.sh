#!/bin/sh
# Starts the Kafka broker of docker-compose.yml, by its volume's log, with TLS, logins and rights: sh kafka.sh
# With VOTERS it is one broker of several, NODE_ID of them, which know each other by their certificates. The image's own script makes no users. They are made by way of the container's loopback, where nobody else comes, so that a volume of before
# has them, too, and a changed password is taken.
set -eu
umask 077
given="${CERTIFICATES_DIRECTORY:-/certificates}"
own="${OWN_DIRECTORY:-/tmp/micropay-tls}"
settings="${SETTINGS_DIRECTORY:-/micropay/kafka}"
host="${BROKER_HOST:-kafka}"
port="${BROKER_PORT:-9092}"
controller="${CONTROLLER_PORT:-9093}"
inside="${INSIDE_PORT:-9094}"
brokers="${BROKERS_PORT:-9095}"
node="${NODE_ID:-1}"

run() {
  class="$1"
  shift
  exec java -Xmx96m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 "-Dlog4j2.configurationFile=$settings/log4j2.yaml" -cp "${KAFKA_LIBS:-/opt/kafka/libs}/*" "$class" "$@"
}

mkdir -p "$own"
rm -f "$own/ready"
cp "$given/tls.crt" "$own/tls.crt"
cat "$given/tls.key" "$own/tls.crt" >"$own/server.pem"
# Of what stands twice, the last one counts.
cat "$settings/server.properties" - >"$own/server.properties" <<EOF
listeners=SASL_SSL://:$port,INSIDE://127.0.0.1:$inside,CONTROLLER://127.0.0.1:$controller
advertised.listeners=SASL_SSL://$host:$port,INSIDE://127.0.0.1:$inside
listener.security.protocol.map=SASL_SSL:SASL_SSL,INSIDE:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=INSIDE
controller.quorum.voters=1@127.0.0.1:$controller
log.dirs=${DATA_DIRECTORY:-/var/lib/kafka/data}
sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
ssl.keystore.type=PEM
ssl.keystore.location=$own/server.pem
ssl.enabled.protocols=TLSv1.3
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:admin;User:ANONYMOUS
EOF
if [ -n "${VOTERS:-}" ]; then
  # Each name of a voter is that of a certificate, by which brokers alone may ask each other for what they keep.
  supers="$(printf '%s' "$VOTERS" | sed -E 's/[0-9]+@([^:,]+):[0-9]+,?/;User:CN=\1/g')"
  cat >>"$own/server.properties" <<EOF
node.id=$node
controller.quorum.voters=$VOTERS
listeners=SASL_SSL://:$port,INSIDE://127.0.0.1:$inside,BROKERS://:$brokers,CONTROLLER://:$controller
advertised.listeners=SASL_SSL://$host:$port,INSIDE://127.0.0.1:$inside,BROKERS://$host:$brokers
listener.security.protocol.map=SASL_SSL:SASL_SSL,INSIDE:PLAINTEXT,BROKERS:SSL,CONTROLLER:SSL
inter.broker.listener.name=BROKERS
ssl.truststore.type=PEM
ssl.truststore.location=$given/ca.crt
listener.name.brokers.ssl.client.auth=required
listener.name.controller.ssl.client.auth=required
super.users=User:admin;User:ANONYMOUS$supers
EOF
fi
(run kafka.tools.StorageTool format --ignore-formatted -t "$CLUSTER_ID" -c "$own/server.properties")

# Passwords stand in a file: the tool prints its arguments where something fails, and whoever may list processes sees them.
make_user() (
  printf 'SCRAM-SHA-512=password=%s\n' "$2" >"$own/user-$1.properties"
  run kafka.admin.ConfigCommand --bootstrap-server "127.0.0.1:$inside" --alter \
    --entity-type users --entity-name "$1" --add-config-file "$own/user-$1.properties"
)
# Users are of all brokers: the first makes them, and each makes one of them, by which it knows that it is one of the brokers.
make_all() {
  make_user reader "$READER_PASSWORD" || return 1
  [ "$node" != 1 ] || { make_user admin "$ADMIN_PASSWORD" && make_user writer "$WRITER_PASSWORD"; }
}
# The tool waits for a minute, and on a busy machine a broker, or a majority of them, may take several to come up.
make_users() {
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    if make_all; then return; fi
    sleep 2
  done
  return 1
}
# A broker reads its certificate as it begins: one that is new, twice a year, is taken by ending, to be started again.
(
  if ! make_users; then
    echo "the users of the broker could not be made: it ends, to be started again" >&2
    kill $$
    exit 1
  fi
  touch "$own/ready"
  while sleep "${LOOK_EVERY_SECONDS:-30}" && kill -0 $$ 2>/dev/null; do
    if ! cmp -s "$given/tls.crt" "$own/tls.crt"; then
      # Brokers whose certificates are new at the same time end one after the other.
      sleep "$(((node - 1) * ${APART_SECONDS:-120}))"
      echo "the certificate is a new one: the broker ends, to be started again" >&2
      kill $$
    fi
  done
) &

# shellcheck disable=SC2086
exec java ${KAFKA_HEAP_OPTS:-} "-Dlog4j2.configurationFile=$settings/log4j2.yaml" \
  -cp "${KAFKA_LIBS:-/opt/kafka/libs}/*" kafka.Kafka "$own/server.properties"
