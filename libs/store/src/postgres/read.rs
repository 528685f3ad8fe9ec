//! Reads that are not on a request's hot path, or that are large.

use bytes::Bytes;
use chrono::TimeDelta;
use grantor_eventsourcing::{Actor, AggregateType, Envelope, Meta, Position, Timestamp};
use grantor_ids::{EventId, TenantId};
use sea_orm::sqlx::{Error, PgPool, Row as _, postgres::PgRow, query, query_scalar};
use uuid::Uuid;

use super::{
    plan::millis,
    point::to_row,
    statement::{unsigned, version},
};
use crate::{DueTask, Log, ParkedEvent, Row, StateRow};

pub(super) async fn rows(
    pool: PgPool,
    tenant: TenantId,
    kind: &'static str,
    aggregate: Option<Uuid>,
    now: Timestamp,
) -> Result<Vec<Row>, Error> {
    // Two texts, so that each has a plan of its own.
    let text = if aggregate.is_some() {
        "SELECT key, agg_id, data, revision, expires_at FROM es_row WHERE tenant_id = $1 AND kind = $2 \
         AND agg_id = $4 AND (expires_at IS NULL OR expires_at > $3) ORDER BY key"
    } else {
        "SELECT key, agg_id, data, revision, expires_at FROM es_row WHERE tenant_id = $1 AND kind = $2 \
         AND $4::uuid IS NULL AND (expires_at IS NULL OR expires_at > $3) ORDER BY key"
    };
    let found = query(text).bind(tenant.uuid()).bind(kind).bind(now).bind(aggregate).fetch_all(&pool).await?;
    found.iter().map(|row| to_row(row, 0)).collect()
}

pub(super) async fn rows_of_each(
    pool: PgPool,
    kind: &'static str,
    streams: Vec<(TenantId, Uuid)>,
    now: Timestamp,
) -> Result<Vec<(TenantId, Row)>, Error> {
    let (tenants, ids): (Vec<Uuid>, Vec<Uuid>) = streams.into_iter().map(|(tenant, id)| (tenant.uuid(), id)).unzip();
    let found = query(
        "SELECT t.tenant_id, t.key, t.agg_id, t.data, t.revision, t.expires_at \
         FROM (SELECT DISTINCT * FROM unnest($1::uuid[], $2::uuid[])) AS q(tenant, id) \
         JOIN es_row t ON t.tenant_id = q.tenant AND t.kind = $3 AND t.agg_id = q.id \
         WHERE t.expires_at IS NULL OR t.expires_at > $4",
    )
    .bind(tenants)
    .bind(ids)
    .bind(kind)
    .bind(now)
    .fetch_all(&pool)
    .await?;
    found.iter().map(|row| Ok((TenantId::from_uuid(row.try_get(0)?), to_row(row, 1)?))).collect()
}

pub(super) async fn states(
    pool: PgPool,
    tenants: Vec<Uuid>,
    kind: i16,
) -> Result<Vec<(TenantId, Uuid, StateRow)>, Error> {
    let text = "SELECT tenant_id, agg_id, version, revision, state FROM es_state \
                WHERE tenant_id = ANY($1) AND agg_type = $2 ORDER BY tenant_id, agg_id";
    let found = query(text).bind(tenants).bind(kind).fetch_all(&pool).await?;
    let read = |row: &PgRow| {
        let state = StateRow { version: version(row, 2)?, revision: unsigned(row, 3)?, state: row.try_get(4)? };
        Ok((TenantId::from_uuid(row.try_get(0)?), row.try_get(1)?, state))
    };
    found.iter().map(read).collect()
}

pub(super) async fn next_tenant(pool: PgPool, from: Uuid) -> Result<Option<Uuid>, Error> {
    query_scalar("SELECT tenant_id FROM es_row WHERE tenant_id >= $1 ORDER BY tenant_id LIMIT 1")
        .bind(from)
        .fetch_optional(&pool)
        .await
}

/// Records that no older transaction can still come before. The text of a transaction id has a
/// name of its own: under the column's name the order would be that of texts.
pub(super) async fn log(pool: PgPool, log: Log, after: Position, limit: u32) -> Result<Vec<Envelope>, Error> {
    let text = match log {
        Log::Events => {
            "SELECT t.epoch, t.txid::text::int8 AS transaction, t.seq, t.event_id, t.event_type, t.schema_ver, \
               t.tenant_id, t.agg_type, t.agg_id, t.version, t.occurred_at, t.recorded_at, t.meta, t.payload \
             FROM es_event t WHERE (t.epoch, t.txid, t.seq) > ($1, $2::text::xid8, $3) \
               AND (t.epoch < (SELECT current FROM es_epoch) OR t.txid < pg_snapshot_xmin(pg_current_snapshot())) \
             ORDER BY t.epoch, t.txid, t.seq LIMIT $4"
        }
        Log::Facts => {
            "SELECT t.epoch, t.txid::text::int8 AS transaction, t.seq, t.event_id, t.event_type, t.schema_ver, \
               t.tenant_id, t.agg_type, t.agg_id, 0::int8, t.occurred_at, t.recorded_at, t.meta, t.payload \
             FROM es_fact_log t WHERE (t.epoch, t.txid, t.seq) > ($1, $2::text::xid8, $3) \
               AND (t.epoch < (SELECT current FROM es_epoch) OR t.txid < pg_snapshot_xmin(pg_current_snapshot())) \
             ORDER BY t.epoch, t.txid, t.seq LIMIT $4"
        }
    };
    let found = query(text)
        .bind(after.epoch)
        .bind(after.txid.max(0).to_string())
        .bind(after.seq)
        .bind(i64::from(limit))
        .fetch_all(&pool)
        .await?;
    found.iter().map(to_envelope).collect()
}

