#!/bin/sh
# Brings a signed image into a cluster: sh deploy/release/roll-out.sh staging|production IMAGE@sha256:...
# In the order of docs/deployment.md (upgrading), by deploy/kubernetes/roll-out.sh. What ran before is noted in the cluster, for roll-back.sh.
set -eu
here="$(dirname "$0")"
kubernetes="${KUBERNETES_DIRECTORY:-$here/../kubernetes}"
sh "$here/verify-image.sh" "$2"

noted() { kubectl get namespace micropay --ignore-not-found --output "jsonpath={.metadata.annotations.micropay\\.io/$1}"; }
now="$(noted image)"
# The same again, after a try that ended half-way, leaves what was before it.
before="$([ "$now" = "$2" ] && noted image-before || printf '%s' "$now")"
sh "$kubernetes/pin.sh" "$1" micropay "$2"
if [ -n "$now" ]; then
  kubectl annotate namespace micropay --overwrite "micropay.io/image=$2" "micropay.io/image-before=$before"
fi
sh "$kubernetes/roll-out.sh" "$1"
if [ -z "$now" ]; then kubectl annotate namespace micropay --overwrite "micropay.io/image=$2"; fi
