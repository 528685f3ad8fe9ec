use askama::Template;

use super::WebhookPlace;
use crate::Frame;

/// A signing key in clear. Send it with `Cache-Control: no-store`, as the answer to the POST itself.
#[derive(Clone, Template)]
#[template(path = "webhook_secret.html")]
pub struct WebhookSecretPage {
    /// What every page shares.
    pub frame: Frame,
    /// Where it belongs.
    pub place: WebhookPlace,
    /// Why it is shown.
    pub reason: WebhookSecretReason,
    /// The endpoint's address.
    pub url: String,
    /// `whsec_…`, where calls are signed with it.
    pub secret: Option<String>,
    /// `whpk_…`, where they are signed with that one's other half.
    pub public_key: Option<String>,
    /// The endpoint's page: a path without the base.
    pub endpoint_path: String,
}

/// Why a signing key is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebhookSecretReason {
    /// The endpoint was made a moment ago.
    Created,
    /// The key was replaced.
    Rotated,
    /// Somebody asked.
    Revealed,
}
