//! Text that strangers give and people read.

/// Why a line of text is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextRefusal {
    /// Nothing, or white space only.
    #[error("must not be empty")]
    Empty,
    /// More characters than fit.
    #[error("is too long")]
    TooLong,
    /// A control character, or one that changes the direction of text or cannot be seen.
    #[error("must not contain control or invisible characters")]
    Character,
}

/// One line of at most `most` characters.
pub(crate) fn line(text: &str, most: usize) -> Result<(), TextRefusal> {
    if text.trim().is_empty() {
        return Err(TextRefusal::Empty);
    }
    if text.chars().any(|c| c.is_control() || deceives(c)) {
        return Err(TextRefusal::Character);
    }
    if text.chars().count() > most { Err(TextRefusal::TooLong) } else { Ok(()) }
}

/// Several lines of at most `most` characters.
pub(crate) fn paragraphs(text: &str, most: usize) -> Result<(), TextRefusal> {
    if text.chars().any(|c| (c.is_control() && !matches!(c, '\n' | '\r' | '\t')) || deceives(c)) {
        return Err(TextRefusal::Character);
    }
    if text.chars().count() > most { Err(TextRefusal::TooLong) } else { Ok(()) }
}

/// Characters that make text look like other text: direction marks, zero-width and tag
/// characters, line separators.
const fn deceives(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// Names of fewer letters are looked for as whole words only: `Taxi` does not imply `X`.
const SHORT: usize = 4;

/// Whether a client's name implies that the tenant built it (FF-03): it contains the tenant's
/// name, whatever the case, spaces or hyphens.
pub fn implies(name: &str, tenant_name: &str) -> bool {
    let wanted = squashed(tenant_name);
    if wanted.is_empty() {
        return false;
    }
    if wanted.chars().count() < SHORT {
        return name.split(|c: char| !c.is_alphanumeric()).any(|word| squashed(word) == wanted);
    }
    squashed(name).contains(&wanted)
}

fn squashed(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_the_tenants_own_implies_it() {
        for name in ["Financefeast", "The FINANCEFEAST app", "Finance-Feast Sync", "my finance feast"] {
            assert!(implies(name, "Financefeast"), "{name}");
        }
        assert!(!implies("Feast of Finance", "Financefeast"));
    }

    #[test]
    fn a_short_tenant_name_counts_as_a_whole_word() {
        assert!(implies("Mobile for ABC", "Abc"));
        assert!(!implies("Crabcakes", "Abc"));
        assert!(!implies("anything", "—"));
    }

    #[test]
    fn invisible_characters_are_refused() {
        for text in ["a\u{202e}b", "Finance\u{200b}feast", "a\nb", "\u{0}", "a\u{e0041}"] {
            assert_eq!(line(text, 80), Err(TextRefusal::Character), "{text:?}");
        }
        assert_eq!(line(" ", 80), Err(TextRefusal::Empty));
        assert_eq!(line(&"é".repeat(81), 80), Err(TextRefusal::TooLong));
        assert_eq!(line("Müller & Söhne – Zahlungen", 80), Ok(()));
    }
}
