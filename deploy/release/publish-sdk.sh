#!/bin/sh
# Publishes @micropay/sdk to an npm registry, such as Nexus: NPM_REGISTRY=https://host/repository/npm/ NPM_TOKEN=... sh deploy/release/publish-sdk.sh 1.2.0
# A version is published once: the same content again is no fault, and other content under its number is refused.
set -eu
version="$1"
: "${NPM_REGISTRY:?is the address of the registry, such as https://host/repository/npm/}" "${NPM_TOKEN:?is a token that may publish there}"
registry="${NPM_REGISTRY%/}/"
own="$(mktemp -d)"
trap 'rm -rf "$own"' EXIT
umask 077

# The token stands in a file, since others see arguments.
cat >"$own/npmrc" <<EOF
registry=$registry
//${registry#*://}:_authToken=\${NPM_TOKEN}
EOF
registry_npm() { npm --userconfig "$own/npmrc" "$@"; }

node "$(dirname "$0")/pack-sdk.ts" --out "$own/package" --version "$version"
tarball="$own/$(cd "$own" && registry_npm pack ./package --silent)"
mine="sha512-$(openssl dgst -sha512 -binary "$tarball" | base64 -w 0)"
theirs="$(registry_npm view "@micropay/sdk@$version" dist.integrity 2>/dev/null || true)"
if [ "$theirs" = "$mine" ]; then
  echo "@micropay/sdk@$version is there already, the same"
  exit
fi
if [ -n "$theirs" ]; then
  echo "@micropay/sdk@$version is there already, and other content: give the release another number" >&2
  exit 1
fi
case "$version" in *-*) tag=next ;; *) tag=latest ;; esac
registry_npm publish "$tarball" --tag "$tag"
