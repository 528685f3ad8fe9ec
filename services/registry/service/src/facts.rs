//! The state records that feed other services' copies, written in the commit of the change.

use grantor_copies::{CLIENT_STATE, Snapshot, TENANT_STATE};
use grantor_eventsourcing::{Aggregate, AggregateType, Encoded, Meta, Timestamp, Version};
use grantor_ids::{ClientKey, TenantId};
use grantor_ports::ClientView;
use grantor_registry_domain::{client::Client, tenant::Tenant};
use grantor_store::{Loaded, NewEvent, NewFact, Store};
use uuid::Uuid;

use crate::views::{client_view, tenant_view};

/// The state after these events, and its version.
pub(crate) fn after<A: Aggregate>(loaded: &Loaded<A>, events: &[A::Event]) -> (A, Version) {
    let count = Version::try_from(events.len()).unwrap_or(Version::MAX);
    (events.iter().fold(loaded.state.clone(), A::evolve), loaded.version.saturating_add(count))
}

/// Who did it and when.
#[derive(Clone, Copy)]
pub(crate) struct Circumstances<'a> {
    /// Who.
    pub meta: &'a Meta,
    /// When, by the tenant's clock.
    pub now: Timestamp,
}

/// The record of a tenant as it is after these events; none when nothing happened.
pub(crate) fn of_tenant(
    store: &Store,
    id: TenantId,
    loaded: &Loaded<Tenant>,
    events: &[<Tenant as Aggregate>::Event],
    circumstances: Circumstances<'_>,
) -> Option<NewFact> {
    let (state, version) = changed(loaded, events)?;
    let view = tenant_view(id, &state, version)?;
    let encoded = Snapshot::encode(TENANT_STATE, id.to_string(), version, Some(&view));
    Some(fact(store, id, AggregateType::Tenant, id.uuid(), encoded, circumstances))
}

/// The record of a client as it is after these events; none when nothing happened.
pub(crate) fn of_client(
    store: &Store,
    tenant: TenantId,
    key: ClientKey,
    loaded: &Loaded<Client>,
    events: &[<Client as Aggregate>::Event],
    circumstances: Circumstances<'_>,
) -> Option<NewFact> {
    let (state, version) = changed(loaded, events)?;
    let view: Option<ClientView> = client_view(tenant, key, &state, version);
    let client_id = match &view {
        Some(view) => view.client_id.clone(),
        None => loaded.state.record()?.client_id.clone(),
    };
    let encoded = Snapshot::encode(CLIENT_STATE, client_id, version, view.as_ref());
    Some(fact(store, tenant, AggregateType::Client, key.uuid(), encoded, circumstances))
}

fn changed<A: Aggregate>(loaded: &Loaded<A>, events: &[A::Event]) -> Option<(A, Version)> {
    (!events.is_empty()).then(|| after(loaded, events))
}

fn fact(
    store: &Store,
    tenant: TenantId,
    kind: AggregateType,
    aggregate: Uuid,
    encoded: Encoded,
    Circumstances { meta, now }: Circumstances<'_>,
) -> NewFact {
    let event = NewEvent { id: store.event_id(), encoded, occurred_at: now, meta: meta.clone() };
    NewFact { tenant, kind, aggregate, event }
}
