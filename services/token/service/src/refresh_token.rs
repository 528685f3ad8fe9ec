//! Refresh tokens are derived: grant, generation, and their keyed hash under a key of the
//! tenant. A successor can be computed again, and nothing but the generation is stored.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as B64};
use grantor_crypto::{MacKey, constant_time_eq};
use grantor_ids::GrantId;
use uuid::Uuid;

const MAC: usize = 32;
const LENGTH: usize = 16 + 4 + MAC;
const TEXT: usize = LENGTH * 4 / 3 + 1;

/// The token of a generation: 70 characters of base64url, 256 of its bits unguessable.
pub(crate) fn render(key: &MacKey, grant: GrantId, generation: u32) -> String {
    let mut bytes = [0; LENGTH];
    bytes[..16].copy_from_slice(grant.uuid().as_bytes());
    bytes[16..20].copy_from_slice(&generation.to_be_bytes());
    let mac = keyed_hash(key, &bytes);
    bytes[20..].copy_from_slice(&mac);
    B64.encode(bytes)
}

/// The grant and generation of a token that we made for this tenant.
pub(crate) fn parse(key: &MacKey, token: &str) -> Option<(GrantId, u32)> {
    if token.len() != TEXT {
        return None;
    }
    let bytes: [u8; LENGTH] = B64.decode(token).ok()?.try_into().ok()?;
    if !constant_time_eq(keyed_hash(key, &bytes), &bytes[20..]) {
        return None;
    }
    let generation = u32::from_be_bytes(bytes[16..20].try_into().ok()?);
    Some((GrantId::from_uuid(Uuid::from_slice(&bytes[..16]).ok()?), generation))
}

fn keyed_hash(key: &MacKey, bytes: &[u8; LENGTH]) -> [u8; MAC] {
    key.mac(&[&bytes[..16], &bytes[16..20]])
}
