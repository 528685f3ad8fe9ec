use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// SHA-256. Enough for values that were drawn from 128 bits or more (codes, tokens, generated
/// secrets); passwords go to [`crate::PasswordHasher`], e-mail addresses to
/// [`crate::lookup_hash`].
pub fn sha256(bytes: impl AsRef<[u8]>) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// Whether two values are equal, in a time that depends on their lengths only.
pub fn constant_time_eq(a: impl AsRef<[u8]>, b: impl AsRef<[u8]>) -> bool {
    a.as_ref().ct_eq(b.as_ref()).into()
}

/// Fresh random bytes from the operating system.
///
/// # Panics
/// When the operating system has none to give; nothing safe can be done then.
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    fill(&mut bytes);
    bytes
}

pub(crate) fn fill(bytes: &mut [u8]) {
    #[expect(clippy::disallowed_methods, reason = "keys and nonces are drawn where they are used, and nowhere else")]
    let filled = getrandom::fill(bytes);
    filled.expect("the operating system gives randomness");
}
