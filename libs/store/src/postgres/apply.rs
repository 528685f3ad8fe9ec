//! Writes what a batch decided, in one statement.

use std::{borrow::Cow, collections::HashMap};

use grantor_eventsourcing::{Position, Timestamp};
use sea_orm::sqlx::{Error, PgConnection, Row};
use uuid::Uuid;

use super::{
    effects,
    net::Net,
    plan::{Plan, millis},
    rows::NetChange,
    statement::{Statement, signed},
};
use crate::{NewEvent, Write};

/// What the database gave to a batch.
pub(super) struct Written {
    pub epoch: i16,
    pub txid: i64,
    /// Numbers of the new events.
    pub events: HashMap<Uuid, i64>,
    /// Number of the last new fact.
    pub last_fact: Option<i64>,
}

impl Written {
    pub fn position(&self, seq: i64) -> Position {
        Position { epoch: self.epoch, txid: self.txid, seq }
    }
}

/// Which batch of which writer it is.
pub(super) struct Mark {
    pub writer: Uuid,
    pub batch: i64,
}

/// One statement under construction.
pub(super) struct Apply {
    pub statement: Statement,
    /// Parts whose rows are counted: each must write all of its own.
    guarded: Vec<&'static str>,
    expected: i64,
}

impl Apply {
    /// A part that must write so many rows, or somebody else was faster since the locks.
    fn guarded(&mut self, name: &'static str, text: &str, rows: usize) {
        self.statement.part(name, text);
        self.guarded.push(name);
        self.expected += i64::try_from(rows).unwrap_or(i64::MAX);
    }
}

/// `None` when another process has taken a key since the locks: nothing may be kept of this
/// transaction, and all of it may be tried again.
pub(super) async fn apply<'w>(
    connection: &mut PgConnection,
    plan: &Plan<'w>,
    writes: &[&'w Write],
    mark: &Mark,
    now: Timestamp,
) -> Result<Option<Written>, Error> {
    let mut net = Net::default();
    plan.accepted(writes).for_each(|write| net.add(write));
    let mut to = Apply { statement: Statement::default(), guarded: Vec::new(), expected: 0 };
    let now = millis(now);
    streams(&mut to, plan)?;
    rows(&mut to, plan)?;
    inbox(&mut to, plan, now)?;
    let has_events = events(&mut to.statement, &net, now)?;
    let has_facts = facts(&mut to.statement, &net, now)?;
    effects::add(&mut to.statement, &net, now)?;
    let (writer, batch) = (to.statement.value(mark.writer, "uuid")?, to.statement.value(mark.batch, "int8")?);
    let at = to.statement.value(now, "timestamptz")?;
    to.statement.part(
        "mark",
        &format!(
            "INSERT INTO es_writer (id, batch, seen_at) VALUES ({writer}, {batch}, {at}) \
             ON CONFLICT (id) DO UPDATE SET batch = excluded.batch, seen_at = excluded.seen_at"
        ),
    );
    let counts: Vec<String> = to.guarded.iter().map(|name| format!("(SELECT count(*) FROM {name})")).collect();
    let counts = if counts.is_empty() { "0".to_owned() } else { counts.join(" + ") };
    let (ids, numbers) = match has_events {
        true => ("(SELECT array_agg(event_id) FROM events)", "(SELECT array_agg(seq) FROM events)"),
        false => ("NULL::uuid[]", "NULL::int8[]"),
    };
    let fact = if has_facts { "(SELECT max(seq) FROM facts)" } else { "NULL::int8" };
    let last = format!(
        "SELECT ({counts})::int8, (SELECT current FROM es_epoch), pg_current_xact_id()::text, {ids}, {numbers}, {fact}"
    );
    let written = to.statement.one(connection, &last).await?;
    if written.try_get::<i64, _>(0)? != to.expected {
        return Ok(None);
    }
    let txid: String = written.try_get(2)?;
    let (ids, numbers): (Option<Vec<Uuid>>, Option<Vec<i64>>) = (written.try_get(3)?, written.try_get(4)?);
    Ok(Some(Written {
        epoch: written.try_get(1)?,
        txid: txid.parse().map_err(|cause| Error::Decode(Box::new(cause)))?,
        events: ids.unwrap_or_default().into_iter().zip(numbers.unwrap_or_default()).collect(),
        last_fact: written.try_get(5)?,
    }))
}

