//! Messages, deliveries and attempts on PostgreSQL.

use std::collections::BTreeMap;

use async_trait::async_trait;
use grantor_eventsourcing::Timestamp;
use grantor_ids::TenantId;
use sea_orm::sqlx::{AssertSqlSafe, Error, PgPool, Row as _, postgres::PgRow, query, query_scalar};
use tokio::sync::watch;
use uuid::Uuid;

use super::{Postgres, plan::millis, statement::Statement};
use crate::{
    Attempt, Attempted, Delivered, Delivery, DeliveryChange, DeliveryKey, DeliveryQuery, Message, NewDelivery,
    NewMessage, StoreError, deliveries::Deliveries,
};

const COLUMNS: &str = "seq, endpoint, message, tenant_id, form, event_type, occurred_at, created_at, urgency, state, \
     why, attempts, due_at, last_at, last_status, last_error, tries";

#[async_trait]
impl Deliveries for Postgres {
    fn follow_deliveries(&self) -> watch::Receiver<u64> {
        self.heads.deliveries.subscribe()
    }

    async fn newest_delivery(&self) -> Result<i64, StoreError> {
        self.read(newest).await
    }

    async fn newer_deliveries(&self, after: i64, limit: u32) -> Result<Vec<Delivery>, StoreError> {
        self.read(move |pool| newer(pool, after, limit)).await
    }

    async fn waiting_endpoints(&self, after: Uuid, limit: u32) -> Result<Vec<(TenantId, Uuid)>, StoreError> {
        self.read(move |pool| waiting(pool, after, limit)).await
    }

    async fn due_deliveries(
        &self,
        endpoint: Uuid,
        now: Timestamp,
        untried_since: Option<Timestamp>,
        limit: u32,
    ) -> Result<(Vec<Delivery>, Option<Timestamp>), StoreError> {
        let found = self.read(move |pool| due(pool, endpoint, now, untried_since, limit)).await?;
        Ok((found, self.read(move |pool| due_next(pool, endpoint, now)).await?))
    }

    async fn messages(&self, keys: Vec<(Uuid, String)>) -> Result<Vec<Message>, StoreError> {
        self.read(move |pool| messages_of(pool, keys.clone())).await
    }

    async fn deliveries(&self, endpoint: Uuid, wanted: DeliveryQuery) -> Result<Vec<Delivery>, StoreError> {
        self.read(move |pool| list(pool, endpoint, wanted)).await
    }

    async fn delivery(&self, key: DeliveryKey) -> Result<Option<Delivery>, StoreError> {
        self.read(move |pool| one(pool, key)).await
    }

    async fn attempts(&self, key: DeliveryKey) -> Result<Vec<Attempt>, StoreError> {
        self.read(move |pool| attempts_of(pool, key)).await
    }

    async fn count_waiting(&self, endpoint: Uuid, most: u32) -> Result<u64, StoreError> {
        self.read(move |pool| count(pool, endpoint, most)).await
    }
}

/// The deliveries of a batch, several changes of one folded into one.
#[derive(Default)]
pub(super) struct DeliveryNet<'w> {
    messages: Vec<&'w NewMessage>,
    added: BTreeMap<DeliveryKey, &'w NewDelivery>,
    attempted: Vec<&'w Attempted>,
    last: BTreeMap<DeliveryKey, Last<'w>>,
}

/// A delivery that was there, as the batch leaves it.
struct Last<'w> {
    attempts: i32,
    tries: Option<u32>,
    state: i16,
    due_at: Option<Timestamp>,
    why: Option<&'w str>,
    tried: Option<&'w Attempted>,
    given_up: Option<&'static str>,
}

