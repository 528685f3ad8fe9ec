//! Messages, deliveries and attempts on SQLite.

use async_trait::async_trait;
use chrono::DateTime;
use grantor_eventsourcing::Timestamp;
use grantor_ids::TenantId;
use rusqlite::{Connection, OptionalExtension, Result as Read, Row, Transaction, params};
use tokio::sync::watch;
use uuid::Uuid;

use super::{
    Sqlite,
    read::{instant, uuid},
};
use crate::{
    Attempt, Attempted, Delivered, Delivery, DeliveryChange, DeliveryKey, DeliveryQuery, Message, NewDelivery,
    NewMessage, StoreError, deliveries::Deliveries,
};

const COLUMNS: &str = "seq, endpoint, message, tenant_id, form, event_type, occurred_at, created_at, urgency, state, \
     why, attempts, due_at, last_at, last_status, last_error, tries";

#[async_trait]
impl Deliveries for Sqlite {
    fn follow_deliveries(&self) -> watch::Receiver<u64> {
        self.heads.deliveries.subscribe()
    }

    async fn newest_delivery(&self) -> Result<i64, StoreError> {
        self.reads.now(newest)
    }

    async fn newer_deliveries(&self, after: i64, limit: u32) -> Result<Vec<Delivery>, StoreError> {
        self.reads.now(|c| newer(c, after, limit))
    }

    async fn waiting_endpoints(&self, after: Uuid, limit: u32) -> Result<Vec<(TenantId, Uuid)>, StoreError> {
        self.reads.now(|c| waiting(c, after, limit))
    }

    async fn due_deliveries(
        &self,
        endpoint: Uuid,
        now: Timestamp,
        untried_since: Option<Timestamp>,
        limit: u32,
    ) -> Result<(Vec<Delivery>, Option<Timestamp>), StoreError> {
        self.reads.now(|c| due(c, endpoint, now, untried_since, limit))
    }

    async fn messages(&self, keys: Vec<(Uuid, String)>) -> Result<Vec<Message>, StoreError> {
        self.reads.now(|c| messages(c, &keys))
    }

    async fn deliveries(&self, endpoint: Uuid, wanted: DeliveryQuery) -> Result<Vec<Delivery>, StoreError> {
        self.reads.now(|c| list(c, endpoint, &wanted))
    }

    async fn delivery(&self, key: DeliveryKey) -> Result<Option<Delivery>, StoreError> {
        self.reads.now(|c| one(c, key))
    }

    async fn attempts(&self, key: DeliveryKey) -> Result<Vec<Attempt>, StoreError> {
        self.reads.now(|c| attempts(c, key))
    }

    async fn count_waiting(&self, endpoint: Uuid, most: u32) -> Result<u64, StoreError> {
        self.reads.now(|c| count(c, endpoint, most))
    }
}

pub(super) fn message(tx: &Transaction<'_>, new: &NewMessage) -> Read<()> {
    tx.prepare_cached(
        "INSERT INTO wh_message (id, form, tenant_id, event_type, trace, body, expires_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING",
    )?
    .execute(params![
        new.id.as_bytes(),
        new.form,
        new.tenant.uuid().as_bytes(),
        new.event_type,
        new.trace,
        new.body,
        new.expires_at.timestamp_millis(),
    ])
    .map(drop)
}

pub(super) fn change(tx: &Transaction<'_>, change: &DeliveryChange, now: Timestamp) -> Read<()> {
    match change {
        DeliveryChange::Add(new) => add(tx, new, now),
        DeliveryChange::Attempted(made) => attempted(tx, made),
        DeliveryChange::Again { key, why, due_at } => tx
            .prepare_cached(
                "UPDATE wh_delivery SET state = 0, tries = 0, why = ?3, due_at = ?4 WHERE endpoint = ?1 AND message = ?2",
            )?
            .execute(params![key.endpoint.as_bytes(), key.message.as_bytes(), why, due_at.timestamp_millis()])
            .map(drop),
        DeliveryChange::GiveUp { key, error } => tx
            .prepare_cached(
                "UPDATE wh_delivery SET state = 2, last_error = ?3 WHERE endpoint = ?1 AND message = ?2 AND state = 0",
            )?
            .execute(params![key.endpoint.as_bytes(), key.message.as_bytes(), error])
            .map(drop),
    }
}

