use grantor_authorization_domain::{EndReason, EndSession, end_session};
use grantor_eventsourcing::Meta;
use grantor_ids::TenantId;
use grantor_ports::PortError;
use grantor_store::{RowChange, RowKey, Step, not_written};

use crate::{Authorization, publish::SessionCodec, secret::Secret, session::KIND};

impl Authorization {
    /// Ends the session behind a cookie, if there is one: its event and its row in one commit.
    pub(crate) async fn end_session_of(
        &self,
        tenant: TenantId,
        cookie: &Secret,
        reason: EndReason,
        meta: &Meta,
    ) -> Result<(), PortError> {
        let row = self.store.row(tenant, KIND, &cookie.digest()).await?;
        let Some(id) = row.and_then(|row| row.aggregate) else { return Ok(()) };
        let (now, key) = (self.clock.now(tenant), cookie.digest());
        let done = self.store.execute::<SessionCodec, _, _>(tenant, id, meta, now, |loaded| {
            Step::from(end_session(&loaded.state, &EndSession { reason }))
                .rows([RowChange::Delete { key: RowKey::new(tenant, KIND, key), expected: None }])
        });
        done.await.map(drop).map_err(not_written)
    }
}
