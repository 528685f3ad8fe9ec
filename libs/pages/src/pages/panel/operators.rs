use askama::Template;
use chrono::{DateTime, Utc};

use crate::{Frame, Monogram};

/// Who runs the deployment. Posts `csrf` and: `create` with `name`; `rotate` or `disable` (an
/// operator's id).
#[derive(Clone, Template)]
#[template(path = "panel_operators.html")]
pub struct PanelOperators {
    /// What every page shares.
    pub frame: Frame,
    /// Binds the forms to the session (C25).
    pub csrf: String,
    /// They, oldest first.
    pub rows: Vec<PanelOperatorRow>,
    /// Where the next ones are: a path without the base.
    pub next: Option<String>,
    /// The name as it was posted, when it has to be written again.
    pub name: String,
    /// What became of the last form.
    pub notice: Option<PanelOperatorsNotice>,
}

/// One operator.
#[derive(Clone)]
pub struct PanelOperatorRow {
    /// Their id.
    pub id: String,
    /// What the others call them.
    pub name: String,
    /// Whether they may act.
    pub active: bool,
    /// Since when they are there.
    pub created_at: DateTime<Utc>,
    /// Whether it is who looks at the page.
    pub you: bool,
}

/// What became of a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PanelOperatorsNotice {
    /// Somebody may do nothing any more.
    Disabled,
    /// Not a name that can be shown.
    NameWrong,
    /// The state does not allow it.
    NotPossible,
}

/// An operator's token, shown once. Send it with `Cache-Control: no-store`, as the answer to the
/// POST itself: it is kept nowhere else.
#[derive(Clone, Template)]
#[template(path = "panel_token.html")]
pub struct PanelToken {
    /// What every page shares.
    pub frame: Frame,
    /// Whose it is.
    pub name: String,
    /// The token.
    pub token: String,
    /// Whether it is the reader's own: their session is over.
    pub own: bool,
}

impl PanelOperatorRow {
    fn monogram(&self) -> Monogram {
        Monogram::of(&self.name)
    }
}

impl PanelOperators {
    fn name_is_wrong(&self) -> bool {
        self.notice == Some(PanelOperatorsNotice::NameWrong)
    }

    fn good_text(&self) -> Option<&'static str> {
        (self.notice? == PanelOperatorsNotice::Disabled).then_some(self.frame.texts().panel.did_disable)
    }

    fn bad_text(&self) -> Option<&'static str> {
        match self.notice? {
            PanelOperatorsNotice::Disabled => None,
            PanelOperatorsNotice::NameWrong => Some(self.frame.texts().shared.check_fields),
            PanelOperatorsNotice::NotPossible => Some(self.frame.texts().panel.not_possible),
        }
    }
}
