use std::{collections::BTreeMap, path::Path};

use grantor_testkit::Browser;

use crate::{Raw, exchange};

/// The random parts of exchanges, by name.
pub type Values = BTreeMap<String, String>;

/// A file's text with every `{{name}}` or `{{name:shape}}` filled in. A name that is not known
/// is an error of the test, as is a value that has not its shape.
///
/// # Panics
/// On those.
pub fn fill(file: &str, values: &Values) -> String {
    let mut out = String::new();
    for part in parts(&read(file)) {
        match part {
            Part::Text(text) => out.push_str(&text),
            Part::Random { name, shape } => {
                let value = values.get(&name).unwrap_or_else(|| panic!("{file}: nobody knows {name}"));
                assert!(has_shape(value, &shape), "{file}: {name} is no {shape}: {value}");
                out.push_str(value);
            }
        }
    }
    out
}

/// Compares a text with a file byte for byte, apart from the file's random parts, which must
/// have their shape and, where the name is known already, that value. Those that are new are
/// added to `values`.
///
/// # Panics
/// At the first difference.
pub fn compare(file: &str, text: &str, values: &mut Values) {
    let golden = read(file);
    let golden = golden.trim_end_matches('\n');
    let (mut rest, parts) = (text, parts(golden));
    for (index, part) in parts.iter().enumerate() {
        let taken = match part {
            Part::Text(expected) => {
                assert!(
                    rest.starts_with(expected.as_str()),
                    "{file}: expected {expected:?}, found {rest:?}\nin:\n{text}"
                );
                expected.len()
            }
            Part::Random { name, shape } => {
                let end = match parts.get(index + 1) {
                    Some(Part::Text(next)) => rest.find(next.as_str()).unwrap_or(rest.len()),
                    _ => rest.len(),
                };
                let value = &rest[..end];
                assert!(has_shape(value, shape), "{file}: {name} is no {shape}: {value:?}\nin:\n{text}");
                let known = values.entry(name.clone()).or_insert_with(|| value.to_owned());
                assert_eq!(known, value, "{file}: {name} is another one");
                end
            }
        };
        rest = &rest[taken..];
    }
    assert_eq!(rest, "", "{file}: something follows in\n{text}");
}

/// A request as its file says, with the line ends and the length that HTTP wants.
fn request(file: &str, values: &Values) -> Vec<u8> {
    let text = fill(file, values);
    let (head, body) = text.split_once("\n\n").unwrap_or((&text, ""));
    let body = body.trim_end_matches('\n');
    let head = head.replace("%length%", &body.len().to_string()).trim_end().replace('\n', "\r\n");
    format!("{head}\r\n\r\n{body}").into_bytes()
}

/// Sends a file's request, filled, to an authority over a bare socket.
pub async fn send(authority: &str, file: &str, values: &Values) -> Raw {
    exchange(authority, &request(file, values)).await
}

/// Cookies for a raw request, as a browser keeps them.
pub fn jar(browser: &Browser) -> String {
    let pairs: Vec<String> =
        browser.cookies("127.0.0.1").iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("; ")
}

enum Part {
    Text(String),
    Random { name: String, shape: String },
}

fn read(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    std::fs::read_to_string(&path).unwrap_or_else(|cause| panic!("{}: {cause}", path.display()))
}

fn parts(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let (inside, after) = after.split_once("}}").expect("a random part that ends");
        let (name, shape) = inside.split_once(':').unwrap_or((inside, "any"));
        if !before.is_empty() {
            parts.push(Part::Text(before.to_owned()));
        }
        parts.push(Part::Random { name: name.to_owned(), shape: shape.to_owned() });
        rest = after;
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest.to_owned()));
    }
    parts
}

/// `any`, `digits`, `uuid4`, `jwt`, or an alphabet with a length: `hex:32`, `base62:42`,
/// `base64url:43`.
fn has_shape(value: &str, shape: &str) -> bool {
    let (kind, length) = shape.split_once(':').unwrap_or((shape, ""));
    let length: Option<usize> = length.parse().ok();
    let all = |fits: fn(char) -> bool| value.chars().all(fits) && length.is_none_or(|length| length == value.len());
    match kind {
        "any" => !value.is_empty(),
        "digits" => !value.is_empty() && all(|c| c.is_ascii_digit()),
        "hex" => all(|c| c.is_ascii_digit() || ('a'..='f').contains(&c)),
        "base62" => all(|c| c.is_ascii_alphanumeric()),
        "base64url" => all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_'),
        "uuid4" => is_uuid4(value),
        "jwt" => value.split('.').count() == 3 && all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c)),
        _ => panic!("no such shape: {shape}"),
    }
}

fn is_uuid4(value: &str) -> bool {
    let groups: Vec<&str> = value.split('-').collect();
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    let hex = value.chars().all(|c| c == '-' || c.is_ascii_digit() || ('a'..='f').contains(&c));
    lengths == [8, 4, 4, 4, 12] && hex && groups[2].starts_with('4') && groups[3].starts_with(['8', '9', 'a', 'b'])
}
