//! What other services may ask of us.

use std::sync::Arc;

use async_trait::async_trait;
use grantor_eventsourcing::Meta;
use grantor_ids::{AccountId, ClientKey, SessionId, SigningKeyId, TenantId, UserId};
use grantor_jose::{PublicKey, id_token};
use grantor_oauth::{ClientCredentials, ProtocolError};
use grantor_ports::{
    AdminError, ClientProof, ClientRefusal, ClientView, DpopCall, GrantSelector, GrantSummary, HistoryEntry,
    IdTokenHint, Introspection, IntrospectionCaller, IssueCode, KeyRefusal, PortError, Registry, RevokeReason,
    SecretUse, SigningKeyView, TokenAdmin, Tokens,
};
use grantor_store::Write;

use crate::{
    Token,
    commands::Visible,
    dpop::not_committed,
    marks::{self, Subject},
    readmodel::Owner,
    refused::Refused,
};

#[async_trait]
impl Tokens for Token {
    async fn authenticate_client(
        &self,
        tenant: TenantId,
        proof: ClientProof,
    ) -> Result<Arc<ClientView>, ClientRefusal> {
        let ClientProof { client_id, method, secret, address } = proof;
        let credentials = ClientCredentials { client_id, secret, method };
        let tenant = self.copies.tenant(tenant).await?.ok_or(ClientRefusal::Wrong)?;
        self.authenticate(&tenant, address, &credentials).await.map_err(|refused| match refused {
            Refused::Throttled(seconds) | Refused::TooManyGuesses(seconds) => {
                ClientRefusal::Throttled { retry_after: u32::try_from(seconds).unwrap_or(1) }
            }
            Refused::Unavailable => ClientRefusal::Port(PortError::Unavailable),
            Refused::Protocol(_) | Refused::Because(..) => ClientRefusal::Wrong,
        })
    }

    async fn prove_key(&self, tenant: TenantId, call: DpopCall) -> Result<String, KeyRefusal> {
        let of_proof = |error: ProtocolError| KeyRefusal::Proof(error.description().to_owned());
        let proven = self.prove(&call).map_err(of_proof)?;
        let once = Write { rows: vec![proven.row(tenant)], ..Write::default() };
        match self.store.commit(once).await.map_err(not_committed) {
            Ok(_) => Ok(proven.key.as_str().to_owned()),
            Err(Refused::Protocol(error)) => Err(of_proof(error)),
            Err(_) => Err(PortError::Unavailable.into()),
        }
    }

    async fn issue_code(&self, tenant: TenantId, request: IssueCode, meta: &Meta) -> Result<String, PortError> {
        self.open_grant(tenant, request, meta).await
    }

    async fn revoke(
        &self,
        tenant: TenantId,
        which: GrantSelector,
        reason: RevokeReason,
        meta: &Meta,
    ) -> Result<u32, PortError> {
        self.revoke_grants(tenant, which, reason, meta).await
    }

    async fn grants_of(&self, tenant: TenantId, user: UserId) -> Result<Vec<GrantSummary>, PortError> {
        self.live_grants(tenant, Owner::User(user)).await
    }

    async fn grants_of_account(&self, tenant: TenantId, account: AccountId) -> Result<Vec<GrantSummary>, PortError> {
        self.live_grants(tenant, Owner::Account(account)).await
    }

    async fn grants_to(&self, tenant: TenantId, client_id: &str) -> Result<Vec<GrantSummary>, PortError> {
        self.live_grants(tenant, Owner::Client(client_id)).await
    }

    async fn secret_uses(&self, tenant: TenantId, client: ClientKey) -> Result<Vec<SecretUse>, PortError> {
        self.last_secret_uses(tenant, client).await
    }

    async fn introspect(
        &self,
        tenant: TenantId,
        token: &str,
        caller: IntrospectionCaller,
    ) -> Result<Introspection, PortError> {
        let Some(tenant) = self.copies.tenant(tenant).await? else { return Ok(Introspection::Inactive) };
        let visible = match &caller {
            IntrospectionCaller::Client(key) => Visible::Key(*key),
            IntrospectionCaller::Resource(audience) | IntrospectionCaller::Dpop(audience, _) => {
                Visible::Resource(audience)
            }
        };
        let Some(found) = self.inspect(&tenant, token, visible).await? else { return Ok(Introspection::Inactive) };
        let in_hand = match &caller {
            // It asks about what it holds, and no more.
            IntrospectionCaller::Client(_) => Ok(()),
            IntrospectionCaller::Resource(_) => self.in_hand(tenant.id, token, found.claims.key.as_ref(), None),
            IntrospectionCaller::Dpop(_, call) => self.in_hand(tenant.id, token, found.claims.key.as_ref(), Some(call)),
        };
        if let Err(error) = in_hand {
            return Ok(Introspection::Unproven { error: error.code(), why: error.description().to_owned() });
        }
        let session = found.approval.and_then(|approval| approval.session);
        let claims = found.claims;
        Ok(Introspection::Active {
            grant: claims.grant,
            sub: claims.subject(),
            client_id: claims.client_id,
            user: claims.user,
            session,
            scope: claims.scope.iter().map(|scope| scope.as_str().to_owned()).collect(),
            aud: claims.audience,
            iat: claims.issued_at,
            exp: claims.expires_at,
        })
    }

    async fn read_id_token_hint(&self, tenant: TenantId, hint: &str) -> Result<Option<IdTokenHint>, PortError> {
        let Some(tenant) = self.copies.tenant(tenant).await? else { return Ok(None) };
        let keys = self.signing.public_keys(tenant.id).await?;
        let Ok(token) = id_token::verify_hint(keys.iter().map(Arc::<PublicKey>::as_ref), hint, &tenant.issuer) else {
            return Ok(None);
        };
        let grantor_jose::Audience::One(client_id) = token.aud else { return Ok(None) };
        let Ok(user) = token.sub.parse::<UserId>() else { return Ok(None) };
        let session = token.sid.and_then(|sid| sid.parse::<SessionId>().ok());
        Ok(Some(IdTokenHint { user, client_id, session }))
    }
}

#[async_trait]
impl TokenAdmin for Token {
    async fn signing_keys(&self, tenant: TenantId) -> Result<Vec<SigningKeyView>, AdminError> {
        let now = self.clock.real();
        Ok(self.signing.all(tenant).await?.iter().map(|key| key.view(now)).collect())
    }

    async fn signing_key_histories(
        &self,
        tenant: TenantId,
    ) -> Result<Vec<(SigningKeyId, Vec<HistoryEntry>)>, AdminError> {
        let mut histories = Vec::new();
        for key in self.signing.all(tenant).await? {
            let stream = self.store.stream(tenant, key.id.uuid()).await?;
            histories.push((key.id, stream.into_iter().rev().map(HistoryEntry::from).collect()));
        }
        Ok(histories)
    }

    async fn rotate_signing_key(&self, tenant: TenantId, alg: &str, meta: &Meta) -> Result<SigningKeyView, AdminError> {
        self.rotate_key(tenant, alg, meta).await
    }

    async fn revoke_client_grants(&self, tenant: TenantId, client: ClientKey, _: &Meta) -> Result<(), AdminError> {
        Ok(marks::raise(&self.store, tenant, Subject::Client(client)).await?)
    }
}
