use serde::{Deserialize, Serialize};

/// The kind of a token, in the header's `typ` (RFC 8725 3.11).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Typ {
    /// `JWT`: an id_token.
    IdToken,
    /// `at+jwt`: an access token (RFC 9068 2.1).
    AccessToken,
    /// `client-authentication+jwt`: what a client signs to say who it is (RFC 7523 2.2). That specification
    /// names no type, so `JWT` and no type at all are taken too: a client's keys check nothing else.
    ClientAssertion,
}

impl Typ {
    /// What stands in the header.
    pub const fn name(self) -> &'static str {
        match self {
            Self::IdToken => "JWT",
            Self::AccessToken => "at+jwt",
            Self::ClientAssertion => "client-authentication+jwt",
        }
    }

    /// Media types compare without case, and `application/` may be left out (RFC 7515 4.1.9).
    pub(crate) fn matches(self, typ: Option<&str>) -> bool {
        const PREFIX: &str = "application/";
        let Some(typ) = typ else { return self == Self::ClientAssertion };
        let bare = match typ.get(..PREFIX.len()) {
            Some(prefix) if prefix.eq_ignore_ascii_case(PREFIX) => &typ[PREFIX.len()..],
            _ => typ,
        };
        bare.eq_ignore_ascii_case(self.name())
            || self == Self::ClientAssertion && bare.eq_ignore_ascii_case(Self::IdToken.name())
    }
}

/// `aud`: one string or several (RFC 7519 4.1.3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Audience {
    /// The usual form.
    One(String),
    /// The list form.
    Many(Vec<String>),
}

impl Audience {
    /// Whether this audience is among them, as an exact string.
    pub fn contains(&self, audience: &str) -> bool {
        match self {
            Self::One(one) => one == audience,
            Self::Many(many) => many.iter().any(|one| one == audience),
        }
    }
}

impl From<&str> for Audience {
    fn from(one: &str) -> Self {
        Self::One(one.to_owned())
    }
}

/// The claims of RFC 7519 4.1 that decide whether a token counts. A member that stands twice
/// makes the token malformed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Registered {
    /// Issuer.
    pub iss: Option<String>,
    /// Subject.
    pub sub: Option<String>,
    /// Audience.
    pub aud: Option<Audience>,
    /// Expiry, seconds since 1970.
    pub exp: Option<i64>,
    /// Not before, seconds since 1970.
    pub nbf: Option<i64>,
    /// Issued at, seconds since 1970.
    pub iat: Option<i64>,
}

/// What a token has to show, beside a good signature by the key's own algorithm.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The kind of token.
    pub typ: Typ,
    /// The issuer, compared as an exact string.
    pub iss: &'a str,
    /// One of the token's audiences; `None` leaves the audience to the caller.
    pub aud: Option<&'a str>,
    /// The tenant's clock, seconds since 1970.
    pub now: i64,
    /// How far the two clocks may differ, in seconds.
    pub leeway: i64,
}

impl Expected<'_> {
    /// Issuer, audience, `exp`, `nbf`, `iat`.
    pub(crate) fn check(&self, claims: &Registered) -> Result<(), Refusal> {
        self.check_origin(claims)?;
        let exp = claims.exp.ok_or(Refusal::NoExpiry)?;
        if self.now >= exp.saturating_add(self.leeway) {
            return Err(Refusal::Expired);
        }
        let latest = self.now.saturating_add(self.leeway);
        if claims.nbf.is_some_and(|nbf| nbf > latest) || claims.iat.is_some_and(|iat| iat > latest) {
            return Err(Refusal::NotYetValid);
        }
        Ok(())
    }

    /// Issuer and audience only.
    pub(crate) fn check_origin(&self, claims: &Registered) -> Result<(), Refusal> {
        if claims.iss.as_deref() != Some(self.iss) {
            return Err(Refusal::OtherIssuer);
        }
        match (self.aud, &claims.aud) {
            (Some(wanted), Some(named)) if !named.contains(wanted) => Err(Refusal::OtherAudience),
            (Some(_), None) => Err(Refusal::OtherAudience),
            _ => Ok(()),
        }
    }
}

/// Why a token is worth nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Not a compact JWS with JSON inside, or too long.
    #[error("not a JSON Web Token")]
    Malformed,
    /// The header names another algorithm than the key's.
    #[error("not signed with the key's algorithm")]
    OtherAlgorithm,
    /// No key goes by the name in the header.
    #[error("signed with a key that is not known here")]
    UnknownKey,
    /// The header demands extensions.
    #[error("needs an extension that is not understood")]
    CriticalExtension,
    /// Another kind of token.
    #[error("another kind of token")]
    OtherType,
    /// The signature is not the key's.
    #[error("the signature does not match")]
    BadSignature,
    /// `iss` is missing or another.
    #[error("issued by another issuer")]
    OtherIssuer,
    /// `aud` is missing or does not name us.
    #[error("meant for another audience")]
    OtherAudience,
    /// `exp` is missing.
    #[error("without an expiry")]
    NoExpiry,
    /// `exp` has passed.
    #[error("expired")]
    Expired,
    /// `nbf` or `iat` lies in the future.
    #[error("not valid yet")]
    NotYetValid,
    /// `sub` is missing or another.
    #[error("about another subject")]
    OtherSubject,
    /// `exp` lies further ahead than is remembered.
    #[error("valid for too long")]
    TooLong,
    /// `jti` is missing, empty or too long.
    #[error("without an id of its own")]
    NoId,
}
