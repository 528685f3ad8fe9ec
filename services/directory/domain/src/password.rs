use crate::EmailAddress;

/// Why a password is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordProblem {
    /// Fewer than 8 characters.
    TooShort,
    /// More than 128 characters.
    TooLong,
    /// Among the first that everybody tries, or the user's own address.
    Guessable,
}

impl PasswordProblem {
    /// A sentence for whoever set it.
    pub const fn detail(self) -> &'static str {
        match self {
            Self::TooShort => "must have at least 8 characters",
            Self::TooLong => "must have at most 128 characters",
            Self::Guessable => "is too easy to guess",
        }
    }
}

/// One to a line, lower case.
const COMMON: &str = include_str!("common_passwords.txt");

/// Checks a new password (NIST SP 800-63B 3.1.1.2): length, a list of the most common ones, and
/// the user's own address, where they have one; no rules about kinds of characters, no expiry.
/// Characters are Unicode code points.
pub fn check_password(password: &str, email: Option<&EmailAddress>) -> Result<(), PasswordProblem> {
    match password.chars().count() {
        0..=7 => return Err(PasswordProblem::TooShort),
        8..=128 => {}
        _ => return Err(PasswordProblem::TooLong),
    }
    let folded = password.trim().to_lowercase();
    let one_character = folded.chars().min() == folded.chars().max();
    let address = email.map(EmailAddress::key);
    let local = address.and_then(|address| address.split('@').next());
    let own = |text: Option<&str>| text.is_some_and(|text| text == folded);
    if one_character || own(address) || own(local) || COMMON.lines().any(|common| common == folded) {
        return Err(PasswordProblem::Guessable);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(password: &str) -> Result<(), PasswordProblem> {
        check_password(password, EmailAddress::parse("Ada.Lovelace@example.org").ok().as_ref())
    }

    #[test]
    fn length_is_counted_in_characters() {
        assert_eq!(check("sieben7"), Err(PasswordProblem::TooShort));
        assert_eq!(check("äöüßéñø"), Err(PasswordProblem::TooShort), "14 bytes are 7 characters");
        assert_eq!(check("äöüßéñø8"), Ok(()));
        assert_eq!(check(&"ab".repeat(64)), Ok(()));
        assert_eq!(check(&format!("{}c", "ab".repeat(64))), Err(PasswordProblem::TooLong));
    }

    #[test]
    fn no_kinds_of_characters_are_demanded() {
        assert_eq!(check("correct horse battery staple"), Ok(()));
    }

    #[test]
    fn what_everybody_tries_first_is_refused() {
        for password in [
            "password",
            "Password1",
            "12345678",
            "QWERTZUIOP",
            "iloveyou",
            "aaaaaaaaaaaa",
            "        ",
            "ada.lovelace@EXAMPLE.org",
            "Ada.Lovelace",
        ] {
            assert_eq!(check(password), Err(PasswordProblem::Guessable), "{password}");
        }
    }

    #[test]
    fn the_list_can_match() {
        for line in COMMON.lines() {
            assert_eq!(line, line.trim().to_lowercase(), "every line is in the form that is compared");
            assert!(line.chars().count() >= 8, "{line}: shorter ones are refused for their length");
        }
    }
}
