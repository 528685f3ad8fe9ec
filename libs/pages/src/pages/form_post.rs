use askama::Template;

use crate::Frame;

/// Carries an authorization response to the client by POST (OAuth 2.0 Form Post Response Mode).
/// A script sends it on; without JavaScript the person presses "Continue". The page needs
/// `form-action` with the redirect URI's origin in its Content-Security-Policy (C18) and
/// `Cache-Control: no-store`.
#[derive(Clone, Template)]
#[template(path = "form_post.html")]
pub struct FormPost {
    /// What every page shares.
    pub frame: Frame,
    /// The client's name.
    pub client_name: String,
    /// The redirect URI, exactly as registered.
    pub redirect_uri: String,
    /// The response's parameters in order: `code`, `state`, `iss`, or `error` and so on.
    pub parameters: Vec<(String, String)>,
}
