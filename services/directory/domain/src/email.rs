use std::fmt;

/// An e-mail address that mail can be sent to.
#[derive(Clone, PartialEq, Eq)]
pub struct EmailAddress {
    shown: String,
    key: String,
}

/// The text is no address we send mail to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAnAddress;

/// RFC 5321 4.5.3.1: 64 octets before the `@`; 254 in all, so that a path in angle brackets fits 256.
const LONGEST_LOCAL: usize = 64;
const LONGEST: usize = 254;

impl EmailAddress {
    /// Reads what a person typed. The part before the `@` is a dot-atom (RFC 5322 3.2.3), the
    /// domain a name of at least two labels; an international one is turned to its ASCII form.
    /// Quoted parts, comments and address literals are refused: nobody who signs up has one,
    /// and header injection starts there.
    pub fn parse(typed: &str) -> Result<Self, NotAnAddress> {
        let (local, domain) = typed.trim().rsplit_once('@').ok_or(NotAnAddress)?;
        if local.is_empty() || local.len() > LONGEST_LOCAL || !local.split('.').all(is_atom) {
            return Err(NotAnAddress);
        }
        let domain = domain_name(domain).ok_or(NotAnAddress)?;
        let shown = format!("{local}@{domain}");
        if shown.len() > LONGEST {
            return Err(NotAnAddress);
        }
        Ok(Self { key: shown.to_ascii_lowercase(), shown })
    }

    /// As it is shown and written to: the local part as typed.
    pub fn as_str(&self) -> &str {
        &self.shown
    }

    /// As it is compared and looked up: in lower case. Mail servers that tell `Ada@` from
    /// `ada@` are a danger to their own users; two accounts that look alike are one to ours.
    pub fn key(&self) -> &str {
        &self.key
    }
}

/// Says nothing: an address is a personal datum.
impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailAddress(..)")
    }
}

fn is_atom(text: &str) -> bool {
    let is_atext = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte);
    !text.is_empty() && text.bytes().all(is_atext)
}

fn domain_name(text: &str) -> Option<String> {
    // The URL parser would undo percent signs.
    if text.contains('%') {
        return None;
    }
    let url::Host::Domain(name) = url::Host::parse(text).ok()? else { return None };
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    (name.contains('.') && name.split('.').all(is_label)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_found_whatever_the_case() {
        let typed = EmailAddress::parse("  Ada.Lovelace+bank@Example.ORG ").unwrap();
        assert_eq!(typed.as_str(), "Ada.Lovelace+bank@example.org");
        assert_eq!(typed.key(), "ada.lovelace+bank@example.org");
    }

    #[test]
    fn an_international_domain_is_one_domain() {
        let typed = EmailAddress::parse("jo@BÜCHER.example").unwrap();
        assert_eq!(typed.key(), "jo@xn--bcher-kva.example");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let long = format!("{}@example.org", "a".repeat(65));
        let longer = format!(
            "a@{}.org",
            ["b".repeat(60), "c".repeat(60), "d".repeat(60), "e".repeat(60), "f".repeat(20)].join(".")
        );
        for text in [
            "",
            "@",
            "ada",
            "ada@",
            "@example.org",
            "ada@localhost",
            "ada@@example.org",
            "a b@example.org",
            ".ada@example.org",
            "ada.@example.org",
            "a..b@example.org",
            "\"ada\"@example.org",
            "ada@[127.0.0.1]",
            "ada@127.0.0.1",
            "ada@example..org",
            "ada@-example.org",
            "ada@example.org\r\nBcc: eve@example.org",
            "ada\n@example.org",
            "ada@exa%6dple.org",
            "ada@example.org.",
            "<ada@example.org>",
            "ädä@example.org",
            &long,
            &longer,
        ] {
            assert!(EmailAddress::parse(text).is_err(), "{text:?}");
        }
    }
}
