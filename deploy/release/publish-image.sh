#!/bin/sh
# Pushes an image that image.sh built, and writes its name by digest to the file `image`: IMAGE_REPOSITORY=... sh deploy/release/publish-image.sh VERSION
# From then on everything names it by that digest: a tag may come to mean another image.
set -eu
image="${IMAGE_REPOSITORY:?is where the image goes, such as registry.example.com/micropay}:$1"
if [ -n "${REGISTRY_USER:-}" ]; then
  printf '%s' "$REGISTRY_PASSWORD" | docker login --username "$REGISTRY_USER" --password-stdin "${IMAGE_REPOSITORY%%/*}" >/dev/null
fi
docker push --quiet "$image" >/dev/null
digest="$(docker image inspect --format '{{join .RepoDigests "\n"}}' "$image" | grep -F "$IMAGE_REPOSITORY@" | head -n 1)"
if ! printf '%s' "${digest##*@}" | grep -qE '^sha256:[0-9a-f]{64}$'; then
  echo "$image has no digest after it was pushed" >&2
  exit 1
fi
printf '%s\n' "$digest" | tee "${IMAGE_FILE:-image}"
