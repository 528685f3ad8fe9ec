//! The authorization request, in two steps: [`Profile::begin_authorize`] finds out which client
//! it is about, [`Profile::complete_authorize`] reads the rest once the client is known. Until
//! the redirect URI is found among the client's own, every refusal is a page (C2).

use grantor_oauth::{
    ClaimsRequest, CodeChallenge, Display, ErrorCode, GrantType, MaxAge, Params, Prompts, ProtocolError, RedirectUri,
    ResponseMode, ScopeSet, Thumbprint,
};
use serde::{Deserialize, Serialize};

use crate::{Profile, RedirectAtAuthorize};

/// A refusal that is shown to the person on a page, never redirected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum PageRefusal {
    /// The query or body cannot be read.
    #[error("The link to this page is damaged.")]
    Malformed,
    /// `client_id` is missing or repeated.
    #[error("The link to this page does not say which application it belongs to.")]
    NoClientId,
    /// No such client; for the service to say.
    #[error("This application is not known here.")]
    UnknownClient,
    /// The client is not approved or is suspended; for the service to say.
    #[error("This application may not be used at the moment.")]
    ClientNotActive,
    /// `redirect_uri` is missing and there is no default, or it is repeated.
    #[error("The link to this page does not say where to return to.")]
    NoRedirectUri,
    /// `redirect_uri` is not one of the client's.
    #[error("The application asked to return to an address that is not registered.")]
    OtherRedirectUri,
}

impl PageRefusal {
    /// The OAuth code that says the same, for logs and machines.
    pub const fn code(self) -> ErrorCode {
        match self {
            Self::UnknownClient => ErrorCode::InvalidClient,
            Self::ClientNotActive => ErrorCode::UnauthorizedClient,
            _ => ErrorCode::InvalidRequest,
        }
    }
}

/// An authorization request whose client is not known yet.
#[derive(Debug, Clone)]
pub struct AuthorizeStart {
    /// The claimed client.
    pub client_id: String,
    /// The redirect URI as it was sent.
    pub redirect_uri: Option<String>,
    /// The client has pushed it.
    pub(super) pushed: bool,
    pub(crate) params: Params,
}

/// What the rules must know about the client.
#[derive(Debug, Clone, Copy)]
pub struct ClientPolicy<'a> {
    /// The registered redirect URIs.
    pub redirect_uris: &'a [RedirectUri],
    /// The one that stands in when none is sent; only some profiles use it.
    pub default_redirect_uri: Option<&'a RedirectUri>,
    /// The scopes the client may ask for.
    pub scopes: &'a ScopeSet,
    /// The grants the client may use.
    pub grants: &'a [GrantType],
    /// The client has no secret.
    pub public: bool,
    /// The client is a native application.
    pub native: bool,
}

/// Where and how the answer goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Return {
    /// The trusted redirect URI.
    pub redirect_uri: RedirectUri,
    /// Whether the request carried it; decides whether the token request must (knob 7).
    pub redirect_uri_sent: bool,
    /// `state`, to be echoed unchanged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Query or form post.
    pub mode: ResponseMode,
}

/// A readable, allowed authorization request. It is stored with the interaction; it holds no
/// secret, but `login_hint` may be personal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AuthorizeRequest {
    /// The client.
    pub client_id: String,
    /// Where the answer goes.
    pub back: Return,
    /// The scopes that consent is asked for.
    pub scopes: ScopeSet,
    /// The scopes that `scope` named; absent when it was not sent, and then `scopes` is what its
    /// absence means.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope_asked: Option<ScopeSet>,
    /// The OpenID Connect nonce.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// The PKCE challenge that will bind the code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_challenge: Option<CodeChallenge>,
    /// `dpop_jkt`: the key that the code will be bound to (RFC 9449 10).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dpop_jkt: Option<Thumbprint>,
    /// `prompt`.
    #[serde(default)]
    pub prompts: Prompts,
    /// `max_age`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_age: Option<MaxAge>,
    /// `display`.
    #[serde(default)]
    pub display: Display,
    /// `acr_values` in order of preference.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub acr_values: Vec<String>,
    /// `ui_locales` in order of preference.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ui_locales: Vec<String>,
    /// `claims`, without claims that no scope of this client could bring.
    #[serde(default, skip_serializing_if = "ClaimsRequest::is_empty")]
    pub claims: ClaimsRequest,
    /// `login_hint`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login_hint: Option<String>,
    /// `id_token_hint`, unchecked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_token_hint: Option<String>,
}

impl AuthorizeRequest {
    /// Whether nothing protects this request against forgery: no `state`, no PKCE, no nonce. Where
    /// a profile lets that pass, it is reported.
    pub fn is_unprotected(&self) -> bool {
        self.back.state.is_none() && self.code_challenge.is_none() && self.nonce.is_none()
    }
}

