//! Dependencies are policy: each has a reason, and one place.

use grantor_tests_tidy::{File, files};

use crate::none;

fn manifests() -> Vec<File> {
    files().into_iter().filter(|file| file.path.ends_with("Cargo.toml")).collect()
}

/// Lines of the sections whose header `wanted` accepts: (number, line, the line before).
fn lines_of(file: &File, wanted: fn(&str) -> bool) -> Vec<(usize, &str, &str)> {
    let mut inside = false;
    let mut before = "";
    let mut found = Vec::new();
    for (index, line) in file.text.lines().enumerate() {
        if line.starts_with('[') {
            inside = wanted(line);
        } else if inside && !line.trim().is_empty() && !line.starts_with('#') {
            found.push((index + 1, line, before));
        }
        before = line;
    }
    found
}

#[test]
fn every_dependency_has_a_reason() {
    let manifest = manifests().into_iter().find(|file| file.path == "Cargo.toml").expect("the workspace's manifest");
    let dependencies = lines_of(&manifest, |header| header == "[workspace.dependencies]");
    assert!(dependencies.len() > 20, "the dependencies are not where they are looked for");
    let mut findings = Vec::new();
    for (number, line, before) in dependencies {
        let ours = line.contains("path = ");
        let said = line.contains(" # ") || (before.starts_with("# ") && !before.starts_with("# ---"));
        if !ours && !said {
            findings.push(format!("Cargo.toml:{number} has no reason above it: {line}"));
        }
    }
    none(findings);
}

#[test]
fn versions_are_chosen_in_one_place() {
    let mut findings = Vec::new();
    for manifest in manifests().iter().filter(|file| file.path != "Cargo.toml") {
        for (number, line, _) in lines_of(manifest, |header| header.ends_with("dependencies]")) {
            if !line.contains("workspace = true") {
                findings.push(format!("{}:{number} does not take the workspace's: {line}", manifest.path));
            }
        }
    }
    none(findings);
}

#[test]
fn lock_files_name_no_registry() {
    let mut findings = Vec::new();
    for file in files().iter().filter(|file| file.path.ends_with("package-lock.json")) {
        for (index, line) in file.text.lines().enumerate() {
            if line.contains("\"resolved\"") {
                findings.push(format!("{}:{} has {}", file.path, index + 1, line.trim()));
            }
        }
    }
    none(findings);
}
