//! Refresh tokens are derived: grant, generation, and their keyed hash under a key of the
//! tenant, written in the profile's shape. A successor can be computed again, and nothing but
//! the generation is stored.

use grantor_crypto::{MacKey, constant_time_eq};
use grantor_ids::GrantId;
use grantor_profile::Shape;
use uuid::Uuid;

/// Grant and generation; the rest of what the shape holds is unguessable, at least 128 bits
/// (the profile refuses shapes without room for them).
const NAMED: usize = 16 + 4;
const BLOCK: usize = 32;

/// The token of a generation; `None` for a shape that no profile can have.
pub(crate) fn render(shape: &Shape, key: &MacKey, grant: GrantId, generation: u32) -> Option<String> {
    let room = shape.capacity().checked_sub(NAMED)?;
    let mut bytes = Vec::with_capacity(shape.capacity());
    bytes.extend_from_slice(grant.uuid().as_bytes());
    bytes.extend_from_slice(&generation.to_be_bytes());
    let mac = keyed_hash(key, &bytes, room);
    bytes.extend(mac);
    shape.encode(&bytes)
}

/// The grant and generation of a token that we made for this tenant.
pub(crate) fn parse(shape: &Shape, key: &MacKey, token: &str) -> Option<(GrantId, u32)> {
    let bytes = shape.decode(token)?;
    let (named, mac) = bytes.split_at_checked(NAMED)?;
    if !constant_time_eq(keyed_hash(key, named, mac.len()), mac) {
        return None;
    }
    let generation = u32::from_be_bytes(named[16..].try_into().ok()?);
    Some((GrantId::from_uuid(Uuid::from_slice(&named[..16]).ok()?), generation))
}

/// As many bytes as there is room for.
fn keyed_hash(key: &MacKey, named: &[u8], room: usize) -> Vec<u8> {
    let blocks = room.div_ceil(BLOCK);
    let mut out = Vec::with_capacity(blocks * BLOCK);
    for block in 0..blocks {
        // Not more than a few: shapes are short.
        let block = u8::try_from(block).unwrap_or(u8::MAX);
        out.extend_from_slice(&key.mac(&[&named[..16], &named[16..], &[block]]));
    }
    out.truncate(room);
    out
}

#[cfg(test)]
mod tests {
    use grantor_crypto::RootKeys;
    use grantor_ids::TenantId;
    use grantor_profile::Alphabet;

    use super::*;

    const GRANT: GrantId = GrantId::from_uuid(Uuid::from_u128(7));

    fn key(tenant: u128) -> MacKey {
        let roots = RootKeys::parse(&format!("root-1:{} active", "A".repeat(43))).expect("a root key");
        roots.new_tenant_key(TenantId::from_uuid(Uuid::from_u128(tenant))).0.mac_key("refresh_token")
    }

    fn shapes() -> [Shape; 5] {
        [
            Shape::random(Alphabet::Base64url, 64),
            Shape::random(Alphabet::Base62, 50),
            Shape::random(Alphabet::Hex, 160),
            Shape::Random { prefix: "rt_".into(), alphabet: Alphabet::Base62, length: 64 },
            Shape::JwtLike { payload_bytes: 64 },
        ]
    }

    #[test]
    fn a_token_has_the_shape_and_leads_back_to_its_grant_and_generation() {
        let key = key(1);
        for shape in shapes() {
            for generation in [0, 1, u32::MAX] {
                let token = render(&shape, &key, GRANT, generation).expect("a token");
                assert_eq!(token.len(), shape.rendered_len(), "{token}");
                assert_eq!(parse(&shape, &key, &token), Some((GRANT, generation)), "{token}");
            }
        }
    }

    #[test]
    fn a_token_of_another_tenant_or_changed_in_any_character_is_none_of_ours() {
        let (key, other) = (key(1), key(2));
        for shape in shapes() {
            let token = render(&shape, &key, GRANT, 3).expect("a token");
            assert_eq!(parse(&shape, &other, &token), None);
            for at in 0..token.len() {
                let mut changed = token.clone().into_bytes();
                changed[at] = if changed[at] == b'a' { b'b' } else { b'a' };
                let changed = String::from_utf8(changed).expect("ASCII");
                assert_eq!(parse(&shape, &key, &changed), None, "{changed}");
            }
            assert_eq!(parse(&shape, &key, &token[1..]), None);
            assert_eq!(parse(&shape, &key, &format!("{token}A")), None);
        }
    }
}
