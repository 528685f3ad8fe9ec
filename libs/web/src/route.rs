use std::sync::Arc;

use futures_util::future::BoxFuture;
use grantor_ports::AuthorityRole;
use grantor_profile::{Endpoint, Profile, UsersHost};

use crate::{Answer, Call, Method, Request};

/// What answers a call.
pub type Handler = Arc<dyn Fn(Call) -> BoxFuture<'static, Answer> + Send + Sync>;

/// What answers a request on the admin listener.
pub type AdminHandler = Arc<dyn Fn(Request) -> BoxFuture<'static, Answer> + Send + Sync>;

/// Wraps an async function.
pub fn handler<F, A>(function: F) -> Handler
where
    F: Fn(Call) -> A + Send + Sync + 'static,
    A: Future<Output = Answer> + Send + 'static,
{
    Arc::new(move |call| Box::pin(function(call)))
}

/// Wraps an async function of the admin listener.
pub fn admin_handler<F, A>(function: F) -> AdminHandler
where
    F: Fn(Request) -> A + Send + Sync + 'static,
    A: Future<Output = Answer> + Send + 'static,
{
    Arc::new(move |request| Box::pin(function(request)))
}

/// Where a route is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PathSpec {
    /// Always here.
    Fixed(&'static str),
    /// Here, with parts that vary: `/interaction/{id}/login`.
    Pattern(&'static str),
    /// Where the tenant's profile says.
    Profile(Endpoint),
    /// Below where the tenant's profile says, with parts that vary: `/verify/{id}`.
    Below(Endpoint, &'static str),
}

/// On which of a tenant's authorities a route is, as the router sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// On this one.
    On(AuthorityRole),
    /// Where the tenant's profile has the directory API (knob 1).
    Users,
}

impl Place {
    /// What it comes to for a tenant.
    pub(crate) fn role(self, profile: Option<&Profile>) -> AuthorityRole {
        match self {
            Self::On(role) => role,
            Self::Users => match profile.map(Profile::users_host) {
                Some(UsersHost::Api) => AuthorityRole::Api,
                Some(UsersHost::Identity) | None => AuthorityRole::Identity,
            },
        }
    }
}

/// Whose other origins may read the answer, if the profile lets them (C17).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CorsClass {
    /// Token, revocation, userinfo.
    Token,
    /// Discovery, keys.
    Metadata,
}

/// One endpoint of a tenant.
#[derive(Clone)]
pub struct Route {
    /// Which service it belongs to; a metric label.
    pub service: &'static str,
    /// Names it in metrics, logs and the isolation list.
    pub name: &'static str,
    /// Where it is.
    pub at: PathSpec,
    /// What it answers; `GET` answers `HEAD` too.
    pub methods: &'static [Method],
    /// On which of the tenant's authorities, unless it is with the users.
    pub role: AuthorityRole,
    /// Whether it is where the tenant's profile has the directory API instead (knob 1).
    pub with_users: bool,
    /// Also on the widget's.
    pub shared: bool,
    /// Which other origins may read it.
    pub cors: Option<CorsClass>,
    /// What answers.
    pub handler: Handler,
}

impl Route {
    /// A route on the identity authority, closed to other origins.
    pub fn new(
        service: &'static str,
        name: &'static str,
        methods: &'static [Method],
        at: PathSpec,
        handler: Handler,
    ) -> Self {
        Self {
            service,
            name,
            at,
            methods,
            role: AuthorityRole::Identity,
            with_users: false,
            shared: false,
            cors: None,
            handler,
        }
    }

    /// On the tenant's API authority instead.
    pub fn on_api(mut self) -> Self {
        self.role = AuthorityRole::Api;
        self
    }

    /// Where the tenant's profile has the directory API.
    pub fn with_users(mut self) -> Self {
        self.with_users = true;
        self
    }

    pub(crate) const fn place(&self) -> Place {
        if self.with_users { Place::Users } else { Place::On(self.role) }
    }

    /// On the tenant's widget authority instead.
    pub fn on_widget(mut self) -> Self {
        self.role = AuthorityRole::Widget;
        self
    }

    /// On the widget's authority as well: what every page loads.
    pub fn shared(mut self) -> Self {
        self.shared = true;
        self
    }

    /// Open to other origins where the profile says so.
    pub fn cors(mut self, class: CorsClass) -> Self {
        self.cors = Some(class);
        self
    }
}

/// One endpoint of the admin listener.
#[derive(Clone)]
pub struct AdminRoute {
    /// Names it in metrics and logs.
    pub name: &'static str,
    /// Where it is; fixed or a pattern.
    pub at: PathSpec,
    /// What it answers; `GET` answers `HEAD` too.
    pub methods: &'static [Method],
    /// What answers.
    pub handler: AdminHandler,
}
