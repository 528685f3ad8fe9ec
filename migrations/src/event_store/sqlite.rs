//! The tables on SQLite.

/// One writer per file, so commit order is row order and `position` is the whole cursor.
pub(super) const TABLES: &str = r"
CREATE TABLE es_event (
  position    INTEGER PRIMARY KEY AUTOINCREMENT,
  tenant_id   BLOB NOT NULL,
  agg_type    INTEGER NOT NULL,
  agg_id      BLOB NOT NULL,
  version     INTEGER NOT NULL,
  event_id    BLOB NOT NULL,
  event_type  TEXT NOT NULL,
  schema_ver  INTEGER NOT NULL,
  payload     BLOB NOT NULL,
  meta        BLOB NOT NULL,
  occurred_at INTEGER NOT NULL,
  recorded_at INTEGER NOT NULL
);
CREATE UNIQUE INDEX es_event_stream ON es_event (tenant_id, agg_id, version);

CREATE TABLE es_fact_log (
  position    INTEGER PRIMARY KEY AUTOINCREMENT,
  tenant_id   BLOB NOT NULL,
  agg_type    INTEGER NOT NULL,
  agg_id      BLOB NOT NULL,
  event_id    BLOB NOT NULL,
  event_type  TEXT NOT NULL,
  schema_ver  INTEGER NOT NULL,
  payload     BLOB NOT NULL,
  meta        BLOB NOT NULL,
  occurred_at INTEGER NOT NULL,
  recorded_at INTEGER NOT NULL
);

CREATE TABLE es_state (
  tenant_id BLOB NOT NULL,
  agg_type  INTEGER NOT NULL,
  agg_id    BLOB NOT NULL,
  version   INTEGER NOT NULL,
  revision  INTEGER NOT NULL,
  state     BLOB NOT NULL,
  PRIMARY KEY (tenant_id, agg_type, agg_id)
);

CREATE TABLE es_row (
  tenant_id  BLOB NOT NULL,
  kind       TEXT NOT NULL,
  key        BLOB NOT NULL,
  agg_id     BLOB,
  data       BLOB NOT NULL,
  revision   INTEGER NOT NULL,
  expires_at INTEGER,
  PRIMARY KEY (tenant_id, kind, key)
) WITHOUT ROWID;
CREATE INDEX es_row_expiry ON es_row (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE es_copy (
  tenant_id BLOB NOT NULL,
  kind      TEXT NOT NULL,
  key       TEXT NOT NULL,
  version   INTEGER NOT NULL,
  seen_at   INTEGER NOT NULL,
  data      BLOB,
  PRIMARY KEY (tenant_id, kind, key)
) WITHOUT ROWID;

CREATE TABLE es_list (
  tenant_id BLOB NOT NULL,
  list      TEXT NOT NULL,
  owner     TEXT NOT NULL,
  sort      TEXT NOT NULL,
  id        TEXT NOT NULL,
  version   INTEGER NOT NULL,
  data      BLOB NOT NULL,
  PRIMARY KEY (tenant_id, list, id)
);
CREATE INDEX es_list_order ON es_list (tenant_id, list, owner, sort, id);

CREATE TABLE es_task (
  id        BLOB PRIMARY KEY,
  tenant_id BLOB NOT NULL,
  kind      TEXT NOT NULL,
  data      BLOB NOT NULL,
  due_at    INTEGER NOT NULL,
  attempts  INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX es_task_due ON es_task (kind, due_at);

CREATE TABLE es_cursor (
  reader   TEXT NOT NULL,
  source   TEXT NOT NULL,
  position INTEGER NOT NULL,
  PRIMARY KEY (reader, source)
) WITHOUT ROWID;

CREATE TABLE es_inbox (
  consumer TEXT NOT NULL,
  event_id BLOB NOT NULL,
  day      INTEGER NOT NULL,
  PRIMARY KEY (consumer, event_id)
) WITHOUT ROWID;

CREATE TABLE es_parked (
  consumer TEXT NOT NULL,
  source   TEXT NOT NULL,
  position INTEGER NOT NULL,
  agg_id   BLOB NOT NULL,
  reason   TEXT NOT NULL,
  PRIMARY KEY (consumer, source, position)
) WITHOUT ROWID;

CREATE TABLE es_meta (
  key   TEXT PRIMARY KEY,
  value BLOB NOT NULL
) WITHOUT ROWID;
";
