//! What must not stand in a file.

use grantor_tests_tidy::{File, files};

use crate::none;

/// Guides whose names are data. Only the profile library may know them.
const GUIDES: &[&str] = &["financefeast", "finexer", "finapi", "finx"];

/// Where a guide's name is something else: the demo creates a tenant that is called like it.
const MAY_NAME_GUIDES: &[&str] = &["libs/profile/", "tests/", "services/grantor/src/demo"];

/// What says "not done yet", and what silences a lint for ever.
const UNFINISHED: &[&str] = &["todo!(", "unimplemented!(", "dbg!("];
const ALLOW: &[&str] = &["#[allow(", "#![allow("];

/// Hosts of package registries and folders of one machine. Split, so that this file is clean.
const PRIVATE: &[&str] = &[
    concat!("registry.", "npmjs"),
    concat!("registry.", "yarnpkg"),
    concat!("pypi.", "org"),
    concat!("files.python", "hosted"),
    concat!("static.", "crates.io"),
    concat!("index.", "crates.io"),
    concat!("proxy.", "golang.org"),
    concat!("--index", "-url"),
    concat!("--extra-index", "-url"),
    concat!("/wo", "rk/"),
    concat!("/ro", "ot/"),
    concat!("/ho", "me/"),
];

/// More lines than this, and a file does too much.
const MOST_LINES: usize = 500;

/// Files that are longer for a reason.
const MAY_BE_LONG: &[(&str, &str)] = &[("libs/pages/assets/app.css", "one stylesheet, one request per visit")];

/// `path:line has word` wherever a line of these files holds one of the words.
fn holding(files: impl Iterator<Item = File>, words: &[&str]) -> Vec<String> {
    let mut findings = Vec::new();
    for file in files {
        for (index, line) in file.text.lines().enumerate() {
            for word in words.iter().filter(|word| line.contains(**word)) {
                findings.push(format!("{}:{} has {word}", file.path, index + 1));
            }
        }
    }
    findings
}

/// Rust files, without the one that has to spell the forbidden words.
fn rust() -> impl Iterator<Item = File> {
    files().into_iter().filter(|file| file.is("rs") && file.path != "tests/tidy/tests/sources.rs")
}

#[test]
fn only_the_profile_library_names_a_guide() {
    let mut findings = Vec::new();
    for file in
        rust().filter(|file| !file.is_test() && !MAY_NAME_GUIDES.iter().any(|place| file.path.starts_with(place)))
    {
        for (number, line) in file.code() {
            let line = line.to_lowercase();
            for guide in GUIDES.iter().filter(|guide| line.contains(**guide)) {
                findings.push(format!("{}:{number} names {guide}", file.path));
            }
        }
    }
    none(findings);
}

#[test]
fn nothing_is_unfinished() {
    none(holding(rust(), UNFINISHED));
}

#[test]
fn lints_are_expected_not_allowed() {
    none(holding(rust(), ALLOW));
}

#[test]
fn nothing_names_a_registry_or_one_machine() {
    none(holding(files().into_iter(), PRIVATE));
}

#[test]
fn no_file_does_too_much() {
    let mut findings = Vec::new();
    let written = ["rs", "py", "mjs", "js", "html", "css", "proto", "sh"];
    for file in files().iter().filter(|file| written.iter().any(|extension| file.is(extension))) {
        let lines = file.text.lines().count();
        let excepted = MAY_BE_LONG.iter().any(|(path, _)| *path == file.path);
        if lines > MOST_LINES && !excepted {
            findings.push(format!("{} has {lines} lines", file.path));
        }
        if lines <= MOST_LINES && excepted {
            findings.push(format!("{} is short again: take it off the list", file.path));
        }
    }
    for (path, _) in MAY_BE_LONG.iter().filter(|(path, _)| !files().iter().any(|file| file.path == *path)) {
        findings.push(format!("{path} is on the list of long files, but is gone"));
    }
    none(findings);
}
