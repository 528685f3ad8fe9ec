use std::sync::Arc;

use grantor_eventsourcing::{Meta, Timestamp};
use grantor_ids::{ClientKey, UserId};
use grantor_ports::{ClientView, EntropyExt, NewClient, NewClientSecret, TenantView};
use grantor_profile as profile;
use grantor_registry_domain::{
    Effect,
    client::{Client, Onboarding, Refusal, RegisterClient, Registration, Settings, TermsAcceptance},
};
use grantor_store::{CommitError, Done, Step};

use super::{Failure, FreshSecret, Offer, hex};
use crate::{
    Registry,
    facts::{self, Circumstances},
    publish::ClientCodec,
    rows,
    views::{client_view, kind},
};

/// Clients of one developer, at most.
pub(crate) const MAX_PER_DEVELOPER: usize = 50;
/// How often another `client_id` is drawn when one is taken.
const TRIES: u32 = 3;

/// A developer registers a client for themselves.
#[derive(Debug, Clone)]
pub(crate) struct SelfService {
    /// Who.
    pub(crate) developer: UserId,
    /// The version of the terms they ticked.
    pub(crate) accepted_terms: Option<String>,
    /// Keeps it as a draft.
    pub(crate) draft: bool,
}

/// A client that was registered, with its secret in clear for this one time.
#[derive(Debug)]
pub(crate) struct Registered {
    /// The client.
    pub(crate) client: Arc<ClientView>,
    /// `None` for a public client, and for one with keys of its own.
    pub(crate) secret: Option<NewClientSecret>,
}

impl Registry {
    /// Registers a client: a developer's own, or an operator's, which is approved at once.
    pub(crate) async fn register(
        &self,
        tenant: &TenantView,
        wanted: NewClient,
        developer: Option<SelfService>,
        meta: &Meta,
    ) -> Result<Registered, Failure> {
        if let Some(developer) = &developer {
            let own = self.store.rows_of(tenant.id, rows::CLIENT_OF, developer.developer.uuid()).await?;
            if own.len() >= MAX_PER_DEVELOPER {
                return Err(Failure::TooMany);
            }
        }
        let now = self.clock.now(tenant.id);
        let needs_secret = wanted.kind.is_confidential() && wanted.jwks.is_empty();
        let secret = needs_secret.then(|| self.fresh_secret(tenant, now));
        let (shown, kept) = secret.map(|FreshSecret { shown, kept }| (shown, kept)).unzip();
        let offer = Offer::of(tenant);
        let mut command = RegisterClient {
            onboarding: onboarding(tenant, developer.as_ref()),
            limits: offer.limits(kind(wanted.kind), developer.is_some()),
            terms: developer.as_ref().filter(|_| terms_apply(tenant)).map(|_| tenant.terms.version.as_str()),
            registration: Registration {
                client_id: String::new(),
                kind: kind(wanted.kind),
                contact: developer.as_ref().map(|developer| developer.developer),
                settings: settings(&wanted),
                resource: wanted.resource,
                terms: developer.as_ref().and_then(|developer| acceptance(tenant, developer, now)),
                secret: kept,
                created_at: now,
            },
        };
        for _ in 0..TRIES {
            command.registration.client_id =
                tenant.profile.clients.id_shape.generate(|buffer| self.entropy.fill(buffer));
            let key: ClientKey = self.entropy.id(self.clock.real());
            match self.append_registration(tenant, key, &command, meta).await {
                Err(CommitError::Taken(rows::CLIENT_ID)) => {}
                other => {
                    let client = other?;
                    tracing::info!(client.key = %key, "a client was registered");
                    return Ok(Registered { client: client?, secret: shown });
                }
            }
        }
        Err(Failure::Store(grantor_store::StoreError::Contended))
    }

    async fn append_registration(
        &self,
        tenant: &TenantView,
        key: ClientKey,
        command: &RegisterClient<'_>,
        meta: &Meta,
    ) -> Result<Result<Arc<ClientView>, Refusal>, CommitError> {
        let now = command.registration.created_at;
        let done: Done<Effect, Refusal, Client> = self
            .store
            .execute::<ClientCodec, _, _>(tenant.id, key.uuid(), meta, now, |loaded| {
                let verdict = RegisterClient::decide(&loaded.state, command);
                let circumstances = Circumstances { meta, now };
                let facts = facts::of_client(&self.store, tenant.id, key, loaded, &verdict.events, circumstances);
                let rows = match verdict.outcome {
                    Ok(_) => rows::of_client(tenant.id, key, &command.registration),
                    Err(_) => Vec::new(),
                };
                Step::from(verdict).facts(facts).rows(rows)
            })
            .await?;
        let view = client_view(tenant.id, key, &done.state, done.version).map(Arc::new);
        Ok(done.outcome.and(view.ok_or(Refusal::Unknown)))
    }
}

/// Knob 40.
fn onboarding(tenant: &TenantView, developer: Option<&SelfService>) -> Onboarding {
    match (developer, tenant.profile.clients.onboarding) {
        (None, _) | (Some(SelfService { draft: false, .. }), profile::Onboarding::SelfService) => Onboarding::Approved,
        (Some(SelfService { draft: true, .. }), _) => Onboarding::Draft,
        (Some(_), profile::Onboarding::SelfServiceWithApproval | profile::Onboarding::Issued) => Onboarding::Submitted,
    }
}

/// Whether developers of this tenant must accept terms.
pub(crate) fn terms_apply(tenant: &TenantView) -> bool {
    tenant.profile.clients.terms_required || !tenant.terms.text.is_empty()
}

/// The acceptance of FF-02. An acceptance of another version is kept as such, for the rule to refuse.
fn acceptance(tenant: &TenantView, developer: &SelfService, now: Timestamp) -> Option<TermsAcceptance> {
    let version = developer.accepted_terms.clone().filter(|_| terms_apply(tenant))?;
    let text = format!("{version}\n{}", tenant.terms.text);
    Some(TermsAcceptance {
        sha256: hex(&grantor_crypto::sha256(text)),
        version,
        accepted_by: developer.developer,
        accepted_at: now,
    })
}

fn settings(wanted: &NewClient) -> Settings {
    let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    Settings {
        name: wanted.name.trim().to_owned(),
        website: given(&wanted.website),
        logo_url: given(&wanted.logo_url),
        redirect_uris: wanted.redirect_uris.clone(),
        post_logout_redirect_uris: wanted.post_logout_redirect_uris.clone(),
        origins: wanted.origins.clone(),
        scopes: wanted.scopes.clone(),
        jwks: wanted.jwks.clone(),
        id_token_alg: given(&wanted.id_token_alg),
        password_grant: wanted.password_grant,
        lifetimes: wanted.lifetimes,
    }
}
