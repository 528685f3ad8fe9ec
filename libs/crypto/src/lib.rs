//! Keys, sealing, keyed hashes and passwords.
//!
//! A root key lives in a file outside every database and wraps tenant keys; a tenant key wraps
//! data keys, one per purpose; a data key seals fields. The wrapped keys are the caller's to
//! store: everything here is a function over bytes, apart from the root key's own file.
//!
//! Nonces and keys come from the operating system, inside this crate and nowhere else: a caller
//! cannot bring a nonce, and so cannot bring one twice.

mod context;
mod digest;
mod internal;
mod key;
mod mac;
mod password;
mod root;
mod root_file;
mod sealed;
mod tenant;

pub use context::Context;
pub use digest::{constant_time_eq, random_bytes, sha256};
pub use internal::{InternalKeyError, InternalKeys};
pub use key::{KeyId, MalformedKeyId};
pub use mac::{MacKey, lookup_hash};
pub use password::{HashRefusal, PasswordHasher, Unacceptable, Verdict, check_imported_hash, needs_rehash};
pub use root::{FileMode, RootKeyError, RootKeys};
pub use sealed::{OpenFailed, SealedField};
pub use tenant::{DataKey, Purpose, TenantKey, WrappedKey};

#[cfg(test)]
mod tests;
