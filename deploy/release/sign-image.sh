#!/bin/sh
# Signs an image by its digest, and attests its bill of materials: COSIGN_KEY=key.pem COSIGN_PASSWORD=... sh deploy/release/sign-image.sh IMAGE@sha256:... bom.json
# COSIGN_KEY is a file, or what cosign takes of a key store (awskms://...). TLOG=no signs without the public log of Sigstore, for a site without a way out.
set -eu
image="$1"
bom="$2"
: "${COSIGN_KEY:?is the key that signs, a file or a key of a key store}"
case "$image" in *@sha256:*) ;; *) echo "an image is signed by its digest; this is $image" >&2 && exit 1 ;; esac
upload="--tlog-upload=$([ "${TLOG:-yes}" = no ] && echo false || echo true)"
cosign sign --yes "$upload" --key "$COSIGN_KEY" "$image"
cosign attest --yes "$upload" --key "$COSIGN_KEY" --type cyclonedx --predicate "$bom" "$image"
