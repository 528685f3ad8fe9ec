use std::sync::Arc;

use grantor_eventsourcing::Meta;
use grantor_ids::TenantId;
use grantor_ports::{AdminError, CreateTenant, EntropyExt, TenantView};
use grantor_registry_domain::{
    Effect, Origin,
    tenant::{self, Record, Refusal, Tenant},
};
use grantor_store::{CommitError, Done, RowChange, Step};

use crate::{
    Registry,
    facts::{self, Circumstances},
    publish::TenantCodec,
    rows::{AUTHORITY, EVERYWHERE, SLUG, unique},
    views::tenant_view,
};

impl Registry {
    /// Makes a tenant; its slug and its authorities are its own from here on.
    pub(crate) async fn make_tenant(&self, wanted: CreateTenant, meta: &Meta) -> Result<Arc<TenantView>, AdminError> {
        let id: TenantId = self.entropy.id(self.clock.real());
        let now = self.clock.now(id);
        let record = record(wanted, now);
        let rows = |record: &Record| -> Vec<RowChange> {
            let identity = &record.identity;
            let authorities = identity.authorities.iter().map(|entry| (AUTHORITY, entry.authority.as_str()));
            let keys = std::iter::once((SLUG, identity.slug.as_str())).chain(authorities);
            keys.map(|(kind, key)| unique(EVERYWHERE, kind, key.as_bytes(), id.uuid())).collect()
        };
        let command = tenant::CreateTenant { record };
        let done: Result<Done<Effect, Refusal, Tenant>, CommitError> = self
            .store
            .execute::<TenantCodec, _, _>(id, id.uuid(), meta, now, |loaded| {
                let verdict = tenant::CreateTenant::decide(&loaded.state, &command);
                let facts = facts::of_tenant(&self.store, id, loaded, &verdict.events, Circumstances { meta, now });
                let rows = if verdict.events.is_empty() { Vec::new() } else { rows(&command.record) };
                Step::from(verdict).facts(facts).rows(rows)
            })
            .await;
        let done = done.map_err(not_written)?;
        done.outcome.map_err(refused)?;
        let view = tenant_view(id, &done.state, done.version).ok_or(AdminError::NotFound("tenant"))?;
        tracing::info!(tenant.slug = view.slug, "a tenant was created");
        Ok(Arc::new(view))
    }
}

/// An issuer without a path is where its tenant is reached, whether that was said or not.
fn record(wanted: CreateTenant, now: grantor_eventsourcing::Timestamp) -> Record {
    let CreateTenant { slug, name, kind, issuer, api, authorities, profile, branding, contact, terms } = wanted;
    let mut authorities: Vec<tenant::Authority> = authorities.into_iter().map(authority).collect();
    if let Ok(origin) = Origin::parse(&issuer)
        && origin.path.is_empty()
        && authorities.iter().all(|entry| entry.authority != origin.authority)
    {
        authorities.insert(0, tenant::Authority { role: tenant::Role::Identity, authority: origin.authority });
    }
    Record {
        identity: tenant::Identity {
            slug,
            kind: match kind {
                grantor_ports::TenantKind::Production => tenant::Kind::Production,
                grantor_ports::TenantKind::Development => tenant::Kind::Development,
                grantor_ports::TenantKind::Sandbox => tenant::Kind::Sandbox,
            },
            api: api.unwrap_or_else(|| issuer.clone()),
            issuer,
            authorities,
        },
        profile: Arc::new(profile),
        presentation: tenant::Presentation {
            name,
            branding: tenant::Branding { colour: branding.colour, monogram: branding.monogram },
            contact: contact.filter(|contact| !contact.is_empty()),
            terms: tenant::Terms { version: terms.version, text: terms.text },
        },
        created_at: now,
        mail_server: None,
        team: tenant::Team::new(),
        clock_ahead_ms: 0,
    }
}

fn authority(entry: grantor_ports::Authority) -> tenant::Authority {
    let role = match entry.role {
        grantor_ports::AuthorityRole::Identity => tenant::Role::Identity,
        grantor_ports::AuthorityRole::Api => tenant::Role::Api,
        grantor_ports::AuthorityRole::Widget => tenant::Role::Widget,
    };
    tenant::Authority { role, authority: entry.authority }
}

fn not_written(error: CommitError) -> AdminError {
    match error {
        CommitError::Taken(SLUG) => AdminError::Conflict("the slug is taken by another tenant".into()),
        CommitError::Taken(_) => AdminError::Conflict("an authority is taken by another tenant".into()),
        CommitError::Conflict => AdminError::Conflict("somebody else is changing it; try again".into()),
        CommitError::Store(error) => error.into(),
    }
}

pub(super) fn refused(refusal: Refusal) -> AdminError {
    match refusal {
        Refusal::Unknown => AdminError::NotFound("tenant"),
        Refusal::Exists | Refusal::RealClock | Refusal::LastOwner | Refusal::Changed => {
            AdminError::Conflict(refusal.to_string())
        }
        Refusal::Invalid(problems) => match problems.into_iter().next() {
            Some(problem) => AdminError::invalid(problem.pointer, problem.detail),
            None => AdminError::invalid("", "some values are wrong"),
        },
    }
}
