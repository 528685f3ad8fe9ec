use grantor_authorization_domain::{Live, Present, Session, Standing, acr_of};
use grantor_eventsourcing::{Actor, Decision, Meta, Timestamp};
use grantor_ids::{SessionId, TenantId, UserId};
use grantor_ports::{PortError, UserState};
use grantor_profile::Profile;
use grantor_store::{CommitError, Loaded, Step, StoreError, not_written};

use crate::{Authorization, publish::SessionCodec, secret::Secret};

/// SHA-256 of a session cookie → its session.
pub(crate) const KIND: &str = "session";

/// A session that holds, asked for with its cookie.
#[derive(Clone, Debug)]
pub(crate) struct SignedIn {
    pub id: SessionId,
    pub user: UserId,
    pub auth_time: Timestamp,
    pub amr: Vec<String>,
    pub cookie: Secret,
}

impl SignedIn {
    /// The token of forms that belong to no visit.
    pub fn csrf(&self) -> String {
        self.cookie.derive("grantor session form", "")
    }

    pub fn present(&self, profile: &Profile) -> Present {
        let acr = acr_of(&self.amr, &profile.oidc.acr_values).map(str::to_owned);
        Present { user: self.user, auth_time: self.auth_time, acr }
    }
}

impl Authorization {
    /// The session behind a cookie, if it holds now. One that holds no more is ended.
    pub(crate) async fn signed_in(
        &self,
        tenant: TenantId,
        profile: &Profile,
        cookie: Secret,
    ) -> Result<Option<SignedIn>, PortError> {
        let row = self.store.row(tenant, KIND, &cookie.digest()).await?;
        let Some(id) = row.and_then(|row| row.aggregate) else { return Ok(None) };
        let loaded = self.store.load::<Session>(tenant, id).await?;
        let Session::Live(live) = loaded.state.clone() else { return Ok(None) };
        let (now, idle) = (self.clock.now(tenant), profile.interaction.session_idle_seconds);
        let standing = self.standing(tenant, live.user).await?;
        if let Err(reason) = live.check(now, idle, standing) {
            self.end_session_of(tenant, &cookie, reason, &Meta::by(Actor::System)).await?;
            return Ok(None);
        }
        if live.needs_note(now, idle) {
            self.note_use(tenant, loaded, now).await?;
        }
        let Live { user, auth_time, amr, .. } = live;
        Ok(Some(SignedIn { id: SessionId::from_uuid(id), user, auth_time, amr, cookie }))
    }

    async fn standing(&self, tenant: TenantId, user: UserId) -> Result<Standing, PortError> {
        Ok(match self.copies.user_status(tenant, user).await? {
            Some(status) if status.state != UserState::Active => Standing::Blocked,
            status => Standing::Active { not_before: status.and_then(|status| status.not_before) },
        })
    }

    /// Notes that a session is in use. Whoever was faster has noted the same.
    async fn note_use(&self, tenant: TenantId, loaded: Loaded<Session>, now: Timestamp) -> Result<(), PortError> {
        let nothing: Decision<_, (), ()> = Decision::accept((), []);
        let step = Step::from(nothing).operational(move |session: &mut Session| {
            if let Session::Live(live) = session {
                live.last_seen = Some(now);
            }
        });
        match self.store.apply::<SessionCodec, _, _>(tenant, loaded, &Meta::by(Actor::System), now, step).await {
            Ok(_) | Err(CommitError::Conflict | CommitError::Store(StoreError::Contended)) => Ok(()),
            Err(cause) => Err(not_written(cause)),
        }
    }
}
