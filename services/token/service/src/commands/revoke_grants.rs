use chrono::TimeDelta;
use grantor_eventsourcing::Meta;
use grantor_ids::{ClientKey, GrantId, SessionId, TenantId};
use grantor_ports::{GrantSelector, PortError, RevokeReason};
use grantor_token_domain::grant::{EndReason, NotLive, Revoke, revoke};

use grantor_store::{OnTaken, RowChange, RowKey, Write, not_written};

use super::ENDED_SESSION;
use crate::{
    Token,
    marks::{self, Subject},
    publish::GrantCodec,
    readmodel::{self, Listed, Owner},
};

/// No profile's codes live longer.
const LONGEST_CODE: TimeDelta = TimeDelta::hours(1);

const fn reason_of(reason: RevokeReason) -> EndReason {
    match reason {
        RevokeReason::Api => EndReason::Api,
        RevokeReason::AccountHolder => EndReason::AccountHolder,
        RevokeReason::Platform => EndReason::Platform,
        RevokeReason::Operator => EndReason::Operator,
        RevokeReason::CodeReplayed => EndReason::CodeReplayed,
        RevokeReason::RefreshReused => EndReason::RefreshReused,
        RevokeReason::UserChanged => EndReason::UserChanged,
        RevokeReason::ConsentWithdrawn => EndReason::ConsentWithdrawn,
    }
}

impl Token {
    /// Ends grants. The not-before row is durable first and ends them all at once; each listed
    /// grant then gets its own event, so that partners hear of it.
    pub(crate) async fn revoke_grants(
        &self,
        tenant: TenantId,
        which: GrantSelector,
        reason: RevokeReason,
        meta: &Meta,
    ) -> Result<u32, PortError> {
        let (user, client) = match which {
            GrantSelector::Grant(grant) => {
                return Ok(u32::from(self.end_grant(tenant, grant, None, reason, meta).await?));
            }
            GrantSelector::Session(session) => return self.end_codes_of(tenant, session).await.map(|()| 0),
            GrantSelector::User(user) => (user, None),
            GrantSelector::UserAndClient(user, client) => (user, Some(client)),
        };
        let subject = client.map_or(Subject::User(user), |client| Subject::UserAndClient(user, client));
        marks::raise(&self.store, tenant, subject).await?;
        let listed: Vec<Listed> = readmodel::grants_of(&self.store, tenant, Owner::User(user)).await?;
        let mut ended = 0;
        for item in listed {
            ended += u32::from(self.end_grant(tenant, item.id, client, reason, meta).await?);
        }
        Ok(ended)
    }

    /// The codes of a session are worth nothing any more. What was redeemed outlives the session
    /// it was given in: what is offline by its scope, the rest by its short lifetime.
    async fn end_codes_of(&self, tenant: TenantId, session: SessionId) -> Result<(), PortError> {
        let mark = RowChange::Insert {
            key: RowKey::new(tenant, ENDED_SESSION, session.uuid().as_bytes().as_slice()),
            aggregate: None,
            data: Vec::new(),
            expires_at: Some(self.clock.real() + LONGEST_CODE),
            on_taken: OnTaken::Keep,
        };
        self.store.commit(Write { rows: vec![mark], ..Write::default() }).await.map(drop).map_err(not_written)
    }

    async fn end_grant(
        &self,
        tenant: TenantId,
        grant: GrantId,
        client: Option<ClientKey>,
        reason: RevokeReason,
        meta: &Meta,
    ) -> Result<bool, PortError> {
        let now = self.clock.now(tenant);
        let command = Revoke { client, reason: reason_of(reason), now };
        let done = self
            .store
            .execute::<GrantCodec, (), NotLive>(tenant, grant.uuid(), meta, now, |loaded| {
                revoke(&loaded.state, &command).into()
            })
            .await
            .map_err(not_written)?;
        Ok(done.outcome.is_ok())
    }
}
