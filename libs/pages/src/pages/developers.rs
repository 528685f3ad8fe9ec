use askama::Template;
use chrono::{DateTime, Utc};

use super::{ClientState, ScopeLine};
use crate::{Frame, Monogram};

/// "Getting started": what to do, in order, with this tenant's own addresses.
#[derive(Clone, Template)]
#[template(path = "developers_start.html")]
pub struct GettingStarted {
    /// What every page shares.
    pub frame: Frame,
    /// The steps.
    pub steps: Vec<GuideStep>,
    /// The client whose id the examples show, by its name; otherwise they show a placeholder.
    pub client_name: Option<String>,
}

/// A step of "Getting started".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuideStep {
    /// What is to be done.
    pub kind: StepKind,
    /// An address or a command.
    pub code: Option<String>,
    /// Where it is done: a path without the base.
    pub path: Option<String>,
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepKind {
    /// Register a client on a page.
    Register,
    /// Ask the tenant for one.
    AskForClient,
    /// Wait for approval.
    Approval,
    /// Send people to the authorize link.
    SendPeople,
    /// Start a flow by a request.
    StartFlow,
    /// Exchange the code.
    Exchange,
    /// Get the client's own token.
    ClientToken,
    /// Call the API.
    CallApi,
    /// Refresh.
    Refresh,
}

/// "Security": what to take care of, with this tenant's numbers.
#[derive(Clone, Template)]
#[template(path = "developers_security.html")]
pub struct SecurityGuide {
    /// What every page shares.
    pub frame: Frame,
    /// Whether people are sent here by links.
    pub links: bool,
    /// Whether every client must send a code challenge.
    pub pkce_required: bool,
    /// How long a code lives, in seconds; absent where there are none.
    pub code_seconds: Option<u32>,
    /// How long an access token lives, in seconds.
    pub access_seconds: u32,
    /// Whether each refresh token works once; absent where there are none.
    pub refresh_rotates: Option<bool>,
    /// Whether tokens must be bound to a key of the client's; absent where they cannot be.
    pub proofs_required: Option<bool>,
    /// The address that ends what was given.
    pub revoke_url: String,
}

/// "OAuth": endpoints, scopes, lifetimes.
#[derive(Clone, Template)]
#[template(path = "developers_oauth.html")]
pub struct OAuthReference {
    /// What every page shares.
    pub frame: Frame,
    /// The issuer identifier.
    pub issuer: String,
    /// The endpoints that this tenant has, with their addresses.
    pub endpoints: Vec<(EndpointName, String)>,
    /// The grant types, as on the wire.
    pub grants: Vec<String>,
    /// How clients authenticate, as in metadata.
    pub client_auth: Vec<String>,
    /// Every scope.
    pub scopes: Vec<ScopeLine>,
    /// How long a code lives, in seconds; absent where there are none.
    pub code_seconds: Option<u32>,
    /// How long an access token lives, in seconds.
    pub access_seconds: u32,
    /// How long a refresh token lives without use, in seconds; `None` within means for ever.
    pub refresh_seconds: Option<Option<u32>>,
}

/// An endpoint's name for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndpointName {
    /// RFC 6749 3.1.
    Authorize,
    /// RFC 9126 2.
    PushedAuthorization,
    /// The start of a flow by a request.
    FlowStart,
    /// RFC 6749 3.2.
    Token,
    /// RFC 7009.
    Revoke,
    /// RFC 7662.
    Introspect,
    /// OpenID Connect Core 5.3.
    Userinfo,
    /// The key set.
    Jwks,
    /// RFC 8414.
    Metadata,
    /// The tenant's API.
    Api,
}

/// "App templates".
#[derive(Clone, Template)]
#[template(path = "developers_templates.html")]
pub struct Templates {
    /// What every page shares.
    pub frame: Frame,
    /// Where a client is made: a path without the base; `?template=` and the id follow.
    pub create_path: String,
    /// What to start from.
    pub templates: Vec<TemplateCard>,
}