fn streams(to: &mut Apply, plan: &Plan<'_>) -> Result<(), Error> {
    let changed = |new: bool| {
        let slots = plan.streams.iter().filter(move |(_, slot)| slot.before.is_none() == new);
        slots.filter_map(|(id, slot)| Some((id, slot.before, slot.after.as_ref()?))).collect::<Vec<_>>()
    };
    for (new, slots) in [(true, changed(true)), (false, changed(false))] {
        if slots.is_empty() {
            continue;
        }
        let statement = &mut to.statement;
        let tenants = statement.array(slots.iter().map(|(id, ..)| id.0).collect(), "uuid")?;
        let kinds = statement.array(slots.iter().map(|(id, ..)| id.1).collect(), "int2")?;
        let ids = statement.array(slots.iter().map(|(id, ..)| id.2).collect::<Vec<_>>(), "uuid")?;
        let versions = slots.iter().map(|(.., after)| i64::from(after.version)).collect();
        let versions = statement.array(versions, "int8")?;
        let revisions = statement.array(slots.iter().map(|(.., after)| signed(after.revision)).collect(), "int8")?;
        let states = statement.array(slots.iter().map(|(.., after)| after.state).collect(), "bytea")?;
        if new {
            let text = format!(
                "INSERT INTO es_state (tenant_id, agg_type, agg_id, version, revision, state) \
                 SELECT * FROM unnest({tenants}, {kinds}, {ids}, {versions}, {revisions}, {states}) \
                 ON CONFLICT DO NOTHING RETURNING 1"
            );
            to.guarded("new_streams", &text, slots.len());
        } else {
            let before = slots.iter().map(|(_, before, _)| signed(before.unwrap_or_default())).collect();
            let before = statement.array(before, "int8")?;
            let text = format!(
                "UPDATE es_state t SET version = q.version, revision = q.revision, state = q.state \
                 FROM unnest({tenants}, {kinds}, {ids}, {versions}, {revisions}, {states}, {before}) \
                   AS q(tenant, kind, id, version, revision, state, before) \
                 WHERE t.tenant_id = q.tenant AND t.agg_type = q.kind AND t.agg_id = q.id AND t.revision = q.before \
                 RETURNING 1"
            );
            to.guarded("streams", &text, slots.len());
        }
    }
    Ok(())
}

fn rows(to: &mut Apply, plan: &Plan<'_>) -> Result<(), Error> {
    let (mut inserts, mut updates, mut deletes) = (Vec::new(), Vec::new(), Vec::new());
    for (id, slot) in &plan.rows {
        match slot.net() {
            Some(NetChange::Insert(after)) => inserts.push((id, after)),
            Some(NetChange::Update(after)) => updates.push((id, after)),
            Some(NetChange::Delete) => deletes.push(id),
            None => {}
        }
    }
    for (name, changes) in [("new_rows", inserts), ("rows", updates)] {
        if changes.is_empty() {
            continue;
        }
        let statement = &mut to.statement;
        let tenants = statement.array(changes.iter().map(|(id, _)| id.0).collect(), "uuid")?;
        let kinds = statement.array(changes.iter().map(|(id, _)| id.1).collect(), "text")?;
        let keys = statement.array(changes.iter().map(|(id, _)| id.2).collect::<Vec<_>>(), "bytea")?;
        let streams = statement.array(changes.iter().map(|(_, after)| after.row.aggregate).collect(), "uuid")?;
        let data = statement.array(changes.iter().map(|(_, after)| after.data).collect(), "bytea")?;
        let revisions = changes.iter().map(|(_, after)| signed(after.row.revision)).collect();
        let revisions = statement.array(revisions, "int8")?;
        let ends = statement.array(changes.iter().map(|(_, after)| after.row.expires_at).collect(), "timestamptz")?;
        let values = format!("unnest({tenants}, {kinds}, {keys}, {streams}, {data}, {revisions}, {ends})");
        let text = if name == "new_rows" {
            format!(
                "INSERT INTO es_row (tenant_id, kind, key, agg_id, data, revision, expires_at) \
                 SELECT * FROM {values} ON CONFLICT DO NOTHING RETURNING 1"
            )
        } else {
            format!(
                "UPDATE es_row t SET agg_id = q.stream, data = coalesce(q.data, t.data), revision = q.revision, \
                   expires_at = q.ends \
                 FROM {values} AS q(tenant, kind, key, stream, data, revision, ends) \
                 WHERE t.tenant_id = q.tenant AND t.kind = q.kind AND t.key = q.key RETURNING 1"
            )
        };
        to.guarded(name, &text, changes.len());
    }
    if !deletes.is_empty() {
        let tenants = to.statement.array(deletes.iter().map(|id| id.0).collect(), "uuid")?;
        let kinds = to.statement.array(deletes.iter().map(|id| id.1).collect(), "text")?;
        let keys = to.statement.array(deletes.iter().map(|id| id.2).collect::<Vec<_>>(), "bytea")?;
        let text = format!(
            "DELETE FROM es_row t USING unnest({tenants}, {kinds}, {keys}) AS q(tenant, kind, key) \
             WHERE t.tenant_id = q.tenant AND t.kind = q.kind AND t.key = q.key RETURNING 1"
        );
        to.guarded("gone_rows", &text, deletes.len());
    }
    Ok(())
}

