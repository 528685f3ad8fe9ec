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
        "/tenants/finapi/client_secret",
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
    let token = server.demo()["operator_token"].as_str().expect("a token").to_owned();
    assert!(said.contains(&token), "whoever closed the first window finds the credentials here: {said}");
}

/// Every address that is printed leads somewhere: to a page, to a document, or to the way in.
#[test]
fn every_printed_address_answers() {
    let server = Running::start();
    let printed = server.printed();
    let curl = |line: &&str| line.trim_start().starts_with("curl ");
    let words = printed.lines().filter(|line| !curl(line)).flat_map(str::split_whitespace);
    let api = |url: &str| url.contains("api.finx.") || url == server.demo()["tenants"]["financefeast"]["api"];
    for url in words.filter(|word| word.starts_with("http://") && !word.ends_with("/oauth/callback") && !api(word)) {
        let asked = ["-s", "-o", "/dev/null", "-w", "%{http_code}", "-H", "Accept: text/html", "--noproxy", "*", url];
        let answer = Command::new("curl").args(asked).output().expect("curl");
        let status = String::from_utf8_lossy(&answer.stdout).into_owned();
        // The dashboard and the mailbox ask who is there.
        assert!(["200", "303", "401"].contains(&status.as_str()), "{url}: {status}");
    }
}

#[test]
fn a_reader_who_has_seen_enough_is_no_failure() {
    let server = Running::start();
    let data = server.data().display().to_string();
    for words in ["profile show financefeast", "tenant list", "tenant delta financefeast"] {
        let script = format!("set -o pipefail; '{}' {words} --data '{data}' | true", binary().display());
        let output = Command::new("bash").args(["-c", &script]).output().expect("bash");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && said.is_empty(), "{words}: {said}");
    }
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
    assert!(!output.status.success() && said.contains("in use") && said.contains("--port"), "{said}");
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

