//! Ports that nobody stands behind, for the tests of a service that needs one and never uses it.

mod webhooks;

use std::sync::Arc;

use async_trait::async_trait;
use grantor_eventsourcing::Meta;
use grantor_ids::{AccountId, ClientKey, TenantId, UserId};
use grantor_ports::{
    ClientProof, ClientRefusal, ClientView, DpopCall, GrantSelector, GrantSummary, IdTokenHint, Introspection,
    IntrospectionCaller, IssueCode, KeyRefusal, PortError, RevokeReason, SecretUse, Tokens,
};

pub use webhooks::NoWebhooks;

/// Nobody's token is worth anything here, and none is to be ended.
pub struct NoTokens;

#[async_trait]
impl Tokens for NoTokens {
    async fn authenticate_client(&self, _: TenantId, _: ClientProof) -> Result<Arc<ClientView>, ClientRefusal> {
        Err(ClientRefusal::Wrong)
    }

    async fn prove_key(&self, _: TenantId, _: DpopCall) -> Result<String, KeyRefusal> {
        Err(PortError::Unavailable.into())
    }

    async fn issue_code(&self, _: TenantId, _: IssueCode, _: &Meta) -> Result<String, PortError> {
        Err(PortError::Unavailable)
    }

    async fn revoke(&self, _: TenantId, _: GrantSelector, _: RevokeReason, _: &Meta) -> Result<u32, PortError> {
        Ok(0)
    }

    async fn grants_of(&self, _: TenantId, _: UserId) -> Result<Vec<GrantSummary>, PortError> {
        Ok(Vec::new())
    }

    async fn introspect(&self, _: TenantId, _: &str, _: IntrospectionCaller) -> Result<Introspection, PortError> {
        Ok(Introspection::Inactive)
    }

    async fn read_id_token_hint(&self, _: TenantId, _: &str) -> Result<Option<IdTokenHint>, PortError> {
        Ok(None)
    }

    async fn grants_of_account(&self, _: TenantId, _: AccountId) -> Result<Vec<GrantSummary>, PortError> {
        Ok(Vec::new())
    }

    async fn grants_to(&self, _: TenantId, _: &str) -> Result<Vec<GrantSummary>, PortError> {
        Ok(Vec::new())
    }

    async fn secret_uses(&self, _: TenantId, _: ClientKey) -> Result<Vec<SecretUse>, PortError> {
        Ok(Vec::new())
    }
}
