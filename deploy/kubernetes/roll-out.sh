#!/bin/sh
# Brings an overlay into the cluster that kubectl is set to, or a new release of it: sh deploy/kubernetes/roll-out.sh production
# In the order of docs/deployment.md (upgrading): what prepares first, then projections, read services, the write side, and the gateway last. Each is
# waited for before the next one begins; what does not come up ends it, and leaves the rest as it was.
set -eu
overlay="$(dirname "$0")/overlays/$1"
within="${WITHIN:-15m}"
in_it="--namespace micropay"

apply() { kubectl apply --kustomize "$overlay" --selector "$1"; }

# Settings, certificates, policies, stores: all that is of no tier, and no job, which cannot be changed once it is there.
kubectl apply --kustomize "$overlay" --selector '!micropay.io/tier,!micropay.io/step'
kubectl wait $in_it --for=condition=Ready kafka/micropay cluster.postgresql.cnpg.io/micropay-postgres --timeout="$within"
kubectl wait $in_it --for=condition=Ready kafkatopic --all --timeout="$within"
kubectl wait $in_it --for=condition=Ready kafkauser --all --timeout="$within"
kubectl wait $in_it --for=condition=Ready certificate --all --timeout="$within"

kubectl delete job databases $in_it --ignore-not-found
apply 'micropay.io/step=prepare'
kubectl wait $in_it --for=condition=Complete job/databases --timeout="$within"

for tier in projection read-side write-side gateway; do
  apply "micropay.io/tier=$tier"
  kubectl rollout status deployment,statefulset $in_it --selector "micropay.io/tier=$tier" --timeout="$within"
done
