//! A client's own settings on the wire.

use grantor_oauth::parse_json;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{ApiProblem, ApiRefusal, BodyKind, Incoming, UsersApi, WireAnswer};

/// The shortest lifetime that a client may choose, in seconds; 0 is for ever.
const SHORTEST: u64 = 60;
/// The longest, ten years.
const LONGEST: u64 = 3660 * 86_400;

/// Lifetimes in seconds; 0 means that the token never ends. In a change, what is absent stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Lifetimes {
    /// Of access tokens with a user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_access: Option<u32>,
    /// Of the client's own access tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_access: Option<u32>,
    /// Of refresh tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh: Option<u32>,
}

impl Lifetimes {
    /// Whether a client may choose these: each at least a minute and at most ten years, or 0.
    pub fn are_allowed(&self) -> bool {
        let all = [self.user_access, self.client_access, self.refresh];
        all.into_iter().flatten().all(|seconds| allowed(u64::from(seconds)))
    }

    /// These, and where they say nothing `others`.
    #[must_use]
    pub fn or(self, others: Self) -> Self {
        Self {
            user_access: self.user_access.or(others.user_access),
            client_access: self.client_access.or(others.client_access),
            refresh: self.refresh.or(others.refresh),
        }
    }
}

fn allowed(seconds: u64) -> bool {
    seconds == 0 || (SHORTEST..=LONGEST).contains(&seconds)
}

const USER: &str = "userAccessTokensValidityPeriod";
const CLIENT: &str = "clientAccessTokensValidityPeriod";
const REFRESH: &str = "refreshTokensValidityPeriod";

impl UsersApi {
    /// A client's settings; `lifetimes` are those in force.
    pub fn configuration_answer(&self, name: &str, lifetimes: Lifetimes) -> WireAnswer {
        let members = vec![
            ("applicationName", Value::from(name)),
            (REFRESH, lifetimes.refresh.into()),
            (USER, lifetimes.user_access.into()),
            (CLIENT, lifetimes.client_access.into()),
            ("maxUserLoginAttempts", self.lock_after_failures.unwrap_or(0).into()),
            ("isUserAutoVerificationEnabled", self.auto_verify.into()),
        ];
        WireAnswer::json(200, members)
    }

    /// Reads a change of a client's settings: lifetimes of at least 60 seconds, or 0.
    pub fn parse_configuration(&self, incoming: &Incoming<'_>) -> Result<Lifetimes, ApiRefusal> {
        let bad = |message: &str| ApiRefusal::new(ApiProblem::BadRequest, message);
        if BodyKind::of(incoming.content_type) != Some(BodyKind::Json) {
            return Err(bad("the content type must be application/json"));
        }
        let document = parse_json(incoming.body, 16 * 1024, 4).map_err(|_| bad("the body is not acceptable JSON"))?;
        let Value::Object(members) = document else { return Err(bad("the body must be a JSON object")) };
        let seconds = |name: &str| match members.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => match value.as_u64().filter(|seconds| allowed(*seconds)) {
                Some(seconds) => Ok(u32::try_from(seconds).ok()),
                None => {
                    let message = format!("'{name}' must be 0 or at least 60 seconds, and at most ten years");
                    Err(ApiRefusal::new(ApiProblem::IllegalFieldValue, message))
                }
            },
        };
        let changed =
            Lifetimes { user_access: seconds(USER)?, client_access: seconds(CLIENT)?, refresh: seconds(REFRESH)? };
        if changed == Lifetimes::default() {
            return Err(ApiRefusal::new(ApiProblem::MissingField, "nothing that can be changed was sent"));
        }
        Ok(changed)
    }
}
