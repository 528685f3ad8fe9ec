use askama::Template;
use chrono::{DateTime, Utc};

use crate::{Frame, Monogram, ScopeLine};

/// "Managed Accounts": the accounts that are connected to a client, for its developer. Posts `csrf`
/// and `disconnect` with an account's id as value.
#[derive(Clone, Template)]
#[template(path = "managed_accounts.html")]
pub struct ManagedAccounts {
    /// What every page shares; `signed_in` is expected to be set.
    pub frame: Frame,
    /// The token that binds the forms to the session (C25).
    pub csrf: String,
    /// Where the forms post to: a path without the base.
    pub action: String,
    /// The client's name.
    pub client_name: String,
    /// Where the client's own page is: a path without the base.
    pub client_path: String,
    /// The connected accounts, the latest first.
    pub accounts: Vec<ManagedAccount>,
}

/// One connected account. Who is behind it is not the platform's to see here.
#[derive(Clone)]
pub struct ManagedAccount {
    /// Its id.
    pub id: String,
    /// What the client may do with it.
    pub scopes: Vec<ScopeLine>,
    /// Since when.
    pub since: DateTime<Utc>,
    /// When tokens were last issued for it.
    pub used: DateTime<Utc>,
}

impl ManagedAccount {
    /// An account has no name here; the end of its id tells it from its neighbours.
    fn monogram(&self) -> Monogram {
        let tail: Vec<char> = self.id.chars().rev().take(2).collect();
        Monogram::of(&tail.into_iter().rev().map(String::from).collect::<Vec<_>>().join(" "))
    }
}
