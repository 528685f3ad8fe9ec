//! The kinds of this service's keyed rows. Every key that is made from an address is a keyed
//! hash; every datum that is personal or secret is sealed.

use grantor_ids::{TenantId, UserId};
use grantor_store::RowKey;

/// User → their wrapped data key. Its absence is what erasure means.
pub(crate) const SUBJECT_KEY: &str = "subject_key";
/// User and account → nothing; those of a user are found by the user.
pub(crate) const ACCOUNT_USER: &str = "account_user";
/// Business account → its name, sealed.
pub(crate) const ACCOUNT_NAME: &str = "account_name";
/// Keyed hash of an address → user. Unique, so an address is one user's.
pub(crate) const EMAIL: &str = "email";
/// User → PHC string, sealed.
pub(crate) const PASSWORD: &str = "password";
/// User → keyed hashes of the network addresses they logged in from.
pub(crate) const KNOWN_ADDRESSES: &str = "known_address";
/// Hash of a ticket → sign-up that waits for its code, sealed.
pub(crate) const SIGN_UP: &str = "sign_up";
/// Hash of a ticket → reset of a password that waits for its code, sealed.
pub(crate) const RESET: &str = "reset";
/// Hash of a ticket, of a sign-up or a reset → how many codes were tried.
pub(crate) const TRIES: &str = "sign_up_try";
/// Hash of a ticket → how often the code was sent again.
pub(crate) const RESENDS: &str = "sign_up_resend";
/// Digest of a token that allows a client to set a new password → whose, and after which one.
pub(crate) const PASSWORD_TOKEN: &str = "password_token";
/// Ticket or mail → the address it belongs to (the head of its keyed hash), so that erasure
/// finds what a sign-up or a reset left behind. Outlives what it leads to.
pub(crate) const TRACE: &str = "sign_up_trace";
/// Keyed hash of an account, a pair or a network address → failed logins.
pub(crate) const FAILURES: &str = "login_failure";
/// Keyed hash of an address or a network address → unfinished sign-ups and, by other hashes, resets.
pub(crate) const SIGN_UPS: &str = "sign_up_count";

pub(crate) fn of_user(tenant: TenantId, kind: &'static str, user: UserId) -> RowKey {
    RowKey::new(tenant, kind, user.uuid().as_bytes())
}
