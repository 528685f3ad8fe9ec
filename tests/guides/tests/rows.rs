//! Every row has a test: the guides and their numbers of rows are listed here, what holds against
//! attackers in `rows.txt`; the tests are found by their names, `ff_01_…`. What makes up for what the
//! guides force is in `controls.txt`, with the names of its tests.

use std::{fs, path::Path};

/// The guides that exist, with the number of their rows.
const GUIDES: &[(&str, u8)] = &[
    ("FF", 41), //
    ("FN", 31),
    ("FX", 50),
    ("GE", 17),
    ("FA", 30),
];

/// Rows of pages that do not exist yet, and what they wait for. A row that has a test by now does
/// not belong here.
const LATER: &[(&str, &str)] = &[];

/// The names of all tests of this program.
fn tests() -> Vec<String> {
    let mut names = Vec::new();
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests"), &mut names);
    names
}

fn read(folder: &Path, names: &mut Vec<String>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            read(&path, names);
        } else {
            let text = fs::read_to_string(&path).expect("a source file");
            let mut test = false;
            for line in text.lines().map(str::trim) {
                let name = line.strip_prefix("async fn ").or_else(|| line.strip_prefix("fn "));
                match name {
                    Some(name) if test => names.push(name.split('(').next().unwrap_or_default().to_owned()),
                    _ => {}
                }
                test = line.starts_with("#[tokio::test") || line == "#[test]" || (test && line.starts_with('#'));
            }
        }
    }
}

#[test]
fn every_row_has_a_test_and_every_numbered_test_a_row() {
    let listed = include_str!("../rows.txt").lines().map(str::trim);
    let listed = listed.filter(|row| !row.is_empty() && !row.starts_with('#')).map(str::to_owned);
    let guides = GUIDES.iter().flat_map(|(guide, rows)| (1..=*rows).map(move |row| format!("{guide}-{row:02}")));
    let rows: Vec<String> = guides.chain(listed).collect();
    let prefix = |row: &str| match row.split_once('-') {
        Some((guide, number)) => format!("{}_{number}_", guide.to_lowercase()),
        None => format!("c{:0>2}_", &row[1..]),
    };
    let tests = tests();
    let later = |row: &str| LATER.iter().any(|(waiting, _)| *waiting == row);
    let tested = |row: &str| tests.iter().any(|test| test.starts_with(&prefix(row)));
    let early: Vec<_> = LATER.iter().filter(|(row, _)| tested(row)).collect();
    assert!(early.is_empty(), "these have tests by now: {early:?}");
    let without: Vec<&String> =
        rows.iter().filter(|row| !later(row) && !tests.iter().any(|test| test.starts_with(&prefix(row)))).collect();
    assert!(without.is_empty(), "rows without a test: {without:?}");
    let numbered = |name: &&String| {
        let digits = |text: &str| text.split('_').next().is_some_and(|n| n.len() == 2 && n.parse::<u8>().is_ok());
        let guide = GUIDES.iter().find_map(|(guide, _)| name.strip_prefix(&format!("{}_", guide.to_lowercase())));
        guide.or_else(|| name.strip_prefix('c')).is_some_and(digits)
    };
    let strangers: Vec<&String> =
        tests.iter().filter(numbered).filter(|test| !rows.iter().any(|row| test.starts_with(&prefix(row)))).collect();
    assert!(strangers.is_empty(), "tests of rows that are not listed: {strangers:?}");
}

/// Whether a source file of the repository has this test.
fn holds(file: &str, test: &str) -> bool {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(file);
    fs::read_to_string(path).is_ok_and(|text| text.contains(&format!("fn {test}(")))
}

#[test]
fn every_compensating_control_has_its_tests() {
    let tests = tests();
    let lines = include_str!("../controls.txt").lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut controls = 0;
    for line in lines {
        let (control, shown) = line.split_once(" | ").unwrap_or((line, ""));
        assert!(!shown.is_empty(), "nothing shows that {control}");
        for test in shown.split(' ') {
            let found = match test.split_once("::") {
                Some((file, name)) => holds(file, name),
                None => tests.iter().any(|known| known == test),
            };
            assert!(found, "{test} is gone: what shows that {control}?");
        }
        controls += 1;
    }
    assert_eq!(controls, 15, "one line for each, two for the password grant");
}
