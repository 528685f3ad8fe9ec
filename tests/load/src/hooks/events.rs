//! Events as the token service writes them: a grant each, with a scope that makes the body a
//! kilobyte long.

use futures_util::{StreamExt, TryStreamExt, stream};
use grantor_contracts::{Message, token::v1::AuthorizationCreated};
use grantor_eventsourcing::{Actor, AggregateType, Encoded, Meta, Timestamp};
use grantor_ids::{ClientKey, TenantId, UserId};
use grantor_ports::EntropyExt;
use grantor_store::{NewEvent, Store, StreamWrite, Write};
use tokio::time::{Duration, Instant};
use uuid::Uuid;

use super::{CREATED, MARK, UNLOCKED, receiver::now_micros, wire::Events};
use crate::Failure;

/// Commits that wait at a time: as busy as a service gets.
const AT_ONCE: usize = 256;
/// Scopes that fill a body up to a kilobyte.
const FILLING: usize = 50;

/// Who gives access to everybody.
const PERSON: UserId = UserId::from_uuid(Uuid::from_u128(0xd1));

/// A tenant by its number.
pub fn tenant(number: u64) -> TenantId {
    TenantId::from_uuid(Uuid::from_u128(0x1000_0000 + u128::from(number)))
}

/// Commits them as fast as it goes.
pub async fn write(token: &Store, events: Events) -> Result<(), Failure> {
    let commits = (0..events.count).map(|at| commit(token, events, at));
    stream::iter(commits).buffer_unordered(AT_ONCE).try_collect::<Vec<_>>().await?;
    Ok(())
}

/// Commits so many in a second, and says when each was.
pub async fn paced(token: &Store, events: Events, per_second: u64) -> Result<Vec<i64>, Failure> {
    let (started, step) = (Instant::now(), Duration::from_secs(1) / u32::try_from(per_second.max(1))?);
    let each = (0..events.count).map(|at| async move {
        tokio::time::sleep_until(started + step * u32::try_from(at)?).await;
        commit(token, events, at).await
    });
    // In turn to begin, but none waits for the commit of another.
    stream::iter(each).buffered(AT_ONCE).try_collect().await
}

async fn commit(token: &Store, events: Events, at: u64) -> Result<i64, Failure> {
    let number = events.first + at;
    let of = tenant(events.tenants.first + number % events.tenants.count.max(1));
    let filling = (0..FILLING).map(|n| format!(" filling.{n:08}")).collect::<String>();
    let created = created(1, format!("{MARK}{number:09}{filling}"));
    happen(token, of, AggregateType::Grant, (1 << 80) + u128::from(number), CREATED, created).await
}

/// What a client is called, and its key, by its number.
pub fn client(number: u64) -> (String, ClientKey) {
    (format!("app_{number}"), ClientKey::from_uuid(Uuid::from_u128((1 << 90) + u128::from(number))))
}

fn created(number: u64, scope: String) -> Vec<u8> {
    let (client_id, key) = client(number);
    let created = AuthorizationCreated {
        client_key: key.uuid().as_bytes().to_vec(),
        client_id,
        user_id: PERSON.uuid().as_bytes().to_vec(),
        scope,
        ..AuthorizationCreated::default()
    };
    created.encode_to_vec()
}

/// The person gives something to each of so many clients of this tenant.
pub async fn grants(token: &Store, of: TenantId, clients: u64) -> Result<(), Failure> {
    for number in 0..clients {
        let grant = (2 << 80) + u128::from(number);
        happen(token, of, AggregateType::Grant, grant, CREATED, created(number, "profile".into())).await?;
    }
    Ok(())
}

/// The person is unlocked so many times, in one commit: every client hears of each.
pub async fn unlock(token: &Store, tenant: TenantId, times: u64) -> Result<(), Failure> {
    let (kind, id, now) = (AggregateType::User, PERSON.uuid(), token.clock().real());
    let before = token.state(tenant, kind.code(), id).await?;
    let (expected, version) = before.map_or((0, 0), |before| (before.revision, before.version));
    let events = (0..times).map(|_| event(token, now, UNLOCKED, Vec::new())).collect();
    let stream = StreamWrite { tenant, kind, id, expected, version, events, state: b"{}".to_vec() };
    token.commit(Write { stream: Some(stream), ..Write::default() }).await?;
    Ok(())
}

fn event(token: &Store, now: Timestamp, event_type: &'static str, payload: Vec<u8>) -> NewEvent {
    NewEvent {
        id: token.entropy().id(now),
        encoded: Encoded { event_type, schema_version: 1, payload: payload.into() },
        occurred_at: now,
        meta: Meta::by(Actor::System),
    }
}

/// Commits an event, and says when that was.
async fn happen(
    token: &Store,
    tenant: TenantId,
    kind: AggregateType,
    id: u128,
    event_type: &'static str,
    payload: Vec<u8>,
) -> Result<i64, Failure> {
    let now = token.clock().real();
    let event = event(token, now, event_type, payload);
    let (id, events, state) = (Uuid::from_u128(id), vec![event], b"{}".to_vec());
    let stream = StreamWrite { tenant, kind, id, expected: 0, version: 0, events, state };
    token.commit(Write { stream: Some(stream), ..Write::default() }).await?;
    Ok(now_micros())
}
