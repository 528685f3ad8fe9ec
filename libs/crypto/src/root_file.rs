//! Rotation of the root key, in its file. What is wrapped follows: [`RootKeys::rewrap`].

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt, fchown},
    path::Path,
};

use zeroize::Zeroizing;

use crate::{
    FileMode, KeyId, RootKeyError, RootKeys,
    key::Key,
    root::{ACTIVE, active_line, sync_name},
};

impl RootKeys {
    /// Adds a random key to a key file and lets it wrap from now on; the ones before go on
    /// unwrapping. Answers its name: `root-` and the first number that is free.
    pub fn add(path: &Path) -> Result<KeyId, RootKeyError> {
        let keys = Self::load(path, FileMode::MayBeShared)?;
        let fresh = (1_u32..).filter_map(|number| format!("root-{number}").parse().ok());
        let id: KeyId = fresh.into_iter().find(|id| keys.find(id).is_none()).expect("numbers do not end");
        let line = active_line(&Key::random(id.clone()));
        rewrite(path, |text| {
            let mut after: Zeroizing<String> = Zeroizing::new(String::with_capacity(text.len() + line.len()));
            for line in text.lines() {
                let line = line.trim_end();
                after.push_str(if is_entry(line) { line.strip_suffix(ACTIVE).unwrap_or(line) } else { line });
                after.push('\n');
            }
            after.push_str(&line);
            after
        })?;
        Ok(id)
    }

    /// Whether the key of this name can be taken away: there is one, and it is not the active one.
    pub fn check_removable(&self, id: &str) -> Result<(), RootKeyError> {
        if self.active_id().as_str() == id {
            return Err(RootKeyError::InUse(id.to_owned()));
        }
        match self.ids().any(|known| known.as_str() == id) {
            true => Ok(()),
            false => Err(RootKeyError::Unknown(id.to_owned())),
        }
    }

    /// Takes a key out of a key file: whatever is still wrapped by it is lost.
    pub fn remove(path: &Path, id: &str) -> Result<(), RootKeyError> {
        Self::load(path, FileMode::MayBeShared)?.check_removable(id)?;
        let its = |line: &str| is_entry(line.trim()) && line.trim().split(':').next() == Some(id);
        rewrite(path, |text| {
            let mut after = Zeroizing::new(String::with_capacity(text.len()));
            for line in text.lines().filter(|line| !its(line)) {
                after.push_str(line);
                after.push('\n');
            }
            after
        })
    }
}

fn is_entry(line: &str) -> bool {
    !line.is_empty() && !line.starts_with('#')
}

/// Replaces the file in one step, so that there are always all keys or all of the new ones; it
/// keeps its owner, and is private from now on.
fn rewrite(path: &Path, change: impl FnOnce(&str) -> Zeroizing<String>) -> Result<(), RootKeyError> {
    let failed = |cause| RootKeyError::File { path: path.to_owned(), cause };
    let text = Zeroizing::new(fs::read_to_string(path).map_err(failed)?);
    let after = change(&text);
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let beside = Path::new(&name);
    let written = || -> io::Result<()> {
        // Left behind by one that was cut short: nothing was ever wrapped by what is in it.
        let _ = fs::remove_file(beside);
        let owner = fs::metadata(path)?;
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(beside)?;
        fchown(&file, Some(owner.uid()), Some(owner.gid()))?;
        file.write_all(after.as_bytes())?;
        file.sync_all()?;
        fs::rename(beside, path)?;
        sync_name(path)
    };
    written().map_err(failed)
}
