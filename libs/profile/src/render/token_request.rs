//! The token request: knobs 7, 17, 18, 19.

use grantor_oauth::{
    ClientAuthMethod, ClientCredentials, CodeVerifier, ErrorCode, GrantType, Params, ProtocolError, client_credentials,
};
use secrecy::SecretString;

use crate::{BodyFormat, Incoming, Profile, RedirectAtToken, Situation};

/// A readable token request; the client is not authenticated yet.
#[derive(Debug, Clone)]
pub struct TokenRequest {
    /// Who the client says it is.
    pub credentials: ClientCredentials,
    /// What it wants.
    pub grant: TokenGrant,
}

/// What a token request redeems. `scope` is raw: see [`Profile::requested_scopes`],
/// [`Profile::client_credentials_scopes`] and [`Profile::refreshed_scopes`].
#[derive(Debug, Clone)]
pub enum TokenGrant {
    /// RFC 6749 4.1.3.
    AuthorizationCode {
        /// The code.
        code: SecretString,
        /// As sent; see [`Profile::check_redirect_at_token`].
        redirect_uri: Option<String>,
        /// The PKCE verifier.
        code_verifier: Option<CodeVerifier>,
    },
    /// RFC 6749 6.
    RefreshToken {
        /// The refresh token.
        refresh_token: SecretString,
        /// As sent.
        scope: Option<String>,
    },
    /// RFC 6749 4.4.2.
    ClientCredentials {
        /// As sent.
        scope: Option<String>,
    },
    /// RFC 6749 4.3.2.
    Password {
        /// The user name.
        username: String,
        /// The password.
        password: SecretString,
        /// As sent.
        scope: Option<String>,
    },
}

impl TokenGrant {
    /// The grant type.
    pub const fn grant_type(&self) -> GrantType {
        match self {
            Self::AuthorizationCode { .. } => GrantType::AuthorizationCode,
            Self::RefreshToken { .. } => GrantType::RefreshToken,
            Self::ClientCredentials { .. } => GrantType::ClientCredentials,
            Self::Password { .. } => GrantType::Password,
        }
    }
}

/// What a `Content-Type` header names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyKind {
    /// `application/x-www-form-urlencoded`.
    Form,
    /// `application/json`.
    Json,
}

impl BodyKind {
    /// Reads the media type; a charset other than UTF-8 is not accepted.
    pub fn of(content_type: Option<&str>) -> Option<Self> {
        let mut parts = content_type?.split(';').map(str::trim);
        let media_type = parts.next().unwrap_or_default().to_ascii_lowercase();
        let foreign = |part: &str| {
            let part = part.to_ascii_lowercase();
            part.strip_prefix("charset=").is_some_and(|charset| charset.trim_matches('"') != "utf-8")
        };
        if parts.any(foreign) {
            return None;
        }
        match media_type.as_str() {
            "application/x-www-form-urlencoded" => Some(Self::Form),
            "application/json" => Some(Self::Json),
            _ => None,
        }
    }
}

impl Profile {
    /// The parameters of a POST to the token, revocation or introspection endpoint (knob 18).
    pub fn body_params(&self, incoming: &Incoming<'_>) -> Result<Params, ProtocolError> {
        let accepts = |format| self.token_request.bodies.contains(&format);
        match BodyKind::of(incoming.content_type) {
            Some(BodyKind::Form) if accepts(BodyFormat::Form) => Ok(Params::parse(incoming.body)?),
            Some(BodyKind::Json) if accepts(BodyFormat::Json) => Ok(Params::parse_json(incoming.body)?),
            None if self.token_request.query_parameters && incoming.body.is_empty() => {
                Ok(Params::parse(incoming.query.unwrap_or_default())?)
            }
            _ => Err(ProtocolError::invalid_request(format!("the content type must be {}", self.content_types()))),
        }
    }

    fn content_types(&self) -> String {
        let name = |format: &BodyFormat| match format {
            BodyFormat::Form => "application/x-www-form-urlencoded",
            BodyFormat::Json => "application/json",
        };
        self.token_request.bodies.iter().map(name).collect::<Vec<_>>().join(" or ")
    }

    /// The client of a request (knob 17): `invalid_client` when there is none or it uses a way
    /// that the tenant does not offer.
    pub fn credentials(&self, incoming: &Incoming<'_>, params: &Params) -> Result<ClientCredentials, ProtocolError> {
        let credentials = client_credentials(incoming.authorization, params)?
            .ok_or_else(|| ErrorCode::InvalidClient.because("the client did not say who it is"))?;
        if !self.token_request.client_auth.contains(&credentials.method) {
            return Err(ErrorCode::InvalidClient.because("this way of client authentication is not offered"));
        }
        Ok(credentials)
    }

    /// Whether clients may sign who they are (knob 17, RFC 7523).
    pub fn takes_assertions(&self) -> bool {
        self.token_request.client_auth.contains(&ClientAuthMethod::PrivateKeyJwt)
    }

    /// Reads a token request. Refusals: `invalid_request` (content type, repeats, missing
    /// parameters), `invalid_client` (no client), `unsupported_grant_type` (knob 19).
    pub fn parse_token_request(&self, incoming: &Incoming<'_>) -> Result<TokenRequest, ProtocolError> {
        let params = self.body_params(incoming)?;
        let name = params.required("grant_type")?;
        let grant_type = GrantType::parse(name)
            .filter(|grant| self.token_request.grants.contains(grant))
            .ok_or_else(|| ErrorCode::UnsupportedGrantType.because("this grant_type is not offered"))?;
        let credentials = self.credentials(incoming, &params)?;
        Ok(TokenRequest { credentials, grant: self.token_grant(grant_type, &params)? })
    }

    fn token_grant(&self, grant_type: GrantType, params: &Params) -> Result<TokenGrant, ProtocolError> {
        let scope = params.get("scope").map(str::to_owned);
        Ok(match grant_type {
            GrantType::AuthorizationCode => {
                let code = params.required("code")?.into();
                if self.token_request.redirect_uri == RedirectAtToken::Required {
                    params.required("redirect_uri")?;
                }
                TokenGrant::AuthorizationCode {
                    code,
                    redirect_uri: params.get("redirect_uri").map(str::to_owned),
                    code_verifier: params.get("code_verifier").map(CodeVerifier::parse).transpose()?,
                }
            }
            GrantType::RefreshToken => {
                TokenGrant::RefreshToken { refresh_token: params.required("refresh_token")?.into(), scope }
            }
            GrantType::ClientCredentials => TokenGrant::ClientCredentials { scope },
            GrantType::Password => TokenGrant::Password {
                username: params.required("username")?.to_owned(),
                password: params.required("password")?.into(),
                scope,
            },
        })
    }

    /// Knob 7: whether the `redirect_uri` of a code's token request fits the authorization
    /// request. `presented` is what the token request sent, `bound` what the code is bound to,
    /// `sent_before` whether the authorization request had sent it, `public` whether the client
    /// has no secret.
    pub fn check_redirect_at_token(
        &self,
        presented: Option<&str>,
        bound: &str,
        sent_before: bool,
        public: bool,
    ) -> Result<(), ProtocolError> {
        let required = match self.token_request.redirect_uri {
            RedirectAtToken::Required => true,
            RedirectAtToken::RequiredIfSent => sent_before,
            RedirectAtToken::Optional => public,
        };
        match presented {
            Some(presented) if presented == bound => Ok(()),
            Some(_) => Err(self.refusal(Situation::OtherRedirectUri, None)),
            None if required => Err(ProtocolError::invalid_request("the parameter 'redirect_uri' is missing")),
            None => Ok(()),
        }
    }
}
