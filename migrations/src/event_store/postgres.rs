//! The tables on PostgreSQL.

/// Many transactions write at once, so a place in a log is (epoch, transaction, number), and
/// what a transaction wrote is read once every older one has ended. Texts are compared byte by
/// byte; a copy's key may hold whatever a stranger typed, and is bytes.
pub(super) const TABLES: &str = r#"
CREATE SEQUENCE es_seq;
CREATE SEQUENCE es_fact_seq;

-- Transaction ids start again when a dump is restored into another cluster: then the epoch goes up.
CREATE TABLE es_epoch (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  current  smallint NOT NULL,
  cluster  bigint NOT NULL
);
INSERT INTO es_epoch (current, cluster) SELECT 1, system_identifier FROM pg_control_system();

CREATE TABLE es_event (
  epoch       smallint NOT NULL,
  txid        xid8 NOT NULL DEFAULT pg_current_xact_id(),
  seq         bigint NOT NULL DEFAULT nextval('es_seq'),
  tenant_id   uuid NOT NULL,
  agg_type    smallint NOT NULL,
  agg_id      uuid NOT NULL,
  version     bigint NOT NULL,
  event_id    uuid NOT NULL,
  event_type  text COLLATE "C" NOT NULL,
  schema_ver  smallint NOT NULL,
  payload     bytea NOT NULL,
  meta        bytea NOT NULL,
  occurred_at timestamptz NOT NULL,
  recorded_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, agg_id, version)
) PARTITION BY HASH (tenant_id);
CREATE INDEX es_event_order ON es_event (epoch, txid, seq);

CREATE TABLE es_fact_log (
  day         date NOT NULL,
  epoch       smallint NOT NULL,
  txid        xid8 NOT NULL DEFAULT pg_current_xact_id(),
  seq         bigint NOT NULL DEFAULT nextval('es_fact_seq'),
  tenant_id   uuid NOT NULL,
  agg_type    smallint NOT NULL,
  agg_id      uuid NOT NULL,
  event_id    uuid NOT NULL,
  event_type  text COLLATE "C" NOT NULL,
  schema_ver  smallint NOT NULL,
  payload     bytea NOT NULL,
  meta        bytea NOT NULL,
  occurred_at timestamptz NOT NULL,
  recorded_at timestamptz NOT NULL
) PARTITION BY RANGE (day);
CREATE INDEX es_fact_log_order ON es_fact_log (epoch, txid, seq);
-- Takes what no day's partition takes, so that a late job loses nothing.
CREATE TABLE es_fact_log_default PARTITION OF es_fact_log DEFAULT;

-- Updated in place, over and over: pages keep room for it, and vacuum comes early.
CREATE TABLE es_state (
  tenant_id uuid NOT NULL,
  agg_type  smallint NOT NULL,
  agg_id    uuid NOT NULL,
  version   bigint NOT NULL,
  revision  bigint NOT NULL,
  state     bytea NOT NULL,
  PRIMARY KEY (tenant_id, agg_type, agg_id)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);

CREATE TABLE es_row (
  tenant_id  uuid NOT NULL,
  kind       text COLLATE "C" NOT NULL,
  key        bytea NOT NULL,
  agg_id     uuid,
  data       bytea NOT NULL,
  revision   bigint NOT NULL,
  expires_at timestamptz,
  PRIMARY KEY (tenant_id, kind, key)
) WITH (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
CREATE INDEX es_row_expiry ON es_row (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX es_row_stream ON es_row (tenant_id, kind, agg_id) WHERE agg_id IS NOT NULL;

CREATE TABLE es_copy (
  tenant_id uuid NOT NULL,
  kind      text COLLATE "C" NOT NULL,
  key       bytea NOT NULL,
  version   bigint NOT NULL,
  seen_at   timestamptz NOT NULL,
  data      bytea,
  PRIMARY KEY (tenant_id, kind, key)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02);

CREATE TABLE es_list (
  tenant_id uuid NOT NULL,
  list      text COLLATE "C" NOT NULL,
  owner     text COLLATE "C" NOT NULL,
  sort      text COLLATE "C" NOT NULL,
  id        text COLLATE "C" NOT NULL,
  version   bigint NOT NULL,
  data      bytea NOT NULL,
  PRIMARY KEY (tenant_id, list, id)
);
CREATE INDEX es_list_order ON es_list (tenant_id, list, owner, sort, id);

CREATE TABLE es_task (
  id        uuid PRIMARY KEY,
  tenant_id uuid NOT NULL,
  kind      text COLLATE "C" NOT NULL,
  data      bytea NOT NULL,
  due_at    timestamptz NOT NULL,
  attempts  int NOT NULL DEFAULT 0
) WITH (autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX es_task_due ON es_task (kind, due_at);

-- Places in logs of other databases, so plain numbers. The row with an empty source counts the
-- leads of its reader.
CREATE TABLE es_cursor (
  reader       text COLLATE "C" NOT NULL,
  source       text COLLATE "C" NOT NULL,
  epoch        smallint NOT NULL DEFAULT 0,
  txid         bigint NOT NULL DEFAULT 0,
  seq          bigint NOT NULL DEFAULT 0,
  leader_epoch bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (reader, source)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);

CREATE TABLE es_inbox (
  consumer text COLLATE "C" NOT NULL,
  event_id uuid NOT NULL,
  day      date NOT NULL,
  PRIMARY KEY (consumer, event_id)
);
CREATE INDEX es_inbox_day ON es_inbox (day);

CREATE TABLE es_parked (
  consumer text COLLATE "C" NOT NULL,
  source   text COLLATE "C" NOT NULL,
  epoch    smallint NOT NULL,
  txid     bigint NOT NULL,
  seq      bigint NOT NULL,
  agg_id   uuid NOT NULL,
  reason   text NOT NULL,
  PRIMARY KEY (consumer, source, epoch, txid, seq)
);

CREATE TABLE es_meta (
  key   text COLLATE "C" PRIMARY KEY,
  value bytea NOT NULL
);

-- The last batch of every writer, written in its own commit: after a lost connection it says
-- whether that commit was made.
CREATE TABLE es_writer (
  id      uuid PRIMARY KEY,
  batch   bigint NOT NULL,
  seen_at timestamptz NOT NULL
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);

DO $do$
BEGIN
  FOR part IN 0..7 LOOP
    EXECUTE format('CREATE TABLE es_event_%s PARTITION OF es_event FOR VALUES WITH (MODULUS 8, REMAINDER %s) '
      'WITH (autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.02)', part, part);
  END LOOP;
END
$do$;

-- An open transaction anywhere holds readers back: whoever connects here is cut off after a while.
DO $do$
BEGIN
  EXECUTE format('ALTER DATABASE %I SET idle_in_transaction_session_timeout = %L', current_database(), '5s');
EXCEPTION WHEN insufficient_privilege THEN
  RAISE NOTICE 'not the owner of the database: idle_in_transaction_session_timeout stays as it is';
END
$do$;
"#;
