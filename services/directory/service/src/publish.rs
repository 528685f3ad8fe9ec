//! Domain event ↔ stored form, and the facts of this service.

mod account;

use grantor_contracts::{
    directory::v1 as wire,
    stored::{decoded, encoded, instant, unreadable},
};
use grantor_copies::{Snapshot, USER_STATE};
use grantor_directory_domain::{Credential, Decision, Event, Sealed, User};
use grantor_eventsourcing::{Aggregate, AggregateType, Codec, DecodeError, Encoded, Envelope, Meta, Timestamp};
use grantor_ids::{TenantId, UserId};
use grantor_store::{Loaded, NewEvent, NewFact, Store};

pub use account::AccountCodec;

use crate::view;

const CREATED: &str = "identity.user.created";
const PROFILE_CHANGED: &str = "identity.user.profile_changed";
const CREDENTIAL_CHANGED: &str = "identity.user.credential_changed";
const LOCKED: &str = "identity.user.locked";
const LOCKED_OUT: &str = "identity.user.locked_out";
const UNLOCKED: &str = "identity.user.unlocked";
const DEACTIVATED: &str = "identity.user.deactivated";
const ERASED: &str = "identity.user.erased";
const LOGIN_SUCCEEDED: &str = "identity.login.succeeded";
const LOGIN_FAILED: &str = "identity.login.failed";

/// RFC 8176: password.
pub(crate) const PWD: &str = "pwd";

/// The stored form of users' events: `proto/directory/v1/user.proto`.
pub struct UserCodec;

impl Codec for UserCodec {
    type Aggregate = User;

    fn encode(event: &Event) -> Encoded {
        match event {
            Event::Created { profile, email_verified, has_password, at } => encoded(
                CREATED,
                &wire::UserCreated {
                    profile: profile.0.clone(),
                    email_verified: *email_verified,
                    has_password: *has_password,
                    at_ms: at.timestamp_millis(),
                },
            ),
            Event::ProfileChanged { profile, email_verified, at } => encoded(
                PROFILE_CHANGED,
                &wire::UserProfileChanged {
                    profile: profile.0.clone(),
                    email_verified: *email_verified,
                    at_ms: at.timestamp_millis(),
                },
            ),
            Event::CredentialChanged { credential: Credential::Password, at } => encoded(
                CREDENTIAL_CHANGED,
                &wire::UserCredentialChanged { credential: PWD.into(), at_ms: at.timestamp_millis() },
            ),
            Event::Locked { at } => encoded(LOCKED, &wire::UserLocked { at_ms: at.timestamp_millis() }),
            Event::LockedOut { at } => encoded(LOCKED_OUT, &wire::UserLockedOut { at_ms: at.timestamp_millis() }),
            Event::Unlocked { at } => encoded(UNLOCKED, &wire::UserUnlocked { at_ms: at.timestamp_millis() }),
            Event::Deactivated { at } => encoded(DEACTIVATED, &wire::UserDeactivated { at_ms: at.timestamp_millis() }),
            Event::Erased { at } => encoded(ERASED, &wire::UserErased { at_ms: at.timestamp_millis() }),
        }
    }

    fn decode(envelope: &Envelope) -> Result<Event, DecodeError> {
        let at = |millis| instant(envelope, millis);
        Ok(match envelope.event_type.as_str() {
            CREATED => {
                let wire::UserCreated { profile, email_verified, has_password, at_ms } = decoded(envelope)?;
                Event::Created { profile: Sealed(profile), email_verified, has_password, at: at(at_ms)? }
            }
            PROFILE_CHANGED => {
                let wire::UserProfileChanged { profile, email_verified, at_ms } = decoded(envelope)?;
                Event::ProfileChanged { profile: Sealed(profile), email_verified, at: at(at_ms)? }
            }
            CREDENTIAL_CHANGED => {
                let wire::UserCredentialChanged { credential, at_ms } = decoded(envelope)?;
                if credential != PWD {
                    return Err(unreadable(envelope, "unknown credential"));
                }
                Event::CredentialChanged { credential: Credential::Password, at: at(at_ms)? }
            }
            LOCKED => Event::Locked { at: at(decoded::<wire::UserLocked>(envelope)?.at_ms)? },
            LOCKED_OUT => Event::LockedOut { at: at(decoded::<wire::UserLockedOut>(envelope)?.at_ms)? },
            UNLOCKED => Event::Unlocked { at: at(decoded::<wire::UserUnlocked>(envelope)?.at_ms)? },
            DEACTIVATED => Event::Deactivated { at: at(decoded::<wire::UserDeactivated>(envelope)?.at_ms)? },
            ERASED => Event::Erased { at: at(decoded::<wire::UserErased>(envelope)?.at_ms)? },
            _ => return Err(unreadable(envelope, "unknown type")),
        })
    }
}

/// Why a login failed. For those who investigate; the answer is the same for all (C24).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LoginFailure {
    WrongPassword,
    UnknownUser,
    Unverified,
    Locked,
    Deactivated,
    /// The password was changed while it was being checked.
    ChangedMeanwhile,
}

