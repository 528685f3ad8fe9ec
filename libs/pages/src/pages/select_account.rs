use askama::Template;

use crate::{Frame, Monogram};

/// The page of `prompt=select_account`. Posts `csrf` and one button: `continue` with the chosen
/// account's id as value, `other`, or `cancel`.
#[derive(Clone, Template)]
#[template(path = "select_account.html")]
pub struct SelectAccount {
    /// What every page shares.
    pub frame: Frame,
    /// The token that binds the form to the interaction (C25).
    pub csrf: String,
    /// Where the form posts to: a path with query, without the base.
    pub action: String,
    /// The client that waits.
    pub client_name: String,
    /// The accounts signed in on this browser.
    pub accounts: Vec<AccountChoice>,
}

/// One account to continue with.
#[derive(Clone)]
pub struct AccountChoice {
    /// What the form sends back as `continue`.
    pub id: String,
    /// The person's name.
    pub name: String,
    /// The person's mail address.
    pub email: String,
}

impl AccountChoice {
    fn monogram(&self) -> Monogram {
        Monogram::of(if self.name.is_empty() { &self.email } else { &self.name })
    }
}
