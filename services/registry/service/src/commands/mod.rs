//! One command, one file: load, decide, append, answer.

mod change_tenant;
mod create_tenant;
mod delete_client;
mod judge_client;
mod register_client;
mod retire_secret;
mod rotate_secret;
mod submit_client;
mod team;
mod update_client;

use std::sync::Arc;

use grantor_eventsourcing::{Meta, Timestamp};
use grantor_ids::{ClientKey, TenantId};
use grantor_ports::{AdminError, ClientView, NewClientSecret, TenantView};
use grantor_registry_domain::client::{self, Client, Limits, Refusal, Verdict};
use grantor_store::{CommitError, Done, Loaded, RowChange, Step, StoreError};

pub(crate) use register_client::{Registered, SelfService};
pub(crate) use update_client::Patch;

use crate::{
    Registry,
    facts::{self, Circumstances},
    publish::ClientCodec,
    views::{client_view, kind, tenant_view},
};

/// Why a command on a client was not carried out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Failure {
    /// A rule says no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The developer has as many clients as a developer may have.
    #[error("a developer can have {} clients", register_client::MAX_PER_DEVELOPER)]
    TooMany,
    /// No answer from the store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<CommitError> for Failure {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Store(error) => Self::Store(error),
            // Rows of clients are keyed by fresh random ids, so a taken one is as good as a lost race.
            CommitError::Conflict | CommitError::Taken(_) => Self::Store(StoreError::Contended),
        }
    }
}

impl From<Failure> for AdminError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(Refusal::Unknown) => Self::NotFound("client"),
            Failure::Refused(Refusal::Settings(flaws)) => match flaws.first() {
                Some(flaw) => Self::invalid(flaw.pointer(), flaw.to_string()),
                None => Self::invalid("", "some settings are wrong"),
            },
            Failure::Refused(refusal @ Refusal::Reason(_)) => Self::invalid("/reason", refusal.to_string()),
            Failure::Refused(refusal) => Self::Conflict(refusal.to_string()),
            Failure::TooMany => Self::Conflict(failure.to_string()),
            Failure::Store(error) => error.into(),
        }
    }
}

/// What a tenant's profile offers its clients, borrowed for [`Limits`].
pub(crate) struct Offer<'a> {
    tenant: &'a TenantView,
    scopes: Vec<&'a str>,
    algorithms: Vec<&'a str>,
}

impl<'a> Offer<'a> {
    pub(crate) fn of(tenant: &'a TenantView) -> Self {
        let scopes = tenant.profile.scopes.catalogue.iter().map(|entry| entry.name.as_str()).collect();
        let algorithms = tenant.profile.oidc.signing_algs.iter().map(|alg| alg.as_str()).collect();
        Self { tenant, scopes, algorithms }
    }

    /// What a client of this kind may have; `reviewed` when a developer gave its settings.
    pub(crate) fn limits(&self, kind: client::Kind, reviewed: bool) -> Limits<'_> {
        Limits {
            kind,
            development: self.tenant.kind.is_for_tests(),
            reviewed,
            tenant_name: &self.tenant.name,
            scopes: &self.scopes,
            assertions: self.tenant.profile.takes_assertions(),
            algorithms: &self.algorithms,
        }
    }
}

/// A secret and its digest.
pub(crate) struct FreshSecret {
    pub(crate) shown: NewClientSecret,
    pub(crate) kept: client::Secret,
}

impl Registry {
    /// The tenant as it is now.
    pub(crate) async fn tenant_now(&self, id: TenantId) -> Result<Option<Arc<TenantView>>, StoreError> {
        let loaded = self.store.load(id, id.uuid()).await?;
        let view = tenant_view(id, &loaded.state, loaded.version).map(Arc::new);
        if let Some(view) = &view {
            view.tell(self.clock.as_ref());
        }
        Ok(view)
    }

    /// The client as it is now.
    pub(crate) async fn client_now(&self, tenant: TenantId, key: ClientKey) -> Result<Loaded<Client>, StoreError> {
        self.store.load(tenant, key.uuid()).await
    }

    /// The stream that a `client_id` leads to.
    pub(crate) async fn key_of(&self, tenant: TenantId, client_id: &str) -> Result<Option<ClientKey>, StoreError> {
        let row = self.store.row(tenant, crate::rows::CLIENT_ID, client_id.as_bytes()).await?;
        Ok(row.and_then(|row| row.aggregate).map(ClientKey::from_uuid))
    }

    /// Runs a rule on one client; the state record goes with the events.
    async fn on_client(
        &self,
        tenant: TenantId,
        key: ClientKey,
        meta: &Meta,
        mut decide: impl FnMut(&Client) -> Verdict + Send,
        rows: impl Fn(&Client) -> Vec<RowChange> + Send + Sync,
    ) -> Result<Option<Arc<ClientView>>, Failure> {
        let now = self.clock.now(tenant);
        let circumstances = Circumstances { meta, now };
        let done: Done<_, Refusal, Client> = self
            .store
            .execute::<ClientCodec, _, _>(tenant, key.uuid(), meta, now, |loaded| {
                let verdict = decide(&loaded.state);
                let facts = facts::of_client(&self.store, tenant, key, loaded, &verdict.events, circumstances);
                let rows = if verdict.events.is_empty() { Vec::new() } else { rows(&loaded.state) };
                Step::from(verdict).facts(facts).rows(rows)
            })
            .await?;
        done.outcome?;
        Ok(client_view(tenant, key, &done.state, done.version).map(Arc::new))
    }

    /// The same for a rule that leaves a client behind.
    async fn change_on_client(
        &self,
        tenant: TenantId,
        key: ClientKey,
        meta: &Meta,
        decide: impl FnMut(&Client) -> Verdict + Send,
    ) -> Result<Arc<ClientView>, Failure> {
        let view = self.on_client(tenant, key, meta, decide, |_| Vec::new()).await?;
        view.ok_or(Failure::Refused(Refusal::Unknown))
    }

    /// A secret in the shape of the tenant's profile (knob 39).
    fn fresh_secret(&self, tenant: &TenantView, now: Timestamp) -> FreshSecret {
        use grantor_ports::EntropyExt;
        let secret = tenant.profile.clients.secret_shape.generate(|buffer| self.entropy.fill(buffer));
        let id = hex(&self.entropy.bytes::<6>());
        let kept = client::Secret {
            id: id.clone(),
            sha256: hex(&grantor_crypto::sha256(&secret)),
            created_at: now,
            expires_at: None,
        };
        FreshSecret { shown: NewClientSecret { id, secret: secret.into() }, kept }
    }
}

/// Whether a client's settings came from a developer.
fn reviewed(client: &Client) -> bool {
    client.record().is_some_and(|record| record.contact.is_some())
}

/// The limits of the client as it is; those of an unknown one do not matter.
fn limits_of<'a>(offer: &'a Offer<'_>, client: &Client, reviewed: bool) -> Limits<'a> {
    let kind = client.record().map_or(kind(grantor_ports::ClientKind::Confidential), |record| record.kind);
    offer.limits(kind, reviewed)
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
