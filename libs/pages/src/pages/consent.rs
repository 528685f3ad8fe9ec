use askama::Template;

use crate::{Frame, Lang, Monogram};

/// What the names of scopes that stay ticked begin with.
pub const KEEP: &str = "keep_";

/// The consent page. Posts `csrf` and the pressed button's name: `approve`, `deny` or `switch`
/// ("Not you?"), each with its own name as value.
#[derive(Clone, Template)]
#[template(path = "consent.html")]
pub struct Consent {
    /// What every page shares.
    pub frame: Frame,
    /// The token that binds the form to the interaction (C25).
    pub csrf: String,
    /// Where the form posts to: a path with query, without the base.
    pub action: String,
    /// The client's name, as its developer gave it.
    pub client_name: String,
    /// The host of the client's website, in ASCII form (`xn--…`), so that no letter deceives.
    pub website_host: Option<String>,
    /// What the tenant says about it.
    pub text: Option<String>,
    /// What the client needs, in the order of the request.
    pub scopes: Vec<ScopeLine>,
    /// What it also asks for and the person may untick. Posted as [`KEEP`] and the scope's name,
    /// with the value `1`, unless unticked.
    pub optional: Vec<ScopeLine>,
    /// Everything had been unticked.
    pub nothing_chosen: bool,
    /// Who is asked: name or mail address of the person logged in.
    pub user: String,
    /// The accounts to choose from; empty where there is no choice. The first is preselected.
    /// Posted as `account`.
    pub accounts: Vec<AccountOption>,
    /// How long the access would last.
    pub access: AccessLength,
    /// The host of the redirect URI, in ASCII form; for a native client without a host, its scheme.
    pub return_host: String,
}

/// One thing a client asks for.
#[derive(Clone)]
pub struct ScopeLine {
    /// The scope as on the wire; shown only when there is no description.
    pub name: String,
    /// The tenant's sentence for it in the page's language; empty takes
    /// [`ScopeLine::standard`], or the bare name where there is none.
    pub description: String,
}

/// An account that access can be given to.
#[derive(Clone)]
pub struct AccountOption {
    /// Its id.
    pub id: String,
    /// A business' name, or the person's own.
    pub name: String,
    /// Whether it is a business'.
    pub business: bool,
}

/// How long a client keeps its access.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccessLength {
    /// This many days, then the person is asked again.
    Days(u32),
    /// At most this many minutes.
    Minutes(u32),
    /// Until it is withdrawn (`offline_access`).
    UntilWithdrawn,
}

impl ScopeLine {
    /// The sentence for a scope of OpenID Connect Core (3.1.2.1, 5.4, 11); `None` for others.
    pub fn standard(lang: Lang, name: &str) -> Option<&'static str> {
        let t = &crate::texts::of(lang).scopes;
        Some(match name {
            "openid" => t.openid,
            "profile" => t.profile,
            "email" => t.email,
            "address" => t.address,
            "phone" => t.phone,
            "offline_access" => t.offline_access,
            _ => return None,
        })
    }

    pub(super) fn text(&self, frame: &Frame) -> &str {
        if self.description.is_empty() {
            Self::standard(frame.lang, &self.name).unwrap_or(&self.name)
        } else {
            &self.description
        }
    }
}

impl Consent {
    fn client_monogram(&self) -> Monogram {
        Monogram::of(&self.client_name)
    }

    fn access_text(&self) -> String {
        let t = &self.frame.texts().consent;
        match self.access {
            AccessLength::Days(days) => (t.for_days)(days),
            AccessLength::Minutes(minutes) => (t.for_minutes)(minutes),
            AccessLength::UntilWithdrawn => t.until_withdrawn.to_owned(),
        }
    }
}