fn add(tx: &Transaction<'_>, new: &NewDelivery, now: Timestamp) -> Read<()> {
    tx.prepare_cached(
        "INSERT INTO wh_delivery (tenant_id, endpoint, message, form, event_type, occurred_at, created_at, urgency, \
         state, why, due_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT DO NOTHING",
    )?
    .execute(params![
        new.tenant.uuid().as_bytes(),
        new.key.endpoint.as_bytes(),
        new.key.message.as_bytes(),
        new.form,
        new.event_type,
        new.occurred_at.timestamp_millis(),
        now.timestamp_millis(),
        i16::from(!new.urgent),
        new.state.code(),
        new.why,
        new.due_at.timestamp_millis(),
    ])
    .map(drop)
}

fn attempted(tx: &Transaction<'_>, made: &Attempted) -> Read<()> {
    let key = made.key;
    let number: Option<u32> = tx
        .prepare_cached(
            "UPDATE wh_delivery SET state = ?3, due_at = ?4, attempts = attempts + 1, last_at = ?5, last_status = ?6, \
             last_error = ?7, tries = ?8 WHERE endpoint = ?1 AND message = ?2 RETURNING attempts",
        )?
        .query_row(
            params![
                key.endpoint.as_bytes(),
                key.message.as_bytes(),
                made.state.code(),
                made.due_at.timestamp_millis(),
                made.started_at.timestamp_millis(),
                made.status,
                made.error,
                made.tries,
            ],
            |row| row.get(0),
        )
        .optional()?;
    let Some(number) = number else { return Ok(()) };
    tx.prepare_cached(
        "INSERT INTO wh_attempt (endpoint, message, number, why, started_at, duration_ms, status, error, details) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO NOTHING",
    )?
    .execute(params![
        key.endpoint.as_bytes(),
        key.message.as_bytes(),
        number,
        made.why,
        made.started_at.timestamp_millis(),
        made.duration_ms,
        made.status,
        made.error,
        made.details,
    ])
    .map(drop)
}

fn newer(c: &Connection, after: i64, limit: u32) -> Read<Vec<Delivery>> {
    let text = format!("SELECT {COLUMNS} FROM wh_delivery WHERE seq > ?1 ORDER BY seq LIMIT ?2");
    c.prepare_cached(&text)?.query_map(params![after, limit], read)?.collect()
}

fn newest(c: &Connection) -> Read<i64> {
    c.prepare_cached("SELECT coalesce(max(seq), 0) FROM wh_delivery")?.query_row([], |row| row.get(0))
}

/// From one endpoint to the next by the index, however many rows each has.
fn waiting(c: &Connection, after: Uuid, limit: u32) -> Read<Vec<(TenantId, Uuid)>> {
    let mut statement = c.prepare_cached(
        "SELECT tenant_id, endpoint FROM wh_delivery INDEXED BY wh_delivery_due \
         WHERE state = 0 AND endpoint > ?1 ORDER BY endpoint LIMIT 1",
    )?;
    let (mut found, mut last) = (Vec::new(), after);
    while found.len() < limit as usize {
        let next = statement
            .query_row([last.as_bytes()], |row| Ok((TenantId::from_uuid(uuid(row, 0)?), uuid(row, 1)?)))
            .optional()?;
        let Some(next) = next else { break };
        last = next.1;
        found.push(next);
    }
    Ok(found)
}

fn due(
    c: &Connection,
    endpoint: Uuid,
    now: Timestamp,
    untried_since: Option<Timestamp>,
    limit: u32,
) -> Read<(Vec<Delivery>, Option<Timestamp>)> {
    let (mut found, mut next) = (Vec::new(), None::<Timestamp>);
    // Two texts: by the first what is not due need not be looked at.
    let is_due = match untried_since {
        None => "due_at <= ?3 AND ?5 IS NULL",
        Some(_) => "(due_at <= ?3 OR coalesce(last_at, created_at) < ?5)",
    };
    let untried_since = untried_since.map(|at| at.timestamp_millis());
    for urgency in [0, 1] {
        let left = limit.saturating_sub(u32::try_from(found.len()).unwrap_or(u32::MAX));
        let text = format!(
            "SELECT {COLUMNS} FROM wh_delivery WHERE endpoint = ?1 AND urgency = ?2 AND state = 0 AND {is_due} \
             ORDER BY due_at, seq LIMIT ?4"
        );
        let mut statement = c.prepare_cached(&text)?;
        let asked = params![endpoint.as_bytes(), urgency, now.timestamp_millis(), left, untried_since];
        let rows = statement.query_map(asked, read)?;
        for row in rows {
            found.push(row?);
        }
        let later: Option<i64> = c
            .prepare_cached(
                "SELECT min(due_at) FROM wh_delivery WHERE endpoint = ?1 AND urgency = ?2 AND state = 0 AND due_at > ?3",
            )?
            .query_row(params![endpoint.as_bytes(), urgency, now.timestamp_millis()], |row| row.get(0))?;
        next = next.into_iter().chain(later.and_then(DateTime::from_timestamp_millis)).min();
    }
    Ok((found, next))
}

