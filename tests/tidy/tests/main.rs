//! The rules of the house, each a test. A rule that must bend has its exceptions in a table here,
//! with the reason.

mod architecture;
mod dependencies;
mod layers;
mod sources;

/// Fails with one line per finding.
fn none(findings: Vec<String>) {
    assert!(findings.is_empty(), "{} findings:\n{}", findings.len(), findings.join("\n"));
}
