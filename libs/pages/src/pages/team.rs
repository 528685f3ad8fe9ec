use askama::Template;
use chrono::{DateTime, Utc};

use crate::{Frame, Monogram};

/// A tenant's own staff. Posts `csrf` and: `invite` with `email` and `role`; `change` (a member's
/// id) with `role`; `remove` (a member's id); `withdraw` (an invitation's id); `approve` or `reject` (a client's id) with `reason`.
#[derive(Clone, Template)]
#[template(path = "team.html")]
pub struct Team {
    /// What every page shares.
    pub frame: Frame,
    /// Binds the forms to the session (C25).
    pub csrf: String,
    /// Where the forms post to: a path without the base.
    pub action: String,
    /// Who belongs to it.
    pub members: Vec<TeamMember>,
    /// Invitations that nobody has used yet; only shown to who may manage.
    pub invitations: Vec<TeamInvitation>,
    /// Clients that wait for approval.
    pub waiting: Vec<WaitingClient>,
    /// Whether the reader may judge them.
    pub may_judge: bool,
    /// Whether the reader may say who belongs to it.
    pub may_manage: bool,
    /// What became of the last form.
    pub notice: Option<TeamNotice>,
}

/// A member.
#[derive(Clone)]
pub struct TeamMember {
    /// Their id.
    pub id: String,
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// What they may do.
    pub role: StaffRoleName,
    /// Whether it is who looks at the page.
    pub you: bool,
}

/// An invitation that nobody has used yet.
#[derive(Clone)]
pub struct TeamInvitation {
    /// Names it in the form.
    pub id: String,
    /// Whom it was sent to.
    pub email: String,
    /// As what.
    pub role: StaffRoleName,
    /// Until when its code is good.
    pub ends: Option<DateTime<Utc>>,
}

/// What a member may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum StaffRoleName {
    /// See.
    Viewer,
    /// See, and judge clients.
    Reviewer,
    /// All that, and say who else belongs to it.
    Owner,
}

/// A client that waits for approval.
#[derive(Clone)]
pub struct WaitingClient {
    /// Its id on the wire.
    pub client_id: String,
    /// Its name.
    pub name: String,
    /// Its website.
    pub website: Option<String>,
    /// Where people would come back to.
    pub redirect_uris: Vec<String>,
    /// What it wants.
    pub scopes: Vec<String>,
}

/// What became of a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TeamNotice {
    /// A mail is on its way.
    Invited,
    /// An invitation is worth nothing any more.
    Withdrawn,
    /// A client is approved.
    Approved,
    /// A client is rejected.
    Rejected,
    /// Not a mail address.
    EmailInvalid,
    /// The state does not allow it, such as taking the last owner's role.
    NotPossible,
}

/// The page that takes an invitation's code. Posts `csrf`, `code` and `join`.
#[derive(Clone, Template)]
#[template(path = "team_join.html")]
pub struct TeamJoin {
    /// What every page shares.
    pub frame: Frame,
    /// Binds the form to the session (C25).
    pub csrf: String,
    /// Where the form posts to: a path without the base.
    pub action: String,
    /// The address that the invitation must have gone to.
    pub email: String,
    /// The last code was none for this address.
    pub wrong: bool,
}

/// What one member did.
#[derive(Clone, Template)]
#[template(path = "team_history.html")]
pub struct TeamHistory {
    /// What every page shares.
    pub frame: Frame,
    /// The member's name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// Newest first.
    pub entries: Vec<TeamEntry>,
}

/// One thing that a member did.
#[derive(Clone)]
pub struct TeamEntry {
    /// When.
    pub at: DateTime<Utc>,
    /// The event's name.
    pub what: String,
    /// Whom or what it was about.
    pub about: String,
}

impl StaffRoleName {
    /// Every role, for choosing.
    pub const ALL: [Self; 3] = [Self::Viewer, Self::Reviewer, Self::Owner];

    /// The word of forms.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Reviewer => "reviewer",
            Self::Owner => "owner",
        }
    }

    fn label(self, frame: &Frame) -> &'static str {
        let t = frame.texts().team;
        match self {
            Self::Viewer => t.viewer,
            Self::Reviewer => t.reviewer,
            Self::Owner => t.owner,
        }
    }
}

impl TeamMember {
    fn monogram(&self) -> Monogram {
        Monogram::of(&self.name)
    }
}

impl WaitingClient {
    fn monogram(&self) -> Monogram {
        Monogram::of(&self.name)
    }
}

impl Team {
    fn roles(&self) -> [StaffRoleName; 3] {
        StaffRoleName::ALL
    }

    fn good_text(&self) -> Option<&'static str> {
        let t = self.frame.texts().team;
        match self.notice? {
            TeamNotice::Invited => Some(t.invited),
            TeamNotice::Withdrawn => Some(t.withdrawn),
            TeamNotice::Approved => Some(t.approved),
            TeamNotice::Rejected => Some(t.rejected),
            TeamNotice::EmailInvalid | TeamNotice::NotPossible => None,
        }
    }

    fn bad_text(&self) -> Option<&'static str> {
        match self.notice? {
            TeamNotice::EmailInvalid => Some(self.frame.texts().sign_up.email_invalid),
            TeamNotice::NotPossible => Some(self.frame.texts().team.not_possible),
            TeamNotice::Invited | TeamNotice::Withdrawn | TeamNotice::Approved | TeamNotice::Rejected => None,
        }
    }
}

impl TeamEntry {
    fn text(&self, frame: &Frame) -> &str {
        let t = frame.texts().team;
        match self.what.as_str() {
            "oauth.client.approved" => t.did_approve,
            "oauth.client.rejected" => t.did_reject,
            "oauth.client.registered" => t.did_register,
            "oauth.client.updated" => t.did_update,
            "platform.tenant.member_invited" => t.did_invite,
            "platform.tenant.invitation_withdrawn" => t.did_withdraw,
            "platform.tenant.member_joined" => t.did_join,
            "platform.tenant.member_role_changed" => t.did_change,
            "platform.tenant.member_left" => t.did_remove,
            other => other,
        }
    }
}
