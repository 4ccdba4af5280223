#!/bin/sh
# Goes back to the image that ran before the last roll-out: sh deploy/release/roll-back.sh staging|production
# Readers last: what writes the log is older code before those who read it are. Nothing is taken back of what was booked, and no database changes:
# docs/deployment.md (going back) says what older code does with what newer code left, and when there is no way back.
set -eu
here="$(dirname "$0")"
kubernetes="${KUBERNETES_DIRECTORY:-$here/../kubernetes}"
within="${WITHIN:-15m}"

noted() { kubectl get namespace micropay --output "jsonpath={.metadata.annotations.micropay\\.io/$1}"; }
now="$(noted image)"
before="$(noted image-before)"
trying="$(noted image-trying)"
# What was being rolled out, and did not come up, is taken back to what ran.
if [ -n "$trying" ] && [ "$trying" != "$now" ]; then
  before="$now"
  now="$trying"
fi
if [ -z "$before" ]; then
  echo "no image is noted that ran before $now: name one by roll-out.sh" >&2
  exit 1
fi
sh "$here/verify-image.sh" "$before"
sh "$kubernetes/pin.sh" "$1" micropay "$before"
for tier in write-side gateway read-side projection; do
  kubectl apply --kustomize "$kubernetes/overlays/$1" --selector "micropay.io/tier=$tier"
  kubectl rollout status deployment,statefulset --namespace micropay --selector "micropay.io/tier=$tier" --timeout="$within"
done
# Once more goes forward again.
kubectl annotate namespace micropay --overwrite "micropay.io/image=$before" "micropay.io/image-before=$now" micropay.io/image-trying=
