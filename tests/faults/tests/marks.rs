//! Marked values, and the search for them in whatever form they may have taken.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use base64::{
    Engine,
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// Bytes of a needle that are looked up at once; nothing shorter is searched for.
const HEAD: usize = 8;

/// Values that must not be found, by what they are.
#[derive(Default)]
pub struct Marks {
    values: BTreeMap<String, String>,
}

impl Marks {
    /// One more; the same value keeps its first name.
    pub fn add(&mut self, name: &str, value: &str) {
        assert!(value.len() >= HEAD, "{name} is too short to be told from chance: {value}");
        self.values.entry(value.to_owned()).or_insert_with(|| name.to_owned());
    }

    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// What looks for all of them at once.
    pub fn search(&self) -> Search {
        let mut search = Search::default();
        for (value, name) in &self.values {
            for (form, needle) in forms(value) {
                search.add(format!("{name} ({form})"), needle);
            }
        }
        search
    }
}

/// A search for many needles in one pass.
#[derive(Default)]
pub struct Search {
    by_head: HashMap<[u8; HEAD], Vec<(String, Vec<u8>)>>,
}

impl Search {
    fn add(&mut self, name: String, needle: Vec<u8>) {
        let Some(head) = needle.first_chunk::<HEAD>() else { return };
        self.by_head.entry(*head).or_default().push((name, needle));
    }

    /// The names of the marks that are in these bytes, each with what is around it.
    pub fn found_in(&self, bytes: &[u8]) -> BTreeMap<String, String> {
        let starts: BTreeSet<u8> = self.by_head.keys().map(|head| head[0]).collect();
        let mut may_start = [false; 256];
        starts.into_iter().for_each(|byte| may_start[usize::from(byte)] = true);
        let mut found = BTreeMap::new();
        for (at, head) in bytes.windows(HEAD).enumerate() {
            if !may_start[usize::from(head[0])] {
                continue;
            }
            for (name, needle) in head.first_chunk().and_then(|head| self.by_head.get(head)).into_iter().flatten() {
                if bytes[at..].starts_with(needle) && !found.contains_key(name) {
                    let around = &bytes[at.saturating_sub(120)..bytes.len().min(at + needle.len() + 40)];
                    found.insert(name.clone(), String::from_utf8_lossy(around).into_owned());
                }
            }
        }
        found
    }
}

/// The forms a value commonly takes on its way.
fn forms(value: &str) -> Vec<(&'static str, Vec<u8>)> {
    let percent = utf8_percent_encode(value, NON_ALPHANUMERIC).to_string();
    let form: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
    let hex: String = value.bytes().map(|byte| format!("{byte:02x}")).collect();
    let json = serde_json::to_string(value).expect("text");
    let mut found = vec![
        ("as it is", value.to_owned()),
        ("in lower case", value.to_lowercase()),
        ("in upper case", value.to_uppercase()),
        ("percent-encoded", percent.clone()),
        ("percent-encoded, lower case", percent.to_lowercase()),
        ("as a form sends it", form),
        ("in JSON", json.trim_matches('"').to_owned()),
        ("in JSON, ASCII only", ascii_json(value)),
        ("as Rust prints it", format!("{value:?}").trim_matches('"').to_owned()),
        ("in hexadecimal", hex.clone()),
        ("in hexadecimal, upper case", hex.to_uppercase()),
    ];
    for offset in 0..3 {
        found.push(("in Base64", inside_base64(value, offset, &STANDARD_NO_PAD)));
        found.push(("in Base64url", inside_base64(value, offset, &URL_SAFE_NO_PAD)));
    }
    found.into_iter().map(|(form, text)| (form, text.into_bytes())).collect()
}

/// The characters that a value becomes inside a longer text that is encoded as a whole, when
/// `offset` bytes of a group of three stand before it; without those its neighbours decide.
fn inside_base64(value: &str, offset: usize, engine: &impl Engine) -> String {
    let bytes = [&[0; 3][..offset], value.as_bytes()].concat();
    let encoded = engine.encode(&bytes);
    let first = [0, 2, 3][offset];
    encoded[first..bytes.len() * 8 / 6].to_owned()
}

fn ascii_json(value: &str) -> String {
    let mut units = [0; 2];
    value
        .chars()
        .map(|letter| match letter {
            ' '..='~' => letter.to_string(),
            _ => letter.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")).collect(),
        })
        .collect()
}

#[test]
fn every_form_of_a_mark_is_found() {
    let value = "Zo\u{eb} <canary+5f2c@marks.example>";
    let mut marks = Marks::default();
    marks.add("the mark", value);
    let search = marks.search();
    for before in ["", "a", "ab", "abc"] {
        let text = format!("{before}{value} and more");
        let json = serde_json::to_string(&text).expect("text");
        let hex: String = text.bytes().map(|byte| format!("{byte:02X}")).collect();
        let percent = utf8_percent_encode(&text, NON_ALPHANUMERIC).to_string();
        for hay in [text.clone(), json, hex, percent, STANDARD_NO_PAD.encode(&text), URL_SAFE_NO_PAD.encode(&text)] {
            assert!(!search.found_in(hay.as_bytes()).is_empty(), "not found in {hay}");
        }
    }
    assert!(search.found_in(b"Zoe <canary@marks.example>, and nothing else of that kind").is_empty());
}
