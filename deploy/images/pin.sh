#!/bin/sh
# Pulls every image that docker-compose.yml begins from, and prints each with the digest that it has today, for .env:
#     sh deploy/images/pin.sh >> .env
# From then on Docker takes these very images and no others of the same name. To take newer ones: delete these lines, and run it again.
set -eu
cd "$(dirname "$0")/../.."

grep -oE '\$\{[A-Z]+_IMAGE:-[^}]+\}' docker-compose.yml | sort -u | tr -d '${}' | while IFS= read -r default; do
  variable="${default%%:-*}"
  image="${default#*:-}"
  docker pull --quiet "$image" >/dev/null
  digest="$(docker image inspect --format '{{index .RepoDigests 0}}' "$image")"
  digest="${digest##*@}"
  if ! printf '%s' "$digest" | grep -qE '^sha256:[0-9a-f]{64}$'; then
    echo "$image has no digest here: it was built on this machine, and not pulled" >&2
    exit 1
  fi
  printf '%s=%s@%s\n' "$variable" "$image" "$digest"
done
