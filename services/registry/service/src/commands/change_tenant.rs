use std::sync::Arc;

use grantor_eventsourcing::Meta;
use grantor_ids::TenantId;
use grantor_keyring::not_read;
use grantor_ports::{self as ports, AdminError, MailPassword, PortError, TenantChange, TenantView};
use grantor_registry_domain::{
    Effect,
    tenant::{
        AdvanceClock, Branding, ChangeMailServer, ChangePresentation, ChangeProfile, MailSecurity, MailServer, Refusal,
        RestoreTenant, SetMember, SuspendTenant, Tenant, Terms, Verdict,
    },
};
use grantor_store::{CommitError, Done, OnTaken, RowChange, RowKey, Step, StoreError};
use secrecy::ExposeSecret;
use zeroize::Zeroizing;

use super::create_tenant::refused;
use crate::{
    Registry,
    facts::{self, Circumstances},
    publish::TenantCodec,
    rows::MAIL_PASSWORD,
    views::{domain_role, tenant_view},
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
        let password = self.password_row(id, &change).await?;
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
                let accepted = verdict.outcome.is_ok();
                Step::from(verdict).facts(facts).rows(password.iter().filter(|_| accepted).map(PasswordRow::change))
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

/// What becomes of the password of a tenant's mail server: sealed, in a row beside the stream.
enum PasswordRow {
    Kept(RowKey, Vec<u8>),
    Gone(RowKey),
}

impl PasswordRow {
    fn change(&self) -> RowChange {
        match self {
            Self::Kept(key, data) => RowChange::Insert {
                key: key.clone(),
                aggregate: None,
                data: data.clone(),
                expires_at: None,
                on_taken: OnTaken::Replace,
            },
            Self::Gone(key) => RowChange::Delete { key: key.clone(), expected: None },
        }
    }
}

impl Registry {
    async fn password_row(&self, id: TenantId, change: &TenantChange) -> Result<Option<PasswordRow>, AdminError> {
        let TenantChange::MailServer { server, password } = change else { return Ok(None) };
        let key = RowKey::new(id, MAIL_PASSWORD, id.uuid().as_bytes().to_vec());
        Ok(match (server, password) {
            (Some(server), Some(password)) if server.username.is_some() => {
                let plain =
                    Zeroizing::new(serde_json::to_vec(password.expose_secret()).map_err(not_read(MAIL_PASSWORD))?);
                let sealed = self.keys.of(id).await?.seal(MAIL_PASSWORD, id.uuid().as_bytes(), &plain);
                Some(PasswordRow::Kept(key, sealed))
            }
            (Some(server), None) if server.username.is_some() => None,
            _ => Some(PasswordRow::Gone(key)),
        })
    }

    /// The password of a tenant's mail server.
    pub(crate) async fn mail_password_of(&self, id: TenantId) -> Result<Option<MailPassword>, PortError> {
        let Some(row) = self.store.row(id, MAIL_PASSWORD, id.uuid().as_bytes()).await? else { return Ok(None) };
        let plain = self.keys.of(id).await?.open(MAIL_PASSWORD, id.uuid().as_bytes(), &row.data)?;
        let text: String = serde_json::from_slice(&plain).map_err(not_read(MAIL_PASSWORD))?;
        Ok(Some(MailPassword(text.into())))
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
        TenantChange::MailServer { server, password } => {
            let command = ChangeMailServer { server: server.map(mail_server), new_password: password.is_some() };
            Box::new(move |state| ChangeMailServer::decide(state, &command))
        }
        TenantChange::Member { user, role, by_team } => {
            let command = SetMember { user, role: role.map(domain_role), by_team };
            Box::new(move |state| SetMember::decide(state, &command))
        }
        TenantChange::Suspend => Box::new(|state| SuspendTenant::decide(state, &SuspendTenant)),
        TenantChange::AdvanceClock { seconds } => {
            Box::new(move |state| AdvanceClock::decide(state, &AdvanceClock { seconds }))
        }
        TenantChange::Restore => Box::new(|state| RestoreTenant::decide(state, &RestoreTenant)),
    }
}

fn mail_server(server: ports::MailServer) -> MailServer {
    let ports::MailServer { host, port, security, username, from } = server;
    let security = match security {
        ports::MailSecurity::Tls => MailSecurity::Tls,
        ports::MailSecurity::StartTls => MailSecurity::StartTls,
        ports::MailSecurity::Plain => MailSecurity::Plain,
    };
    MailServer { host, port, security, username, from }
}
