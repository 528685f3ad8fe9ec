use serde_json::{Map, Value};

/// What is wrong with a claim or an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimProblem {
    /// JSON pointer from the document's root, such as `/address/country`.
    pub pointer: String,
    /// A sentence for the caller.
    pub detail: &'static str,
}

impl ClaimProblem {
    fn new(name: &str, detail: &'static str) -> Self {
        // RFC 6901 3.
        Self { pointer: format!("/{}", name.replace('~', "~0").replace('/', "~1")), detail }
    }
}

/// OIDC Core 5.1, but those that the directory itself answers for.
const TEXTS: [&str; 14] = [
    "name",
    "given_name",
    "family_name",
    "middle_name",
    "nickname",
    "preferred_username",
    "profile",
    "picture",
    "website",
    "gender",
    "birthdate",
    "zoneinfo",
    "locale",
    "phone_number",
];
const OWN: [&str; 4] = ["sub", "email", "email_verified", "updated_at"];
/// OIDC Core 5.1.1.
const ADDRESS: [&str; 6] = ["formatted", "street_address", "locality", "region", "postal_code", "country"];
/// Words of tokens (RFC 7519 4.1, RFC 9068 2.2, OIDC Core 2 and 3) that no attribute may pose as.
const RESERVED: [&str; 19] = [
    "iss",
    "aud",
    "exp",
    "nbf",
    "iat",
    "jti",
    "nonce",
    "auth_time",
    "acr",
    "amr",
    "azp",
    "at_hash",
    "c_hash",
    "s_hash",
    "sid",
    "scope",
    "client_id",
    "act",
    "cnf",
];
const LONGEST_TEXT: usize = 2000;
const MOST_ATTRIBUTES: usize = 50;
const LARGEST_ATTRIBUTE: usize = 4000;

/// Checks standard claims (OIDC Core 5.1): known names, their types, no control characters.
/// `null` is taken, it means "remove".
pub fn check_claims(claims: &Map<String, Value>) -> Result<(), ClaimProblem> {
    for (name, value) in claims {
        let name = name.as_str();
        match value {
            _ if OWN.contains(&name) => {
                return Err(ClaimProblem::new(name, "is not set here: Grantor answers for it"));
            }
            Value::Null => {}
            Value::String(text) if TEXTS.contains(&name) => {
                check_text(text).map_err(|it| ClaimProblem::new(name, it))?
            }
            Value::Bool(_) if name == "phone_number_verified" => {}
            Value::Object(address) if name == "address" => check_address(address)?,
            _ if TEXTS.contains(&name) => return Err(ClaimProblem::new(name, "must be a string")),
            _ if name == "phone_number_verified" => return Err(ClaimProblem::new(name, "must be true or false")),
            _ if name == "address" => return Err(ClaimProblem::new(name, "must be an object of strings")),
            _ => return Err(ClaimProblem::new(name, "is not a standard claim; a tenant's own go to the attributes")),
        }
    }
    Ok(())
}

fn check_address(address: &Map<String, Value>) -> Result<(), ClaimProblem> {
    for (member, value) in address {
        let problem =
            |detail| ClaimProblem { pointer: format!("/address{}", ClaimProblem::new(member, "").pointer), detail };
        match value {
            // Lines of an address may be split (OIDC Core 5.1.1).
            Value::String(text) if ADDRESS.contains(&member.as_str()) => {
                check_text(&text.replace(['\r', '\n'], " ")).map_err(problem)?;
            }
            _ => return Err(problem("must be one of the address members, and a string")),
        }
    }
    Ok(())
}

fn check_text(text: &str) -> Result<(), &'static str> {
    if text.len() > LONGEST_TEXT {
        return Err("is longer than 2000 bytes");
    }
    if text.chars().any(char::is_control) {
        return Err("has control characters");
    }
    Ok(())
}

/// Checks a tenant's own attributes: any JSON under a name that is no claim of anybody else.
pub fn check_attributes(attributes: &Map<String, Value>) -> Result<(), ClaimProblem> {
    if attributes.len() > MOST_ATTRIBUTES {
        return Err(ClaimProblem { pointer: String::new(), detail: "has more than 50 members" });
    }
    for (name, value) in attributes {
        let name = name.as_str();
        let standard =
            OWN.contains(&name) || TEXTS.contains(&name) || matches!(name, "address" | "phone_number_verified");
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.:/".contains(&byte);
        if name.is_empty() || name.len() > 100 || !name.bytes().all(plain) {
            return Err(ClaimProblem::new(name, "must be named by 1 to 100 of A-Z a-z 0-9 _ - . : /"));
        }
        if standard || RESERVED.contains(&name) {
            return Err(ClaimProblem::new(name, "has the name of a standard claim"));
        }
        if value.to_string().len() > LARGEST_ATTRIBUTE {
            return Err(ClaimProblem::new(name, "is larger than 4000 bytes"));
        }
    }
    Ok(())
}

/// What is there, with a change over it: `null` removes.
pub fn merge(mut there: Map<String, Value>, change: &Map<String, Value>) -> Map<String, Value> {
    for (name, value) in change {
        if value.is_null() {
            there.remove(name);
        } else {
            there.insert(name.clone(), value.clone());
        }
    }
    there
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn map(value: Value) -> Map<String, Value> {
        let Value::Object(map) = value else { panic!("an object") };
        map
    }

    fn pointer(problem: Result<(), ClaimProblem>) -> String {
        problem.unwrap_err().pointer
    }

    #[test]
    fn every_standard_claim_is_taken() {
        let mut claims = map(json!({
            "phone_number_verified": true,
            "address": {"street_address": "12 St James's Square\nFlat 2", "country": "GB"},
        }));
        claims.extend(TEXTS.iter().map(|name| ((*name).to_owned(), json!("x"))));
        assert_eq!(check_claims(&claims), Ok(()));
        assert_eq!(claims.len() + OWN.len(), 20, "OIDC Core 5.1 has twenty");
    }

    #[test]
    fn wrong_types_and_unknown_names_are_refused_by_name() {
        for (claims, at) in [
            (json!({"name": 7}), "/name"),
            (json!({"phone_number_verified": "yes"}), "/phone_number_verified"),
            (json!({"address": "London"}), "/address"),
            (json!({"address": {"planet": "Earth"}}), "/address/planet"),
            (json!({"address": {"country": 1}}), "/address/country"),
            (json!({"sub": "somebody else"}), "/sub"),
            (json!({"email": "eve@example.org"}), "/email"),
            (json!({"updated_at": null}), "/updated_at"),
            (json!({"a/b": "x"}), "/a~1b"),
            (json!({"name": "a\u{7}b"}), "/name"),
            (json!({"name": "x".repeat(2001)}), "/name"),
        ] {
            assert_eq!(pointer(check_claims(&map(claims))), at);
        }
    }

    #[test]
    fn attributes_cannot_pose_as_claims() {
        assert_eq!(check_attributes(&map(json!({"plan": "gold", "https://example.org/x": [1]}))), Ok(()));
        for name in ["sub", "email", "iss", "aud", "scope", "name", "address", "", "a b"] {
            assert!(check_attributes(&map(json!({name: "x"}))).is_err(), "{name}");
        }
        assert!(check_attributes(&map(json!({"plan": "x".repeat(5000)}))).is_err());
    }

    #[test]
    fn null_removes() {
        let there = map(json!({"name": "Ada", "locale": "en"}));
        assert_eq!(
            merge(there, &map(json!({"name": null, "zoneinfo": "Europe/London"}))),
            map(json!({"locale": "en", "zoneinfo": "Europe/London"}))
        );
    }
}