fn inbox(to: &mut Apply, plan: &Plan<'_>, now: Timestamp) -> Result<(), Error> {
    if plan.inbox.is_empty() {
        return Ok(());
    }
    let consumers = to.statement.array(plan.inbox.iter().map(|id| id.0).collect(), "text")?;
    let events = to.statement.array(plan.inbox.iter().map(|id| id.1).collect::<Vec<_>>(), "uuid")?;
    let now = to.statement.value(now.date_naive(), "date")?;
    let text = format!(
        "INSERT INTO es_inbox (consumer, event_id, day) SELECT q.consumer, q.event, {now} \
         FROM unnest({consumers}, {events}) AS q(consumer, event) ON CONFLICT DO NOTHING RETURNING 1"
    );
    to.guarded("inbox", &text, plan.inbox.len());
    Ok(())
}

/// The columns that events and facts share.
fn event_columns(to: &mut Statement, events: &[&NewEvent]) -> Result<String, Error> {
    let ids = to.array(events.iter().map(|event| event.id.uuid()).collect::<Vec<_>>(), "uuid")?;
    let types = to.array(events.iter().map(|event| event.encoded.event_type).collect(), "text")?;
    let schemas = events.iter().map(|event| i16::try_from(event.encoded.schema_version).unwrap_or(i16::MAX));
    let schemas = to.array(schemas.collect(), "int2")?;
    let payloads = to.array(events.iter().map(|event| &event.encoded.payload[..]).collect(), "bytea")?;
    // A `Meta` is a plain record of strings: it always has a JSON form.
    let metas = events.iter().map(|event| serde_json::to_vec(&event.meta).unwrap_or_default()).collect::<Vec<_>>();
    let metas = to.array(metas, "bytea")?;
    let times = to.array(events.iter().map(|event| millis(event.occurred_at)).collect(), "timestamptz")?;
    Ok(format!("{ids}, {types}, {schemas}, {payloads}, {metas}, {times}"))
}

fn events(to: &mut Statement, net: &Net<'_>, now: Timestamp) -> Result<bool, Error> {
    let numbered = || {
        net.streams.iter().flat_map(|stream| (stream.version + 1..).zip(&stream.events).map(move |at| (*stream, at)))
    };
    if numbered().next().is_none() {
        return Ok(false);
    }
    let tenants = to.array(numbered().map(|(stream, _)| stream.tenant.uuid()).collect(), "uuid")?;
    let kinds = to.array(numbered().map(|(stream, _)| stream.kind.code()).collect(), "int2")?;
    let ids = to.array(numbered().map(|(stream, _)| stream.id).collect::<Vec<_>>(), "uuid")?;
    let versions = to.array(numbered().map(|(_, (version, _))| i64::from(version)).collect(), "int8")?;
    let columns = event_columns(to, &numbered().map(|(_, (_, event))| event).collect::<Vec<_>>())?;
    let now = to.value(now, "timestamptz")?;
    to.part(
        "events",
        &format!(
            "INSERT INTO es_event (epoch, tenant_id, agg_type, agg_id, version, event_id, event_type, schema_ver, \
               payload, meta, occurred_at, recorded_at) \
             SELECT (SELECT current FROM es_epoch), q.tenant, q.kind, q.stream, q.version, q.id, q.type, q.schema, \
               q.payload, q.meta, q.at, {now} \
             FROM unnest({tenants}, {kinds}, {ids}, {versions}, {columns}) WITH ORDINALITY \
               AS q(tenant, kind, stream, version, id, type, schema, payload, meta, at, n) \
             ORDER BY q.n RETURNING event_id, seq"
        ),
    );
    Ok(true)
}

fn facts(to: &mut Statement, net: &Net<'_>, now: Timestamp) -> Result<bool, Error> {
    if net.facts.is_empty() {
        return Ok(false);
    }
    let tenants = to.array(net.facts.iter().map(|fact| fact.tenant.uuid()).collect(), "uuid")?;
    let kinds = to.array(net.facts.iter().map(|fact| fact.kind.code()).collect(), "int2")?;
    let ids = to.array(net.facts.iter().map(|fact| fact.aggregate).collect::<Vec<_>>(), "uuid")?;
    let columns = event_columns(to, &net.facts.iter().map(|fact| &fact.event).collect::<Vec<_>>())?;
    let (day, now) = (to.value(now.date_naive(), "date")?, to.value(now, "timestamptz")?);
    to.part(
        "facts",
        &format!(
            "INSERT INTO es_fact_log (day, epoch, tenant_id, agg_type, agg_id, event_id, event_type, schema_ver, \
               payload, meta, occurred_at, recorded_at) \
             SELECT {day}, (SELECT current FROM es_epoch), q.tenant, q.kind, q.stream, q.id, q.type, q.schema, \
               q.payload, q.meta, q.at, {now} \
             FROM unnest({tenants}, {kinds}, {ids}, {columns}) WITH ORDINALITY \
               AS q(tenant, kind, stream, id, type, schema, payload, meta, at, n) \
             ORDER BY q.n RETURNING seq"
        ),
    );
    Ok(true)
}

/// PostgreSQL's text holds every character but one.
pub(super) fn text(words: &str) -> Cow<'_, str> {
    if words.contains('\0') { Cow::Owned(words.replace('\0', "\u{fffd}")) } else { Cow::Borrowed(words) }
}
