use askama::Template;

use crate::Frame;

/// A page that says, in one fixed sentence, why something cannot go on. Nothing of the request
/// is shown.
#[derive(Clone, Template)]
#[template(path = "error.html")]
pub struct ErrorPage {
    /// What every page shares. Without a tenant, its name is the deployment's.
    pub frame: Frame,
    /// What went wrong.
    pub kind: PageError,
    /// The reference under which support finds the log line; empty hides it.
    pub reference: String,
}

/// What can end a person's way on an error page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageError {
    /// No such client at this tenant.
    UnknownClient,
    /// The client is a draft, pending or rejected.
    ClientNotApproved,
    /// The client is suspended.
    ClientSuspended,
    /// No `redirect_uri` where one is required.
    RedirectUriMissing,
    /// The `redirect_uri` is not one of the client's.
    RedirectUriNotRegistered,
    /// The request cannot be read, or says a thing twice.
    BadRequest,
    /// The interaction is over: too old, answered already, or unknown.
    InteractionExpired,
    /// The form was too old or not ours (CSRF).
    FormExpired,
    /// No tenant at this address.
    UnknownTenant,
    /// The tenant is suspended.
    TenantSuspended,
    /// The person may not see or do this.
    Forbidden,
    /// Nothing at this path.
    NotFound,
    /// The path exists, not for this method.
    MethodNotAllowed,
    /// The body is larger than any of our forms.
    TooLarge,
    /// Too many failures for this account or address.
    TooManyAttempts,
    /// At the limit, or a part is down; send `Retry-After` with it.
    Unavailable,
}

impl PageError {
    /// Every kind, for tests that enumerate them.
    pub const ALL: [Self; 16] = [
        Self::UnknownClient,
        Self::ClientNotApproved,
        Self::ClientSuspended,
        Self::RedirectUriMissing,
        Self::RedirectUriNotRegistered,
        Self::BadRequest,
        Self::InteractionExpired,
        Self::FormExpired,
        Self::UnknownTenant,
        Self::TenantSuspended,
        Self::Forbidden,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::TooLarge,
        Self::TooManyAttempts,
        Self::Unavailable,
    ];

    /// The HTTP status to answer with.
    pub const fn status(self) -> u16 {
        match self {
            Self::UnknownClient
            | Self::ClientNotApproved
            | Self::ClientSuspended
            | Self::RedirectUriMissing
            | Self::RedirectUriNotRegistered
            | Self::BadRequest
            | Self::InteractionExpired => 400,
            Self::FormExpired | Self::Forbidden | Self::TenantSuspended => 403,
            Self::UnknownTenant | Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::TooLarge => 413,
            Self::TooManyAttempts => 429,
            Self::Unavailable => 503,
        }
    }

    /// A stable word for logs and scripts; also the page's `data-error`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::UnknownClient => "unknown_client",
            Self::ClientNotApproved => "client_not_approved",
            Self::ClientSuspended => "client_suspended",
            Self::RedirectUriMissing => "redirect_uri_missing",
            Self::RedirectUriNotRegistered => "redirect_uri_not_registered",
            Self::BadRequest => "bad_request",
            Self::InteractionExpired => "interaction_expired",
            Self::FormExpired => "form_expired",
            Self::UnknownTenant => "unknown_tenant",
            Self::TenantSuspended => "tenant_suspended",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::TooLarge => "too_large",
            Self::TooManyAttempts => "too_many_attempts",
            Self::Unavailable => "unavailable",
        }
    }

    /// Heading and sentence.
    fn texts(self, t: &'static crate::texts::Errors) -> (&'static str, &'static str) {
        match self {
            Self::UnknownClient => t.unknown_client,
            Self::ClientNotApproved => t.client_not_approved,
            Self::ClientSuspended => t.client_suspended,
            Self::RedirectUriMissing => t.redirect_uri_missing,
            Self::RedirectUriNotRegistered => t.redirect_uri_not_registered,
            Self::BadRequest => t.bad_request,
            Self::InteractionExpired => t.interaction_expired,
            Self::FormExpired => t.form_expired,
            Self::UnknownTenant => t.unknown_tenant,
            Self::TenantSuspended => t.tenant_suspended,
            Self::Forbidden => t.forbidden,
            Self::NotFound => t.not_found,
            Self::MethodNotAllowed => t.method_not_allowed,
            Self::TooLarge => t.too_large,
            Self::TooManyAttempts => t.too_many_attempts,
            Self::Unavailable => t.unavailable,
        }
    }
}

impl ErrorPage {
    fn heading(&self) -> &'static str {
        self.kind.texts(&self.frame.texts().errors).0
    }

    fn sentence(&self) -> &'static str {
        self.kind.texts(&self.frame.texts().errors).1
    }
}