pub(super) async fn stream(pool: PgPool, tenant: TenantId, id: Uuid) -> Result<Vec<Envelope>, Error> {
    let found = query(
        "SELECT t.epoch, t.txid::text::int8 AS transaction, t.seq, t.event_id, t.event_type, t.schema_ver, \
           t.tenant_id, t.agg_type, t.agg_id, t.version, t.occurred_at, t.recorded_at, t.meta, t.payload \
         FROM es_event t WHERE t.tenant_id = $1 AND t.agg_id = $2 ORDER BY t.version",
    )
    .bind(tenant.uuid())
    .bind(id)
    .fetch_all(&pool)
    .await?;
    found.iter().map(to_envelope).collect()
}

fn to_envelope(row: &PgRow) -> Result<Envelope, Error> {
    let kind: i16 = row.try_get(7)?;
    let unknown = || Error::Decode(format!("no stream has the type {kind}").into());
    let schema: i16 = row.try_get(5)?;
    let (meta, payload): (Vec<u8>, Vec<u8>) = (row.try_get(12)?, row.try_get(13)?);
    Ok(Envelope {
        position: Position { epoch: row.try_get(0)?, txid: row.try_get(1)?, seq: row.try_get(2)? },
        event_id: EventId::from_uuid(row.try_get(3)?),
        event_type: row.try_get(4)?,
        schema_version: u16::try_from(schema).map_err(|cause| Error::Decode(Box::new(cause)))?,
        tenant: TenantId::from_uuid(row.try_get(6)?),
        aggregate_type: AggregateType::from_code(kind).ok_or_else(unknown)?,
        aggregate_id: row.try_get(8)?,
        version: version(row, 9)?,
        occurred_at: row.try_get(10)?,
        recorded_at: row.try_get(11)?,
        meta: serde_json::from_slice(&meta).unwrap_or(Meta::by(Actor::System)),
        payload: Bytes::from(payload),
    })
}

pub(super) async fn cursor(pool: PgPool, reader: String, source: String) -> Result<Position, Error> {
    let found = query("SELECT epoch, txid, seq FROM es_cursor WHERE reader = $1 AND source = $2")
        .bind(reader)
        .bind(source)
        .fetch_optional(&pool)
        .await?;
    let Some(row) = found else { return Ok(Position::START) };
    Ok(Position { epoch: row.try_get(0)?, txid: row.try_get(1)?, seq: row.try_get(2)? })
}

pub(super) async fn in_inbox(pool: PgPool, consumer: String, event: Uuid) -> Result<bool, Error> {
    let found = query("SELECT 1 FROM es_inbox WHERE consumer = $1 AND event_id = $2")
        .bind(consumer)
        .bind(event)
        .fetch_optional(&pool)
        .await?;
    Ok(found.is_some())
}

pub(super) async fn parked(pool: PgPool, consumer: String) -> Result<Vec<ParkedEvent>, Error> {
    let found = query(
        "SELECT source, epoch, txid, seq, agg_id, reason FROM es_parked WHERE consumer = $1 \
         ORDER BY source, epoch, txid, seq",
    )
    .bind(consumer)
    .fetch_all(&pool)
    .await?;
    let read = |row: &PgRow| {
        Ok(ParkedEvent {
            source: row.try_get(0)?,
            position: Position { epoch: row.try_get(1)?, txid: row.try_get(2)?, seq: row.try_get(3)? },
            aggregate: row.try_get(4)?,
            reason: row.try_get(5)?,
        })
    };
    found.iter().map(read).collect()
}

pub(super) async fn due_tasks(
    pool: PgPool,
    kind: &'static str,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<DueTask>, Error> {
    let found = query(
        "SELECT id, tenant_id, data, attempts FROM es_task WHERE kind = $1 AND due_at <= $2 ORDER BY due_at LIMIT $3",
    )
    .bind(kind)
    .bind(now)
    .bind(i64::from(limit))
    .fetch_all(&pool)
    .await?;
    found.iter().map(to_task).collect()
}

/// A claimed task is not due until the claim is over; whoever asks meanwhile gets others.
pub(super) async fn claim_tasks(
    pool: PgPool,
    kind: &'static str,
    now: Timestamp,
    lease: TimeDelta,
    limit: u32,
) -> Result<Vec<DueTask>, Error> {
    let found = query(
        "WITH due AS MATERIALIZED (SELECT id, due_at FROM es_task WHERE kind = $1 AND due_at <= $2 \
           ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED), \
         claimed AS (UPDATE es_task t SET due_at = $4 FROM due WHERE t.id = due.id \
           RETURNING t.id, t.tenant_id, t.data, t.attempts, due.due_at) \
         SELECT id, tenant_id, data, attempts FROM claimed ORDER BY due_at",
    )
    .bind(kind)
    .bind(now)
    .bind(i64::from(limit))
    .bind(millis(now + lease))
    .fetch_all(&pool)
    .await?;
    found.iter().map(to_task).collect()
}

fn to_task(row: &PgRow) -> Result<DueTask, Error> {
    let attempts: i32 = row.try_get(3)?;
    Ok(DueTask {
        id: row.try_get(0)?,
        tenant: TenantId::from_uuid(row.try_get(1)?),
        data: row.try_get(2)?,
        attempts: u32::try_from(attempts).unwrap_or_default(),
    })
}

pub(super) async fn meta(pool: PgPool, key: String) -> Result<Option<Vec<u8>>, Error> {
    let found = query("SELECT value FROM es_meta WHERE key = $1").bind(key).fetch_optional(&pool).await?;
    found.map(|row| row.try_get(0)).transpose()
}