fn messages(c: &Connection, keys: &[(Uuid, String)]) -> Read<Vec<Message>> {
    let mut statement = c.prepare_cached("SELECT trace, body FROM wh_message WHERE id = ?1 AND form = ?2")?;
    let mut found = Vec::with_capacity(keys.len());
    for (id, form) in keys {
        let message = statement
            .query_row(params![id.as_bytes(), form], |row| {
                let body: Vec<u8> = row.get(1)?;
                Ok(Message { id: *id, form: form.clone(), trace: row.get(0)?, body: body.into() })
            })
            .optional()?;
        found.extend(message);
    }
    Ok(found)
}

fn list(c: &Connection, endpoint: Uuid, wanted: &DeliveryQuery) -> Read<Vec<Delivery>> {
    let text = format!(
        "SELECT {COLUMNS} FROM wh_delivery WHERE endpoint = ?1 AND seq < ?2 AND (?3 IS NULL OR state = ?3) \
         AND occurred_at >= ?4 AND occurred_at < ?5 ORDER BY seq DESC LIMIT ?6"
    );
    c.prepare_cached(&text)?
        .query_map(
            params![
                endpoint.as_bytes(),
                wanted.before.unwrap_or(i64::MAX),
                wanted.state.map(Delivered::code),
                wanted.since.map_or(i64::MIN, |at| at.timestamp_millis()),
                wanted.until.map_or(i64::MAX, |at| at.timestamp_millis()),
                wanted.limit,
            ],
            read,
        )?
        .collect()
}

fn one(c: &Connection, key: DeliveryKey) -> Read<Option<Delivery>> {
    let text = format!("SELECT {COLUMNS} FROM wh_delivery WHERE endpoint = ?1 AND message = ?2");
    c.prepare_cached(&text)?.query_row(params![key.endpoint.as_bytes(), key.message.as_bytes()], read).optional()
}

fn attempts(c: &Connection, key: DeliveryKey) -> Read<Vec<Attempt>> {
    c.prepare_cached(
        "SELECT number, why, started_at, duration_ms, status, error, details FROM wh_attempt \
         WHERE endpoint = ?1 AND message = ?2 ORDER BY number",
    )?
    .query_map(params![key.endpoint.as_bytes(), key.message.as_bytes()], |row| {
        Ok(Attempt {
            number: row.get(0)?,
            why: row.get(1)?,
            started_at: instant(row, 2)?,
            duration_ms: row.get(3)?,
            status: row.get(4)?,
            error: row.get(5)?,
            details: row.get(6)?,
        })
    })?
    .collect()
}

fn count(c: &Connection, endpoint: Uuid, most: u32) -> Read<u64> {
    let count: i64 = c
        .prepare_cached("SELECT count(*) FROM (SELECT 1 FROM wh_delivery WHERE endpoint = ?1 AND state = 0 LIMIT ?2)")?
        .query_row(params![endpoint.as_bytes(), most], |row| row.get(0))?;
    Ok(u64::try_from(count).unwrap_or_default())
}

fn read(row: &Row<'_>) -> Read<Delivery> {
    let (urgency, last_at): (i16, Option<i64>) = (row.get(8)?, row.get(13)?);
    Ok(Delivery {
        seq: row.get(0)?,
        key: DeliveryKey { endpoint: uuid(row, 1)?, message: uuid(row, 2)? },
        tenant: TenantId::from_uuid(uuid(row, 3)?),
        form: row.get(4)?,
        event_type: row.get(5)?,
        occurred_at: instant(row, 6)?,
        created_at: instant(row, 7)?,
        urgent: urgency == 0,
        state: Delivered::of_code(row.get(9)?),
        why: row.get(10)?,
        attempts: row.get(11)?,
        due_at: instant(row, 12)?,
        last_at: last_at.and_then(DateTime::from_timestamp_millis),
        last_status: row.get(14)?,
        last_error: row.get(15)?,
        tries: row.get(16)?,
    })
}
