use grantor_eventsourcing::{Meta, Timestamp};
use grantor_ids::{TenantId, UserId};
use grantor_keyring::{TenantKeys, not_read};
use grantor_ports::{AdminError, EntropyExt, Invitation, PortError, StaffRole, TenantChange, TenantView};
use grantor_registry_domain::tenant::{InviteMember, Refusal, SetMember, Tenant, Verdict, WithdrawInvitation};
use grantor_store::{CommitError, Done, OnTaken, Row, RowChange, RowKey, Step, StoreError, Write};
use serde::{Deserialize, Serialize};

use super::{create_tenant::refused, hex};
use crate::{
    Registry,
    facts::{self, Circumstances},
    publish::TenantCodec,
    rows::INVITATION,
    views::domain_role,
};

/// An invitation ends after this.
const LIFETIME: chrono::TimeDelta = chrono::TimeDelta::days(7);

/// Who was invited as what. Sealed: an address is personal.
#[derive(Serialize, Deserialize)]
struct Invited {
    email: String,
    role: StaffRole,
}

/// An invitation that nobody has used yet.
pub(crate) struct OpenInvitation {
    /// SHA-256 of its code, in hexadecimal: names it, and is no use to whoever sees it.
    pub id: String,
    /// Whom it was sent to.
    pub email: String,
    /// As what.
    pub role: StaffRole,
    /// Until when it is good, real time.
    pub ends: Option<Timestamp>,
}

impl Registry {
    /// What somebody may do for the tenant, as it is now.
    pub(crate) async fn role_of(&self, tenant: TenantId, user: UserId) -> Result<Option<StaffRole>, StoreError> {
        let view = self.tenant_now(tenant).await?;
        Ok(view.and_then(|view| view.team.get(&user).copied()))
    }

    /// Another role for a member, or none; the team keeps an owner.
    pub(crate) async fn change_member(
        &self,
        tenant: TenantId,
        user: UserId,
        role: Option<StaffRole>,
        meta: &Meta,
    ) -> Result<(), AdminError> {
        let change = TenantChange::Member { user, role, by_team: true };
        self.alter_tenant(tenant, change, meta).await.map(drop)
    }

    /// Sends somebody a code to join with.
    pub(crate) async fn invite(
        &self,
        tenant: &TenantView,
        email: &str,
        role: StaffRole,
        locale: &str,
        meta: &Meta,
    ) -> Result<(), AdminError> {
        let code = hex(&self.entropy.bytes::<16>());
        let digest = grantor_crypto::sha256(&code);
        let invited = Invited { email: email.trim().to_owned(), role };
        let plain = serde_json::to_vec(&invited).map_err(not_read(INVITATION))?;
        let row = (digest.to_vec(), self.keys.of(tenant.id).await?.seal(INVITATION, &digest, &plain));
        let ends = self.clock.real() + LIFETIME;
        let keep = || RowChange::Insert {
            key: RowKey::new(tenant.id, INVITATION, row.0.clone()),
            aggregate: Some(tenant.id.uuid()),
            data: row.1.clone(),
            expires_at: Some(ends),
            on_taken: OnTaken::Refuse,
        };
        let command = InviteMember { role: domain_role(role) };
        self.on_team(tenant.id, meta, keep, |state| InviteMember::decide(state, &command)).await?;
        let locale = locale.to_owned();
        let invitation = Invitation { email: invited.email, code: code.into(), locale };
        let sent = self.directory.invite(tenant.id, invitation, meta).await;
        if sent.is_err() {
            // Nobody knows its code.
            let gone = RowChange::Delete { key: RowKey::new(tenant.id, INVITATION, row.0), expected: None };
            drop(self.store.commit(Write { rows: vec![gone], ..Write::default() }).await);
        }
        sent
    }

    /// The invitations that are still good, the newest first.
    pub(crate) async fn open_invitations(&self, tenant: TenantId) -> Result<Vec<OpenInvitation>, AdminError> {
        let keys = self.keys.of(tenant).await?;
        let mut rows = self.store.rows(tenant, INVITATION).await?;
        rows.sort_by_key(|row| std::cmp::Reverse(row.expires_at));
        let open = rows.iter().map(|row| {
            let invited = opened(&keys, row)?;
            Ok(OpenInvitation { id: hex(&row.key), email: invited.email, role: invited.role, ends: row.expires_at })
        });
        open.collect()
    }

    /// Makes an invitation worth nothing.
    pub(crate) async fn withdraw_invitation(&self, tenant: TenantId, id: &str, meta: &Meta) -> Result<(), AdminError> {
        let rows = self.store.rows(tenant, INVITATION).await?;
        let row = rows.iter().find(|row| hex(&row.key) == id).ok_or(AdminError::NotFound("invitation"))?;
        let invited = opened(self.keys.of(tenant).await?.as_ref(), row)?;
        let used = || RowChange::Delete {
            key: RowKey::new(tenant, INVITATION, row.key.clone()),
            expected: Some(row.revision),
        };
        let command = WithdrawInvitation { role: domain_role(invited.role) };
        self.on_team(tenant, meta, used, |state| WithdrawInvitation::decide(state, &command)).await
    }

    /// Joins with a code that was sent to this address; `false` for any other.
    pub(crate) async fn join(
        &self,
        tenant: TenantId,
        code: &str,
        user: UserId,
        email: &str,
        meta: &Meta,
    ) -> Result<bool, AdminError> {
        // As people copy it from a mail: with spaces or hyphens.
        let code: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
        let digest = grantor_crypto::sha256(code.to_ascii_lowercase());
        let Some(row) = self.store.row(tenant, INVITATION, &digest).await? else { return Ok(false) };
        let invited = opened(self.keys.of(tenant).await?.as_ref(), &row)?;
        if !invited.email.eq_ignore_ascii_case(email) {
            return Ok(false);
        }
        let used = || RowChange::Delete { key: RowKey::new(tenant, INVITATION, digest), expected: Some(row.revision) };
        let command = SetMember { user, role: Some(domain_role(invited.role)), by_team: true };
        self.on_team(tenant, meta, used, |state| SetMember::decide(state, &command)).await?;
        Ok(true)
    }

    async fn on_team(
        &self,
        id: TenantId,
        meta: &Meta,
        row: impl Fn() -> RowChange + Send + Sync,
        decide: impl Fn(&Tenant) -> Verdict + Send + Sync,
    ) -> Result<(), AdminError> {
        let now = self.clock.now(id);
        let done: Result<Done<_, Refusal, Tenant>, CommitError> = self
            .store
            .execute::<TenantCodec, _, _>(id, id.uuid(), meta, now, |loaded| {
                let verdict = decide(&loaded.state);
                let facts = facts::of_tenant(&self.store, id, loaded, &verdict.events, Circumstances { meta, now });
                let rows = verdict.outcome.is_ok().then(&row);
                Step::from(verdict).facts(facts).rows(rows)
            })
            .await;
        let done = done.map_err(|error| match error {
            CommitError::Store(error) => AdminError::from(error),
            CommitError::Conflict | CommitError::Taken(_) => AdminError::Port(PortError::Busy),
        })?;
        done.outcome.map(drop).map_err(refused)
    }
}

fn opened(keys: &TenantKeys, row: &Row) -> Result<Invited, AdminError> {
    let plain = keys.open(INVITATION, &row.key, &row.data)?;
    serde_json::from_slice(&plain).map_err(not_read(INVITATION)).map_err(AdminError::from)
}
