use std::{
    collections::HashMap,
    fmt, fs,
    fs::OpenOptions,
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as B64};
use zeroize::Zeroizing;

use crate::{MacKey, key::Key};

/// Names the master key's line.
const MASTER: &str = "master";

/// The keys by which services know each other: for each pair of caller and callee another one,
/// so that who answers calls cannot make calls of others.
#[derive(Clone)]
pub struct InternalKeys(Keys);

#[derive(Clone)]
enum Keys {
    /// All pairs' keys are derived from it.
    Master(Key),
    /// Only these pairs', by `caller>callee`.
    Pairs(HashMap<String, MacKey>),
}

/// Why there are no internal keys.
#[derive(Debug, thiserror::Error)]
pub enum InternalKeyError {
    /// The file cannot be read or written.
    #[error("{0}")]
    File(#[from] io::Error),
    /// A line is neither.
    #[error("line {0}: expected `master:` or `caller>callee:`, and 43 characters of base64url")]
    Line(usize),
    /// No line at all.
    #[error("holds no key")]
    Empty,
}

impl InternalKeys {
    /// Makes a file with a master key, mode 0600. An existing file is never touched.
    pub fn create(path: &Path) -> Result<Self, InternalKeyError> {
        let key = Key::random(MASTER.parse().expect("a plain id"));
        let line = Zeroizing::new(format!("{MASTER}:{}\n", *Zeroizing::new(B64.encode(key.expose()))));
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(line.as_bytes())?;
        file.sync_all()?;
        Ok(Self(Keys::Master(key)))
    }

    /// Reads a file: one line `master:key`, or a line `caller>callee:key` for each pair that a
    /// process takes part in. Empty lines and lines that begin with `#` do not count.
    pub fn load(path: &Path) -> Result<Self, InternalKeyError> {
        Self::parse(&Zeroizing::new(fs::read_to_string(path)?))
    }

    /// The same from text.
    pub fn parse(text: &str) -> Result<Self, InternalKeyError> {
        let mut pairs = HashMap::new();
        for (index, line) in text.lines().map(str::trim).enumerate() {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let wrong = || InternalKeyError::Line(index + 1);
            let (name, encoded) = line.split_once(':').ok_or_else(wrong)?;
            let bytes = Zeroizing::new(B64.decode(encoded).map_err(|_| wrong())?);
            let id = MASTER.parse().expect("a plain id");
            let key = Key::from_slice(id, &bytes).ok_or_else(wrong)?;
            if name == MASTER {
                return Ok(Self(Keys::Master(key)));
            }
            if !name.contains('>') {
                return Err(wrong());
            }
            pairs.insert(name.to_owned(), MacKey::whole(key));
        }
        if pairs.is_empty() { Err(InternalKeyError::Empty) } else { Ok(Self(Keys::Pairs(pairs))) }
    }

    /// The key of calls from one to the other; `None` when this file does not hold it.
    pub fn pair(&self, caller: &str, callee: &str) -> Option<MacKey> {
        match &self.0 {
            Keys::Master(master) => Some(MacKey::derive(master, &label(caller, callee))),
            Keys::Pairs(pairs) => pairs.get(&format!("{caller}>{callee}")).cloned(),
        }
    }

    /// The text of a file that holds the keys of these pairs alone: all that one process needs.
    /// It is secret.
    pub fn excerpt(&self, pairs: &[(&str, &str)]) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::new());
        for (caller, callee) in pairs {
            if let Some(key) = self.pair(caller, callee) {
                text.push_str(&format!("{caller}>{callee}:{}\n", *Zeroizing::new(B64.encode(key.expose()))));
            }
        }
        text
    }
}

impl fmt::Debug for InternalKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InternalKeys(..)")
    }
}

fn label(caller: &str, callee: &str) -> String {
    format!("internal/{caller}>{callee}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_holds_the_same_keys_and_no_others() {
        let folder = tempfile::TempDir::new().expect("a folder");
        let path = folder.path().join("internal.key");
        let made = InternalKeys::create(&path).expect("made");
        let read = InternalKeys::load(&path).expect("read");
        let mac = |keys: &InternalKeys, from, to| keys.pair(from, to).map(|key| key.mac(&[b"x"]));
        assert_eq!(mac(&made, "token", "directory"), mac(&read, "token", "directory"));
        assert_ne!(mac(&made, "token", "directory"), mac(&made, "directory", "token"));
        let part = InternalKeys::parse(&made.excerpt(&[("token", "directory")])).expect("an excerpt");
        assert_eq!(mac(&made, "token", "directory"), mac(&part, "token", "directory"));
        assert_eq!(mac(&part, "directory", "token"), None);
        assert!(InternalKeys::create(&path).is_err(), "never overwritten");
    }

    #[test]
    fn what_is_no_key_is_refused_with_its_line() {
        assert!(matches!(InternalKeys::parse("# nothing\n"), Err(InternalKeyError::Empty)));
        for text in ["\nmaster:short", "\nnobody", "\ntoken:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
            assert!(matches!(InternalKeys::parse(text), Err(InternalKeyError::Line(2))), "{text}");
        }
    }
}
