//! Domain events ↔ stored form, for both aggregates.

mod client;
mod tenant;

pub use client::ClientCodec;
pub use tenant::TenantCodec;

/// Every event type this service writes to its event log, for tests that enumerate them.
pub const EVENT_TYPES: [&str; 22] = [
    tenant::CREATED,
    tenant::PROFILE_CHANGED,
    tenant::PRESENTATION_CHANGED,
    tenant::MAIL_SERVER_CHANGED,
    tenant::MEMBER_INVITED,
    tenant::INVITATION_WITHDRAWN,
    tenant::MEMBER_JOINED,
    tenant::MEMBER_ROLE_CHANGED,
    tenant::MEMBER_LEFT,
    tenant::SUSPENDED,
    tenant::RESTORED,
    tenant::CLOCK_ADVANCED,
    client::REGISTERED,
    client::SUBMITTED,
    client::APPROVED,
    client::REJECTED,
    client::SUSPENDED,
    client::RESTORED,
    client::UPDATED,
    client::SECRET_ROTATED,
    client::SECRET_RETIRED,
    client::DELETED,
];

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Bytes of lower-case hexadecimal digits that this service wrote itself.
fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.chars().filter_map(|c| c.to_digit(16)).filter_map(|d| u8::try_from(d).ok()).collect();
    digits.chunks(2).map(|pair| pair.iter().fold(0, |byte, digit| (byte << 4) | digit)).collect()
}
