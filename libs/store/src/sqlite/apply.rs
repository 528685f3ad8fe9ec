//! One write, statement by statement, inside the batch's transaction.

use grantor_eventsourcing::{Position, Timestamp};
use rusqlite::{Connection, Transaction, params};

use super::{deliveries, lead::Leads};
use crate::{
    CommitError, Committed, CopyChange, ListChange, NewEvent, NewFact, OnTaken, RowChange, StreamWrite, TaskChange,
    Write,
};

type Applied = rusqlite::Result<Result<(), CommitError>>;

/// Applies a write; a refusal leaves nothing of it. `Err` is for the unexpected.
pub(super) fn write(
    tx: &Transaction<'_>,
    write: &Write,
    head: Position,
    now: Timestamp,
    leads: &Leads,
) -> rusqlite::Result<Result<Committed, CommitError>> {
    if write.cursor.as_ref().and_then(|cursor| cursor.leader).is_some_and(|leader| !leads.is_last(leader)) {
        return Ok(Err(CommitError::Conflict));
    }
    let mut committed = Committed { position: head, counts: Vec::new() };
    // The first guard needs no savepoint: nothing stands before it. Only a later one does.
    let guards = usize::from(write.stream.is_some())
        + usize::from(write.inbox.is_some())
        + write.rows.iter().filter(|row| is_guard(row)).count();
    let savepoint = guards > 1 || (guards == 1 && write.stream.is_none());
    if savepoint {
        tx.prepare_cached("SAVEPOINT command")?.execute([])?;
    }
    let outcome = changes(tx, write, &mut committed, now)?;
    if savepoint {
        if outcome.is_err() {
            tx.prepare_cached("ROLLBACK TO command")?.execute([])?;
        }
        tx.prepare_cached("RELEASE command")?.execute([])?;
    }
    Ok(outcome.map(|()| committed))
}

fn is_guard(row: &RowChange) -> bool {
    match row {
        RowChange::Insert { on_taken, .. } => *on_taken == OnTaken::Refuse,
        RowChange::Update { .. } => true,
        RowChange::Delete { expected, .. } => expected.is_some(),
        RowChange::Overwrite { .. } | RowChange::Count { .. } | RowChange::Uncount { .. } => false,
    }
}

