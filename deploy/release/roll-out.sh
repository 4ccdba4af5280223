#!/bin/sh
# Brings a signed image into a cluster: sh deploy/release/roll-out.sh staging|production IMAGE@sha256:...
# In the order of docs/deployment.md (upgrading), by deploy/kubernetes/roll-out.sh. What ran before is noted in the cluster, for roll-back.sh.
set -eu
here="$(dirname "$0")"
kubernetes="${KUBERNETES_DIRECTORY:-$here/../kubernetes}"
sh "$here/verify-image.sh" "$2"

noted() { kubectl get namespace micropay --ignore-not-found --output "jsonpath={.metadata.annotations.micropay\\.io/$1}"; }
now="$(noted image)"
# Until it has come up, what ran before is still what to go back to.
try() { [ -z "$now" ] || kubectl annotate namespace micropay --overwrite "$@"; }
sh "$kubernetes/pin.sh" "$1" micropay "$2"
try "micropay.io/image-trying=$2"
sh "$kubernetes/roll-out.sh" "$1"
kubectl annotate namespace micropay --overwrite "micropay.io/image=$2" micropay.io/image-trying=
if [ "$now" != "$2" ]; then try "micropay.io/image-before=$now"; fi