impl<'w> DeliveryNet<'w> {
    pub fn add(&mut self, messages: &'w [NewMessage], changes: &'w [DeliveryChange]) {
        self.messages.extend(messages);
        for change in changes {
            match change {
                DeliveryChange::Add(new) => drop(self.added.entry(new.key).or_insert(new)),
                DeliveryChange::Attempted(made) => {
                    self.attempted.push(made);
                    let last = self.last(made.key);
                    last.attempts += 1;
                    (last.state, last.due_at) = (made.state.code(), Some(made.due_at));
                    (last.tried, last.given_up) = (Some(made.as_ref()), None);
                    last.tries = Some(made.tries);
                }
                DeliveryChange::Again { key, why, due_at } => {
                    let last = self.last(*key);
                    (last.state, last.due_at, last.why) = (Delivered::NotYet.code(), Some(*due_at), Some(*why));
                    (last.tries, last.given_up) = (Some(0), None);
                }
                DeliveryChange::GiveUp { key, error } => {
                    let last = self.last(*key);
                    (last.state, last.given_up) = (Delivered::GivenUp.code(), Some(*error));
                }
            }
        }
    }

    fn last(&mut self, key: DeliveryKey) -> &mut Last<'w> {
        let fresh = Last { attempts: 0, tries: None, state: 0, due_at: None, why: None, tried: None, given_up: None };
        self.last.entry(key).or_insert(fresh)
    }
}

/// Parts of a batch's statement; none can be refused.
pub(super) fn parts(to: &mut Statement, net: &DeliveryNet<'_>, now: Timestamp) -> Result<(), Error> {
    messages(to, &net.messages)?;
    added(to, net, now)?;
    attempts(to, &net.attempted)?;
    changed(to, net)
}

fn messages(to: &mut Statement, new: &[&NewMessage]) -> Result<(), Error> {
    if new.is_empty() {
        return Ok(());
    }
    let ids = to.array(new.iter().map(|m| m.id).collect(), "uuid")?;
    let forms = to.array(new.iter().map(|m| m.form).collect::<Vec<_>>(), "text")?;
    let tenants = to.array(new.iter().map(|m| m.tenant.uuid()).collect(), "uuid")?;
    let types = to.array(new.iter().map(|m| m.event_type.as_str()).collect::<Vec<_>>(), "text")?;
    let traces = to.array(new.iter().map(|m| m.trace.as_deref()).collect::<Vec<_>>(), "text")?;
    let bodies = to.array(new.iter().map(|m| m.body.as_slice()).collect::<Vec<_>>(), "bytea")?;
    let ends = to.array(new.iter().map(|m| millis(m.expires_at)).collect(), "timestamptz")?;
    to.part(
        "wh_messages",
        &format!(
            "INSERT INTO wh_message (id, form, tenant_id, event_type, trace, body, expires_at) \
             SELECT * FROM unnest({ids}, {forms}, {tenants}, {types}, {traces}, {bodies}, {ends}) \
             ON CONFLICT DO NOTHING"
        ),
    );
    Ok(())
}

fn added(to: &mut Statement, net: &DeliveryNet<'_>, now: Timestamp) -> Result<(), Error> {
    if net.added.is_empty() {
        return Ok(());
    }
    let new: Vec<_> = net.added.values().collect();
    let tenants = to.array(new.iter().map(|d| d.tenant.uuid()).collect(), "uuid")?;
    let endpoints = to.array(new.iter().map(|d| d.key.endpoint).collect(), "uuid")?;
    let messages = to.array(new.iter().map(|d| d.key.message).collect(), "uuid")?;
    let forms = to.array(new.iter().map(|d| d.form).collect::<Vec<_>>(), "text")?;
    let types = to.array(new.iter().map(|d| d.event_type.as_str()).collect::<Vec<_>>(), "text")?;
    let happened = to.array(new.iter().map(|d| millis(d.occurred_at)).collect(), "timestamptz")?;
    let urgencies = to.array(new.iter().map(|d| i16::from(!d.urgent)).collect(), "int2")?;
    let states = to.array(new.iter().map(|d| d.state.code()).collect(), "int2")?;
    let whys = to.array(new.iter().map(|d| d.why).collect::<Vec<_>>(), "text")?;
    let due = to.array(new.iter().map(|d| millis(d.due_at)).collect(), "timestamptz")?;
    let now = to.value(now, "timestamptz")?;
    to.part(
        "wh_added",
        &format!(
            "INSERT INTO wh_delivery (tenant_id, endpoint, message, form, event_type, occurred_at, urgency, state, \
             why, due_at, created_at) SELECT q.*, {now} FROM unnest({tenants}, {endpoints}, {messages}, {forms}, \
             {types}, {happened}, {urgencies}, {states}, {whys}, {due}) AS q ON CONFLICT DO NOTHING"
        ),
    );
    Ok(())
}

