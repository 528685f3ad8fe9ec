//! Parts of a batch's statement that cannot be refused: copies, lists, tasks, cursors.

use grantor_eventsourcing::Timestamp;
use sea_orm::sqlx::Error;
use uuid::Uuid;

use super::{
    apply::text,
    deliveries,
    net::{Item, Net},
    plan::millis,
    statement::Statement,
};

pub(super) fn add(to: &mut Statement, net: &Net<'_>, now: Timestamp) -> Result<(), Error> {
    copies(to, net, now)?;
    lists(to, net)?;
    tasks(to, net)?;
    deliveries::parts(to, &net.deliveries, now)?;
    parked(to, net)?;
    cursors(to, net)?;
    meta(to, net)
}

fn copies(to: &mut Statement, net: &Net<'_>, now: Timestamp) -> Result<(), Error> {
    if net.copies.is_empty() {
        return Ok(());
    }
    let tenants = to.array(net.copies.keys().map(|id| id.0).collect(), "uuid")?;
    let kinds = to.array(net.copies.keys().map(|id| id.1).collect(), "text")?;
    let keys = to.array(net.copies.keys().map(|id| id.2.as_bytes()).collect::<Vec<_>>(), "bytea")?;
    let versions = to.array(net.copies.values().map(|copy| i64::from(copy.version)).collect(), "int8")?;
    let data = to.array(net.copies.values().map(|copy| copy.data.as_deref()).collect(), "bytea")?;
    let now = to.value(now, "timestamptz")?;
    to.part(
        "copies",
        &format!(
            "INSERT INTO es_copy (tenant_id, kind, key, version, seen_at, data) \
             SELECT q.tenant, q.kind, q.key, q.version, {now}, q.data \
             FROM unnest({tenants}, {kinds}, {keys}, {versions}, {data}) AS q(tenant, kind, key, version, data) \
             ON CONFLICT (tenant_id, kind, key) DO UPDATE SET seen_at = excluded.seen_at, \
               data = CASE WHEN excluded.version > es_copy.version THEN excluded.data ELSE es_copy.data END, \
               version = greatest(es_copy.version, excluded.version)"
        ),
    );
    Ok(())
}

fn lists(to: &mut Statement, net: &Net<'_>) -> Result<(), Error> {
    let (mut puts, mut anew, mut gone) = (Vec::new(), Vec::new(), Vec::new());
    for (id, change) in &net.lists {
        match (&change.put, change.removed) {
            (Some(item), false) => puts.push((id, item)),
            (Some(item), true) => anew.push((id, item)),
            (None, _) => gone.push(id),
        }
    }
    put(to, "lists", &puts, "WHERE excluded.version >= es_list.version")?;
    put(to, "lists_anew", &anew, "")?;
    if !gone.is_empty() {
        let tenants = to.array(gone.iter().map(|id| id.0).collect(), "uuid")?;
        let lists = to.array(gone.iter().map(|id| id.1).collect(), "text")?;
        let ids = to.array(gone.iter().map(|id| text(id.2)).collect::<Vec<_>>(), "text")?;
        to.part(
            "lists_gone",
            &format!(
                "DELETE FROM es_list t USING unnest({tenants}, {lists}, {ids}) AS q(tenant, list, id) \
                 WHERE t.tenant_id = q.tenant AND t.list = q.list AND t.id = q.id"
            ),
        );
    }
    Ok(())
}

