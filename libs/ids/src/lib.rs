//! Typed identifiers, printed with a prefix: `gra_0192f0c1…`.
//!
//! An id is a UUID that knows what it names, so that a grant can never be looked up with a
//! user's id. Ids are made from version 7 UUIDs by the shell (`Entropy` in `grantor-ports`);
//! this crate only carries them.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use uuid::Uuid;

/// Why a string is not an id of the wanted type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected an id that starts with `{prefix}_` and ends in 32 hexadecimal digits")]
pub struct ParseIdError {
    /// The prefix that was wanted.
    pub prefix: &'static str,
}

/// What every typed id can do.
pub trait Id: Copy + Eq + fmt::Debug + fmt::Display {
    /// The prefix, without the underscore.
    const PREFIX: &'static str;
    /// Wraps a UUID.
    fn from_uuid(uuid: Uuid) -> Self;
    /// The UUID inside.
    fn uuid(self) -> Uuid;
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps a UUID.
            pub const fn from_uuid(uuid: Uuid) -> Self { Self(uuid) }
            /// The UUID inside.
            pub const fn uuid(self) -> Uuid { self.0 }
        }

        impl Id for $name {
            const PREFIX: &'static str = $prefix;
            fn from_uuid(uuid: Uuid) -> Self { Self(uuid) }
            fn uuid(self) -> Uuid { self.0 }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "_{}"), self.0.as_simple())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { fmt::Display::fmt(self, f) }
        }

        impl FromStr for $name {
            type Err = ParseIdError;
            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                parse($prefix, text).map(Self).ok_or(ParseIdError { prefix: $prefix })
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(de::Error::custom)
            }
        }
    )+};
}

ids! {
    /// A tenant: an isolated customer of the operator.
    TenantId = "ten";
    /// A partner's registered application. Its `client_id` on the wire is another string,
    /// whose shape the tenant's profile decides.
    ClientKey = "cli";
    /// A person who logs in.
    UserId = "usr";
    /// What access is given to; a business account can have several users.
    AccountId = "acc";
    /// One approval and all that hangs from it: code, refresh family, tokens.
    GrantId = "gra";
    /// A browser session of a user at a tenant.
    SessionId = "ses";
    /// What a user agreed to for a client.
    ConsentId = "con";
    /// One use of the widget that a partner sends people to.
    FlowId = "flo";
    /// A signing key of a tenant.
    SigningKeyId = "key";
    /// A person or program that runs the deployment.
    OperatorId = "opr";
    /// An endpoint that is told what happens.
    WebhookId = "whe";
    /// An event; unique for ever.
    EventId = "evt";
}

fn parse(prefix: &str, text: &str) -> Option<Uuid> {
    let digits = text.strip_prefix(prefix)?.strip_prefix('_')?;
    let plain = digits.len() == 32 && digits.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    if plain { Uuid::try_parse(digits).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_what_it_prints() {
        let id = GrantId::from_uuid(Uuid::from_u128(0x0192_f0c1));
        assert_eq!(id.to_string(), "gra_0000000000000000000000000192f0c1");
        assert_eq!(id.to_string().parse(), Ok(id));
    }

    #[test]
    fn an_id_of_another_type_is_refused() {
        let user = UserId::from_uuid(Uuid::from_u128(7)).to_string();
        assert_eq!(user.parse::<GrantId>(), Err(ParseIdError { prefix: "gra" }));
        assert!("gra_0192F0C1000000000000000000000000".parse::<GrantId>().is_err(), "upper case is another string");
    }
}