/// An attempt's number is one more than its delivery counted before the statement.
fn attempts(to: &mut Statement, made: &[&Attempted]) -> Result<(), Error> {
    if made.is_empty() {
        return Ok(());
    }
    let endpoints = to.array(made.iter().map(|a| a.key.endpoint).collect(), "uuid")?;
    let messages = to.array(made.iter().map(|a| a.key.message).collect(), "uuid")?;
    let whys = to.array(made.iter().map(|a| a.why.as_str()).collect::<Vec<_>>(), "text")?;
    let starts = to.array(made.iter().map(|a| millis(a.started_at)).collect(), "timestamptz")?;
    let times = to.array(made.iter().map(|a| i32::try_from(a.duration_ms).unwrap_or(i32::MAX)).collect(), "int4")?;
    let statuses = to.array(made.iter().map(|a| a.status.map(i32::from)).collect::<Vec<_>>(), "int4")?;
    let errors = to.array(made.iter().map(|a| a.error).collect::<Vec<_>>(), "text")?;
    let details = to.array(made.iter().map(|a| a.details.as_slice()).collect::<Vec<_>>(), "bytea")?;
    to.part(
        "wh_attempts",
        &format!(
            "INSERT INTO wh_attempt (endpoint, message, number, why, started_at, duration_ms, status, error, details) \
             SELECT q.endpoint, q.message, \
               d.attempts + row_number() OVER (PARTITION BY q.endpoint, q.message ORDER BY q.n)::int4, \
               q.why, q.started, q.duration, q.status, q.error, q.details \
             FROM unnest({endpoints}, {messages}, {whys}, {starts}, {times}, {statuses}, {errors}, {details}) \
               WITH ORDINALITY AS q(endpoint, message, why, started, duration, status, error, details, n) \
             JOIN wh_delivery d ON d.endpoint = q.endpoint AND d.message = q.message ON CONFLICT DO NOTHING"
        ),
    );
    Ok(())
}

fn changed(to: &mut Statement, net: &DeliveryNet<'_>) -> Result<(), Error> {
    if net.last.is_empty() {
        return Ok(());
    }
    let last = || net.last.values();
    let tried = || last().map(|l| l.tried);
    let endpoints = to.array(net.last.keys().map(|key| key.endpoint).collect(), "uuid")?;
    let messages = to.array(net.last.keys().map(|key| key.message).collect(), "uuid")?;
    let more = to.array(last().map(|l| l.attempts).collect(), "int4")?;
    let states = to.array(last().map(|l| l.state).collect(), "int2")?;
    let due = to.array(last().map(|l| l.due_at.map(millis)).collect::<Vec<_>>(), "timestamptz")?;
    let whys = to.array(last().map(|l| l.why).collect::<Vec<_>>(), "text")?;
    let at = to.array(tried().map(|t| t.map(|t| millis(t.started_at))).collect::<Vec<_>>(), "timestamptz")?;
    let statuses = to.array(tried().map(|t| t.and_then(|t| t.status.map(i32::from))).collect::<Vec<_>>(), "int4")?;
    let tries = last().map(|l| l.tries.map(|tries| i32::try_from(tries).unwrap_or(i32::MAX)));
    let tries = to.array(tries.collect::<Vec<_>>(), "int4")?;
    let errors = last().map(|l| l.given_up.or_else(|| l.tried.and_then(|t| t.error)));
    let errors = to.array(errors.collect::<Vec<_>>(), "text")?;
    to.part(
        "wh_changed",
        &format!(
            "UPDATE wh_delivery d SET attempts = d.attempts + q.more, state = q.state, \
               due_at = coalesce(q.due, d.due_at), why = coalesce(q.why, d.why), last_at = coalesce(q.at, d.last_at), \
               tries = coalesce(q.tries, d.tries), \
               last_status = CASE WHEN q.more > 0 THEN q.status ELSE d.last_status END, \
               last_error = CASE WHEN q.more > 0 OR q.error IS NOT NULL THEN q.error ELSE d.last_error END \
             FROM unnest({endpoints}, {messages}, {more}, {states}, {due}, {whys}, {at}, {statuses}, {errors}, {tries}) \
               AS q(endpoint, message, more, state, due, why, at, status, error, tries) \
             WHERE d.endpoint = q.endpoint AND d.message = q.message"
        ),
    );
    Ok(())
}

