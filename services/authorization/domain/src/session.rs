use chrono::TimeDelta;
use grantor_eventsourcing::{Aggregate, AggregateType, Timestamp};
use grantor_ids::UserId;
use serde::{Deserialize, Serialize};

/// A user in a browser. A login always makes a new one (C25), so a session has one `auth_time`
/// for life.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Session {
    /// Not started.
    #[default]
    Unknown,
    /// Somebody is signed in.
    Live(Live),
    /// Over.
    Ended {
        /// Who was signed in.
        user: UserId,
        /// Why it ended.
        reason: EndReason,
    },
}

/// A session that was started and not ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Live {
    /// Who.
    pub user: UserId,
    /// When they proved it.
    pub auth_time: Timestamp,
    /// How (RFC 8176).
    pub amr: Vec<String>,
    /// The latest end.
    pub expires_at: Timestamp,
    /// Operational: when it was last used, to within the caller's step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_seen: Option<Timestamp>,
}

/// What happens to a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SessionEvent {
    /// `identity.session.started`
    Started {
        /// Who.
        user: UserId,
        /// When they proved it.
        auth_time: Timestamp,
        /// How.
        amr: Vec<String>,
        /// The latest end.
        expires_at: Timestamp,
    },
    /// `identity.session.ended`
    Ended {
        /// Who was signed in.
        user: UserId,
        /// Why.
        reason: EndReason,
    },
}

/// Why a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// The person signed out.
    LoggedOut,
    /// The same browser logged in anew.
    Replaced,
    /// It was not used for too long.
    Idle,
    /// It reached its latest end.
    Expired,
    /// The user was locked, deactivated or erased, or changed their password (C11).
    UserChanged,
}

impl EndReason {
    /// Every reason.
    pub const ALL: [Self; 5] = [Self::LoggedOut, Self::Replaced, Self::Idle, Self::Expired, Self::UserChanged];

    /// The word in the event.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LoggedOut => "logged_out",
            Self::Replaced => "replaced",
            Self::Idle => "idle",
            Self::Expired => "expired",
            Self::UserChanged => "user_changed",
        }
    }
}

/// What the directory says of a session's user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// May act; sessions from before the instant are dead.
    Active {
        /// From a password change, an unlock and the like.
        not_before: Option<Timestamp>,
    },
    /// Locked, deactivated or erased.
    Blocked,
}

impl Aggregate for Session {
    type Event = SessionEvent;
    const TYPE: AggregateType = AggregateType::Session;

    fn evolve(self, event: &SessionEvent) -> Self {
        match (self, event) {
            (Self::Unknown, SessionEvent::Started { user, auth_time, amr, expires_at }) => Self::Live(Live {
                user: *user,
                auth_time: *auth_time,
                amr: amr.clone(),
                expires_at: *expires_at,
                last_seen: None,
            }),
            (Self::Live(_), SessionEvent::Ended { user, reason }) => Self::Ended { user: *user, reason: *reason },
            (state, _) => state,
        }
    }

    fn without_operational(self) -> Self {
        match self {
            Self::Live(live) => Self::Live(Live { last_seen: None, ..live }),
            other => other,
        }
    }
}

impl Live {
    /// Whether it may still be used, or why it must end.
    pub fn check(&self, now: Timestamp, idle_seconds: u32, standing: Standing) -> Result<(), EndReason> {
        let outdated = match standing {
            Standing::Blocked => true,
            Standing::Active { not_before } => not_before.is_some_and(|limit| self.auth_time < limit),
        };
        let used = self.last_seen.unwrap_or(self.auth_time);
        if outdated {
            Err(EndReason::UserChanged)
        } else if now >= self.expires_at {
            Err(EndReason::Expired)
        } else if now - used >= TimeDelta::seconds(idle_seconds.into()) {
            Err(EndReason::Idle)
        } else {
            Ok(())
        }
    }

    /// Whether its use is to be noted: not at every request, as each note is a write.
    pub fn needs_note(&self, now: Timestamp, idle_seconds: u32) -> bool {
        let used = self.last_seen.unwrap_or(self.auth_time);
        now - used >= TimeDelta::seconds(i64::from(idle_seconds / 20).max(1))
    }
}

/// The authentication context class that a login reached, of those the tenant names in rising
/// order (OpenID Connect Core 2, `acr`). One factor reaches the first.
pub fn acr_of<'a>(amr: &[String], classes: &'a [String]) -> Option<&'a str> {
    if amr.is_empty() { None } else { classes.first().map(String::as_str) }
}