/// One template.
#[derive(Clone)]
pub struct TemplateCard {
    /// Names it in addresses.
    pub id: String,
    /// Its name for people.
    pub title: String,
    /// What it is good for.
    pub description: String,
    /// What it asks for.
    pub scopes: Vec<ScopeLine>,
}

/// The developer's dashboard.
#[derive(Clone, Template)]
#[template(path = "developers_dashboard.html")]
pub struct Dashboard {
    /// What every page shares; `signed_in` is expected to be set.
    pub frame: Frame,
    /// Own clients, newest first.
    pub apps: Vec<DashboardApp>,
    /// Where a client is made; `None` where developers make none.
    pub create_path: Option<String>,
}

/// One client of the dashboard.
#[derive(Clone)]
pub struct DashboardApp {
    /// Its name.
    pub name: String,
    /// Its id on the wire.
    pub client_id: String,
    /// Where it stands.
    pub state: ClientState,
    /// How many grants live.
    pub grants: u32,
    /// When it was last given tokens, or its secret was used.
    pub used: Option<DateTime<Utc>>,
    /// Where its own page is: a path without the base.
    pub path: String,
}

impl GuideStep {
    fn title(&self, frame: &Frame) -> &'static str {
        self.texts(frame).0
    }

    fn text(&self, frame: &Frame) -> &'static str {
        self.texts(frame).1
    }

    fn texts(&self, frame: &Frame) -> (&'static str, &'static str) {
        let t = &frame.texts().developers;
        match self.kind {
            StepKind::Register => t.register,
            StepKind::AskForClient => t.ask_for_client,
            StepKind::Approval => t.approval,
            StepKind::SendPeople => t.send_people,
            StepKind::StartFlow => t.start_flow,
            StepKind::Exchange => t.exchange,
            StepKind::ClientToken => t.client_token,
            StepKind::CallApi => t.call_api,
            StepKind::Refresh => t.refresh,
        }
    }
}

impl EndpointName {
    fn label(self, frame: &Frame) -> &'static str {
        let t = &frame.texts().developers;
        match self {
            Self::Authorize => t.authorize,
            Self::PushedAuthorization => t.pushed_authorization,
            Self::FlowStart => t.flow_start,
            Self::Token => t.token,
            Self::Revoke => t.revoke,
            Self::Introspect => t.introspect,
            Self::Userinfo => t.userinfo,
            Self::Jwks => t.jwks,
            Self::Metadata => t.metadata,
            Self::Api => t.api,
        }
    }
}

impl SecurityGuide {
    fn code_life(&self) -> Option<String> {
        let say = self.frame.texts().developers.code_life;
        self.code_seconds.map(|seconds| say(&self.frame.duration(seconds)))
    }

    fn access_life(&self) -> String {
        (self.frame.texts().developers.access_life)(&self.frame.duration(self.access_seconds))
    }
}

impl OAuthReference {
    /// What lives how long.
    fn lifetimes(&self) -> Vec<(&'static str, String)> {
        let t = &self.frame.texts().developers;
        let length = |seconds| self.frame.duration(seconds);
        let code = self.code_seconds.map(|seconds| (t.code, length(seconds)));
        let refresh = self.refresh_seconds.map(|idle| {
            let text = idle.map_or_else(|| t.until_revoked.to_owned(), |seconds| (t.without_use)(&length(seconds)));
            (t.refresh_token, text)
        });
        code.into_iter().chain([(t.access_token, length(self.access_seconds))]).chain(refresh).collect()
    }
}

impl Dashboard {
    fn approved(&self) -> usize {
        self.apps.iter().filter(|app| app.state == ClientState::Approved).count()
    }

    fn waiting(&self) -> usize {
        self.apps.iter().filter(|app| app.state == ClientState::Pending).count()
    }

    fn grants(&self) -> u32 {
        self.apps.iter().map(|app| app.grants).sum()
    }
}

impl DashboardApp {
    fn grants_text(&self, frame: &Frame) -> String {
        (frame.texts().developers.grants_of)(self.grants)
    }

    fn monogram(&self) -> Monogram {
        Monogram::of(&self.name)
    }
}