async fn newer(pool: PgPool, after: i64, limit: u32) -> Result<Vec<Delivery>, Error> {
    let text = format!("SELECT {COLUMNS} FROM wh_delivery WHERE seq > $1 ORDER BY seq LIMIT $2");
    let found = query(AssertSqlSafe(text)).bind(after).bind(i64::from(limit)).fetch_all(&pool).await?;
    found.iter().map(read).collect()
}

async fn newest(pool: PgPool) -> Result<i64, Error> {
    query_scalar("SELECT coalesce(max(seq), 0) FROM wh_delivery").fetch_one(&pool).await
}

/// From one endpoint to the next by the index, however many rows each has.
async fn waiting(pool: PgPool, after: Uuid, limit: u32) -> Result<Vec<(TenantId, Uuid)>, Error> {
    let found = query(
        "WITH RECURSIVE next AS ( \
           (SELECT tenant_id, endpoint FROM wh_delivery WHERE state = 0 AND endpoint > $1 ORDER BY endpoint LIMIT 1) \
           UNION ALL SELECT n.* FROM next, LATERAL (SELECT tenant_id, endpoint FROM wh_delivery \
             WHERE state = 0 AND endpoint > next.endpoint ORDER BY endpoint LIMIT 1) n) \
         SELECT tenant_id, endpoint FROM next LIMIT $2",
    )
    .bind(after)
    .bind(i64::from(limit))
    .fetch_all(&pool)
    .await?;
    found.iter().map(|row| Ok((TenantId::from_uuid(row.try_get(0)?), row.try_get(1)?))).collect()
}

async fn due(
    pool: PgPool,
    endpoint: Uuid,
    now: Timestamp,
    untried_since: Option<Timestamp>,
    limit: u32,
) -> Result<Vec<Delivery>, Error> {
    // Two texts: by the first what is not due need not be looked at.
    let is_due = match untried_since {
        None => "due_at <= $2 AND $4::timestamptz IS NULL",
        Some(_) => "(due_at <= $2 OR coalesce(last_at, created_at) < $4)",
    };
    let text = format!(
        "(SELECT {COLUMNS} FROM wh_delivery WHERE endpoint = $1 AND urgency = 0 AND state = 0 AND {is_due} \
           ORDER BY due_at, seq LIMIT $3) UNION ALL \
         (SELECT {COLUMNS} FROM wh_delivery WHERE endpoint = $1 AND urgency = 1 AND state = 0 AND {is_due} \
           ORDER BY due_at, seq LIMIT $3) ORDER BY urgency, due_at, seq LIMIT $3"
    );
    let found = query(AssertSqlSafe(text))
        .bind(endpoint)
        .bind(now)
        .bind(i64::from(limit))
        .bind(untried_since)
        .fetch_all(&pool)
        .await?;
    found.iter().map(read).collect()
}

async fn due_next(pool: PgPool, endpoint: Uuid, now: Timestamp) -> Result<Option<Timestamp>, Error> {
    query_scalar(
        "SELECT least( \
           (SELECT min(due_at) FROM wh_delivery WHERE endpoint = $1 AND urgency = 0 AND state = 0 AND due_at > $2), \
           (SELECT min(due_at) FROM wh_delivery WHERE endpoint = $1 AND urgency = 1 AND state = 0 AND due_at > $2))",
    )
    .bind(endpoint)
    .bind(now)
    .fetch_one(&pool)
    .await
}

async fn messages_of(pool: PgPool, keys: Vec<(Uuid, String)>) -> Result<Vec<Message>, Error> {
    let (ids, forms): (Vec<Uuid>, Vec<String>) = keys.into_iter().unzip();
    let found = query(
        "SELECT t.id, t.form, t.trace, t.body FROM unnest($1::uuid[], $2::text[]) AS q(id, form) \
         JOIN wh_message t ON t.id = q.id AND t.form = q.form",
    )
    .bind(ids)
    .bind(forms)
    .fetch_all(&pool)
    .await?;
    let read = |row: &PgRow| {
        let body: Vec<u8> = row.try_get(3)?;
        Ok(Message { id: row.try_get(0)?, form: row.try_get(1)?, trace: row.try_get(2)?, body: body.into() })
    };
    found.iter().map(read).collect()
}

