//! The return to the client: knob 36.

use std::fmt;

use grantor_oauth::{ProtocolError, RedirectUri, ResponseMode};

use crate::{CallbackMember, Profile, Return};

/// What the client is told.
#[derive(Clone, Copy)]
pub enum CallbackOutcome<'a> {
    /// Here is a code.
    Code(&'a str),
    /// No.
    Refused {
        /// Why.
        error: &'a ProtocolError,
        /// Whether the user gave up, as opposed to any other failure.
        cancelled: bool,
    },
}

/// A rendered return. The code is a secret, so `Debug` prints names only.
#[derive(Clone, PartialEq, Eq)]
pub struct Callback {
    /// Where it goes.
    pub redirect_uri: RedirectUri,
    /// Redirect, or a form that posts itself.
    pub mode: ResponseMode,
    /// The parameters in order.
    pub pairs: Vec<(&'static str, String)>,
}

impl Callback {
    /// The URL to redirect to in query mode, the redirect URI's own query kept.
    pub fn url(&self) -> String {
        self.redirect_uri.with_query(self.pairs.iter().map(|(name, value)| (*name, value.as_str())))
    }
}

impl fmt::Debug for Callback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.pairs.iter().map(|(name, _)| *name).collect::<Vec<_>>();
        f.debug_struct("Callback").field("redirect_uri", &self.redirect_uri).field("pairs", &names).finish()
    }
}

impl Profile {
    /// Renders the answer to an authorization request. `issuer` is only used where the profile
    /// sends `iss` (RFC 9207).
    pub fn callback(&self, back: &Return, outcome: CallbackOutcome<'_>, issuer: &str) -> Callback {
        let value = |member: CallbackMember| -> Option<String> {
            match (member, outcome) {
                (CallbackMember::State, _) => back.state.clone(),
                (CallbackMember::Iss, _) => Some(issuer.to_owned()),
                (CallbackMember::Success, outcome) => Some(matches!(outcome, CallbackOutcome::Code(_)).to_string()),
                (CallbackMember::Code, CallbackOutcome::Code(code)) => Some(code.to_owned()),
                (CallbackMember::Error | CallbackMember::ErrorCode, CallbackOutcome::Refused { error, .. }) => {
                    Some(error.code().as_str().to_owned())
                }
                (CallbackMember::ErrorDescription, CallbackOutcome::Refused { error, .. }) => {
                    Some(error.description().to_owned()).filter(|text| !text.is_empty())
                }
                (CallbackMember::Cancel, CallbackOutcome::Refused { cancelled: true, .. }) => Some("true".to_owned()),
                _ => None,
            }
        };
        let members = self.errors.callback.iter();
        let pairs = members.filter_map(|member| Some((member.as_str(), value(*member)?))).collect();
        Callback { redirect_uri: back.redirect_uri.clone(), mode: back.mode, pairs }
    }
}
