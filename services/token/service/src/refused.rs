//! Why a request of a client is not answered with what it wants, and the one table from that
//! to RFC 6749 5.2.

use grantor_oauth::{ErrorCode, ProtocolError};
use grantor_ports::PortError;
use grantor_profile::{Occasion, Profile, Situation};
use grantor_store::StoreError;
use grantor_token_domain::{
    Denial,
    grant::{ExchangeRefusal, RefreshRefusal},
};
use grantor_web::Answer;

pub(crate) use grantor_web::wire;

/// A refusal on its way to the wire.
#[derive(Debug)]
pub(crate) enum Refused {
    /// In the protocol's words.
    Protocol(ProtocolError),
    /// In the words of the tenant's profile; the text is what this caller sent.
    Because(Situation, Option<String>),
    /// Too many failures of a client; seconds to wait.
    Throttled(i64),
    /// Too many failures of a user; seconds to wait.
    TooManyGuesses(i64),
    /// Nothing can be said now.
    Unavailable,
}

impl From<ProtocolError> for Refused {
    fn from(error: ProtocolError) -> Self {
        Self::Protocol(error)
    }
}

impl From<PortError> for Refused {
    fn from(_: PortError) -> Self {
        Self::Unavailable
    }
}

impl From<StoreError> for Refused {
    fn from(_: StoreError) -> Self {
        Self::Unavailable
    }
}

impl Refused {
    pub fn bad_client() -> Self {
        Self::Because(Situation::BadClient, None)
    }

    /// A code's refusal; `code` is what the caller sent.
    pub fn of_code(refusal: ExchangeRefusal, code: &str) -> Self {
        let situation = match refusal {
            ExchangeRefusal::Unknown | ExchangeRefusal::OtherClient => Situation::UnknownCode,
            ExchangeRefusal::Expired => Situation::ExpiredCode,
            ExchangeRefusal::Replayed => Situation::UsedCode,
            ExchangeRefusal::OtherRedirectUri => Situation::OtherRedirectUri,
            ExchangeRefusal::WrongVerifier => Situation::WrongVerifier,
            ExchangeRefusal::NoRedirectUri => {
                return ProtocolError::invalid_request("the parameter 'redirect_uri' is missing").into();
            }
            ExchangeRefusal::OtherKey => {
                return ErrorCode::InvalidGrant.because("the code is bound to another key (dpop_jkt)").into();
            }
            ExchangeRefusal::Denied(denial) => return Self::of_denial(denial, Situation::UnknownCode),
        };
        Self::Because(situation, Some(code.to_owned()))
    }

    /// A refresh token's refusal: one text for all of them.
    pub fn of_refresh(refusal: RefreshRefusal) -> Self {
        match refusal {
            RefreshRefusal::Denied(denial) => Self::of_denial(denial, Situation::BadRefreshToken),
            _ => Self::Because(Situation::BadRefreshToken, None),
        }
    }

    /// The policy's refusal; `gone` is what one says of a grant that is dead.
    pub fn of_denial(denial: Denial, gone: Situation) -> Self {
        match denial {
            Denial::Tenant | Denial::Client | Denial::LockedOut => Self::bad_client(),
            Denial::PublicClient => {
                ErrorCode::UnauthorizedClient.because("this grant_type is for confidential clients").into()
            }
            Denial::NotLetIn => ErrorCode::UnauthorizedClient.because("this client may not use this grant_type").into(),
            // As if the password were wrong: nothing about the user shows.
            Denial::SecondFactor => Self::Because(Situation::BadUserCredentials, None),
            Denial::Revoked | Denial::UserGone => Self::Because(gone, None),
            Denial::UserLocked => Self::Because(Situation::UserLocked, None),
            Denial::UserUnheard => Self::Unavailable,
            Denial::Scope => ErrorCode::InvalidScope.because("a scope is not allowed for this client any more").into(),
        }
    }

    /// The error in the tenant's words; `None` when nothing can be said.
    pub fn error(&self, profile: &Profile) -> ProtocolError {
        match self {
            Self::Protocol(error) => error.clone(),
            Self::Because(situation, submitted) => profile.refusal(*situation, submitted.as_deref()),
            Self::Throttled(_) => ErrorCode::InvalidClient.because("too many failed attempts; try again later"),
            Self::TooManyGuesses(_) => ErrorCode::InvalidGrant.because("too many failed attempts; try again later"),
            Self::Unavailable => ErrorCode::TemporarilyUnavailable.because("the service cannot answer now; try again"),
        }
    }

    /// The token endpoint's answer: that of RFC 6749 5.2, but where the profile has statuses and a
    /// form of its own (knob 38).
    pub fn token_answer(&self, profile: &Profile, occasion: Occasion<'_>) -> Answer {
        match self {
            Self::Because(situation, submitted) => {
                wire(profile.situation_answer(*situation, submitted.as_deref(), occasion))
            }
            _ => self.answer(profile),
        }
    }

    /// The answer of RFC 6749 5.2: JSON, never cached.
    pub fn answer(&self, profile: &Profile) -> Answer {
        let error = self.error(profile);
        match self {
            Self::Because(situation, _) => wire(profile.error_answer(&error, profile.status_of(*situation))),
            Self::Throttled(seconds) | Self::TooManyGuesses(seconds) => {
                wire(profile.error_answer(&error, 429)).header("retry-after", &seconds.to_string())
            }
            Self::Protocol(_) | Self::Unavailable => wire(profile.token_error(&error)),
        }
    }
}
