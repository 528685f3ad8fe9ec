//! The token response: knobs 20 to 26.

use chrono::{DateTime, TimeDelta, Utc};
use grantor_oauth::ScopeSet;
use serde_json::Value;

use crate::{ExpiresIn, Profile, TokenMember, WireAnswer};

/// What was issued. Does not print: it is made of secrets.
#[derive(Clone, Copy)]
pub struct TokenAnswer<'a> {
    /// The access token.
    pub access_token: &'a str,
    /// When it was issued.
    pub issued_at: DateTime<Utc>,
    /// When it ends; [`DateTime::<Utc>::MAX_UTC`] where it never does, and then nothing is said of it.
    pub expires_at: DateTime<Utc>,
    /// The time of this answer.
    pub now: DateTime<Utc>,
    /// The granted scopes.
    pub scopes: &'a ScopeSet,
    /// The scopes that were asked for, where the request named them.
    pub asked: Option<&'a ScopeSet>,
    /// The refresh token.
    pub refresh_token: Option<&'a str>,
    /// The account that access was given to.
    pub account_id: Option<&'a str>,
    /// The ID token.
    pub id_token: Option<&'a str>,
    /// Whether the access token is bound to a key (RFC 9449 5).
    pub bound: bool,
}

impl Profile {
    /// Whether a member can appear in token responses (knobs 21 to 26); the service need not
    /// make what is not shown.
    pub fn shows(&self, member: TokenMember) -> bool {
        self.token_response.members.contains(&member)
    }

    /// Whether these scopes bring an ID token (knob 25).
    pub fn issues_id_token(&self, granted: &ScopeSet) -> bool {
        self.oidc.enabled && granted.contains("openid") && self.shows(TokenMember::IdToken)
    }

    /// The successful token response, its members in the profile's order (RFC 6749 5.1).
    pub fn token_response(&self, answer: &TokenAnswer<'_>) -> WireAnswer {
        let value = |member: TokenMember| -> Option<(&'static str, Value)> {
            Some(match member {
                TokenMember::AccessToken => ("access_token", answer.access_token.into()),
                TokenMember::TokenType => ("token_type", self.token_type(answer.bound).into()),
                TokenMember::ExpiresIn | TokenMember::ExpiresAt if answer.expires_at == DateTime::<Utc>::MAX_UTC => {
                    return None;
                }
                TokenMember::ExpiresIn => ("expires_in", self.expires_in(answer).into()),
                TokenMember::Scope if !self.shows_scope(answer.scopes, answer.asked) => return None,
                TokenMember::Scope => ("scope", self.scope_text(answer.scopes).into()),
                TokenMember::ExpiresAt => ("expires_at", answer.expires_at.timestamp().into()),
                TokenMember::AccountId => ("account_id", answer.account_id?.into()),
                TokenMember::RefreshToken => ("refresh_token", answer.refresh_token?.into()),
                TokenMember::IdToken => ("id_token", answer.id_token?.into()),
            })
        };
        WireAnswer::json(200, self.token_response.members.iter().filter_map(|member| value(*member)).collect())
    }

    /// What an access token is called: the profile's word, or `DPoP` for one that is bound to a key.
    pub fn token_type(&self, bound: bool) -> &'static str {
        if bound { "DPoP" } else { self.token_response.token_type.as_str() }
    }

    fn expires_in(&self, answer: &TokenAnswer<'_>) -> i64 {
        let from = match self.token_response.expires_in {
            ExpiresIn::Nominal => answer.issued_at,
            // The clock shows whole milliseconds: part of the current one has gone by.
            ExpiresIn::Remaining => answer.now + TimeDelta::milliseconds(1),
        };
        (answer.expires_at - from).num_seconds().max(0)
    }
}
