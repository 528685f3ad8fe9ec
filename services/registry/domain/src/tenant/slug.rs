/// Words that mean something else in a path or to people.
const RESERVED: [&str; 22] = [
    "admin",
    "api",
    "assets",
    "console",
    "default",
    "grantor",
    "health",
    "internal",
    "login",
    "logout",
    "metrics",
    "new",
    "oauth",
    "operator",
    "ready",
    "root",
    "static",
    "support",
    "system",
    "tenant",
    "well-known",
    "www",
];

/// Checks the word in `/t/{slug}`.
pub(super) fn check(slug: &str) -> Result<(), &'static str> {
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if !(2..=40).contains(&slug.len()) || !slug.bytes().all(fits) {
        return Err("must have 2 to 40 lower-case letters, digits or hyphens");
    }
    if slug.starts_with('-') || slug.ends_with('-') || slug.contains("--") {
        return Err("must not begin or end with a hyphen or have two in a row");
    }
    if RESERVED.contains(&slug) { Err("is reserved") } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_plain_words() {
        for good in ["financefeast", "openid", "bank-7", "a1"] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for bad in ["", "a", "Bank", "bank_1", "-bank", "bank-", "a--b", "bänk", "a/b", "admin", "www", &"a".repeat(41)]
        {
            assert!(check(bad).is_err(), "{bad}");
        }
    }
}