fn changes(tx: &Transaction<'_>, write: &Write, committed: &mut Committed, now: Timestamp) -> Applied {
    macro_rules! guard {
        ($outcome:expr) => {
            if let Err(refusal) = $outcome? {
                return Ok(Err(refusal));
            }
        };
    }
    if let Some(change) = &write.stream {
        guard!(stream(tx, change, committed, now));
    }
    if let Some((consumer, event)) = &write.inbox {
        let day = now.timestamp() / 86_400;
        let fresh = tx
            .prepare_cached(
                "INSERT INTO es_inbox (consumer, event_id, day) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
            )?
            .execute(params![consumer, event.as_bytes(), day])?;
        if fresh == 0 {
            return Ok(Err(CommitError::Taken("event")));
        }
    }
    for change in &write.rows {
        guard!(row(tx, change, committed, now));
    }
    for change in &write.facts {
        fact(tx, change, now)?;
    }
    for change in &write.copies {
        copy(tx, change, now)?;
    }
    for change in &write.lists {
        list(tx, change)?;
    }
    for change in &write.tasks {
        task(tx, change)?;
    }
    for message in &write.messages {
        deliveries::message(tx, message)?;
    }
    for change in &write.deliveries {
        deliveries::change(tx, change, now)?;
    }
    if let Some((consumer, source, position, aggregate, reason)) = &write.park {
        tx.prepare_cached(
            "INSERT OR REPLACE INTO es_parked (consumer, source, position, agg_id, reason) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![consumer, source, position.seq, aggregate.as_bytes(), reason])?;
    }
    if let Some(cursor) = &write.cursor {
        tx.prepare_cached(
            "INSERT INTO es_cursor (reader, source, position) VALUES (?1, ?2, ?3) \
             ON CONFLICT DO UPDATE SET position = max(position, excluded.position)",
        )?
        .execute(params![cursor.reader, cursor.source, cursor.position.seq])?;
    }
    for (key, value) in &write.meta {
        tx.prepare_cached("INSERT OR REPLACE INTO es_meta (key, value) VALUES (?1, ?2)")?
            .execute(params![key, value])?;
    }
    Ok(Ok(()))
}

fn stream(tx: &Transaction<'_>, change: &StreamWrite, committed: &mut Committed, now: Timestamp) -> Applied {
    let version = change.version + u32::try_from(change.events.len()).unwrap_or(u32::MAX);
    let (tenant, id) = (change.tenant.uuid(), change.id);
    let written = if change.expected == 0 {
        tx.prepare_cached(
            "INSERT INTO es_state (tenant_id, agg_type, agg_id, version, revision, state) VALUES (?1, ?2, ?3, ?4, 1, ?5) \
             ON CONFLICT DO NOTHING",
        )?
        .execute(params![tenant.as_bytes(), change.kind.code(), id.as_bytes(), version, change.state])?
    } else {
        tx.prepare_cached(
            "UPDATE es_state SET version = ?4, revision = revision + 1, state = ?5 \
             WHERE tenant_id = ?1 AND agg_type = ?2 AND agg_id = ?3 AND revision = ?6",
        )?
        .execute(params![
            tenant.as_bytes(),
            change.kind.code(),
            id.as_bytes(),
            version,
            change.state,
            i64::try_from(change.expected).unwrap_or(i64::MAX)
        ])?
    };
    if written == 0 {
        return Ok(Err(CommitError::Conflict));
    }
    for (at, event) in (change.version + 1..).zip(&change.events) {
        tx.prepare_cached(
            "INSERT INTO es_event (tenant_id, agg_type, agg_id, version, event_id, event_type, schema_ver, payload, \
             meta, occurred_at, recorded_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        )?
        .execute(params![
            tenant.as_bytes(),
            change.kind.code(),
            id.as_bytes(),
            at,
            event.id.uuid().as_bytes(),
            event.encoded.event_type,
            event.encoded.schema_version,
            &event.encoded.payload[..],
            meta(event),
            event.occurred_at.timestamp_millis(),
            now.timestamp_millis(),
        ])?;
        committed.position = Position::row(tx.last_insert_rowid());
    }
    Ok(Ok(()))
}

fn meta(event: &NewEvent) -> Vec<u8> {
    // A `Meta` is a plain record of strings: it always has a JSON form.
    serde_json::to_vec(&event.meta).unwrap_or_default()
}

fn row(tx: &Transaction<'_>, change: &RowChange, committed: &mut Committed, now: Timestamp) -> Applied {
    let now = now.timestamp_millis();
    match change {
        RowChange::Insert { key, aggregate, data, expires_at, on_taken } => {
            // What is there gives way once it has expired, or always: one statement for both.
            let gives_way_until = if *on_taken == OnTaken::Replace { i64::MAX } else { now };
            let written = tx
                .prepare_cached(
                    "INSERT INTO es_row (tenant_id, kind, key, agg_id, data, revision, expires_at) \
                     VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6) ON CONFLICT DO UPDATE SET agg_id = excluded.agg_id, \
                       data = excluded.data, revision = revision + 1, expires_at = excluded.expires_at \
                       WHERE coalesce(es_row.expires_at, 9223372036854775807) <= ?7",
                )?
                .execute(params![
                    key.tenant.uuid().as_bytes(),
                    key.kind,
                    key.key,
                    aggregate.as_ref().map(|id| id.as_bytes().as_slice()),
                    data,
                    expires_at.map(|at| at.timestamp_millis()),
                    gives_way_until,
                ])?;
            Ok(if written == 0 && *on_taken == OnTaken::Refuse { Err(CommitError::Taken(key.kind)) } else { Ok(()) })
        }
        RowChange::Update { key, expected, data, expires_at } => {
            let written = tx
                .prepare_cached(
                    "UPDATE es_row SET data = ?4, revision = revision + 1, expires_at = coalesce(?5, expires_at) \
                     WHERE tenant_id = ?1 AND kind = ?2 AND key = ?3 AND revision = ?6 \
                       AND (expires_at IS NULL OR expires_at > ?7)",
                )?
                .execute(params![
                    key.tenant.uuid().as_bytes(),
                    key.kind,
                    key.key,
                    data,
                    expires_at.map(|at| at.timestamp_millis()),
                    i64::try_from(*expected).unwrap_or(i64::MAX),
                    now,
                ])?;
            Ok(if written == 0 { Err(CommitError::Conflict) } else { Ok(()) })
        }
        RowChange::Overwrite { key, data } => {
            tx.prepare_cached(
                "UPDATE es_row SET data = ?4, revision = revision + 1 WHERE tenant_id = ?1 AND kind = ?2 AND key = ?3 \
                   AND (expires_at IS NULL OR expires_at > ?5)",
            )?
            .execute(params![key.tenant.uuid().as_bytes(), key.kind, key.key, data, now])?;
            Ok(Ok(()))
        }
        RowChange::Delete { key, expected } => {
            let expected_revision = expected.map(|revision| i64::try_from(revision).unwrap_or(i64::MAX));
            let written = tx
                .prepare_cached(
                    "DELETE FROM es_row WHERE tenant_id = ?1 AND kind = ?2 AND key = ?3 AND (?4 IS NULL OR revision = ?4)",
                )?
                .execute(params![key.tenant.uuid().as_bytes(), key.kind, key.key, expected_revision])?;
            Ok(if written == 0 && expected.is_some() { Err(CommitError::Conflict) } else { Ok(()) })
        }
        RowChange::Count { key, expires_at } => {
            let count: i64 = tx
                .prepare_cached(
                    "INSERT INTO es_row (tenant_id, kind, key, data, revision, expires_at) VALUES (?1, ?2, ?3, x'', 1, ?4) \
                     ON CONFLICT DO UPDATE SET \
                       revision = CASE WHEN es_row.expires_at <= ?5 THEN 1 ELSE es_row.revision + 1 END, \
                       expires_at = CASE WHEN es_row.expires_at <= ?5 THEN excluded.expires_at ELSE es_row.expires_at END \
                     RETURNING revision",
                )?
                .query_row(
                    params![key.tenant.uuid().as_bytes(), key.kind, key.key, expires_at.timestamp_millis(), now],
                    |row| row.get(0),
                )?;
            committed.counts.push(u64::try_from(count).unwrap_or_default());
            Ok(Ok(()))
        }
        RowChange::Uncount { key } => {
            tx.prepare_cached(
                "UPDATE es_row SET revision = max(revision - 1, 0) WHERE tenant_id = ?1 AND kind = ?2 AND key = ?3",
            )?
            .execute(params![key.tenant.uuid().as_bytes(), key.kind, key.key])?;
            Ok(Ok(()))
        }
    }
}

fn fact(tx: &Transaction<'_>, fact: &NewFact, now: Timestamp) -> rusqlite::Result<()> {
    tx.prepare_cached(
        "INSERT INTO es_fact_log (tenant_id, agg_type, agg_id, event_id, event_type, schema_ver, payload, meta, \
         occurred_at, recorded_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?
    .execute(params![
        fact.tenant.uuid().as_bytes(),
        fact.kind.code(),
        fact.aggregate.as_bytes(),
        fact.event.id.uuid().as_bytes(),
        fact.event.encoded.event_type,
        fact.event.encoded.schema_version,
        &fact.event.encoded.payload[..],
        meta(&fact.event),
        fact.event.occurred_at.timestamp_millis(),
        now.timestamp_millis(),
    ])?;
    Ok(())
}

fn copy(tx: &Transaction<'_>, copy: &CopyChange, now: Timestamp) -> rusqlite::Result<()> {
    tx.prepare_cached(
        "INSERT INTO es_copy (tenant_id, kind, key, version, seen_at, data) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
         ON CONFLICT DO UPDATE SET seen_at = excluded.seen_at, \
           data = CASE WHEN excluded.version > es_copy.version THEN excluded.data ELSE es_copy.data END, \
           version = max(es_copy.version, excluded.version)",
    )?
    .execute(params![
        copy.tenant.uuid().as_bytes(),
        copy.kind,
        copy.key,
        copy.version,
        now.timestamp_millis(),
        copy.data
    ])?;
    Ok(())
}

fn list(tx: &Transaction<'_>, change: &ListChange) -> rusqlite::Result<()> {
    match change {
        ListChange::Put { tenant, list, owner, sort, id, version, data } => {
            tx.prepare_cached(
                "INSERT INTO es_list (tenant_id, list, owner, sort, id, version, data) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) \
                 ON CONFLICT DO UPDATE SET owner = excluded.owner, sort = excluded.sort, version = excluded.version, \
                   data = excluded.data WHERE excluded.version >= es_list.version",
            )?
            .execute(params![tenant.uuid().as_bytes(), list, owner, sort, id, version, data])?;
        }
        ListChange::Remove { tenant, list, id } => {
            tx.prepare_cached("DELETE FROM es_list WHERE tenant_id = ?1 AND list = ?2 AND id = ?3")?
                .execute(params![tenant.uuid().as_bytes(), list, id])?;
        }
    }
    Ok(())
}

fn task(tx: &Transaction<'_>, change: &TaskChange) -> rusqlite::Result<()> {
    match change {
        TaskChange::Add(task) => tx
            .prepare_cached("INSERT INTO es_task (id, tenant_id, kind, data, due_at) VALUES (?1, ?2, ?3, ?4, ?5)")?
            .execute(params![
                task.id.as_bytes(),
                task.tenant.uuid().as_bytes(),
                task.kind,
                task.data,
                task.due_at.timestamp_millis()
            ])?,
        TaskChange::Done(id) => tx.prepare_cached("DELETE FROM es_task WHERE id = ?1")?.execute([id.as_bytes()])?,
        TaskChange::Later(id, due_at) => tx
            .prepare_cached("UPDATE es_task SET attempts = attempts + 1, due_at = ?2 WHERE id = ?1")?
            .execute(params![id.as_bytes(), due_at.timestamp_millis()])?,
        TaskChange::AllDue { tenant, kind, due_at } => tx
            .prepare_cached("UPDATE es_task SET due_at = ?3 WHERE kind = ?2 AND due_at > ?3 AND tenant_id = ?1")?
            .execute(params![tenant.uuid().as_bytes(), kind, due_at.timestamp_millis()])?,
    };
    Ok(())
}

/// Expired rows keep a day for questions; inbox entries 14 days; what was told to others 30 days; facts 90.
pub(super) fn sweep(connection: &mut Connection, now: Timestamp) -> rusqlite::Result<u64> {
    const SLICE: u32 = 500;
    const DAY: i64 = 86_400_000;
    let now = now.timestamp_millis();
    let mut gone = 0;
    let statements: [(&str, i64); 6] = [
        (
            "DELETE FROM es_row WHERE (tenant_id, kind, key) IN \
             (SELECT tenant_id, kind, key FROM es_row WHERE expires_at < ?1 LIMIT ?2)",
            now - DAY,
        ),
        (
            "DELETE FROM es_inbox WHERE (consumer, event_id) IN \
             (SELECT consumer, event_id FROM es_inbox WHERE day < ?1 LIMIT ?2)",
            now / DAY - 14,
        ),
        (
            "DELETE FROM es_fact_log WHERE position IN \
             (SELECT position FROM es_fact_log WHERE recorded_at < ?1 ORDER BY position LIMIT ?2)",
            now - 90 * DAY,
        ),
        (
            "DELETE FROM wh_message WHERE (id, form) IN (SELECT id, form FROM wh_message WHERE expires_at < ?1 LIMIT ?2)",
            now,
        ),
        (
            "DELETE FROM wh_delivery WHERE seq IN (SELECT seq FROM wh_delivery WHERE created_at < ?1 LIMIT ?2)",
            now - 30 * DAY,
        ),
        (
            "DELETE FROM wh_attempt WHERE (endpoint, message, number) IN \
             (SELECT endpoint, message, number FROM wh_attempt WHERE started_at < ?1 LIMIT ?2)",
            now - 30 * DAY,
        ),
    ];
    for (statement, bound) in statements {
        gone += connection.execute(statement, params![bound, SLICE])?;
    }
    Ok(gone as u64)
}

pub(super) fn scrub(connection: &Connection) -> rusqlite::Result<()> {
    // TRUNCATE waits for readers, at most the busy timeout; then its first column says that it gave up.
    let gave_up: bool = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    if gave_up {
        let busy = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY);
        return Err(rusqlite::Error::SqliteFailure(busy, Some("a reader holds the write-ahead log".into())));
    }
    Ok(())
}
