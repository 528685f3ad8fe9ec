use askama::Template;
use chrono::{DateTime, Utc};

use crate::{Frame, Monogram, ScopeLine};

/// "Authorized Apps": what a person gave, to whom, with a button to take it back. Posts `csrf` and
/// `revoke` with the client's id as value.
#[derive(Clone, Template)]
#[template(path = "apps.html")]
pub struct Apps {
    /// What every page shares; `signed_in` is expected to be set.
    pub frame: Frame,
    /// The token that binds the forms to the session (C25).
    pub csrf: String,
    /// Where the forms post to: a path without the base.
    pub action: String,
    /// The clients with access, the latest first.
    pub apps: Vec<AppCard>,
}

/// One client with access.
#[derive(Clone)]
pub struct AppCard {
    /// The client's name.
    pub name: String,
    /// The client's id on the wire.
    pub client_id: String,
    /// What it was given.
    pub scopes: Vec<ScopeLine>,
    /// When it last got access; `None` when it has none at the moment and may get it unasked.
    pub since: Option<DateTime<Utc>>,
    /// When it last got a token; `None` when it has none.
    pub used: Option<DateTime<Utc>>,
}

impl AppCard {
    fn monogram(&self) -> Monogram {
        Monogram::of(&self.name)
    }
}
