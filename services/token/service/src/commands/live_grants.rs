use grantor_ids::TenantId;
use grantor_ports::{GrantSummary, PortError, Registry};
use grantor_token_domain::{Use, grant::Grant};

use crate::{
    Token,
    readmodel::{self, Owner},
    standing::Question,
};

impl Token {
    /// The live grants that somebody gave or has, newest first.
    pub(crate) async fn live_grants(&self, tenant: TenantId, owner: Owner<'_>) -> Result<Vec<GrantSummary>, PortError> {
        let tenant = self.copies.tenant(tenant).await?.ok_or(PortError::Unavailable)?;
        let mut live = Vec::new();
        for item in readmodel::grants_of(&self.store, tenant.id, owner).await? {
            let Grant::Redeemed { approval, at, family, .. } =
                self.store.load::<Grant>(tenant.id, item.id.uuid()).await?.state
            else {
                continue;
            };
            let Some(client) = self.copies.client(tenant.id, &approval.client_id).await? else { continue };
            let question = Question {
                what: Use::Token,
                tenant: &tenant,
                client: &client,
                user: Some(approval.user),
                made: Some((approval.created_at, approval.marks)),
                scope: None,
            };
            if self.permits(&question).await?.is_ok() {
                live.push(GrantSummary {
                    id: item.id,
                    client_id: approval.client_id,
                    account: approval.account,
                    scope: approval.scope.iter().map(|scope| scope.as_str().to_owned()).collect(),
                    created_at: approval.created_at,
                    used_at: family.and_then(|family| family.used_at).unwrap_or(at),
                });
            }
        }
        live.sort_by_key(|grant| std::cmp::Reverse(grant.created_at));
        Ok(live)
    }
}
