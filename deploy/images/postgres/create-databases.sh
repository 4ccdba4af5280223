#!/usr/bin/env bash
# One database and one role a service, each role with the password that <SERVICE>_PASSWORD names and no way into another's database.
# Run at every start, as the superuser that PGHOST, PGUSER and PGPASSWORD name: what is there stays, and a changed password is taken over.
set -euo pipefail

for service in $MICROPAY_DATABASES; do
  secret="${service^^}_PASSWORD"
  psql --quiet --tuples-only --set=ON_ERROR_STOP=1 --set=name="micropay_$service" --set=secret="${!secret:?is not set}" \
    --dbname=postgres <<'SQL'
select format('create role %I login', :'name') where not exists (select from pg_roles where rolname = :'name') \gexec
alter role :"name" password :'secret';
select format('create database %I owner %I', :'name', :'name')
  where not exists (select from pg_database where datname = :'name') \gexec
revoke all on database :"name" from public;
SQL
done