#[test]
fn every_command_of_the_operator_works_on_a_running_demo() {
    let server = Running::start();
    let scratch = TempDir::new().expect("a folder");
    let file = |name: &str, text: &str| {
        let path = scratch.path().join(name);
        std::fs::write(&path, text).expect("a file");
        path.display().to_string()
    };
    let run = |words: &[&str]| {
        let output = Command::new(binary()).args(words).arg("--data").arg(server.data()).output().expect("it starts");
        let (said, failed) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "grantor {words:?}: {said}{failed}");
        said.into_owned()
    };
    let refused = |words: &[&str]| {
        let output = Command::new(binary()).args(words).arg("--data").arg(server.data()).output().expect("it starts");
        assert!(!output.status.success(), "grantor {words:?}");
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let issuer = format!("http://127.0.0.1:{}/t/acme", server.first_port());
    let tenant =
        format!(r#"{{"slug":"acme","name":"Acme","kind":"development","issuer":"{issuer}","preset":"openid"}}"#);
    run(&["tenant", "create", &file("tenant.json", &tenant)]);
    assert!(run(&["tenant", "list"]).contains(&issuer));
    assert!(run(&["tenant", "show", "acme"]).contains("Acme"));
    let profile = file("profile.json", &run(&["tenant", "profile", "acme"]));
    run(&["tenant", "set-profile", "acme", &profile]);
    assert!(run(&["profile", "lint", &profile]).contains("RFC 9700"));
    assert!(run(&["profile", "presets"]).contains("strict"));
    let lint = run(&["profile", "lint", "financefeast", "--json"]);
    assert!(lint.contains("legacy_unsafe") && lint.contains("compensations"), "{lint}");
    let issuer = format!("http://127.0.0.1:{}/t/trial", server.first_port());
    let cloned = run(&["tenant", "clone", "acme", "trial", "--issuer", &issuer, "--kind", "sandbox"]);
    assert!(cloned.contains("\"sandbox\"") && cloned.contains("Acme"), "{cloned}");
    run(&["tenant", "set", "trial", "/codes/ttl_seconds", "30"]);
    let long = ["tenant", "set", "trial", "/access_tokens/ttl_seconds", "864000"];
    assert!(refused(&long).contains("long_access_tokens"), "a weak knob wants an acknowledgement");
    run(&[&long[..], &["--acknowledge", "long_access_tokens"]].concat());
    let diff = run(&["tenant", "diff", "trial", "--tenant", "acme"]);
    assert!(diff.contains("/codes/ttl_seconds") && diff.contains("864000"), "{diff}");
    assert!(run(&["tenant", "diff", "acme", "--preset", "openid"]).contains("No difference."));
    assert!(run(&["tenant", "diff", "trial", "--preset", "openid"]).contains("/access_tokens/ttl_seconds"));
    assert!(run(&["tenant", "delta", "trial"]).contains("legacy-unsafe"));
    // Strict again: its acknowledgement goes by itself.
    run(&["tenant", "set", "trial", "/access_tokens/ttl_seconds", "600"]);
    assert!(!run(&["tenant", "profile", "trial"]).contains("long_access_tokens"));
    assert!(run(&["tenant", "clock", "trial", "advance", "10d"]).contains("864000"));
    assert!(run(&["tenant", "clock", "trial"]).contains("864000"));
    assert!(refused(&["tenant", "clock", "acme", "advance", "10d"]).contains("not a sandbox"));
    run(&["tenant", "suspend", "acme"]);
    run(&["tenant", "restore", "acme"]);

    let client = r#"{"name":"C","kind":"confidential","redirect_uris":["https://c.example/cb"],"scopes":["openid"]}"#;
    let made = run(&["client", "--tenant", "acme", "create", &file("client.json", client)]);
    let made: serde_json::Value = serde_json::from_str(&made).expect("a document");
    let id = made["client_id"].as_str().expect("a client_id");
    assert!(run(&["client", "list", "--tenant", "acme", "--state", "approved"]).contains(id));
    run(&["client", "change", id, &file("change.json", r#"{"name":"D"}"#), "--tenant", "acme"]);
    run(&["client", "suspend", id, "--reason", "too loud", "--tenant", "acme"]);
    assert!(run(&["client", "show", id, "--tenant", "acme"]).contains("too loud"));
    run(&["client", "restore", id, "--tenant", "acme"]);
    assert!(run(&["client", "rotate-secret", id, "--tenant", "acme"]).contains("client_secret"));
    run(&["client", "delete", id, "--tenant", "acme"]);

    let user = file("user.json", r#"{"email":"a@example.com","password":"a long password"}"#);
    run(&["user", "--tenant", "acme", "create", &user]);
    let shown = run(&["user", "--tenant", "acme", "show", "a@example.com"]);
    let shown: serde_json::Value = serde_json::from_str(&shown).expect("a document");
    let id = shown["id"].as_str().expect("an id");
    run(&["user", "--tenant", "acme", "change", id, &file("claims.json", r#"{"claims":{"name":"A"}}"#)]);
    for word in ["lock", "unlock", "deactivate", "erase"] {
        run(&["user", "--tenant", "acme", word, id]);
    }
    assert!(run(&["user", "--tenant", "acme", "list"]).contains("erased"));

    let json = |said: String| serde_json::from_str::<serde_json::Value>(&said).expect("a document");
    let hook = |words: &[&str]| run(&[&["webhook", "--tenant", "finexer"], words].concat());
    let event = "oauth.authorization.revoked";
    // Nobody listens there: what is sent fails, and is in the log.
    let nowhere = format!("http://127.0.0.1:{}/hook", grantor_tests_ports::free_ports(1));
    let made = json(hook(&["create", &nowhere, event, "--signing", "both", "--format", "standard"]));
    assert!(made["secret"]["secret"].as_str().is_some_and(|secret| secret.starts_with("whsec_")), "{made}");
    let id = made["webhook"]["id"].as_str().or(made["id"].as_str()).expect("an id");
    assert!(hook(&["list"]).contains(&nowhere));
    hook(&["test", id]);
    let failed = (0..500).find_map(|_| {
        let failed = hook(&["deliveries", id, "--state", "failed"]);
        failed.split_whitespace().find(|word| word.starts_with("evt_")).map(str::to_owned)
    });
    let message = failed.expect("a delivery that failed");
    hook(&["resend", id, &message]);
    hook(&["recover", id, "2026-11-01T00:00:00Z"]);
    assert!(hook(&["rotate-secret", id, "--overlap", "1h"]).contains("whsec_"));
    hook(&["pause", id]);
    assert!(hook(&["show", id]).contains("paused"));
    hook(&["resume", id]);
    hook(&["delete", id]);
    assert!(!hook(&["list"]).contains(id));
    let known = refused(&["webhook", "--tenant", "finexer", "create", &nowhere, "no.such.event"]);
    assert!(known.contains("/events/0"), "{known}");

    run(&["key", "--tenant", "acme", "rotate", "ES256"]);
    assert!(run(&["key", "--tenant", "acme", "list"]).contains("ES256"));
}