fn put(
    to: &mut Statement,
    name: &str,
    items: &[(&(Uuid, &'static str, &str), &Item<'_>)],
    unless_newer: &str,
) -> Result<(), Error> {
    if items.is_empty() {
        return Ok(());
    }
    let tenants = to.array(items.iter().map(|(id, _)| id.0).collect(), "uuid")?;
    let lists = to.array(items.iter().map(|(id, _)| id.1).collect(), "text")?;
    let owners = to.array(items.iter().map(|(_, item)| text(item.owner)).collect::<Vec<_>>(), "text")?;
    let sorts = to.array(items.iter().map(|(_, item)| text(item.sort)).collect::<Vec<_>>(), "text")?;
    let ids = to.array(items.iter().map(|(id, _)| text(id.2)).collect::<Vec<_>>(), "text")?;
    let versions = to.array(items.iter().map(|(_, item)| i64::from(item.version)).collect(), "int8")?;
    let data = to.array(items.iter().map(|(_, item)| item.data).collect::<Vec<_>>(), "bytea")?;
    to.part(
        name,
        &format!(
            "INSERT INTO es_list (tenant_id, list, owner, sort, id, version, data) \
             SELECT * FROM unnest({tenants}, {lists}, {owners}, {sorts}, {ids}, {versions}, {data}) \
             ON CONFLICT (tenant_id, list, id) DO UPDATE SET owner = excluded.owner, sort = excluded.sort, \
               version = excluded.version, data = excluded.data {unless_newer}"
        ),
    );
    Ok(())
}

fn tasks(to: &mut Statement, net: &Net<'_>) -> Result<(), Error> {
    if !net.tasks.is_empty() {
        let ids = to.array(net.tasks.iter().map(|net| net.task.id).collect::<Vec<_>>(), "uuid")?;
        let tenants = to.array(net.tasks.iter().map(|net| net.task.tenant.uuid()).collect(), "uuid")?;
        let kinds = to.array(net.tasks.iter().map(|net| net.task.kind).collect(), "text")?;
        let data = to.array(net.tasks.iter().map(|net| net.task.data.as_slice()).collect(), "bytea")?;
        let due = to.array(net.tasks.iter().map(|net| millis(net.due_at)).collect(), "timestamptz")?;
        let attempts = to.array(net.tasks.iter().map(|net| net.attempts).collect(), "int4")?;
        to.part(
            "tasks",
            &format!(
                "INSERT INTO es_task (id, tenant_id, kind, data, due_at, attempts) \
                 SELECT * FROM unnest({ids}, {tenants}, {kinds}, {data}, {due}, {attempts})"
            ),
        );
    }
    if !net.tasks_done.is_empty() {
        let ids = to.array(net.tasks_done.iter().copied().collect::<Vec<_>>(), "uuid")?;
        to.part("tasks_done", &format!("DELETE FROM es_task WHERE id = ANY({ids})"));
    }
    if !net.tasks_later.is_empty() {
        let ids = to.array(net.tasks_later.keys().copied().collect::<Vec<_>>(), "uuid")?;
        let more = to.array(net.tasks_later.values().map(|later| later.0).collect(), "int4")?;
        let due = to.array(net.tasks_later.values().map(|later| millis(later.1)).collect(), "timestamptz")?;
        to.part(
            "tasks_later",
            &format!(
                "UPDATE es_task t SET attempts = t.attempts + q.more, due_at = q.due \
                 FROM unnest({ids}, {more}, {due}) AS q(id, more, due) WHERE t.id = q.id"
            ),
        );
    }
    if !net.tasks_due.is_empty() {
        let tenants = to.array(net.tasks_due.keys().map(|id| id.0).collect(), "uuid")?;
        let kinds = to.array(net.tasks_due.keys().map(|id| id.1).collect(), "text")?;
        let due = to.array(net.tasks_due.values().map(|due| millis(*due)).collect(), "timestamptz")?;
        // A statement may touch a row only once: those of the parts above are let be.
        let touched = net.tasks_done.iter().chain(net.tasks_later.keys()).copied();
        let touched = to.array(touched.collect::<Vec<_>>(), "uuid")?;
        to.part(
            "tasks_due",
            &format!(
                "UPDATE es_task t SET due_at = q.due FROM unnest({tenants}, {kinds}, {due}) AS q(tenant, kind, due) \
                 WHERE t.tenant_id = q.tenant AND t.kind = q.kind AND t.due_at > q.due AND t.id <> ALL({touched})"
            ),
        );
    }
    Ok(())
}

fn parked(to: &mut Statement, net: &Net<'_>) -> Result<(), Error> {
    if net.parked.is_empty() {
        return Ok(());
    }
    let consumers = to.array(net.parked.keys().map(|id| id.0).collect(), "text")?;
    let sources = to.array(net.parked.keys().map(|id| text(id.1)).collect::<Vec<_>>(), "text")?;
    let epochs = to.array(net.parked.keys().map(|id| id.2.epoch).collect(), "int2")?;
    let txids = to.array(net.parked.keys().map(|id| id.2.txid).collect(), "int8")?;
    let numbers = to.array(net.parked.keys().map(|id| id.2.seq).collect(), "int8")?;
    let streams = to.array(net.parked.values().map(|parked| parked.0).collect::<Vec<_>>(), "uuid")?;
    let reasons = to.array(net.parked.values().map(|parked| text(parked.1)).collect::<Vec<_>>(), "text")?;
    to.part(
        "parked",
        &format!(
            "INSERT INTO es_parked (consumer, source, epoch, txid, seq, agg_id, reason) \
             SELECT * FROM unnest({consumers}, {sources}, {epochs}, {txids}, {numbers}, {streams}, {reasons}) \
             ON CONFLICT (consumer, source, epoch, txid, seq) DO UPDATE SET agg_id = excluded.agg_id, \
               reason = excluded.reason"
        ),
    );
    Ok(())
}

fn cursors(to: &mut Statement, net: &Net<'_>) -> Result<(), Error> {
    if net.cursors.is_empty() {
        return Ok(());
    }
    let readers = to.array(net.cursors.keys().map(|id| id.0).collect(), "text")?;
    let sources = to.array(net.cursors.keys().map(|id| text(id.1)).collect::<Vec<_>>(), "text")?;
    let epochs = to.array(net.cursors.values().map(|at| at.epoch).collect(), "int2")?;
    let txids = to.array(net.cursors.values().map(|at| at.txid).collect(), "int8")?;
    let numbers = to.array(net.cursors.values().map(|at| at.seq).collect(), "int8")?;
    to.part(
        "cursors",
        &format!(
            "INSERT INTO es_cursor (reader, source, epoch, txid, seq) \
             SELECT * FROM unnest({readers}, {sources}, {epochs}, {txids}, {numbers}) \
             ON CONFLICT (reader, source) DO UPDATE SET epoch = excluded.epoch, txid = excluded.txid, seq = excluded.seq \
             WHERE (es_cursor.epoch, es_cursor.txid, es_cursor.seq) < (excluded.epoch, excluded.txid, excluded.seq)"
        ),
    );
    Ok(())
}

fn meta(to: &mut Statement, net: &Net<'_>) -> Result<(), Error> {
    if net.meta.is_empty() {
        return Ok(());
    }
    let keys = to.array(net.meta.keys().copied().collect::<Vec<_>>(), "text")?;
    let values = to.array(net.meta.values().copied().collect::<Vec<_>>(), "bytea")?;
    to.part(
        "meta",
        &format!(
            "INSERT INTO es_meta (key, value) SELECT * FROM unnest({keys}, {values}) \
             ON CONFLICT (key) DO UPDATE SET value = excluded.value"
        ),
    );
    Ok(())
}
