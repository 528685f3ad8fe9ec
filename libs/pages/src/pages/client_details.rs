use askama::Template;
use chrono::{DateTime, Utc};

use super::{ClientKind, ClientState, ScopeLine};
use crate::{Frame, Monogram};

/// A client's own page, for its developer. Posts `csrf` and one button: `submit` (first time or
/// after a rejection), `rotate`, or `retire` with a secret's id as value. Deleting is asked once
/// more ([`super::ClientDelete`], at `action` with `?ask=delete`).
#[derive(Clone, Template)]
#[template(path = "client_details.html")]
pub struct ClientDetails {
    /// What every page shares.
    pub frame: Frame,
    /// The token that binds the forms to the session (C25).
    pub csrf: String,
    /// Where the forms post to: a path without the base.
    pub action: String,
    /// The client's name.
    pub name: String,
    /// The client's id on the wire.
    pub client_id: String,
    /// Where it stands.
    pub state: ClientState,
    /// What it can keep.
    pub kind: ClientKind,
    /// Its website.
    pub website: String,
    /// Where its logo is; empty when none was given.
    pub logo_url: String,
    /// Its redirect URIs.
    pub redirect_uris: Vec<String>,
    /// The origins whose pages may frame the tenant's; `None` where nobody may.
    pub origins: Option<Vec<String>>,
    /// The scopes it may ask for.
    pub scopes: Vec<ScopeLine>,
    /// Its contact: a developer of the tenant, `Name (address)`.
    pub contact: String,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// The accepted version of the terms.
    pub terms_version: String,
    /// Its live secrets, oldest first; at most two.
    pub secrets: Vec<SecretLine>,
    /// The names of its own keys; with one of them no secret counts.
    pub keys: Vec<String>,
    /// Whether a secret is also the platform's API key; then its last use is shown.
    pub api_key: bool,
    /// Whether the first redirect URI stands in where a request names none.
    pub default_redirect_uri: bool,
    /// Where the connected accounts are; `None` where there are no accounts.
    pub accounts_path: Option<String>,
    /// Where its webhooks are; `None` where nobody is told anything.
    pub webhooks_path: Option<String>,
    /// Where it can be changed: a path without the base; `None` while it cannot.
    pub edit_path: Option<String>,
    /// Whom to write to about approval, at the tenant.
    pub partner_contact: Option<String>,
    /// Something was done a moment ago.
    pub notice: Option<ClientNotice>,
}

/// What was done a moment ago.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientNotice {
    /// Submitted for approval.
    Submitted,
    /// Changes saved.
    Saved,
    /// A secret was retired.
    SecretRetired,
    /// The form was too old or not ours; nothing was changed.
    FormExpired,
}

/// A live secret. The secret itself is kept as a digest only, so there is nothing else to show.
#[derive(Clone)]
pub struct SecretLine {
    /// The secret's id.
    pub id: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last used, to within a minute; `None` when it never was.
    pub used_at: Option<DateTime<Utc>>,
}

impl ClientDetails {
    fn monogram(&self) -> Monogram {
        Monogram::of(&self.name)
    }

    fn can_submit(&self) -> bool {
        matches!(self.state, ClientState::Draft | ClientState::Rejected { .. })
    }

    fn can_rotate(&self) -> bool {
        self.kind == ClientKind::Confidential && self.secrets.len() < 2
    }

    fn can_retire(&self) -> bool {
        self.secrets.len() > 1
    }

    fn state_text(&self) -> &'static str {
        let t = &self.frame.texts().client_state;
        match self.state {
            ClientState::Draft => t.draft_means,
            ClientState::Pending => t.pending_means,
            ClientState::Approved => t.approved_means,
            ClientState::Rejected { .. } => t.rejected_means,
            ClientState::Suspended { .. } => t.suspended_means,
        }
    }

    fn notice_text(&self) -> Option<&'static str> {
        let t = &self.frame.texts().client_details;
        Some(match self.notice? {
            ClientNotice::Submitted => t.submitted,
            ClientNotice::Saved => t.saved,
            ClientNotice::SecretRetired => t.secret_retired,
            ClientNotice::FormExpired => self.frame.texts().shared.form_expired,
        })
    }
}
