//! What is handed out for deployments fits the code.

use std::{collections::BTreeSet, fs, path::PathBuf};

use grantor_host::Config;
use serde_json::Value;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|cause| panic!("{path}: {cause}"))
}

/// Every word that begins like a metric of ours.
fn metrics(text: &str) -> BTreeSet<String> {
    let is_part = |c: char| c.is_ascii_lowercase() || c == '_';
    let starts = text.match_indices("grantor_").filter(|(at, _)| !text[..*at].ends_with(is_part));
    let words = starts.map(|(at, _)| text[at..].chars().take_while(|c| is_part(*c)).collect::<String>());
    let base = |word: String| {
        let suffix = ["_bucket", "_sum", "_count"].into_iter().find(|suffix| word.ends_with(suffix));
        suffix.map_or(word.clone(), |suffix| word[..word.len() - suffix.len()].to_owned())
    };
    words.map(base).collect()
}

fn registered() -> BTreeSet<String> {
    let folder = root().join("libs/telemetry/src/metrics");
    let files = fs::read_dir(folder).expect("the families").map(|entry| entry.expect("an entry").path());
    files.flat_map(|path| metrics(&fs::read_to_string(path).expect("a file"))).collect()
}

#[test]
fn dashboards_and_alerts_ask_for_metrics_that_exist() {
    let known = registered();
    assert!(known.contains("grantor_peer_calls_total"), "{known:?}");
    for path in ["deploy/dashboards/grantor.json", "deploy/alerts/grantor.yaml"] {
        let asked = metrics(&text(path));
        assert!(asked.len() > 5, "{path} asks for nothing");
        let unknown: Vec<_> = asked.difference(&known).collect();
        assert!(unknown.is_empty(), "{path} asks for {unknown:?}");
    }
}

#[test]
fn the_dashboard_is_one() {
    let dashboard: Value = serde_json::from_str(&text("deploy/dashboards/grantor.json")).expect("JSON");
    let panels = dashboard["panels"].as_array().expect("panels");
    let ids: BTreeSet<_> = panels.iter().map(|panel| panel["id"].as_u64().expect("an id")).collect();
    assert_eq!(ids.len(), panels.len());
    assert!(panels.iter().all(|panel| panel["targets"].as_array().is_some_and(|targets| !targets.is_empty())));
}

#[test]
fn configurations_of_the_containers_are_taken() {
    for path in ["deploy/compose/all-in-one.toml", "deploy/compose/split.toml", "deploy/compose/split-kafka.toml"] {
        let config = Config::read(&root().join(path)).unwrap_or_else(|cause| panic!("{path}: {cause}"));
        config.check().unwrap_or_else(|cause| panic!("{path}: {cause}"));
    }
}
