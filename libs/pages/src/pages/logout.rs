use askama::Template;

use crate::Frame;

/// Asks whether to sign out (OpenID Connect RP-Initiated Logout 1.0, 2). Posts `csrf` and the
/// pressed button's name: `logout` or `cancel`.
#[derive(Clone, Template)]
#[template(path = "logout.html")]
pub struct LogoutConfirm {
    /// What every page shares.
    pub frame: Frame,
    /// The token that binds the form to the session (C25).
    pub csrf: String,
    /// Where the form posts to: a path with query, without the base.
    pub action: String,
    /// Who is signed in: name or mail address.
    pub user: String,
    /// The client that asked, if one did.
    pub client_name: Option<String>,
}

/// Says that the person is signed out.
#[derive(Clone, Template)]
#[template(path = "logged_out.html")]
pub struct LoggedOut {
    /// What every page shares.
    pub frame: Frame,
    /// Where "Sign in again" leads: a path without the base; `None` hides it.
    pub sign_in_path: Option<String>,
}
