use grantor_eventsourcing::{Aggregate, AggregateType, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{Event, Sealed};

/// What is kept of a user who is not erased.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Address, claims, attributes.
    pub profile: Sealed,
    /// Whether the address is theirs.
    pub email_verified: bool,
    /// Whether they can log in by password.
    pub has_password: bool,
    /// Since when.
    pub created_at: Timestamp,
    /// When the profile was last changed: the `updated_at` claim (OIDC Core 5.1).
    pub updated_at: Timestamp,
    /// Grants and sessions from before this instant are dead; it never moves back.
    pub not_before: Option<Timestamp>,
    /// Whether wrong passwords locked them, and no operator: a new password unlocks them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub locked_out: bool,
}

/// A person who logs in.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum User {
    /// There is none with this id.
    #[default]
    Unknown,
    /// May act.
    Active(Account),
    /// Not until unlocked.
    Locked(Account),
    /// No more.
    Deactivated(Account),
    /// Gone; no personal datum is left.
    Erased {
        /// Since when they had been there.
        created_at: Timestamp,
        /// When they went.
        erased_at: Timestamp,
    },
}

impl User {
    /// What is kept of them, unless they are erased.
    pub const fn account(&self) -> Option<&Account> {
        match self {
            Self::Active(account) | Self::Locked(account) | Self::Deactivated(account) => Some(account),
            Self::Unknown | Self::Erased { .. } => None,
        }
    }

    /// Since when they have been there.
    pub fn created_at(&self) -> Option<Timestamp> {
        match self {
            Self::Erased { created_at, .. } => Some(*created_at),
            other => other.account().map(|account| account.created_at),
        }
    }

    /// Grants and sessions from before this instant are dead.
    pub fn not_before(&self) -> Option<Timestamp> {
        match self {
            Self::Erased { erased_at, .. } => Some(*erased_at),
            other => other.account().and_then(|account| account.not_before),
        }
    }

    /// As it must be read when the user's key is not there: erased, whatever the log says. The
    /// log may come from a backup that is older than the erasure; the key does not.
    #[must_use]
    pub fn without_key(self) -> Self {
        match self {
            Self::Active(account) | Self::Locked(account) | Self::Deactivated(account) => {
                let erased_at = account.not_before.unwrap_or(account.updated_at).max(account.updated_at);
                Self::Erased { created_at: account.created_at, erased_at }
            }
            other => other,
        }
    }
}

impl Account {
    fn changed(self, profile: &Sealed, email_verified: bool, at: Timestamp) -> Self {
        Self { profile: profile.clone(), email_verified, updated_at: at.max(self.updated_at), ..self }
    }

    fn dead_before(self, at: Timestamp) -> Self {
        Self { not_before: self.not_before.max(Some(at)), ..self }
    }
}

impl Aggregate for User {
    type Event = Event;

    const TYPE: AggregateType = AggregateType::User;

    fn evolve(self, event: &Event) -> Self {
        match (self, event) {
            (Self::Unknown, Event::Created { profile, email_verified, has_password, at }) => Self::Active(Account {
                profile: profile.clone(),
                email_verified: *email_verified,
                has_password: *has_password,
                created_at: *at,
                updated_at: *at,
                not_before: None,
                locked_out: false,
            }),
            (Self::Active(account), Event::ProfileChanged { profile, email_verified, at }) => {
                Self::Active(account.changed(profile, *email_verified, *at))
            }
            (Self::Locked(account), Event::ProfileChanged { profile, email_verified, at }) => {
                Self::Locked(account.changed(profile, *email_verified, *at))
            }
            (Self::Active(account), Event::CredentialChanged { at, .. }) => {
                Self::Active(Account { has_password: true, ..account.dead_before(*at) })
            }
            (Self::Locked(account), Event::CredentialChanged { at, .. }) => {
                Self::Locked(Account { has_password: true, ..account.dead_before(*at) })
            }
            (Self::Active(account), Event::Locked { at }) => Self::Locked(account.dead_before(*at)),
            (Self::Active(account), Event::LockedOut { at }) => {
                Self::Locked(Account { locked_out: true, ..account.dead_before(*at) })
            }
            // An operator's lock stays when a new password comes.
            (Self::Locked(account), Event::Locked { at }) => {
                Self::Locked(Account { locked_out: false, ..account.dead_before(*at) })
            }
            (Self::Locked(account), Event::Unlocked { .. }) => Self::Active(Account { locked_out: false, ..account }),
            (Self::Active(account) | Self::Locked(account), Event::Deactivated { at }) => {
                Self::Deactivated(account.dead_before(*at))
            }
            (Self::Active(account) | Self::Locked(account) | Self::Deactivated(account), Event::Erased { at }) => {
                Self::Erased {
                    created_at: account.created_at,
                    erased_at: account.not_before.max(Some(*at)).unwrap_or(*at),
                }
            }
            // Nothing else makes sense; an event that does not leaves the state as it is.
            (state, _) => state,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::{at, created, profile, state};

    #[test]
    fn a_step_back_of_the_clock_does_not_revive_what_was_dead() {
        let user = state(&[
            created(1),
            Event::Locked { at: at(50) },
            Event::Unlocked { at: at(51) },
            Event::Locked { at: at(20) },
        ]);
        assert_eq!(user.not_before(), Some(at(50)));
        assert_eq!(user.evolve(&Event::Erased { at: at(10) }).not_before(), Some(at(50)));
    }

    #[test]
    fn an_erased_user_keeps_nothing_personal_and_never_comes_back() {
        let erased = state(&[created(1), Event::Erased { at: at(9) }]);
        assert_eq!(erased, User::Erased { created_at: at(1), erased_at: at(9) });
        assert_eq!(erased.clone().evolve(&created(10)), erased);
        let change = Event::ProfileChanged { profile: profile(3), email_verified: true, at: at(11) };
        assert_eq!(erased.clone().evolve(&change), erased);
    }

    #[test]
    fn without_their_key_a_user_reads_as_erased() {
        let user = state(&[created(1), Event::Locked { at: at(5) }]);
        assert_eq!(user.without_key(), User::Erased { created_at: at(1), erased_at: at(5) });
        assert_eq!(User::Unknown.without_key(), User::Unknown);
    }

    #[test]
    fn a_state_row_reads_back() {
        for user in [state(&[]), state(&[created(1)]), state(&[created(1), Event::Erased { at: at(9) }])] {
            let json = serde_json::to_string(&user).unwrap();
            assert_eq!(serde_json::from_str::<User>(&json).unwrap(), user, "{json}");
        }
    }
}
