//! Access tokens: [`Token::mint`] (claims to string) and [`Token::resolve`] (string to claims).
//! Nothing outside this module knows what a token is made of.
//!
//! The profile chooses between three forms: the **handle**, a random string of its own shape
//! whose hash leads to a row; the **sealed** token, encrypted claims without a row; and the
//! **JWT** of RFC 9068, signed claims without a row, which resource servers can read themselves.
//! All three lead to their grant, whose state decides what they are worth. A string is resolved
//! by its looks and not by the profile, so that what was issued outlives a change of form.

mod handle;
mod jwt;
mod sealed;

use futures_util::future::try_join;
use grantor_eventsourcing::{Meta, Timestamp};
use grantor_ids::{ClientKey, GrantId, TenantId, UserId};
use grantor_oauth::{ScopeSet, Thumbprint};
use grantor_ports::{ClientView, PortError, TenantView};
use grantor_profile::{AccessTokenFormat, Alphabet, Shape};
use grantor_store::{OnTaken, RowChange, RowKey};
use grantor_token_domain::grant::Grant;

use crate::Token;

/// Row kind: id of a token without a row that was given back → nothing.
const GIVEN_BACK: &str = "access_token_off";
/// Longer strings are no tokens of ours, and none is issued.
const MAX_BYTES: usize = 2048;
/// The handle of a token that would be too long in its profile's form.
const PLAIN: Shape = Shape::random(Alphabet::Base64url, 43);

/// What an access token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TokenClaims {
    /// The grant it hangs from; `None` for a client's own token.
    pub grant: Option<GrantId>,
    pub client: ClientKey,
    pub client_id: String,
    pub user: Option<UserId>,
    pub scope: ScopeSet,
    pub audience: String,
    pub issued_at: Timestamp,
    pub expires_at: Timestamp,
    /// When the user authenticated, where a JWT is to say so; not kept in other forms.
    pub auth_time: Option<Timestamp>,
    /// The tenant's mark when it was made; a grant has its own.
    pub tenant_mark: u64,
    /// The key that it is bound to (RFC 9449 6).
    pub key: Option<Thumbprint>,
}

impl TokenClaims {
    /// Whether only a revocation ends it.
    pub fn never_ends(&self) -> bool {
        self.expires_at == Timestamp::MAX_UTC
    }

    /// The subject: the user, or the client itself.
    pub fn subject(&self) -> String {
        self.user.map_or_else(|| self.client_id.clone(), |user| user.to_string())
    }
}

/// A token that was made.
pub(crate) struct Minted {
    /// What goes to the client.
    pub token: String,
    /// What has to be stored for it, where its form wants a row: without it the token is worth
    /// nothing.
    pub row: Option<RowChange>,
}

/// What a string said.
pub(crate) struct Resolved {
    /// Its claims; not whether they still hold.
    pub claims: TokenClaims,
    /// Its grant as it is now.
    pub grant: Option<Grant>,
    /// What makes it worth nothing.
    pub forget: RowChange,
}

impl Token {
    /// Makes a token of the profile's form.
    pub(crate) async fn mint(
        &self,
        tenant: &TenantView,
        client: &ClientView,
        claims: &TokenClaims,
        meta: &Meta,
    ) -> Result<Minted, PortError> {
        let rowless = match &tenant.profile.access_tokens.format {
            AccessTokenFormat::Handle { shape } => return Ok(self.mint_handle(shape, tenant.id, claims)),
            // Nobody could take back by itself what says nothing of its end.
            _ if claims.never_ends() => return Ok(self.mint_handle(&PLAIN, tenant.id, claims)),
            AccessTokenFormat::Sealed {} => {
                let secrets = self.secrets.of(tenant.id).await?;
                sealed::mint(secrets.data(), self.entropy.as_ref(), tenant.id, claims)
            }
            AccessTokenFormat::Jwt {} => {
                let signer = self.signer(tenant, client, meta).await?;
                let ahead = self.clock.ahead(tenant.id);
                jwt::mint(&signer, self.entropy.as_ref(), &tenant.issuer, claims, ahead)?
            }
        };
        if rowless.len() > MAX_BYTES {
            return Ok(self.mint_handle(&PLAIN, tenant.id, claims));
        }
        Ok(Minted { token: rowless, row: None })
    }

    fn mint_handle(&self, shape: &Shape, tenant: TenantId, claims: &TokenClaims) -> Minted {
        let token = shape.generate(|buffer| self.entropy.fill(buffer));
        let row = Some(handle::row(tenant, &token, claims, self.clock.real()));
        Minted { token, row }
    }

    /// What a string says, if it is a token of this tenant, and its grant as it is now.
    pub(crate) async fn resolve(&self, tenant: &TenantView, token: &str) -> Result<Option<Resolved>, PortError> {
        if token.len() > MAX_BYTES {
            return Ok(None);
        }
        let read = match (jwt::looks_like_one(token), sealed::looks_like_one(token)) {
            (true, _) => {
                let keys = self.signing.public_keys(tenant.id).await?;
                jwt::read(&keys, token, &tenant.issuer)
            }
            (_, true) => sealed::read(self.secrets.of(tenant.id).await?.data(), tenant.id, token),
            _ => None,
        };
        let Some(Rowless { id, claims }) = read else {
            return Ok(handle::resolve(&self.store, tenant.id, token).await?);
        };
        let loaded = async {
            match claims.grant {
                Some(grant) => Ok(Some(self.store.load::<Grant>(tenant.id, grant.uuid()).await?.state)),
                None => Ok(None),
            }
        };
        // Asked for together, they share a read.
        let (given_back, grant) = try_join(self.store.row(tenant.id, GIVEN_BACK, &id), loaded).await?;
        if given_back.is_some() {
            return Ok(None);
        }
        let forget = RowChange::Insert {
            key: RowKey::new(tenant.id, GIVEN_BACK, id),
            aggregate: None,
            data: Vec::new(),
            expires_at: Some(self.clock.real() + (claims.expires_at - claims.issued_at)),
            on_taken: OnTaken::Keep,
        };
        Ok(Some(Resolved { claims, grant, forget }))
    }
}

/// The content of a token without a row.
struct Rowless {
    /// Names this one token.
    id: [u8; 16],
    claims: TokenClaims,
}
