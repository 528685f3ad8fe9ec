//! ARCHITECTURE.md says what is there.

use std::fs;

use grantor_tests_tidy::root;

use crate::none;

/// What a path in the document begins with.
const PLACES: &[&str] =
    &["libs/", "services/", "proto/", "migrations/", "tests/", "tools/", "deploy/", "docs/", ".ci/"];

/// Files that stand at the root.
const ROOT_FILES: &[&str] = &["Cargo.toml", "Makefile", "README.md", "ARCHITECTURE.md", "CHANGELOG.md", "clippy.toml"];

/// Everything between backticks that looks like a path of this repository. Patterns (`*`, `…`,
/// `<context>`) are none.
fn paths(document: &str) -> Vec<&str> {
    let quoted = document.split('`').skip(1).step_by(2).map(str::trim);
    quoted
        .filter(|text| PLACES.iter().any(|place| text.starts_with(place)) || ROOT_FILES.contains(text))
        .filter(|text| text.chars().all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c)))
        .collect()
}

#[test]
fn every_path_in_architecture_md_exists() {
    let document = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md");
    let paths = paths(&document);
    assert!(paths.len() >= 10, "only {} paths in backticks: the code map is missing", paths.len());
    none(
        paths.iter().filter(|path| !root().join(path).exists()).map(|path| format!("{path} does not exist")).collect(),
    );
}

#[test]
fn paths_are_told_from_other_words() {
    let document = "`libs/ids` and `libs/*/src`, `make run`, `src/x.rs`, `services/<name>/`, `Cargo.toml`, `.ci/run`";
    assert_eq!(paths(document), ["libs/ids", "Cargo.toml", ".ci/run"]);
}

#[test]
fn decisions_are_numbered_without_a_gap() {
    let entries = fs::read_dir(root().join("docs/adr")).expect("docs/adr");
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort_unstable();
    let wrong = |(number, name): (usize, &String)| {
        let text = fs::read_to_string(root().join("docs/adr").join(name)).expect("a decision");
        let right = name.starts_with(&format!("{number:04}-")) && text.starts_with(&format!("# {number}. "));
        (!right).then(|| format!("{name} is not decision {number}"))
    };
    none((1..).zip(&names).filter_map(wrong).collect());
}
