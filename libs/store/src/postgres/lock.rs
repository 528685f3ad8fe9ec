//! Locks the rows of a batch, in key order, and reads what its guards look at.

use sea_orm::sqlx::{Error, PgConnection, Row};

use super::{
    plan::{Locked, Wanted},
    rows::LockedRow,
    statement::{Statement, unsigned},
};

const STREAM: i16 = 1;
const ROW: i16 = 2;
const INBOX: i16 = 3;
const LEADER: i16 = 4;

/// Sorted keys, and the parts one after the other: two processes that want the same rows wait for
/// each other, and never in a circle.
pub(super) async fn lock<'w>(connection: &mut PgConnection, wanted: Wanted<'w>) -> Result<Locked<'w>, Error> {
    let mut statement = Statement::default();
    let mut last = Vec::new();
    let streams: Vec<_> = wanted.streams.into_iter().collect();
    if !streams.is_empty() {
        let tenants = statement.array(streams.iter().map(|id| id.0).collect(), "uuid")?;
        let kinds = statement.array(streams.iter().map(|id| id.1).collect(), "int2")?;
        let ids = statement.array(streams.iter().map(|id| id.2).collect::<Vec<_>>(), "uuid")?;
        statement.part(
            "streams",
            &format!(
                "SELECT {STREAM}::int2, q.n, t.revision, NULL::uuid, NULL::timestamptz \
                 FROM unnest({tenants}, {kinds}, {ids}) WITH ORDINALITY AS q(tenant, kind, id, n) \
                 JOIN es_state t ON t.tenant_id = q.tenant AND t.agg_type = q.kind AND t.agg_id = q.id \
                 ORDER BY q.n FOR UPDATE OF t"
            ),
        );
        last.push("SELECT * FROM streams");
    }
    let rows: Vec<_> = wanted.rows.into_iter().collect();
    if !rows.is_empty() {
        let tenants = statement.array(rows.iter().map(|id| id.0).collect(), "uuid")?;
        let kinds = statement.array(rows.iter().map(|id| id.1).collect(), "text")?;
        let keys = statement.array(rows.iter().map(|id| id.2).collect::<Vec<_>>(), "bytea")?;
        statement.part(
            "rows",
            &format!(
                "SELECT {ROW}::int2, q.n, t.revision, t.agg_id, t.expires_at \
                 FROM unnest({tenants}, {kinds}, {keys}) WITH ORDINALITY AS q(tenant, kind, key, n) \
                 JOIN es_row t ON t.tenant_id = q.tenant AND t.kind = q.kind AND t.key = q.key \
                 ORDER BY q.n FOR UPDATE OF t"
            ),
        );
        last.push("SELECT * FROM rows");
    }
    let inbox: Vec<_> = wanted.inbox.into_iter().collect();
    if !inbox.is_empty() {
        let consumers = statement.array(inbox.iter().map(|id| id.0).collect(), "text")?;
        let events = statement.array(inbox.iter().map(|id| id.1).collect::<Vec<_>>(), "uuid")?;
        statement.part(
            "inbox",
            &format!(
                "SELECT {INBOX}::int2, q.n, 0::int8, NULL::uuid, NULL::timestamptz \
                 FROM unnest({consumers}, {events}) WITH ORDINALITY AS q(consumer, event, n) \
                 JOIN es_inbox t ON t.consumer = q.consumer AND t.event_id = q.event"
            ),
        );
        last.push("SELECT * FROM inbox");
    }
    let leaders: Vec<_> = wanted.leaders.into_iter().collect();
    if !leaders.is_empty() {
        let names = statement.array(leaders.clone(), "text")?;
        statement.part(
            "leaders",
            &format!(
                "SELECT {LEADER}::int2, q.n, t.leader_epoch, NULL::uuid, NULL::timestamptz \
                 FROM unnest({names}) WITH ORDINALITY AS q(name, n) \
                 JOIN es_cursor t ON t.reader = q.name AND t.source = '' ORDER BY q.n FOR SHARE OF t"
            ),
        );
        last.push("SELECT * FROM leaders");
    }
    let mut locked = Locked::default();
    if statement.is_empty() {
        return Ok(locked);
    }
    for found in statement.all(connection, &last.join(" UNION ALL ")).await? {
        let at = usize::try_from(found.try_get::<i64, _>(1)? - 1).map_err(|cause| Error::Decode(Box::new(cause)))?;
        match found.try_get::<i16, _>(0)? {
            STREAM => drop(locked.streams.insert(streams[at], unsigned(&found, 2)?)),
            ROW => {
                let (aggregate, expires_at) = (found.try_get(3)?, found.try_get(4)?);
                let row = LockedRow { aggregate, revision: unsigned(&found, 2)?, expires_at };
                locked.rows.insert(rows[at], row);
            }
            INBOX => drop(locked.inbox.insert(inbox[at])),
            _ => drop(locked.leaders.insert(leaders[at], found.try_get(2)?)),
        }
    }
    Ok(locked)
}
