//! The token in a link to the widget: says which flow a browser was sent to, once, for minutes.
//!
//! HS256 (RFC 7515, RFC 7518 3.2), because the guide's link carries one. The key never leaves its
//! owner: signing and checking are given a function that computes the MAC. The header is compared
//! as a whole, so no other algorithm, type or key can be named in it (RFC 8725 3.1, 3.11).

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as B64};
use serde::{Deserialize, Serialize};

/// The claims; nothing personal. Instants are Unix seconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkToken {
    /// Whose link it is: a name of its own, so that no other token is one.
    pub aud: String,
    /// The flow.
    pub sub: String,
    /// Since when.
    pub iat: i64,
    /// Until when.
    pub exp: i64,
}

fn header(kid: &str) -> String {
    // The id of a key is made of letters, digits and dashes: nothing to escape.
    B64.encode(format!(r#"{{"alg":"HS256","kid":"{kid}","typ":"flow-link+jwt"}}"#))
}

/// Signs; `mac` computes HMAC-SHA-256 under the key that `kid` names.
pub fn sign(kid: &str, claims: &LinkToken, mac: impl FnOnce(&[u8]) -> [u8; 32]) -> String {
    let claims = serde_json::to_vec(claims).unwrap_or_default();
    let signed = format!("{}.{}", header(kid), B64.encode(claims));
    let signature = B64.encode(mac(signed.as_bytes()));
    format!("{signed}.{signature}")
}

/// The claims of a token of this key and audience; whether it still counts, `exp` says. Why another
/// is none is nobody's business. `same` compares in constant time.
pub fn verify(
    kid: &str,
    aud: &str,
    token: &str,
    mac: impl FnOnce(&[u8]) -> [u8; 32],
    same: impl FnOnce(&[u8], &[u8]) -> bool,
) -> Option<LinkToken> {
    if token.len() > 2048 {
        return None;
    }
    let (signed, signature) = token.rsplit_once('.')?;
    let (head, body) = signed.split_once('.')?;
    let signature = B64.decode(signature).ok()?;
    if head != header(kid) || !same(&signature, &mac(signed.as_bytes())) {
        return None;
    }
    let claims: LinkToken = serde_json::from_slice(&B64.decode(body).ok()?).ok()?;
    (claims.aud == aud).then_some(claims)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims() -> LinkToken {
        LinkToken { aud: "widget of a".into(), sub: "flow".into(), iat: 100, exp: 200 }
    }

    /// Stands in for HMAC: what is tested here is what is compared.
    fn mac(message: &[u8]) -> [u8; 32] {
        let mut sum = [0; 32];
        message.iter().enumerate().for_each(|(at, byte)| sum[at % 32] ^= byte.rotate_left((at % 7) as u32));
        sum
    }

    fn read(token: &str) -> Option<LinkToken> {
        verify("k1", "widget of a", token, mac, |a, b| a == b)
    }

    #[test]
    fn a_link_token_says_what_was_signed() {
        let token = sign("k1", &claims(), mac);
        assert!(token.starts_with("eyJhbGciO"));
        assert_eq!(read(&token), Some(claims()));
    }

    #[test]
    fn another_key_audience_type_or_signature_is_none() {
        let token = sign("k1", &claims(), mac);
        assert_eq!(verify("k2", "widget of a", &token, mac, |a, b| a == b), None);
        assert_eq!(verify("k1", "widget of b", &token, mac, |a, b| a == b), None);
        let plain = B64.encode(r#"{"alg":"HS256","typ":"JWT"}"#);
        let (_, rest) = token.split_once('.').expect("parts");
        assert_eq!(read(&format!("{plain}.{rest}")), None);
        let none = B64.encode(r#"{"alg":"none"}"#);
        assert_eq!(read(&format!("{none}.{rest}")), None);
        assert_eq!(read(&token[..token.len() - 4]), None);
        for garbage in ["", ".", "..", "a.b.c", "eyJhbGciO"] {
            assert_eq!(read(garbage), None, "{garbage}");
        }
    }
}
