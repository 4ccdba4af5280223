#!/bin/sh
# Builds the image of the services for a registry, and writes its name there: IMAGE_REPOSITORY=host/micropay sh deploy/release/image.sh VERSION
set -eu
cd "$(dirname "$0")/../.."
image="${IMAGE_REPOSITORY:?is where the image goes, such as registry.example.com/micropay}:$1"
revision="$(git rev-parse HEAD)"
# What was built at another time of the same commit is the same, but for what Debian and npm answer.
SOURCE_DATE_EPOCH="$(git show --no-patch --format=%ct HEAD)" docker build --file deploy/images/Dockerfile --tag "$image" \
  ${NODE_IMAGE:+--build-arg "NODE_IMAGE=$NODE_IMAGE"} --build-arg "COMMIT=$revision" --label "org.opencontainers.image.revision=$revision" \
  --label "org.opencontainers.image.version=$1" .
echo "$image"
