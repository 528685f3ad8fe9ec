use grantor_eventsourcing::Timestamp;

use crate::Sealed;

/// What proves who a user is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credential {
    /// A password.
    Password,
}

/// What happens to a user. Instants are by the tenant's clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// `identity.user.created`
    Created {
        /// Address, claims, attributes.
        profile: Sealed,
        /// Whether the address is theirs.
        email_verified: bool,
        /// Whether they can log in by password.
        has_password: bool,
        /// When.
        at: Timestamp,
    },
    /// `identity.user.profile_changed`
    ProfileChanged {
        /// Address, claims, attributes, as they are now.
        profile: Sealed,
        /// Whether the address is theirs.
        email_verified: bool,
        /// When.
        at: Timestamp,
    },
    /// `identity.user.credential_changed`: what was granted before is dead (C11).
    CredentialChanged {
        /// Which.
        credential: Credential,
        /// When.
        at: Timestamp,
    },
    /// `identity.user.locked`: what was granted before is dead (C11).
    Locked {
        /// When.
        at: Timestamp,
    },
    /// `identity.user.locked_out`: so many wrong passwords came from clients that they are locked
    /// until a new one is set; what was granted before is dead (C11).
    LockedOut {
        /// When.
        at: Timestamp,
    },
    /// `identity.user.unlocked`
    Unlocked {
        /// When.
        at: Timestamp,
    },
    /// `identity.user.deactivated`: what was granted before is dead (C11).
    Deactivated {
        /// When.
        at: Timestamp,
    },
    /// `identity.user.erased`: their key is gone, and with it all that was sealed under it.
    Erased {
        /// When.
        at: Timestamp,
    },
}
