//! Who calls, and who answers: a MAC with the key of that pair, over all that is said.

use grantor_crypto::{MacKey, constant_time_eq};

use crate::Role;

/// How far two clocks may differ, in seconds; a call recorded on its way is worth nothing later.
const WINDOW: i64 = 60;

/// One call, as it is signed.
pub(crate) struct Signed<'a> {
    pub(crate) caller: Role,
    pub(crate) callee: Role,
    /// Seconds since 1970.
    pub(crate) at: i64,
    pub(crate) path: &'a str,
    pub(crate) body: &'a [u8],
}

impl Signed<'_> {
    /// The value of the `authorization` header.
    pub(crate) fn header(&self, key: &MacKey) -> String {
        format!("Grantor-Internal {}.{}.{}", self.caller, self.at, hex(&self.mac(key)))
    }

    fn mac(&self, key: &MacKey) -> [u8; 32] {
        let (caller, callee, at) = (self.caller.name(), self.callee.name(), self.at.to_string());
        key.mac(&[b"call", caller.as_bytes(), callee.as_bytes(), at.as_bytes(), self.path.as_bytes(), self.body])
    }
}

/// What a header claims, before it is believed.
pub(crate) struct Claim<'a> {
    pub(crate) caller: Role,
    at: i64,
    mac: &'a str,
}

impl<'a> Claim<'a> {
    pub(crate) fn parse(header: &'a str) -> Option<Self> {
        let mut parts = header.strip_prefix("Grantor-Internal ")?.split('.');
        let (caller, at, mac) = (parts.next()?, parts.next()?, parts.next()?);
        let whole = parts.next().is_none();
        whole.then_some(Self { caller: caller.parse().ok()?, at: at.parse().ok()?, mac })
    }

    /// Whether it holds now.
    pub(crate) fn holds(&self, callee: Role, path: &str, body: &[u8], now: i64, key: &MacKey) -> bool {
        let signed = Signed { caller: self.caller, callee, at: self.at, path, body };
        (now - self.at).abs() <= WINDOW && constant_time_eq(hex(&signed.mac(key)), self.mac)
    }
}

/// The owner's word on its answer to this very call.
pub(crate) fn answer_mac(key: &MacKey, call: &str, status: u16, body: &[u8]) -> String {
    hex(&key.mac(&[b"answer", call.as_bytes(), &status.to_be_bytes(), body]))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
