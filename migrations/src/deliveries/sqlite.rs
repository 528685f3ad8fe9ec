//! The tables on SQLite.

/// `state`: 0 is to be made, 1 arrived, 2 given up. `urgency`: 0 goes before 1.
pub(super) const TABLES: &str = r"
CREATE TABLE wh_message (
  id          BLOB NOT NULL,
  form        TEXT NOT NULL,
  tenant_id   BLOB NOT NULL,
  event_type  TEXT NOT NULL,
  trace       TEXT,
  body        BLOB NOT NULL,
  expires_at  INTEGER NOT NULL,
  PRIMARY KEY (id, form)
) WITHOUT ROWID;
CREATE INDEX wh_message_expiry ON wh_message (expires_at);

CREATE TABLE wh_delivery (
  seq         INTEGER PRIMARY KEY AUTOINCREMENT,
  tenant_id   BLOB NOT NULL,
  endpoint    BLOB NOT NULL,
  message     BLOB NOT NULL,
  form        TEXT NOT NULL,
  event_type  TEXT NOT NULL,
  occurred_at INTEGER NOT NULL,
  created_at  INTEGER NOT NULL,
  urgency     INTEGER NOT NULL,
  state       INTEGER NOT NULL,
  why         TEXT NOT NULL,
  attempts    INTEGER NOT NULL DEFAULT 0,
  tries       INTEGER NOT NULL DEFAULT 0,
  due_at      INTEGER NOT NULL,
  last_at     INTEGER,
  last_status INTEGER,
  last_error  TEXT
);
CREATE UNIQUE INDEX wh_delivery_once ON wh_delivery (endpoint, message);
CREATE INDEX wh_delivery_due ON wh_delivery (endpoint, urgency, due_at) WHERE state = 0;
CREATE INDEX wh_delivery_list ON wh_delivery (endpoint, seq);
CREATE INDEX wh_delivery_age ON wh_delivery (created_at);

CREATE TABLE wh_attempt (
  endpoint    BLOB NOT NULL,
  message     BLOB NOT NULL,
  number      INTEGER NOT NULL,
  why         TEXT NOT NULL,
  started_at  INTEGER NOT NULL,
  duration_ms INTEGER NOT NULL,
  status      INTEGER,
  error       TEXT,
  details     BLOB NOT NULL,
  PRIMARY KEY (endpoint, message, number)
) WITHOUT ROWID;
CREATE INDEX wh_attempt_age ON wh_attempt (started_at);
";
