//! Which scopes a request gets: knobs 9 to 12.

use grantor_oauth::{ErrorCode, ProtocolError, ScopeSet, Separators};

use crate::{
    ExcessScope, MissingScope, Profile, RefreshIssue, ScopeEntry, ScopeInput, ScopeOutput, ScopeShown, Scopes,
};

impl Scopes {
    /// One entry of the catalogue.
    pub fn entry(&self, name: &str) -> Option<&ScopeEntry> {
        self.catalogue.iter().find(|entry| entry.name == name)
    }

    /// Every scope of the tenant.
    pub fn all(&self) -> ScopeSet {
        set(self.catalogue.iter().map(|entry| entry.name.as_str()))
    }

    /// The entries of some scopes, for the consent page.
    pub fn entries<'a>(&'a self, scopes: &'a ScopeSet) -> impl Iterator<Item = &'a ScopeEntry> {
        scopes.iter().filter_map(|scope| self.entry(scope.as_str()))
    }

    fn separators(&self) -> Separators {
        if self.input == ScopeInput::CommaOrSpace { Separators::CommaOrSpace } else { Separators::Space }
    }
}

/// Names of a validated profile are scopes; others would have been refused with it.
fn set<'a>(names: impl Iterator<Item = &'a str>) -> ScopeSet {
    ScopeSet::from_names(names).unwrap_or_default()
}

impl Profile {
    /// The scopes that a `scope` parameter names, by the tenant's one parser (knob 9).
    pub fn read_scopes(&self, text: &str) -> Result<ScopeSet, ProtocolError> {
        Ok(ScopeSet::parse(text, self.scopes.separators())?)
    }

    /// The scopes of an authorization or password request: what was asked, or what a missing
    /// `scope` means, within what the client may have. `invalid_scope` otherwise.
    pub fn requested_scopes(&self, asked: Option<&str>, client: &ScopeSet) -> Result<ScopeSet, ProtocolError> {
        let scopes = &self.scopes;
        if scopes.input == ScopeInput::Ignored {
            return Ok(set(scopes.default_set.iter().map(String::as_str)));
        }
        let Some(asked) = asked else {
            let meant = match scopes.missing {
                MissingScope::DefaultSet => set(scopes.default_set.iter().map(String::as_str)).intersection(client),
                MissingScope::ClientScopes => client.intersection(&scopes.all()),
                MissingScope::Refuse => ScopeSet::empty(),
            };
            return some(meant, "the parameter 'scope' is missing");
        };
        let asked = self.read_scopes(asked)?;
        let allowed = asked.intersection(client).intersection(&scopes.all());
        if scopes.excess == ExcessScope::Refuse && allowed.len() < asked.len() {
            return Err(ErrorCode::InvalidScope.because("a scope is unknown or not allowed for this client"));
        }
        some(allowed, "no scope that is allowed for this client was asked for")
    }

    /// The scopes of a `client_credentials` request. Scopes that say something about a user
    /// (they bring claims, or are `openid` or the one that gives a refresh token) are never
    /// granted here; a missing `scope` means all others of the client.
    pub fn client_credentials_scopes(&self, asked: Option<&str>, client: &ScopeSet) -> Result<ScopeSet, ProtocolError> {
        let own = client.intersection(&self.scopes.all()).filter(|scope| !self.is_about_users(scope.as_str()));
        if self.scopes.input == ScopeInput::Ignored {
            return Ok(set(self.scopes.default_set.iter().map(String::as_str)));
        }
        let Some(asked) = asked else { return Ok(own) };
        let asked = self.read_scopes(asked)?;
        let allowed = asked.intersection(&own);
        if self.scopes.excess == ExcessScope::Refuse && allowed.len() < asked.len() {
            return Err(ErrorCode::InvalidScope.because("a scope is unknown or not allowed without a user"));
        }
        Ok(allowed)
    }

    /// The scopes of a refreshed access token: all of the grant, or fewer (RFC 6749 6).
    pub fn refreshed_scopes(&self, asked: Option<&str>, granted: &ScopeSet) -> Result<ScopeSet, ProtocolError> {
        let Some(asked) = asked.filter(|_| self.scopes.input != ScopeInput::Ignored) else {
            return Ok(granted.clone());
        };
        let asked = self.read_scopes(asked)?;
        if !asked.is_subset(granted) {
            return Err(ErrorCode::InvalidScope.because("a scope was not granted"));
        }
        some(asked, "no scope was asked for")
    }

    /// Whether a scope only makes sense with a user.
    pub fn is_about_users(&self, scope: &str) -> bool {
        scope == "openid"
            || self.scopes.entry(scope).is_some_and(|entry| !entry.claims.is_empty())
            || matches!(&self.refresh_tokens.issue, RefreshIssue::WithScope(name) if name == scope)
    }

    /// Whether a user's grant of these scopes comes with a refresh token (knob 24).
    pub fn issues_refresh_token(&self, granted: &ScopeSet) -> bool {
        match &self.refresh_tokens.issue {
            RefreshIssue::Never => false,
            RefreshIssue::Always => true,
            RefreshIssue::WithScope(name) => granted.contains(name),
        }
    }

    /// How scopes are written in answers (knob 10).
    pub fn scope_text(&self, scopes: &ScopeSet) -> String {
        scopes.join(match self.scopes.output {
            ScopeOutput::Space => " ",
            ScopeOutput::Comma => ",",
        })
    }

    /// Whether a token response shows `scope` (knob 10).
    pub(crate) fn shows_scope(&self, granted: &ScopeSet, asked: Option<&ScopeSet>) -> bool {
        match self.scopes.shown {
            ScopeShown::Always => !granted.is_empty(),
            ScopeShown::WhenDifferent => !asked.is_some_and(|asked| asked.same_scopes(granted)),
        }
    }
}

fn some(scopes: ScopeSet, otherwise: &str) -> Result<ScopeSet, ProtocolError> {
    if scopes.is_empty() { Err(ErrorCode::InvalidScope.because(otherwise)) } else { Ok(scopes) }
}
