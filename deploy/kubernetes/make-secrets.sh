#!/bin/sh
# Prints the Secrets that the pods of deploy/kubernetes name, with new values: sh deploy/kubernetes/make-secrets.sh > secrets.yaml
# OIDC_CLIENT_SECRET may be given: then it is that of the gateway's client at the issuer.
# Make it once, keep it where secrets are kept, and never in the repository. A ledger keeps REQUEST_HASH_KEY for as long as it lives.
set -eu
[ -t 1 ] || chmod 600 /dev/stdout 2>/dev/null || true

secret() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }

address() { printf 'postgres://%s:%s@micropay-postgres-rw/%s?sslmode=verify-full&sslrootcert=/postgres/ca.crt' "$1" "$2" "$3"; }

# Name, type, and the keys with their values, as many as there are.
print_secret() {
  name="$1"
  type="$2"
  shift 2
  printf -- '---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: %s\n  namespace: micropay\n  labels: { app.kubernetes.io/part-of: micropay }\ntype: %s\nstringData:\n' "$name" "$type"
  while [ "$#" -gt 0 ]; do
    printf '  %s: "%s"\n' "$1" "$2"
    shift 2
  done
}

superuser="$(secret)"
redis="$(secret)"
cursor="$(secret)"
leases="$(address micropay_leases_run "$(secret)" micropay_leases)"
tell="$(address micropay_leases_tell "$(secret)" micropay_leases)"
accounts_build="$(address micropay_accounts_build "$(secret)" micropay_accounts)"
accounts="$(address micropay_accounts_run "$(secret)" micropay_accounts)"
accounts_read="$(address micropay_accounts_read "$(secret)" micropay_accounts)"
reconciliation_build="$(address micropay_reconciliation_build "$(secret)" micropay_reconciliation)"
reconciliation="$(address micropay_reconciliation_run "$(secret)" micropay_reconciliation)"
reconciliation_read="$(address micropay_reconciliation_read "$(secret)" micropay_reconciliation)"
audit_build="$(address micropay_audit_build "$(secret)" micropay_audit)"
audit="$(address micropay_audit_run "$(secret)" micropay_audit)"
audit_read="$(address micropay_audit_read "$(secret)" micropay_audit)"

print_secret postgres-superuser kubernetes.io/basic-auth username postgres password "$superuser"
print_secret databases Opaque \
  ADMIN_DATABASE_URL "$(address postgres "$superuser" postgres)" \
  LEASE_DATABASE_URL "$leases" LEASE_TELL_DATABASE_URL "$tell" \
  ACCOUNTS_BUILD_DATABASE_URL "$accounts_build" ACCOUNTS_DATABASE_URL "$accounts" ACCOUNTS_READ_DATABASE_URL "$accounts_read" \
  RECONCILIATION_BUILD_DATABASE_URL "$reconciliation_build" RECONCILIATION_DATABASE_URL "$reconciliation" \
  RECONCILIATION_READ_DATABASE_URL "$reconciliation_read" \
  AUDIT_BUILD_DATABASE_URL "$audit_build" AUDIT_DATABASE_URL "$audit" AUDIT_READ_DATABASE_URL "$audit_read"
print_secret write-side Opaque LEASE_DATABASE_URL "$leases" REQUEST_HASH_KEY "$(secret)"
print_secret accounts-projection Opaque \
  LEASE_DATABASE_URL "$tell" ACCOUNTS_DATABASE_URL "$accounts" ACCOUNTS_BUILD_DATABASE_URL "$accounts_build"
print_secret reconciliation-projection Opaque \
  LEASE_DATABASE_URL "$tell" RECONCILIATION_DATABASE_URL "$reconciliation" RECONCILIATION_BUILD_DATABASE_URL "$reconciliation_build"
print_secret audit-projection Opaque \
  LEASE_DATABASE_URL "$tell" AUDIT_DATABASE_URL "$audit" AUDIT_BUILD_DATABASE_URL "$audit_build"
print_secret accounts Opaque ACCOUNTS_DATABASE_URL "$accounts_read" CURSOR_SECRET "$cursor"
print_secret reconciliation Opaque RECONCILIATION_DATABASE_URL "$reconciliation_read" CURSOR_SECRET "$cursor"
print_secret audit Opaque AUDIT_DATABASE_URL "$audit_read" CURSOR_SECRET "$cursor"
print_secret gateway Opaque \
  OIDC_CLIENT_SECRET "${OIDC_CLIENT_SECRET:-$(secret)}" SESSION_SECRET "$(secret)" REDIS_URL "rediss://:$redis@valkey:6379"
print_secret valkey Opaque password.conf "requirepass $redis"
