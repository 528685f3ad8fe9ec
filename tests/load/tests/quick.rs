//! The bench itself: that it runs, not how fast.

use std::process::Command;

#[test]
fn the_bench_runs_and_every_answer_is_right() {
    let done = Command::new(env!("CARGO_BIN_EXE_grantor-tests-load")).arg("--quick").output().expect("it starts");
    let (out, err) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(done.status.success(), "{out}{err}");
    for figure in ["code exchange, no ID token", "code exchange, ES256 ID token", "introspection"] {
        assert!(out.contains(figure), "{figure} is missing: {out}{err}");
    }
    assert_eq!(out.matches("  ratio ").count(), 3, "{out}");
}

#[test]
fn the_bench_runs_on_postgresql_too_and_counts_statements() {
    let words = ["--quick", "--postgres", "--only", "exchange"];
    let done = Command::new(env!("CARGO_BIN_EXE_grantor-tests-load")).args(words).output().expect("it starts");
    let (out, err) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(done.status.success(), "{out}{err}");
    assert!(out.contains("statements per request"), "{out}{err}");
}

#[test]
fn deliveries_are_measured_too_and_all_of_them_arrive() {
    let done = Command::new(env!("CARGO_BIN_EXE_grantor-tests-load")).args(["--webhooks", "--quick"]).output();
    let done = done.expect("it starts");
    let (out, err) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(done.status.success(), "{out}{err}");
    for scene in ["1:1:", "1:1 over TLS", "1:40", "commit to arrival", "isolation", "recovery", "retries", "memory"] {
        assert!(out.contains(&format!("\n{scene}")), "{scene} is missing: {out}{err}");
    }
    assert_eq!(out.matches("(0 twice)").count(), 2, "each delivery once: {out}");
}

#[test]
fn deliveries_are_measured_on_postgresql_too() {
    let words = ["--webhooks", "--quick", "--postgres", "--scene", "rate", "--scene", "fanout"];
    let done = Command::new(env!("CARGO_BIN_EXE_grantor-tests-load")).args(words).output().expect("it starts");
    let (out, err) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(done.status.success(), "{out}{err}");
    assert_eq!(out.matches("statements each").count(), 2, "{out}{err}");
}
