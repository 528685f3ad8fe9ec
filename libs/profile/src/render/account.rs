//! Account references: what a partner knows of an account before a flow begins.

use secrecy::{ExposeSecret, SecretString};

/// Characters of an account reference, at most.
const MAX_CHARS: usize = 34;

/// One account as a partner names it. It may be a card number, so nothing of it prints.
#[derive(Debug, Clone)]
pub enum AccountRef {
    /// An IBAN (ISO 13616), upper case, without spaces.
    Iban(SecretString),
    /// A payment card's number (ISO/IEC 7812): digits.
    Card(SecretString),
    /// An account number of a bank's own kind.
    Number(SecretString),
}

/// Why a text is no account reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AccountRefusal {
    /// Empty, too long, or with characters that no account number has.
    #[error("is not an IBAN, an account number or a card number")]
    Form,
    /// Looks like an IBAN, but its check digits are wrong (ISO 7064, MOD 97-10).
    #[error("is not an IBAN: the check digits are wrong")]
    IbanChecksum,
    /// Looks like a card number, but its check digit is wrong (ISO/IEC 7812-1, Luhn).
    #[error("is not a card number: the check digit is wrong")]
    CardChecksum,
}

impl AccountRef {
    /// Reads a reference. Two letters and two digits begin an IBAN; 13 to 19 digits are a card's
    /// number; both must have right check digits. Anything else is looked at for length and
    /// alphabet only. Spaces do not count.
    pub fn parse(raw: &str) -> Result<Self, AccountRefusal> {
        let text: String = raw.chars().filter(|c| *c != ' ').collect();
        let plain = |c: char| c.is_ascii_alphanumeric() || "-/.".contains(c);
        if text.is_empty() || text.len() > MAX_CHARS || !text.chars().all(plain) || raw.len() > 2 * MAX_CHARS {
            return Err(AccountRefusal::Form);
        }
        if looks_like_iban(&text) {
            let iban = text.to_ascii_uppercase();
            return if mod_97(&iban) == 1 { Ok(Self::Iban(iban.into())) } else { Err(AccountRefusal::IbanChecksum) };
        }
        if (13..=19).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit()) {
            return if luhn(&text) { Ok(Self::Card(text.into())) } else { Err(AccountRefusal::CardChecksum) };
        }
        Ok(Self::Number(text.into()))
    }

    /// The reference as it was read.
    pub fn expose(&self) -> &str {
        match self {
            Self::Iban(text) | Self::Card(text) | Self::Number(text) => text.expose_secret(),
        }
    }
}

/// An account's number as it may be shown: of what may be a card's number only the last four digits
/// (PCI DSS 3.4.1), anything else whole.
pub fn account_shown(number: &str) -> String {
    let plain: String = number.chars().filter(|c| !" -".contains(*c)).collect();
    if (13..=19).contains(&plain.len()) && plain.bytes().all(|b| b.is_ascii_digit()) {
        return format!("•••• {}", &plain[plain.len() - 4..]);
    }
    number.to_owned()
}

fn looks_like_iban(text: &str) -> bool {
    let bytes = text.as_bytes();
    (15..=MAX_CHARS).contains(&bytes.len())
        && bytes[..2].iter().all(u8::is_ascii_alphabetic)
        && bytes[2..4].iter().all(u8::is_ascii_digit)
        && bytes.iter().all(u8::is_ascii_alphanumeric)
}

/// The remainder of the number that the IBAN stands for, its first four characters moved to the end.
fn mod_97(iban: &str) -> u32 {
    let (head, tail) = iban.split_at(4);
    tail.chars().chain(head.chars()).filter_map(|c| c.to_digit(36)).fold(0, |rest, digit| {
        // A letter counts as two digits.
        (rest * if digit > 9 { 100 } else { 10 } + digit) % 97
    })
}

fn luhn(digits: &str) -> bool {
    let sum: u32 = digits
        .chars()
        .rev()
        .filter_map(|c| c.to_digit(10))
        .enumerate()
        .map(|(at, digit)| match (at % 2, digit * 2) {
            (0, _) => digit,
            (_, twice) => twice / 10 + twice % 10,
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_card_only_four_digits_are_shown() {
        for card in ["4012888888881881", "4012 8888 8888 1881", "4012-8888-8888-1881", "4012888888881882"] {
            assert_eq!(account_shown(card), format!("•••• {}", &card[card.len() - 4..]));
        }
        for whole in ["DE82900948150000002881", "0000002881", "•••• 1881", ""] {
            assert_eq!(account_shown(whole), whole);
        }
    }

    #[test]
    fn ibans_have_right_check_digits() {
        for good in
            ["DE82900948150000002881", "de82 9009 4815 0000 0028 81", "GB82WEST12345698765432", "NO9386011117947"]
        {
            assert!(matches!(AccountRef::parse(good), Ok(AccountRef::Iban(_))), "{good}");
        }
        for bad in ["DE83900948150000002881", "DE82900948150000002818", "GB82WEST12345698765433"] {
            assert_eq!(AccountRef::parse(bad).err(), Some(AccountRefusal::IbanChecksum), "{bad}");
        }
    }

    #[test]
    fn card_numbers_have_a_right_check_digit() {
        for good in ["4111111111111111", "5500 0055 5555 5559", "378282246310005"] {
            assert!(matches!(AccountRef::parse(good), Ok(AccountRef::Card(_))), "{good}");
        }
        assert_eq!(AccountRef::parse("4111111111111112").err(), Some(AccountRefusal::CardChecksum));
    }

    #[test]
    fn other_numbers_are_short_and_plain() {
        for good in ["1234567890", "A-17/3", "0"] {
            assert!(matches!(AccountRef::parse(good), Ok(AccountRef::Number(_))), "{good}");
        }
        let long = "1".repeat(35);
        for bad in ["", "   ", "1234;5", "<b>", "\u{0661}", long.as_str()] {
            assert_eq!(AccountRef::parse(bad).err(), Some(AccountRefusal::Form), "{bad}");
        }
    }

    #[test]
    fn a_reference_does_not_print() {
        let card = AccountRef::parse("4111111111111111").expect("a card");
        assert!(!format!("{card:?}").contains("4111"));
    }
}
