use std::sync::Arc;

use grantor_eventsourcing::Meta;
use grantor_ids::TenantId;
use grantor_ports::{AdminError, TenantChange, TenantView};
use grantor_registry_domain::{
    Effect,
    tenant::{
        AdvanceClock, Branding, ChangePresentation, ChangeProfile, Refusal, RestoreTenant, SuspendTenant, Tenant,
        Terms, Verdict,
    },
};
use grantor_store::{CommitError, Done, Step, StoreError};

use super::create_tenant::refused;
use crate::{
    Registry,
    facts::{self, Circumstances},
    publish::TenantCodec,
    views::tenant_view,
};

impl Registry {
    /// Changes a tenant. Others see it with their copy, within a second.
    pub(crate) async fn alter_tenant(
        &self,
        id: TenantId,
        change: TenantChange,
        meta: &Meta,
    ) -> Result<Arc<TenantView>, AdminError> {
        let seen = match &change {
            TenantChange::ProfileAt { version, .. } => Some(*version),
            _ => None,
        };
        let rule = rule(change);
        let now = self.clock.now(id);
        let done: Result<Done<Effect, Refusal, Tenant>, CommitError> = self
            .store
            .execute::<TenantCodec, _, _>(id, id.uuid(), meta, now, |loaded| {
                let verdict = match seen {
                    Some(version) if version != loaded.version => Verdict::refuse(Refusal::Changed, []),
                    _ => rule(&loaded.state),
                };
                let facts = facts::of_tenant(&self.store, id, loaded, &verdict.events, Circumstances { meta, now });
                Step::from(verdict).facts(facts)
            })
            .await;
        let done = done.map_err(|error| match error {
            CommitError::Store(error) => AdminError::from(error),
            CommitError::Conflict | CommitError::Taken(_) => StoreError::Contended.into(),
        })?;
        done.outcome.map_err(refused)?;
        let view = tenant_view(id, &done.state, done.version).ok_or(AdminError::NotFound("tenant"))?;
        view.tell(self.clock.as_ref());
        Ok(Arc::new(view))
    }
}

fn rule(change: TenantChange) -> Box<dyn Fn(&Tenant) -> Verdict + Send + Sync> {
    match change {
        TenantChange::Profile(profile) | TenantChange::ProfileAt { profile, .. } => {
            let command = ChangeProfile { profile: Arc::new(*profile) };
            Box::new(move |state| ChangeProfile::decide(state, &command))
        }
        TenantChange::Presentation { name, branding, contact, terms } => {
            let command = ChangePresentation {
                name,
                branding: branding.map(|look| Branding { colour: look.colour, monogram: look.monogram }),
                contact,
                terms: terms.map(|terms| Terms { version: terms.version, text: terms.text }),
            };
            Box::new(move |state| ChangePresentation::decide(state, &command))
        }
        TenantChange::Suspend => Box::new(|state| SuspendTenant::decide(state, &SuspendTenant)),
        TenantChange::AdvanceClock { seconds } => {
            Box::new(move |state| AdvanceClock::decide(state, &AdvanceClock { seconds }))
        }
        TenantChange::Restore => Box::new(|state| RestoreTenant::decide(state, &RestoreTenant)),
    }
}
