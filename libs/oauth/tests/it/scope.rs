use grantor_oauth::{Scope, ScopeRefusal, ScopeSet, Separators};
use proptest::prelude::*;

fn set(text: &str) -> ScopeSet {
    ScopeSet::from_spaced(text).unwrap()
}

#[test]
fn order_is_kept_and_repeats_are_dropped() {
    assert_eq!(set("plan openid plan  profile").to_string(), "plan openid profile");
}

#[test]
fn a_comma_separates_only_where_it_may() {
    assert_eq!(ScopeSet::parse("a,b c, d", Separators::CommaOrSpace).unwrap().to_string(), "a b c d");
    assert_eq!(ScopeSet::parse("a,b", Separators::Space), Err(ScopeRefusal::Character));
}

#[test]
fn an_equals_sign_is_part_of_a_scope() {
    assert!(set("accounts=ro offline").contains("accounts=ro"));
}

#[test]
fn quotes_backslashes_controls_and_foreign_letters_are_refused() {
    for text in ["a\"b", "a\\b", "a\tb", "a\nb", "ä", "a\u{7f}"] {
        assert_eq!(ScopeSet::from_spaced(text), Err(ScopeRefusal::Character), "{text:?}");
    }
    assert_eq!(Scope::new(&"a".repeat(257)), Err(ScopeRefusal::TooLong));
    let many = (0..65).map(|i| format!("s{i}")).collect::<Vec<_>>().join(" ");
    assert_eq!(ScopeSet::from_spaced(&many), Err(ScopeRefusal::TooMany));
}

#[test]
fn sets_compare_and_combine() {
    let (asked, granted) = (set("openid plan"), set("profile plan openid"));
    assert!(asked.is_subset(&granted) && !granted.is_subset(&asked));
    assert_eq!(granted.intersection(&asked).to_string(), "plan openid");
    assert_eq!(granted.difference(&asked).to_string(), "profile");
    assert_eq!(asked.union(&granted).to_string(), "openid plan profile");
    assert!(set("a b").same_scopes(&set("b a")));
}

#[test]
fn a_set_is_one_string_in_json() {
    assert_eq!(serde_json::to_string(&set("b a")).unwrap(), "\"b a\"");
    assert_eq!(serde_json::from_str::<ScopeSet>("\"b a\"").unwrap(), set("b a"));
}

proptest! {
    #[test]
    fn a_printed_set_reads_back_with_either_separator(words in prop::collection::vec("[!#-+\\--\\[\\]-~]{1,12}", 0..20)) {
        let set = ScopeSet::from_names(words.iter().map(String::as_str)).unwrap();
        prop_assert_eq!(&ScopeSet::from_spaced(&set.to_string()).unwrap(), &set);
        prop_assert_eq!(&ScopeSet::parse(&set.join(","), Separators::CommaOrSpace).unwrap(), &set);
        prop_assert_eq!(&ScopeSet::parse(&set.join(" , "), Separators::CommaOrSpace).unwrap(), &set);
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,60}") {
        for separators in [Separators::Space, Separators::CommaOrSpace] {
            if let Ok(set) = ScopeSet::parse(&text, separators) {
                prop_assert!(set.iter().all(|scope| !scope.as_str().contains([' ', ',', '"', '\\'])));
            }
        }
    }
}
