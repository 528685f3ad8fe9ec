use askama::Template;

use crate::Frame;

/// Shows a client's credentials once, after creation or rotation. Send it with
/// `Cache-Control: no-store`, as the answer to the POST itself: the secret is kept nowhere else.
#[derive(Clone, Template)]
#[template(path = "secret.html")]
pub struct ClientSecretPage {
    /// What every page shares.
    pub frame: Frame,
    /// Why there is something to show.
    pub reason: SecretReason,
    /// The client's name.
    pub client_name: String,
    /// The client's id on the wire.
    pub client_id: String,
    /// The secret; `None` for a client that has none.
    pub secret: Option<String>,
    /// Whether it has none because it signs with keys of its own; else because it is public.
    pub own_keys: bool,
    /// Whether the client waits for approval (and the partnership contact is worth showing).
    pub pending: bool,
    /// Whom to write to about approval, at the tenant.
    pub partner_contact: Option<String>,
    /// Where the client's own page is: a path without the base.
    pub client_path: String,
}

/// Why a secret is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretReason {
    /// The client was created a moment ago.
    Created,
    /// The secret was rotated; the one before works on until it is retired.
    Rotated,
}

impl ClientSecretPage {
    fn why_none(&self) -> &'static str {
        let t = &self.frame.texts().secret;
        if self.own_keys { t.own_keys } else { t.no_secret }
    }
}
