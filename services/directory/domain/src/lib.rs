//! The rules of users and accounts: who may be created, changed, locked, erased; which addresses, passwords
//! and claims are taken. Pure: no clock, no randomness, no keys.
//!
//! Whatever is personal reaches these rules as [`Sealed`] bytes that they only carry. What a
//! rule must look at (whether the address is confirmed, whether there is a password, from when
//! on sessions count) is beside them in clear, and says nothing about who the person is.

mod account;
mod change_credential;
mod change_profile;
mod claims;
mod create_user;
mod deactivate;
mod email;
mod erase;
mod event;
mod lock;
mod lock_out;
mod password;
mod refusal;
mod replace_password;
mod sealed;
mod state;
mod unlock;

#[cfg(test)]
mod given;

pub use account::{
    AccountDecision, AccountEvent, AccountKind, AccountRefusal, AccountState, LinkUser, MAX_USERS, OpenAccount,
    UnlinkUser, personal_account_id,
};
pub use change_credential::ChangeCredential;
pub use change_profile::ChangeProfile;
pub use claims::{ClaimProblem, check_attributes, check_claims, merge};
pub use create_user::CreateUser;
pub use deactivate::Deactivate;
pub use email::{EmailAddress, NotAnAddress};
pub use erase::Erase;
pub use event::{Credential, Event};
pub use lock::Lock;
pub use lock_out::LockOut;
pub use password::{PasswordProblem, check_password};
pub use refusal::Refusal;
pub use replace_password::ReplacePassword;
pub use sealed::Sealed;
pub use state::{Account, User};
pub use unlock::Unlock;

/// What a rule about users says.
pub type Decision = grantor_eventsourcing::Decision<Event, (), Refusal>;
