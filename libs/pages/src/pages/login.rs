use askama::Template;

use crate::Frame;

/// The login page. Posts `csrf`, `username`, `password` and the pressed button's name: `login`
/// or, where a client waits, `cancel`.
#[derive(Clone, Template)]
#[template(path = "login.html")]
pub struct Login {
    /// What every page shares.
    pub frame: Frame,
    /// The token that binds the form to the interaction (C25).
    pub csrf: String,
    /// Where the form posts to: a path with query, without the base.
    pub action: String,
    /// What the person typed before, or the request's `login_hint`.
    pub username: String,
    /// The name of the client to which the person will continue; `None` when logging in to the
    /// tenant's own pages, which also hides `cancel`.
    pub client_name: Option<String>,
    /// Why the page is shown to someone who might expect not to see it.
    pub reason: Option<LoginReason>,
    /// Why the last attempt failed.
    pub error: Option<LoginError>,
    /// Where "Forgot your password?" leads: a path with query, without the base.
    pub forgot_path: String,
    /// Where "Create an account" leads (path and query, without the base); `None` hides it.
    pub sign_up_path: Option<String>,
}

/// A reason for asking again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoginReason {
    /// There is a session, but the client asked for a fresh login (`prompt=login`, `max_age`).
    ConfirmItIsYou,
    /// The password was changed a moment ago.
    PasswordChanged,
}

/// Why a login failed. Unknown users and wrong passwords share one sentence (C24).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoginError {
    /// Unknown user, wrong password, or an account that may not log in.
    WrongCredentials,
    /// Too many failures for this account or address (C26).
    TooManyAttempts,
    /// The password check is at its limit; nothing was decided (C23).
    Busy,
    /// The form was too old or not ours; nothing was decided.
    FormExpired,
}

impl Login {
    fn error_text(&self) -> Option<&'static str> {
        let t = &self.frame.texts().login;
        Some(match self.error? {
            LoginError::WrongCredentials => t.wrong_credentials,
            LoginError::TooManyAttempts => t.too_many_attempts,
            LoginError::Busy => self.frame.texts().shared.busy,
            LoginError::FormExpired => self.frame.texts().shared.form_expired,
        })
    }

    fn reason_text(&self) -> Option<&'static str> {
        let t = &self.frame.texts().login;
        Some(match self.reason? {
            LoginReason::ConfirmItIsYou => t.confirm_it_is_you,
            LoginReason::PasswordChanged => t.password_changed,
        })
    }
}
