#!/bin/sh
# Writes which image an overlay takes, by digest: sh deploy/kubernetes/pin.sh production micropay registry.example.com/micropay@sha256:...
set -eu
cd "$(dirname "$0")/overlays/$1"
name="$2"
image="$3"
repository="${image%@*}"
digest="${image#*@}"
if ! printf '%s' "$digest" | grep -qE '^sha256:[0-9a-f]{64}$' || printf '%s' "$repository" | grep -q '[^a-zA-Z0-9./:_-]'; then
  echo "an image is named by its digest, such as registry.example.com/micropay@sha256:...; this is $image" >&2
  exit 1
fi
if ! grep -qE "^  - name: $name\$" kustomization.yaml; then
  echo "the overlay $1 has no image of the name $name" >&2
  exit 1
fi
pinned="$(mktemp)"
trap 'rm -f "$pinned"' EXIT
sed "/^  - name: $name\$/,/^    digest:/{s|^    newName:.*|    newName: $repository|;s|^    digest:.*|    digest: $digest|;}" kustomization.yaml >"$pinned"
cat "$pinned" >kustomization.yaml
