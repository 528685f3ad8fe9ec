//! Point reads and log reads.

use bytes::Bytes;
use chrono::DateTime;
use grantor_eventsourcing::{Actor, AggregateType, Envelope, Meta, Position, Timestamp};
use grantor_ids::{EventId, TenantId};
use rusqlite::{Connection, OptionalExtension, Result, Row as SqlRow, params, types::Type};
use uuid::Uuid;

use crate::{Copied, DueTask, Log, ParkedEvent, Row, StateRow, Stretch, Wanted};

pub(super) fn state(c: &Connection, tenant: TenantId, kind: i16, id: Uuid) -> Result<Option<StateRow>> {
    c.prepare_cached(
        "SELECT version, revision, state FROM es_state WHERE tenant_id = ?1 AND agg_type = ?2 AND agg_id = ?3",
    )?
    .query_row(params![tenant.uuid().as_bytes(), kind, id.as_bytes()], |row| {
        Ok(StateRow { version: row.get(0)?, revision: unsigned(row, 1)?, state: row.get(2)? })
    })
    .optional()
}

pub(super) fn states(c: &Connection, tenants: &[Uuid], kind: i16) -> Result<Vec<(TenantId, Uuid, StateRow)>> {
    let mut statement = c.prepare_cached(
        "SELECT agg_id, version, revision, state FROM es_state WHERE tenant_id = ?1 AND agg_type = ?2 ORDER BY agg_id",
    )?;
    let mut found = Vec::new();
    for tenant in tenants {
        let rows = statement.query_map(params![tenant.as_bytes(), kind], |row| {
            let state = StateRow { version: row.get(1)?, revision: unsigned(row, 2)?, state: row.get(3)? };
            Ok((TenantId::from_uuid(*tenant), uuid(row, 0)?, state))
        })?;
        for row in rows {
            found.push(row?);
        }
    }
    Ok(found)
}

pub(super) fn row(c: &Connection, tenant: TenantId, kind: &str, key: &[u8], now: Timestamp) -> Result<Option<Row>> {
    c.prepare_cached(
        "SELECT key, agg_id, data, revision, expires_at FROM es_row \
         WHERE tenant_id = ?1 AND kind = ?2 AND key = ?3 AND (expires_at IS NULL OR expires_at > ?4)",
    )?
    .query_row(params![tenant.uuid().as_bytes(), kind, key, now.timestamp_millis()], to_row)
    .optional()
}

pub(super) fn row_and_state(
    c: &Connection,
    tenant: TenantId,
    kind: &str,
    key: &[u8],
    aggregate: i16,
    now: Timestamp,
) -> Result<Option<(Row, Option<StateRow>)>> {
    c.prepare_cached(
        "SELECT r.key, r.agg_id, r.data, r.revision, r.expires_at, s.version, s.revision, s.state FROM es_row r \
         LEFT JOIN es_state s ON s.tenant_id = r.tenant_id AND s.agg_type = ?5 AND s.agg_id = r.agg_id \
         WHERE r.tenant_id = ?1 AND r.kind = ?2 AND r.key = ?3 AND (r.expires_at IS NULL OR r.expires_at > ?4)",
    )?
    .query_row(params![tenant.uuid().as_bytes(), kind, key, now.timestamp_millis(), aggregate], |row| {
        let state = match row.get(5)? {
            Some(version) => Some(StateRow { version, revision: unsigned(row, 6)?, state: row.get(7)? }),
            None => None,
        };
        Ok((to_row(row)?, state))
    })
    .optional()
}

pub(super) fn rows(
    c: &Connection,
    tenant: TenantId,
    kind: &str,
    aggregate: Option<Uuid>,
    now: Timestamp,
) -> Result<Vec<Row>> {
    c.prepare_cached(
        "SELECT key, agg_id, data, revision, expires_at FROM es_row WHERE tenant_id = ?1 AND kind = ?2 \
         AND (?3 IS NULL OR agg_id = ?3) AND (expires_at IS NULL OR expires_at > ?4)",
    )?
    .query_map(
        params![
            tenant.uuid().as_bytes(),
            kind,
            aggregate.as_ref().map(|id| id.as_bytes().as_slice()),
            now.timestamp_millis()
        ],
        to_row,
    )?
    .collect()
}

pub(super) fn next_tenant(c: &Connection, from: Uuid) -> Result<Option<Uuid>> {
    c.prepare_cached("SELECT tenant_id FROM es_row WHERE tenant_id >= ?1 ORDER BY tenant_id LIMIT 1")?
        .query_row([from.as_bytes()], |row| uuid(row, 0))
        .optional()
}

fn to_row(row: &SqlRow<'_>) -> Result<Row> {
    let aggregate: Option<[u8; 16]> = row.get(1)?;
    let expires_at: Option<i64> = row.get(4)?;
    Ok(Row {
        key: row.get(0)?,
        aggregate: aggregate.map(Uuid::from_bytes),
        data: row.get(2)?,
        revision: unsigned(row, 3)?,
        expires_at: expires_at.and_then(DateTime::from_timestamp_millis),
    })
}

pub(super) fn copy(c: &Connection, tenant: TenantId, kind: &str, key: &str) -> Result<Option<Copied>> {
    c.prepare_cached("SELECT version, seen_at, data FROM es_copy WHERE tenant_id = ?1 AND kind = ?2 AND key = ?3")?
        .query_row(params![tenant.uuid().as_bytes(), kind, key], |row| {
            let data: Option<Vec<u8>> = row.get(2)?;
            Ok(Copied { version: row.get(0)?, seen_at: instant(row, 1)?, data: data.map(Bytes::from) })
        })
        .optional()
}

/// Of so many records per wanted one a reader that wants few is shown.
const LOOKED_AT: u32 = 16;

