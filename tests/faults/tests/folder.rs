//! The data folder: keys that nobody makes by accident, copies before migrations, clean ends.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
    time::Duration,
};

use grantor_tests_clients::{Running, binary};
use grantor_tests_faults::{cells, databases};
use tempfile::TempDir;

fn grantor(data: &Path, words: &[&str]) -> Output {
    Command::new(binary()).args(words).arg("--data").arg(data).output().expect("the binary starts")
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Refused with exit code 1 and a message that names this.
fn refused(output: &Output, named: &str) {
    assert_eq!(output.status.code(), Some(1), "{}", said(output));
    assert!(String::from_utf8_lossy(&output.stderr).contains(named), "{named} is not in: {}", said(output));
}

fn initialised() -> TempDir {
    let folder = TempDir::new().expect("a folder");
    let output = grantor(folder.path(), &["init"]);
    assert!(output.status.success(), "{}", said(&output));
    folder
}

/// Names and contents, but for what a running process keeps beside the data.
fn contents(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(contents(&path));
        } else if path.file_name().is_none_or(|name| name != "lock") {
            found.push((path.display().to_string(), fs::read(&path).expect("a file")));
        }
    }
    found.sort();
    found
}

#[test]
fn serve_makes_no_data_folder() {
    let folder = TempDir::new().expect("a folder");
    let data = folder.path().join("data");
    refused(&grantor(&data, &["serve"]), "grantor init");
    assert!(!data.exists(), "serve made {}", data.display());
}

#[test]
fn serve_makes_no_root_key() {
    let folder = initialised();
    let key = folder.path().join("root.key");
    let kept = fs::read(&key).expect("the root key");
    fs::remove_file(&key).expect("gone");
    refused(&grantor(folder.path(), &["serve"]), "root_key");
    assert!(!key.exists(), "serve made a root key");
    refused(&grantor(folder.path(), &["init"]), "data folder already");
    assert!(!key.exists(), "init made a second root key for old data");
    fs::write(&key, kept).expect("the key is back");
}

#[test]
fn another_root_key_is_refused_and_nothing_is_changed() {
    let (folder, other) = (initialised(), initialised());
    fs::copy(other.path().join("root.key"), folder.path().join("root.key")).expect("another key");
    // What is in the databases, not their bytes: opening one moves its write-ahead log into it.
    let (before, key) = (cells(folder.path()), fs::read(folder.path().join("root.key")).expect("the key"));
    refused(&grantor(folder.path(), &["serve"]), "root_key");
    assert!(cells(folder.path()) == before, "the databases have changed");
    assert_eq!(fs::read(folder.path().join("root.key")).expect("the key"), key);
}

#[test]
fn init_changes_nothing_in_a_folder_that_is_one() {
    let folder = initialised();
    let before = contents(folder.path());
    refused(&grantor(folder.path(), &["init"]), "data folder already");
    assert!(contents(folder.path()) == before, "something changed");
}

/// A release that brings a database of its own: the others are copied before anything is done.
#[test]
fn a_migration_comes_after_a_copy_and_only_once() {
    let folder = initialised();
    let up_to_date = grantor(folder.path(), &["migrate"]);
    assert!(up_to_date.status.success() && said(&up_to_date).contains("Up to date"), "{}", said(&up_to_date));
    assert!(!folder.path().join("backups").exists());
    let newest = databases(folder.path()).pop().expect("a database");
    fs::remove_file(&newest).expect("a folder from before this database");
    let before = contents(&folder.path().join("db"));
    let output = grantor(folder.path(), &["migrate"]);
    assert!(output.status.success(), "{}", said(&output));
    assert!(newest.exists());
    let copies: Vec<_> = fs::read_dir(folder.path().join("backups")).expect("copies").collect();
    assert_eq!(copies.len(), 1);
    let copy = copies[0].as_ref().expect("a copy").path();
    assert!(said(&output).contains(&copy.display().to_string()), "{}", said(&output));
    for (name, bytes) in before {
        let name = Path::new(&name).file_name().expect("a name");
        assert_eq!(fs::read(copy.join(name)).ok(), Some(bytes), "{name:?} is not what it was");
    }
    assert!(said(&grantor(folder.path(), &["migrate"])).contains("Up to date"));
}

#[test]
fn a_process_beside_a_running_one_is_told_where_that_is() {
    let server = Running::start();
    let output = grantor(&server.data(), &["serve"]);
    refused(&output, server.demo()["tenants"]["openid"]["issuer"].as_str().expect("an issuer"));
    refused(&grantor(&server.data(), &["migrate"]), "another grantor process uses");
}

/// Events, in all logs together.
fn events(data: &Path) -> usize {
    cells(data).iter().filter(|cell| cell.column == "es_event.event_id").count()
}

#[test]
fn later_starts_are_quick_seed_nothing_and_end_cleanly() {
    let mut server = Running::start();
    let before = events(&server.data());
    let mut took = Vec::new();
    for _ in 0..3 {
        let status = server.terminate();
        assert_eq!(status.code(), Some(0), "ended by {status}: {}", server.printed());
        assert!(!server.data().join("running.json").exists(), "it still says where it runs");
        took.push(server.start_again());
    }
    assert_eq!(events(&server.data()), before, "a later start wrote events");
    took.sort_unstable();
    println!("later starts: {took:?}");
    assert!(took[1] < Duration::from_secs(2), "{took:?}");
}

/// Wherever the first start is cut off, the second one ends with a demo that is complete.
#[test]
fn a_first_start_that_was_cut_short_is_gone_on_with() {
    complete(&Running::cut_short(|data| data.join("root.key").exists()));
    complete(&Running::cut_short(|data| data.join("db").join("registry.sqlite").exists()));
    complete(&Running::cut_short(|data| data.join("db").join("token.sqlite-wal").exists()));
    complete(&Running::cut_short(|data| data.join("demo.json").exists()));
}

fn complete(server: &Running) {
    assert_eq!(server.demo()["seeded"], true, "{}", server.demo());
    let cells = cells(&server.data());
    let count =
        |kind: &str| cells.iter().filter(|cell| cell.column == "es_event.event_id" && cell.kind == kind).count();
    assert_eq!(count("platform.tenant.created"), 6);
    assert_eq!(count("identity.user.created"), 9);
    assert_eq!(count("oauth.client.registered"), 6);
    let listed = Command::new(binary()).args(["tenant", "list", "--data"]).arg(server.data()).output();
    let listed = listed.expect("the binary starts");
    assert!(listed.status.success() && said(&listed).contains("financefeast"), "{}", said(&listed));
}

/// A lost database is no unfinished folder: what is left is not thrown away.
#[test]
fn a_folder_that_lost_a_database_is_left_alone() {
    let folder = initialised();
    fs::remove_file(folder.path().join("db").join("registry.sqlite")).expect("gone");
    let before = contents(&folder.path().join("db"));
    refused(&grantor(folder.path(), &["init"]), "data folder already");
    assert!(contents(&folder.path().join("db")) == before, "something changed");
}
