//! The tables on PostgreSQL.

/// `state`: 0 is to be made, 1 arrived, 2 given up. `urgency`: 0 goes before 1.
pub(super) const TABLES: &str = r#"
CREATE TABLE wh_message (
  id          uuid NOT NULL,
  form        text COLLATE "C" NOT NULL,
  tenant_id   uuid NOT NULL,
  event_type  text COLLATE "C" NOT NULL,
  trace       text,
  body        bytea NOT NULL,
  expires_at  timestamptz NOT NULL,
  PRIMARY KEY (id, form)
);
CREATE INDEX wh_message_expiry ON wh_message (expires_at);

-- Updated in place until it has arrived: pages keep room for it, and vacuum comes early.
CREATE TABLE wh_delivery (
  seq         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant_id   uuid NOT NULL,
  endpoint    uuid NOT NULL,
  message     uuid NOT NULL,
  form        text COLLATE "C" NOT NULL,
  event_type  text COLLATE "C" NOT NULL,
  occurred_at timestamptz NOT NULL,
  created_at  timestamptz NOT NULL,
  urgency     smallint NOT NULL,
  state       smallint NOT NULL,
  why         text COLLATE "C" NOT NULL,
  attempts    int NOT NULL DEFAULT 0,
  tries       int NOT NULL DEFAULT 0,
  due_at      timestamptz NOT NULL,
  last_at     timestamptz,
  last_status int,
  last_error  text COLLATE "C"
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
CREATE UNIQUE INDEX wh_delivery_once ON wh_delivery (endpoint, message);
CREATE INDEX wh_delivery_due ON wh_delivery (endpoint, urgency, due_at) WHERE state = 0;
CREATE INDEX wh_delivery_list ON wh_delivery (endpoint, seq);
CREATE INDEX wh_delivery_age ON wh_delivery (created_at);

CREATE TABLE wh_attempt (
  endpoint    uuid NOT NULL,
  message     uuid NOT NULL,
  number      int NOT NULL,
  why         text COLLATE "C" NOT NULL,
  started_at  timestamptz NOT NULL,
  duration_ms int NOT NULL,
  status      int,
  error       text COLLATE "C",
  details     bytea NOT NULL,
  PRIMARY KEY (endpoint, message, number)
);
CREATE INDEX wh_attempt_age ON wh_attempt (started_at);
"#;
