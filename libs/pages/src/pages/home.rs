use askama::Template;
use chrono::{DateTime, Utc};

use crate::{Frame, Monogram};

/// The tenant's root page for someone signed in: their account, the apps that may use it, and
/// under `#clients` their "Integrated Applications".
#[derive(Clone, Template)]
#[template(path = "home.html")]
pub struct Home {
    /// What every page shares; `signed_in` is expected to be set.
    pub frame: Frame,
    /// The account shown.
    pub account: Account,
    /// Where the person sees and takes back what they gave to apps: a path without the base.
    pub apps_path: String,
    /// The person's own clients, newest first.
    pub clients: Vec<ClientCard>,
    /// Where a client is created (`/oauth/create_client`); `None` hides the whole section on
    /// tenants without self-service.
    pub create_client_path: Option<String>,
    /// Whom to write to about approval, at the tenant.
    pub partner_contact: Option<String>,
}

/// What a person sees of their own account.
#[derive(Clone)]
pub struct Account {
    /// Their name; may be empty.
    pub name: String,
    /// Their mail address.
    pub email: String,
    /// Whether the address was confirmed.
    pub email_verified: bool,
    /// Since when the account exists.
    pub member_since: DateTime<Utc>,
}

/// One client in the list of its developer.
#[derive(Clone)]
pub struct ClientCard {
    /// The client's name.
    pub name: String,
    /// The client's id on the wire.
    pub client_id: String,
    /// Where it stands.
    pub state: ClientState,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// Where its own page is: a path without the base.
    pub path: String,
}

/// Where a client stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientState {
    /// Not submitted yet.
    Draft,
    /// Waiting for the tenant's or operator's approval.
    Pending,
    /// Enabled.
    Approved,
    /// Turned down.
    Rejected {
        /// What the reviewer wrote.
        reason: String,
    },
    /// Switched off.
    Suspended {
        /// What was written; empty hides it.
        reason: String,
    },
}

/// The tenant's root page for someone not signed in.
#[derive(Clone, Template)]
#[template(path = "signed_out_home.html")]
pub struct SignedOutHome {
    /// What every page shares.
    pub frame: Frame,
    /// Where "Sign in" leads: a path without the base.
    pub sign_in_path: String,
    /// Where "Create an account" leads; `None` hides it.
    pub sign_up_path: Option<String>,
    /// Where the API explorer is: a path without the base.
    pub explorer_path: String,
}

impl Account {
    fn monogram(&self) -> Monogram {
        Monogram::of(if self.name.is_empty() { &self.email } else { &self.name })
    }
}

impl ClientCard {
    fn monogram(&self) -> Monogram {
        Monogram::of(&self.name)
    }
}

impl ClientState {
    /// The stable word for it; also the badge's `data-state`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Rejected { .. } => "rejected",
            Self::Suspended { .. } => "suspended",
        }
    }

    pub(crate) fn label(&self, frame: &Frame) -> &'static str {
        let t = &frame.texts().client_state;
        match self {
            Self::Draft => t.draft,
            Self::Pending => t.pending,
            Self::Approved => t.approved,
            Self::Rejected { .. } => t.rejected,
            Self::Suspended { .. } => t.suspended,
        }
    }

    pub(crate) fn reason(&self) -> Option<&str> {
        match self {
            Self::Rejected { reason } | Self::Suspended { reason } if !reason.is_empty() => Some(reason),
            _ => None,
        }
    }
}