async fn list(pool: PgPool, endpoint: Uuid, wanted: DeliveryQuery) -> Result<Vec<Delivery>, Error> {
    let text = format!(
        "SELECT {COLUMNS} FROM wh_delivery WHERE endpoint = $1 AND seq < $2 AND ($3::int2 IS NULL OR state = $3) \
         AND ($4::timestamptz IS NULL OR occurred_at >= $4) AND ($5::timestamptz IS NULL OR occurred_at < $5) \
         ORDER BY seq DESC LIMIT $6"
    );
    let found = query(AssertSqlSafe(text))
        .bind(endpoint)
        .bind(wanted.before.unwrap_or(i64::MAX))
        .bind(wanted.state.map(Delivered::code))
        .bind(wanted.since)
        .bind(wanted.until)
        .bind(i64::from(wanted.limit))
        .fetch_all(&pool)
        .await?;
    found.iter().map(read).collect()
}

async fn one(pool: PgPool, key: DeliveryKey) -> Result<Option<Delivery>, Error> {
    let text = format!("SELECT {COLUMNS} FROM wh_delivery WHERE endpoint = $1 AND message = $2");
    let found = query(AssertSqlSafe(text)).bind(key.endpoint).bind(key.message).fetch_optional(&pool).await?;
    found.as_ref().map(read).transpose()
}

async fn attempts_of(pool: PgPool, key: DeliveryKey) -> Result<Vec<Attempt>, Error> {
    let found = query(
        "SELECT number, why, started_at, duration_ms, status, error, details FROM wh_attempt \
         WHERE endpoint = $1 AND message = $2 ORDER BY number",
    )
    .bind(key.endpoint)
    .bind(key.message)
    .fetch_all(&pool)
    .await?;
    let read = |row: &PgRow| {
        Ok(Attempt {
            number: small(row, 0)?,
            why: row.try_get(1)?,
            started_at: row.try_get(2)?,
            duration_ms: small(row, 3)?,
            status: row.try_get::<Option<i32>, _>(4)?.and_then(|status| u16::try_from(status).ok()),
            error: row.try_get(5)?,
            details: row.try_get(6)?,
        })
    };
    found.iter().map(read).collect()
}

async fn count(pool: PgPool, endpoint: Uuid, most: u32) -> Result<u64, Error> {
    let text = "SELECT count(*) FROM (SELECT 1 FROM wh_delivery WHERE endpoint = $1 AND state = 0 LIMIT $2) t";
    let count: i64 = query_scalar(text).bind(endpoint).bind(i64::from(most)).fetch_one(&pool).await?;
    Ok(u64::try_from(count).unwrap_or_default())
}

fn small(row: &PgRow, column: usize) -> Result<u32, Error> {
    u32::try_from(row.try_get::<i32, _>(column)?).map_err(|cause| Error::Decode(Box::new(cause)))
}

fn read(row: &PgRow) -> Result<Delivery, Error> {
    Ok(Delivery {
        seq: row.try_get(0)?,
        key: DeliveryKey { endpoint: row.try_get(1)?, message: row.try_get(2)? },
        tenant: TenantId::from_uuid(row.try_get(3)?),
        form: row.try_get(4)?,
        event_type: row.try_get(5)?,
        occurred_at: row.try_get(6)?,
        created_at: row.try_get(7)?,
        urgent: row.try_get::<i16, _>(8)? == 0,
        state: Delivered::of_code(row.try_get(9)?),
        why: row.try_get(10)?,
        attempts: small(row, 11)?,
        due_at: row.try_get(12)?,
        last_at: row.try_get(13)?,
        last_status: row.try_get::<Option<i32>, _>(14)?.and_then(|status| u16::try_from(status).ok()),
        last_error: row.try_get(15)?,
        tries: small(row, 16)?,
    })
}