/// What nobody wants costs only a look at its type.
pub(super) fn log(c: &Connection, log: Log, after: Position, limit: u32, wanted: Wanted<'_>) -> Result<Stretch> {
    let statement = match log {
        Log::Events => {
            "SELECT position, event_id, event_type, schema_ver, tenant_id, agg_type, agg_id, version, occurred_at, \
             recorded_at, meta, payload FROM es_event WHERE position > ?1 ORDER BY position LIMIT ?2"
        }
        Log::Facts => {
            "SELECT position, event_id, event_type, schema_ver, tenant_id, agg_type, agg_id, 0, occurred_at, \
             recorded_at, meta, payload FROM es_fact_log WHERE position > ?1 ORDER BY position LIMIT ?2"
        }
    };
    let most = limit.saturating_mul(LOOKED_AT);
    let mut statement = c.prepare_cached(statement)?;
    let mut rows = statement.query(params![after.seq, most])?;
    let mut stretch = Stretch { records: Vec::new(), end: after, more: false };
    let mut looked_at = 0;
    while let Some(row) = rows.next()? {
        looked_at += 1;
        stretch.end = Position::row(row.get(0)?);
        if wanted(row.get_ref(2)?.as_str()?) {
            stretch.records.push(to_envelope(row)?);
        }
        stretch.more = looked_at == most || stretch.records.len() == limit as usize;
        if stretch.more {
            break;
        }
    }
    Ok(stretch)
}

pub(super) fn stream(c: &Connection, tenant: TenantId, id: Uuid) -> Result<Vec<Envelope>> {
    c.prepare_cached(
        "SELECT position, event_id, event_type, schema_ver, tenant_id, agg_type, agg_id, version, occurred_at, \
         recorded_at, meta, payload FROM es_event WHERE tenant_id = ?1 AND agg_id = ?2 ORDER BY version",
    )?
    .query_map(params![tenant.uuid().as_bytes(), id.as_bytes()], to_envelope)?
    .collect()
}

fn to_envelope(row: &SqlRow<'_>) -> Result<Envelope> {
    let kind: i16 = row.get(5)?;
    let meta: Vec<u8> = row.get(10)?;
    let payload: Vec<u8> = row.get(11)?;
    Ok(Envelope {
        position: Position::row(row.get(0)?),
        event_id: EventId::from_uuid(uuid(row, 1)?),
        event_type: row.get(2)?,
        schema_version: row.get(3)?,
        tenant: TenantId::from_uuid(uuid(row, 4)?),
        aggregate_type: AggregateType::from_code(kind)
            .ok_or(rusqlite::Error::IntegralValueOutOfRange(5, i64::from(kind)))?,
        aggregate_id: uuid(row, 6)?,
        version: row.get(7)?,
        occurred_at: instant(row, 8)?,
        recorded_at: instant(row, 9)?,
        meta: serde_json::from_slice(&meta).unwrap_or(Meta::by(Actor::System)),
        payload: Bytes::from(payload),
    })
}

pub(super) fn cursor(c: &Connection, reader: &str, source: &str) -> Result<Position> {
    let position = c
        .prepare_cached("SELECT position FROM es_cursor WHERE reader = ?1 AND source = ?2")?
        .query_row(params![reader, source], |row| row.get(0))
        .optional()?;
    Ok(Position::row(position.unwrap_or(0)))
}

pub(super) fn in_inbox(c: &Connection, consumer: &str, event: Uuid) -> Result<bool> {
    c.prepare_cached("SELECT 1 FROM es_inbox WHERE consumer = ?1 AND event_id = ?2")?
        .exists(params![consumer, event.as_bytes()])
}

pub(super) fn parked(c: &Connection, consumer: &str) -> Result<Vec<ParkedEvent>> {
    c.prepare_cached(
        "SELECT source, position, agg_id, reason FROM es_parked WHERE consumer = ?1 ORDER BY source, position",
    )?
    .query_map([consumer], |row| {
        Ok(ParkedEvent {
            source: row.get(0)?,
            position: Position::row(row.get(1)?),
            aggregate: uuid(row, 2)?,
            reason: row.get(3)?,
        })
    })?
    .collect()
}

pub(super) fn due_tasks(c: &Connection, kind: &str, now: Timestamp, limit: u32) -> Result<Vec<DueTask>> {
    c.prepare_cached(
        "SELECT id, tenant_id, data, attempts FROM es_task WHERE kind = ?1 AND due_at <= ?2 ORDER BY due_at LIMIT ?3",
    )?
    .query_map(params![kind, now.timestamp_millis(), limit], |row| {
        Ok(DueTask {
            id: uuid(row, 0)?,
            tenant: TenantId::from_uuid(uuid(row, 1)?),
            data: row.get(2)?,
            attempts: row.get(3)?,
        })
    })?
    .collect()
}

pub(super) fn meta(c: &Connection, key: &str) -> Result<Option<Vec<u8>>> {
    c.prepare_cached("SELECT value FROM es_meta WHERE key = ?1")?.query_row([key], |row| row.get(0)).optional()
}

pub(super) fn uuid(row: &SqlRow<'_>, column: usize) -> Result<Uuid> {
    row.get::<_, [u8; 16]>(column).map(Uuid::from_bytes)
}

fn unsigned(row: &SqlRow<'_>, column: usize) -> Result<u64> {
    let value: i64 = row.get(column)?;
    u64::try_from(value).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, value))
}

pub(super) fn instant(row: &SqlRow<'_>, column: usize) -> Result<Timestamp> {
    let millis: i64 = row.get(column)?;
    DateTime::from_timestamp_millis(millis).ok_or_else(|| {
        rusqlite::Error::FromSqlConversionFailure(column, Type::Integer, "an instant out of range".into())
    })
}
