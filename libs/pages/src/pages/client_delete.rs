use askama::Template;

use crate::{Frame, Monogram};

/// Asks a developer once more before their client is deleted. Posts `csrf` and the button
/// `delete`.
#[derive(Clone, Template)]
#[template(path = "client_delete.html")]
pub struct ClientDelete {
    /// What every page shares.
    pub frame: Frame,
    /// The token that binds the form to the session (C25).
    pub csrf: String,
    /// Where the form posts to, and where "Keep it" leads: the client's page, without the base.
    pub action: String,
    /// The client's name.
    pub name: String,
    /// The client's id on the wire.
    pub client_id: String,
}

impl ClientDelete {
    fn monogram(&self) -> Monogram {
        Monogram::of(&self.name)
    }
}
