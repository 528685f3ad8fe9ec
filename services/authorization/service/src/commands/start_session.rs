use chrono::TimeDelta;
use grantor_authorization_domain::{EndReason, StartSession, start_session};
use grantor_eventsourcing::Actor;
use grantor_ids::SessionId;
use grantor_ports::{EntropyExt, Login, PortError};
use grantor_store::{OnTaken, RowChange, RowKey, Step, not_written};
use grantor_web::Call;

use crate::{
    Authorization,
    cookies::{self, Jar},
    publish::SessionCodec,
    secret::Secret,
    session::KIND,
};

/// A session that has just begun, and the cookie that leads to it.
pub(crate) struct NewSession {
    pub id: SessionId,
    pub cookie: Secret,
}

impl Authorization {
    /// A login: always a new session with a new cookie; the browser's earlier one ends (C25).
    pub(crate) async fn start_session(&self, call: &Call, login: Login) -> Result<NewSession, PortError> {
        let (tenant, knobs) = (call.tenant.id, &call.tenant.profile.interaction);
        let (now, real) = (self.clock.now(tenant), self.clock.real());
        let id: SessionId = self.entropy.id(real);
        let cookie = Secret::fresh(self.entropy.as_ref());
        let meta = call.meta(Actor::User(login.user));
        let command =
            StartSession { user: login.user, amr: login.amr, now, absolute_seconds: knobs.session_absolute_seconds };
        let key = cookie.digest();
        let lasts = TimeDelta::seconds(knobs.session_absolute_seconds.into());
        let done = self.store.execute::<SessionCodec, _, _>(tenant, id.uuid(), &meta, now, |loaded| {
            Step::from(start_session(&loaded.state, &command)).rows([RowChange::Insert {
                key: RowKey::new(tenant, KIND, key),
                aggregate: Some(id.uuid()),
                data: Vec::new(),
                expires_at: Some(real + lasts),
                on_taken: OnTaken::Refuse,
            }])
        });
        done.await.map_err(not_written)?;
        if let Some(old) = cookies::read(call, Jar::Session) {
            self.end_session_of(tenant, &old, EndReason::Replaced, &meta).await?;
        }
        Ok(NewSession { id, cookie })
    }
}
