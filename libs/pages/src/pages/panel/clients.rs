use askama::Template;
use chrono::{DateTime, Utc};

use super::{PanelPlace, Section};
use crate::{ClientKind, ClientState, Frame, Monogram};

/// Clients: of one tenant, or those of all tenants that wait for a decision.
#[derive(Clone, Template)]
#[template(path = "panel_clients.html")]
pub struct PanelClients {
    /// What every page shares.
    pub frame: Frame,
    /// Whose; `None` for the queue of all tenants.
    pub place: Option<PanelPlace>,
    /// Only those in this state are shown.
    pub only: Option<&'static str>,
    /// They.
    pub rows: Vec<PanelClientRow>,
    /// Where the next ones are: a path without the base.
    pub next: Option<String>,
}

/// One client in a list.
#[derive(Clone)]
pub struct PanelClientRow {
    /// Its tenant's name.
    pub tenant: String,
    /// Its name.
    pub name: String,
    /// Its id on the wire.
    pub client_id: String,
    /// Its website.
    pub website: Option<String>,
    /// How far it is.
    pub state: ClientState,
    /// When it was registered.
    pub created_at: DateTime<Utc>,
    /// Its page: a path without the base.
    pub path: String,
}

/// One client, to be judged. Posts `csrf` and one button: `approve`, `restore`, or `reject` or
/// `suspend` with `reason`.
#[derive(Clone, Template)]
#[template(path = "panel_client.html")]
pub struct PanelClient {
    /// What every page shares.
    pub frame: Frame,
    /// Binds the forms to the session (C25).
    pub csrf: String,
    /// Whose it is.
    pub place: PanelPlace,
    /// Its own page, where the forms post to: a path without the base.
    pub action: String,
    /// Its name.
    pub name: String,
    /// Its id on the wire.
    pub client_id: String,
    /// How far it is.
    pub state: ClientState,
    /// What kind of program.
    pub kind: ClientKind,
    /// Its website.
    pub website: Option<String>,
    /// Where people come back to.
    pub redirect_uris: Vec<String>,
    /// What it may ask for.
    pub scopes: Vec<String>,
    /// The developer; `None` when an operator made it.
    pub contact: Option<PanelPerson>,
    /// Live secrets.
    pub secrets: usize,
    /// The names of its own keys; with one of them no secret counts.
    pub keys: Vec<String>,
    /// When it was registered.
    pub created_at: DateTime<Utc>,
    /// What became of the last form.
    pub notice: Option<PanelClientNotice>,
    /// The reason as it was posted, when it has to be written again.
    pub reason: String,
}

/// Somebody.
#[derive(Clone)]
pub struct PanelPerson {
    /// Their name, or their id.
    pub name: String,
    /// Their address; empty when it is not known.
    pub email: String,
}

/// What became of a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PanelClientNotice {
    /// It may be used.
    Approved,
    /// It was turned down.
    Rejected,
    /// It was stopped.
    Suspended,
    /// It may be used again.
    Restored,
    /// There is no reason, or one that cannot be shown.
    ReasonWrong,
    /// The state does not allow it.
    NotPossible,
}

impl PanelClientRow {
    /// What the button says: those that wait are looked at more closely.
    pub(super) fn action(&self, frame: &Frame) -> &'static str {
        let t = frame.texts().panel;
        if self.state.code() == "pending" { t.review } else { t.open }
    }

    pub(super) fn monogram(&self) -> Monogram {
        Monogram::of(&self.name)
    }
}

impl PanelClients {
    fn tabs(&self) -> Vec<super::Tab> {
        self.place.as_ref().map(|place| place.tabs(&self.frame, Section::Clients)).unwrap_or_default()
    }

    fn is_only(&self, code: &str) -> bool {
        self.only == Some(code)
    }

    /// What the list can be narrowed down to: code, label.
    fn filters(&self) -> [(&'static str, &'static str); 5] {
        let t = &self.frame.texts().client_state;
        [
            ("pending", t.pending),
            ("approved", t.approved),
            ("suspended", t.suspended),
            ("rejected", t.rejected),
            ("draft", t.draft),
        ]
    }
}

impl PanelClient {
    fn tabs(&self) -> Vec<super::Tab> {
        self.place.tabs(&self.frame, Section::Clients)
    }

    fn monogram(&self) -> Monogram {
        Monogram::of(&self.name)
    }

    fn waits(&self) -> bool {
        self.state == ClientState::Pending
    }

    fn is_used(&self) -> bool {
        self.state == ClientState::Approved
    }

    fn is_stopped(&self) -> bool {
        matches!(self.state, ClientState::Suspended { .. })
    }

    fn reason_is_wrong(&self) -> bool {
        self.notice == Some(PanelClientNotice::ReasonWrong)
    }

    fn good_text(&self) -> Option<&'static str> {
        let t = self.frame.texts().panel;
        match self.notice? {
            PanelClientNotice::Approved => Some(t.did_approve),
            PanelClientNotice::Rejected => Some(t.did_reject),
            PanelClientNotice::Suspended => Some(t.did_suspend_client),
            PanelClientNotice::Restored => Some(t.did_restore_client),
            PanelClientNotice::ReasonWrong | PanelClientNotice::NotPossible => None,
        }
    }

    fn bad_text(&self) -> Option<&'static str> {
        let t = self.frame.texts().panel;
        match self.notice? {
            PanelClientNotice::ReasonWrong => Some(self.frame.texts().shared.check_fields),
            PanelClientNotice::NotPossible => Some(t.not_possible),
            _ => None,
        }
    }
}