impl LoginFailure {
    const fn as_str(self) -> &'static str {
        match self {
            Self::WrongPassword => "wrong_password",
            Self::UnknownUser => "unknown_user",
            Self::Unverified => "unverified",
            Self::Locked => "locked",
            Self::Deactivated => "deactivated",
            Self::ChangedMeanwhile => "changed_meanwhile",
        }
    }
}

/// Makes this service's facts.
pub(crate) struct Facts<'a> {
    pub store: &'a Store,
    pub tenant: TenantId,
    pub meta: &'a Meta,
    pub now: Timestamp,
}

impl Facts<'_> {
    /// The user's status after a decision, for those who hold copies; nothing when nothing
    /// happened.
    pub fn state(&self, before: &Loaded<User>, decision: &Decision) -> Option<NewFact> {
        let events = &decision.events;
        let user = UserId::from_uuid(before.id);
        let version = before.version + u32::try_from(events.len()).ok().filter(|count| *count > 0)?;
        let state = events.iter().fold(before.state.clone(), User::evolve);
        let status = view::status(user, &state, version)?;
        let record = Snapshot::encode(USER_STATE, user.to_string(), version, Some(&status));
        Some(self.fact(user, record))
    }

    /// Somebody logged in.
    pub fn login_succeeded(&self, user: UserId) -> NewFact {
        self.fact(user, encoded(LOGIN_SUCCEEDED, &wire::LoginSucceeded { amr: vec![PWD.into()] }))
    }

    /// Somebody did not.
    pub fn login_failed(&self, user: Option<UserId>, why: LoginFailure) -> NewFact {
        let user = user.unwrap_or(UserId::from_uuid(uuid::Uuid::nil()));
        self.fact(user, encoded(LOGIN_FAILED, &wire::LoginFailed { reason: why.as_str().into() }))
    }

    fn fact(&self, user: UserId, encoded: Encoded) -> NewFact {
        NewFact {
            tenant: self.tenant,
            kind: AggregateType::User,
            aggregate: user.uuid(),
            event: NewEvent { id: self.store.event_id(), encoded, occurred_at: self.now, meta: self.meta.clone() },
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use bytes_of::envelope;
    use chrono::DateTime;
    use grantor_eventsourcing::Codec;

    use super::*;

    pub(crate) mod bytes_of {
        use chrono::DateTime;
        use grantor_eventsourcing::{Actor, Position};
        use grantor_ids::EventId;
        use uuid::Uuid;

        use super::super::*;

        pub fn envelope(encoded: &Encoded) -> Envelope {
            Envelope {
                position: Position::row(1),
                event_id: EventId::from_uuid(Uuid::nil()),
                event_type: encoded.event_type.to_owned(),
                schema_version: encoded.schema_version,
                tenant: TenantId::from_uuid(Uuid::nil()),
                aggregate_type: AggregateType::User,
                aggregate_id: Uuid::nil(),
                version: 1,
                occurred_at: DateTime::UNIX_EPOCH,
                recorded_at: DateTime::UNIX_EPOCH,
                meta: Meta::by(Actor::System),
                payload: encoded.payload.clone(),
            }
        }
    }

    /// Version 1 of every event as it was first stored; these bytes never change.
    fn golden() -> Vec<(&'static str, &'static str, Event)> {
        let at = DateTime::from_timestamp_millis(1_700_000_000_123).unwrap();
        let profile = Sealed(vec![1, 2, 3]);
        vec![
            (
                CREATED,
                "0a030102031001180120fbd095ffbc31",
                Event::Created { profile: profile.clone(), email_verified: true, has_password: true, at },
            ),
            (PROFILE_CHANGED, "0a0301020318fbd095ffbc31", Event::ProfileChanged { profile, email_verified: false, at }),
            (
                CREDENTIAL_CHANGED,
                "0a0370776410fbd095ffbc31",
                Event::CredentialChanged { credential: Credential::Password, at },
            ),
            (LOCKED, "08fbd095ffbc31", Event::Locked { at }),
            (LOCKED_OUT, "08fbd095ffbc31", Event::LockedOut { at }),
            (UNLOCKED, "08fbd095ffbc31", Event::Unlocked { at }),
            (DEACTIVATED, "08fbd095ffbc31", Event::Deactivated { at }),
            (ERASED, "08fbd095ffbc31", Event::Erased { at }),
        ]
    }

    #[test]
    fn stored_bytes_never_change() {
        for (event_type, bytes, event) in golden() {
            let encoded = UserCodec::encode(&event);
            let hex: String = encoded.payload.iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!((encoded.event_type, hex.as_str()), (event_type, bytes));
            assert_eq!(UserCodec::decode(&envelope(&encoded)).unwrap(), event);
        }
    }

    #[test]
    fn what_is_not_known_is_refused() {
        let mut strange = envelope(&UserCodec::encode(&Event::Locked { at: DateTime::UNIX_EPOCH }));
        strange.schema_version = 2;
        assert!(UserCodec::decode(&strange).is_err());
        strange.schema_version = 1;
        strange.event_type = "identity.user.cloned".into();
        assert!(UserCodec::decode(&strange).is_err());
    }
}
