#!/bin/sh
# Fails unless an image is signed by our key and has its bill of materials attested: COSIGN_PUBLIC_KEY=key.pub sh deploy/release/verify-image.sh IMAGE@sha256:...
set -eu
image="$1"
: "${COSIGN_PUBLIC_KEY:?is the public half of the key that signs}"
ignore="--insecure-ignore-tlog=$([ "${TLOG:-yes}" = no ] && echo true || echo false)"
cosign verify "$ignore" --key "$COSIGN_PUBLIC_KEY" "$image" >/dev/null
cosign verify-attestation "$ignore" --key "$COSIGN_PUBLIC_KEY" --type cyclonedx "$image" >/dev/null
echo "$image is ours"
