//! What `make run` promises.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

use grantor_tests_clients::{Running, binary};
use serde_json::Value;
use tempfile::TempDir;

#[test]
fn credentials_are_kept_for_their_owner_alone() {
    let server = Running::start();
    let mode = fs::metadata(server.demo_file()).expect("the file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn credentials_are_random() {
    let (first, second) = (Running::start(), Running::start());
    for place in [
        "/operator_token",
        "/user/password",
        "/developer/password",
        "/tenants/financefeast/client_secret",
        "/tenants/openid/client_secret",
    ] {
        let value = |server: &Running| server.demo().pointer(place).and_then(Value::as_str).map(str::to_owned);
        assert!(value(&first).is_some_and(|secret| secret.len() >= 12), "{place} is missing or short");
        assert_ne!(value(&first), value(&second), "{place}");
    }
}

#[test]
fn urls_credentials_and_a_working_curl_line_are_printed() {
    let server = Running::start();
    let printed = server.printed();
    for place in ["/admin", "/operator_token", "/user/username", "/user/password", "/tenants/financefeast/issuer"] {
        let value =
            server.demo().pointer(place).and_then(Value::as_str).unwrap_or_else(|| panic!("{place} is missing"));
        assert!(printed.contains(value), "{place} is not printed:\n{printed}");
    }
    let line = printed.lines().map(str::trim).find(|line| line.starts_with("curl ")).expect("a curl line");
    let answer =
        Command::new("sh").args(["-c", &format!("{line} --fail --silent --noproxy '*'")]).output().expect("sh");
    assert!(answer.status.success(), "{line}\n{}", String::from_utf8_lossy(&answer.stderr));
    assert!(!answer.stdout.is_empty(), "{line} answered nothing");
}

#[test]
fn a_second_start_seeds_nothing_and_is_ready_within_two_seconds() {
    let mut server = Running::start();
    let before = fs::read(server.demo_file()).expect("credentials");
    let took = server.kill_and_start_again();
    assert_eq!(fs::read(server.demo_file()).expect("credentials"), before);
    assert!(took < Duration::from_secs(2), "{took:?}");
}

#[test]
fn a_start_beside_a_running_one_says_where_that_is() {
    let server = Running::start();
    let output = Command::new(binary())
        .arg("demo")
        .arg("--data")
        .arg(server.data())
        .args(["--port", &server.first_port().to_string()])
        .output()
        .expect("the binary starts");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    let admin = server.demo()["admin"].as_str().expect("the admin listener's URL");
    assert!(said.contains("already running") && said.contains(admin), "{said}");
}

fn demo(data: &Path, port: u16) -> Output {
    let port = port.to_string();
    Command::new(binary()).arg("demo").arg("--data").arg(data).args(["--port", &port]).output().expect("it starts")
}

#[test]
fn a_port_that_is_taken_leaves_no_folder_behind() {
    let server = Running::start();
    let elsewhere = TempDir::new().expect("a folder");
    let data = elsewhere.path().join("data");
    let output = demo(&data, server.first_port());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("in use"), "{said}");
    assert!(!data.exists(), "made for ports that somebody else has");
}

#[test]
fn a_demo_stays_on_its_ports() {
    let mut server = Running::start();
    let other = server.first_port() - 1;
    server.kill();
    let output = demo(&server.data(), other);
    let said = String::from_utf8_lossy(&output.stderr);
    let wanted = format!("--port {}", server.first_port());
    assert!(!output.status.success() && said.contains(&wanted), "{said}");
}
