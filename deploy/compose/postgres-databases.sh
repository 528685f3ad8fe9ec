#!/usr/bin/env bash
# Runs once in the new PostgreSQL of `split-kafka.yaml`: a role and a database for each service.
set -euo pipefail
for service in registry directory authorization token console webhooks; do
  psql -v ON_ERROR_STOP=1 -U postgres -v name="grantor_$service" -v password="$(<"/run/secrets/postgres_$service")" <<'SQL'
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name";
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
SQL
done
