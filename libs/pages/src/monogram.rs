/// Initials on a coloured tile, shown where a logo will be once logos can be fetched safely.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Monogram {
    /// One or two letters; a dot where the name has none.
    pub initials: String,
    /// Which of the stylesheet's eight tile colours, 0 to 7. The same name always gets the same.
    pub tile: u8,
}

impl Monogram {
    /// The monogram of a name: the first letters of its first and last word.
    pub fn of(name: &str) -> Self {
        let mut words = name.split(|c: char| !c.is_alphanumeric()).filter_map(|word| word.chars().next());
        let first = words.next();
        let last = words.next_back();
        let initials: String = first.into_iter().chain(last).flat_map(upper).collect();
        let initials = if initials.is_empty() { "·".to_owned() } else { initials };
        let sum = name.bytes().fold(0_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)));
        Self { initials, tile: (sum >> 3) as u8 & 7 }
    }
}

/// The capital of a letter, unless it would be more than one character (ß, ligatures).
fn upper(letter: char) -> Option<char> {
    let mut upper = letter.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(one), None) => Some(one),
        _ => Some(letter),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_come_from_the_first_and_the_last_word() {
        for (name, initials) in [
            ("Financefeast", "F"),
            ("Acme budget planner", "AP"),
            ("  übersicht-app ", "ÜA"),
            ("<script>alert(1)</script>", "SS"),
            ("شركة المال", "شا"),
            ("", "·"),
            ("!!!", "·"),
        ] {
            let monogram = Monogram::of(name);
            assert_eq!(monogram.initials, initials, "{name}");
            assert!(monogram.tile < 8);
        }
    }
}
