//! Who may depend on whom (architecture.md 3): only downwards.

use grantor_tests_tidy::{Crate, crates, files};

use crate::none;

/// The layers from the ground up. A crate uses crates of lower layers only; crates of one layer
/// do not see each other. Tests may use everything, and nothing uses tests but tests.
const LAYERS: &[(&str, &[&str])] = &[
    ("ids", &["grantor-ids"]),
    ("pure", &["grantor-eventsourcing", "grantor-oauth", "grantor-jose"]),
    ("profile", &["grantor-profile"]),
    (
        "domains",
        &[
            "grantor-registry-domain",
            "grantor-directory-domain",
            "grantor-authorization-domain",
            "grantor-token-domain",
            "grantor-console-domain",
            "grantor-webhooks-domain",
        ],
    ),
    ("contracts", &["grantor-contracts"]),
    ("ports", &["grantor-ports"]),
    ("adapters", &["grantor-migrations", "grantor-crypto", "grantor-egress", "grantor-pages", "grantor-telemetry"]),
    ("store", &["grantor-store"]),
    ("adapters above", &["grantor-bus", "grantor-web"]),
    ("copies", &["grantor-copies", "grantor-keyring", "grantor-remote"]),
    (
        "services",
        &[
            "grantor-registry",
            "grantor-directory",
            "grantor-authorization",
            "grantor-token",
            "grantor-console",
            "grantor-webhooks",
            "grantor-demo-api",
            "grantor-sandbox-bank",
        ],
    ),
    ("host", &["grantor-host"]),
    ("binary", &["grantor"]),
];

/// Up to here, crates are pure: no clock, randomness, threads or I/O.
const LAST_PURE_LAYER: &str = "domains";

/// What a pure crate cannot need.
const IMPURE: &[&str] = &[
    "actix-web",
    "async-trait",
    "futures-util",
    "getrandom",
    "lettre",
    "reqwest",
    "rusqlite",
    "sea-orm",
    "tokio",
    "tracing",
    "ureq",
];

/// How the same is reached through the standard library and chrono. (jose signs and makes keys;
/// the randomness for that is inside aws-lc-rs.)
const IMPURE_WORDS: &[&str] = &[
    "Instant::now",
    "SystemTime::now",
    "Utc::now",
    "async fn",
    "std::env",
    "std::fs",
    "std::net",
    "std::process",
    "std::thread",
];

/// Crates that only their owners know.
const OWNERS: &[(&str, &[&str])] = &[
    ("sea-orm", &["grantor-store", "grantor-migrations"]),
    ("sea-orm-migration", &["grantor-store", "grantor-migrations"]),
    ("rusqlite", &["grantor-store"]),
    ("sqlx", &["grantor-store"]),
    ("rdkafka", &["grantor-bus"]),
    ("lettre", &["grantor-egress"]),
    ("reqwest", &["grantor-egress"]),
    ("hyper", &["grantor-egress"]),
    ("askama", &["grantor-pages"]),
    // The command line talks to the admin API of the same machine.
    ("ureq", &["grantor"]),
    (
        "actix-web",
        &[
            "grantor-web",
            "grantor-registry",
            "grantor-directory",
            "grantor-authorization",
            "grantor-token",
            "grantor-console",
            "grantor-demo-api",
            "grantor-host",
        ],
    ),
];

fn layer(name: &str) -> Option<usize> {
    LAYERS.iter().position(|(_, crates)| crates.contains(&name))
}

fn pure() -> Vec<Crate> {
    let last = LAYERS.iter().position(|(name, _)| *name == LAST_PURE_LAYER).expect("a layer of that name");
    crates().into_iter().filter(|member| layer(&member.name).is_some_and(|layer| layer <= last)).collect()
}

#[test]
fn every_crate_has_a_layer() {
    let crates = crates();
    let unknown = crates.iter().filter(|member| !member.is_test() && layer(&member.name).is_none());
    let mut findings: Vec<_> = unknown.map(|member| format!("{} has no layer", member.name)).collect();
    for name in LAYERS.iter().flat_map(|(_, names)| *names) {
        if !crates.iter().any(|member| member.name == *name) {
            findings.push(format!("{name} has a layer, but is no crate"));
        }
    }
    none(findings);
}

#[test]
fn dependencies_point_downwards() {
    let crates = crates();
    let tests: Vec<_> = crates.iter().filter(|member| member.is_test()).map(|member| member.name.as_str()).collect();
    let mut findings = Vec::new();
    for member in crates.iter().filter(|member| !member.is_test()) {
        for edge in &member.uses {
            let to_tests = tests.contains(&edge.name.as_str()) && !edge.dev;
            let upwards = layer(&edge.name).is_some_and(|to| layer(&member.name).is_some_and(|from| to >= from));
            if to_tests || upwards {
                findings.push(format!("{} must not use {}", member.name, edge.name));
            }
        }
    }
    none(findings);
}

#[test]
fn a_domain_is_seen_by_its_own_service_alone() {
    let mut findings = Vec::new();
    for member in crates().iter().filter(|member| !member.is_test()) {
        for edge in &member.uses {
            let owner = edge.name.strip_suffix("-domain").filter(|owner| owner.starts_with("grantor-"));
            // Contracts name what domains say, for everybody else.
            if owner.is_some_and(|owner| owner != member.name && member.name != "grantor-contracts") {
                findings.push(format!("{} must not see {}", member.name, edge.name));
            }
        }
    }
    none(findings);
}

#[test]
fn engines_are_known_to_their_owners_alone() {
    let mut findings = Vec::new();
    for member in crates().iter().filter(|member| !member.is_test()) {
        for edge in member.uses.iter().filter(|edge| !edge.dev) {
            let owners = OWNERS.iter().find(|(name, _)| *name == edge.name).map(|(_, owners)| owners);
            if owners.is_some_and(|owners| !owners.contains(&member.name.as_str())) {
                findings.push(format!("{} must not know {}", member.name, edge.name));
            }
        }
    }
    none(findings);
}

#[test]
fn pure_crates_need_nothing_impure() {
    let mut findings = Vec::new();
    for member in pure() {
        for edge in member.uses.iter().filter(|edge| !edge.dev && IMPURE.contains(&edge.name.as_str())) {
            findings.push(format!("{} is pure and must not use {}", member.name, edge.name));
        }
    }
    none(findings);
}

#[test]
fn pure_crates_do_nothing_impure() {
    let folders: Vec<_> = pure().into_iter().map(|member| format!("{}/src/", member.folder)).collect();
    let mut findings = Vec::new();
    for file in files().iter().filter(|file| file.is("rs") && !file.is_test()) {
        if folders.iter().any(|folder| file.path.starts_with(folder)) {
            for (number, line) in file.code() {
                for word in IMPURE_WORDS.iter().filter(|word| line.contains(**word)) {
                    findings.push(format!("{}:{number} is pure and has {word}", file.path));
                }
            }
        }
    }
    none(findings);
}