/// Why an authorization request is refused, and whether the client may hear of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuthorizeRefusal {
    /// A page.
    Page(PageRefusal),
    /// A return to the client; boxed because it is large.
    Return(Box<Return>, ProtocolError),
}

impl From<PageRefusal> for AuthorizeRefusal {
    fn from(refusal: PageRefusal) -> Self {
        Self::Page(refusal)
    }
}

impl Profile {
    /// Step 1, from the raw query of a GET or the form body of a POST: which client, and which
    /// redirect URI.
    pub fn begin_authorize(&self, raw: impl AsRef<[u8]>) -> Result<AuthorizeStart, PageRefusal> {
        let params = Params::parse_noting_repeats(raw).map_err(|_| PageRefusal::Malformed)?;
        if params.repeated().iter().any(|name| name == "redirect_uri") {
            return Err(PageRefusal::NoRedirectUri);
        }
        let client_id = params.get("client_id").ok_or(PageRefusal::NoClientId)?.to_owned();
        self.start(client_id, params, false)
    }

    pub(super) fn start(&self, client_id: String, params: Params, pushed: bool) -> Result<AuthorizeStart, PageRefusal> {
        let redirect_uri = params.get("redirect_uri").map(str::to_owned);
        if redirect_uri.is_none() && self.authorize.redirect_uri == RedirectAtAuthorize::Required {
            return Err(PageRefusal::NoRedirectUri);
        }
        Ok(AuthorizeStart { client_id, redirect_uri, pushed, params })
    }

    /// Step 2, with the client: everything else. Refusals after the redirect URI is trusted
    /// carry `state` and the response mode.
    pub fn complete_authorize(
        &self,
        start: AuthorizeStart,
        client: &ClientPolicy<'_>,
    ) -> Result<AuthorizeRequest, AuthorizeRefusal> {
        let mut back = self.way_back(&start, client)?;
        match self.mode(&start.params) {
            Ok(mode) => back.mode = mode,
            Err(error) => return Err(AuthorizeRefusal::Return(Box::new(back), error)),
        }
        self.read_request(&start, &back, client).map_err(|error| AuthorizeRefusal::Return(Box::new(back), error))
    }

    fn way_back(&self, start: &AuthorizeStart, client: &ClientPolicy<'_>) -> Result<Return, PageRefusal> {
        let free_port = client.native && self.authorize.loopback_port_free;
        let redirect_uri = match (&start.redirect_uri, client.default_redirect_uri) {
            (Some(sent), _) => {
                RedirectUri::pick(client.redirect_uris, sent, free_port).ok_or(PageRefusal::OtherRedirectUri)?
            }
            (None, Some(default)) => default.clone(),
            (None, None) => return Err(PageRefusal::NoRedirectUri),
        };
        Ok(Return {
            redirect_uri,
            redirect_uri_sent: start.redirect_uri.is_some(),
            state: start.params.get("state").map(str::to_owned),
            mode: ResponseMode::Query,
        })
    }

    fn mode(&self, params: &Params) -> Result<ResponseMode, ProtocolError> {
        match ResponseMode::parse(params.get("response_mode"))? {
            ResponseMode::FormPost if !self.authorize.form_post => {
                Err(ProtocolError::invalid_request("response_mode is not supported"))
            }
            mode => Ok(mode),
        }
    }

    fn read_request(
        &self,
        start: &AuthorizeStart,
        back: &Return,
        client: &ClientPolicy<'_>,
    ) -> Result<AuthorizeRequest, ProtocolError> {
        let params = &start.params;
        self.refuse_repeats(params)?;
        self.refuse_other_ways(params)?;
        if self.authorize.pushed_only && !start.pushed {
            return Err(ProtocolError::invalid_request("the request has to be pushed first (RFC 9126)"));
        }
        self.check_response_type(params, client)?;
        let code_challenge = self.code_challenge(params, client)?;
        self.check_state(back.state.is_some(), code_challenge.is_some())?;
        let claims = self.claims_parameter(params, client)?;
        Ok(AuthorizeRequest {
            client_id: start.client_id.clone(),
            back: back.clone(),
            scopes: self.requested_scopes(params.get("scope"), client.scopes)?,
            scope_asked: params.get("scope").and_then(|asked| self.read_scopes(asked).ok()),
            nonce: self.nonce(params)?,
            code_challenge,
            dpop_jkt: self.dpop_jkt(params)?,
            prompts: Prompts::parse(params.get("prompt"))?,
            max_age: MaxAge::parse(params.get("max_age"))?,
            display: Display::parse(params.get("display"))?,
            acr_values: grantor_oauth::word_list(params.get("acr_values")),
            ui_locales: grantor_oauth::word_list(params.get("ui_locales")),
            claims,
            login_hint: params.get("login_hint").map(str::to_owned),
            id_token_hint: params.get("id_token_hint").map(str::to_owned),
        })
    }
}
