use askama::Template;
use chrono::{DateTime, Utc};

use super::{PanelEvent, PanelPlace, Section};
use crate::{Frame, Monogram};

/// A tenant's users, or the one that was looked for.
#[derive(Clone, Template)]
#[template(path = "panel_users.html")]
pub struct PanelUsers {
    /// What every page shares.
    pub frame: Frame,
    /// Whose.
    pub place: PanelPlace,
    /// What was looked for; empty for all.
    pub words: String,
    /// They, newest first.
    pub rows: Vec<PanelUserRow>,
    /// Where the next ones are: a path without the base.
    pub next: Option<String>,
}

/// One user in the list.
#[derive(Clone)]
pub struct PanelUserRow {
    /// Their id.
    pub id: String,
    /// Their name; may be empty.
    pub name: String,
    /// Their address; empty once they are erased.
    pub email: String,
    /// Whether they may act.
    pub state: PanelUserState,
    /// Since when they are there.
    pub created_at: DateTime<Utc>,
    /// Their page: a path without the base.
    pub path: String,
}

/// Whether a user may act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PanelUserState {
    /// They may.
    Active,
    /// Not until they are unlocked.
    Locked,
    /// No more.
    Deactivated,
    /// Nothing personal is left.
    Erased,
}

/// One user. Posts `csrf` and one button: `lock`, `unlock`, `deactivate` with `sure`, `revoke` (the
/// id of what they gave) or `revoke_all`.
#[derive(Clone, Template)]
#[template(path = "panel_user.html")]
pub struct PanelUser {
    /// What every page shares.
    pub frame: Frame,
    /// Binds the forms to the session (C25).
    pub csrf: String,
    /// Whose.
    pub place: PanelPlace,
    /// Their own page, where the forms post to: a path without the base.
    pub action: String,
    /// Their id.
    pub id: String,
    /// Their name; may be empty.
    pub name: String,
    /// Their address; empty once they are erased.
    pub email: String,
    /// Whether the address was confirmed.
    pub email_verified: bool,
    /// Whether they may act.
    pub state: PanelUserState,
    /// Since when they are there.
    pub created_at: DateTime<Utc>,
    /// What they gave to clients and did not take back; `None` while that is not known.
    pub grants: Option<Vec<PanelGrant>>,
    /// What happened to them, newest first; `None` while that is not known.
    pub events: Option<Vec<PanelEvent>>,
    /// What became of the last form.
    pub notice: Option<PanelUserNotice>,
}

/// What a user gave to a client.
#[derive(Clone)]
pub struct PanelGrant {
    /// Its id.
    pub id: String,
    /// The client, by its id on the wire.
    pub client_id: String,
    /// The client's page: a path without the base.
    pub client_path: String,
    /// For what.
    pub scopes: Vec<String>,
    /// Since when.
    pub since: DateTime<Utc>,
    /// When it was last used.
    pub used: DateTime<Utc>,
}

/// What became of a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PanelUserNotice {
    /// They may do nothing for now.
    Locked,
    /// They may act again.
    Unlocked,
    /// They may do nothing any more.
    Deactivated,
    /// Access has ended.
    Revoked,
    /// The box was not ticked.
    NotSure,
    /// The state does not allow it.
    NotPossible,
}

impl PanelUserState {
    const fn code(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Locked => "locked",
            Self::Deactivated => "deactivated",
            Self::Erased => "erased",
        }
    }

    const fn badge(self) -> &'static str {
        match self {
            Self::Active => "approved",
            Self::Locked => "suspended",
            Self::Deactivated | Self::Erased => "draft",
        }
    }

    fn label(self, frame: &Frame) -> &'static str {
        let t = frame.texts().panel;
        match self {
            Self::Active => t.active,
            Self::Locked => t.locked,
            Self::Deactivated => t.deactivated,
            Self::Erased => t.erased,
        }
    }
}

/// What somebody is called: their name, else their address, else their id.
fn called<'u>(name: &'u str, email: &'u str, id: &'u str) -> &'u str {
    [name, email, id].into_iter().find(|text| !text.is_empty()).unwrap_or_default()
}

impl PanelUserRow {
    fn called(&self) -> &str {
        called(&self.name, &self.email, &self.id)
    }

    fn monogram(&self) -> Monogram {
        Monogram::of(self.called())
    }
}

impl PanelUsers {
    fn tabs(&self) -> Vec<super::Tab> {
        self.place.tabs(&self.frame, Section::Users)
    }
}

impl PanelUser {
    fn tabs(&self) -> Vec<super::Tab> {
        self.place.tabs(&self.frame, Section::Users)
    }

    fn called(&self) -> &str {
        called(&self.name, &self.email, &self.id)
    }

    fn monogram(&self) -> Monogram {
        Monogram::of(self.called())
    }

    fn may_lock(&self) -> bool {
        self.state == PanelUserState::Active
    }

    fn may_unlock(&self) -> bool {
        self.state == PanelUserState::Locked
    }

    fn may_deactivate(&self) -> bool {
        matches!(self.state, PanelUserState::Active | PanelUserState::Locked)
    }

    fn is_not_sure(&self) -> bool {
        self.notice == Some(PanelUserNotice::NotSure)
    }

    fn good_text(&self) -> Option<&'static str> {
        let t = self.frame.texts().panel;
        match self.notice? {
            PanelUserNotice::Locked => Some(t.did_lock),
            PanelUserNotice::Unlocked => Some(t.did_unlock),
            PanelUserNotice::Deactivated => Some(t.did_deactivate),
            PanelUserNotice::Revoked => Some(t.did_revoke),
            PanelUserNotice::NotSure | PanelUserNotice::NotPossible => None,
        }
    }

    fn bad_text(&self) -> Option<&'static str> {
        match self.notice? {
            PanelUserNotice::NotSure => Some(self.frame.texts().shared.check_fields),
            PanelUserNotice::NotPossible => Some(self.frame.texts().panel.not_possible),
            _ => None,
        }
    }
}
