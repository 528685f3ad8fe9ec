//! What the binary refuses to start with, and what it says then.

use std::{fs, net::TcpListener};

use grantor_tests_isolation::{Outcome, Program, TestAuthority};
use grantor_tests_ports::free_ports;

/// A program whose folder has been made.
fn born() -> Program {
    let program = Program::new();
    let outcome = program.run(&["init"]);
    assert_eq!(outcome.code, Some(0), "{}", outcome.printed);
    program
}

fn refused(outcome: &Outcome, names: &[&str]) {
    assert_eq!(outcome.code, Some(1), "{}", outcome.printed);
    for name in names {
        assert!(outcome.printed.contains(name), "`{name}` is not named in: {}", outcome.printed);
    }
    assert!(!outcome.printed.contains("panicked"), "{}", outcome.printed);
}

/// What `serve` says to this configuration.
fn served(program: &Program, text: &str) -> Outcome {
    let path = program.configure(text);
    program.run(&["serve", "--config", path.to_str().expect("a path")])
}

const SMTP: &str = "[smtp]\nhost = \"mail.example\"\nport = 465\nsecurity = \"tls\"\nfrom = \"id@example.com\"\n";

#[test]
fn a_folder_that_was_never_made_is_named() {
    let program = Program::new();
    let outcome = program.run(&["serve"]);
    refused(&outcome, &[program.data().to_str().expect("a path"), "grantor init"]);
    assert!(!program.data().join("root.key").exists(), "serving makes no keys");
}

#[test]
fn a_folder_is_made_once() {
    let program = born();
    let before = fs::read(program.data().join("root.key")).expect("a key");
    refused(&program.run(&["init"]), &["already"]);
    assert_eq!(fs::read(program.data().join("root.key")).expect("a key"), before);
}

#[test]
fn a_missing_root_key_is_named_and_not_made_anew() {
    let program = born();
    fs::remove_file(program.data().join("root.key")).expect("it was there");
    for text in ["", &format!("mode = \"production\"\n{SMTP}")] {
        refused(&served(&program, text), &["root_key", "root.key"]);
    }
    let elsewhere = program.beside("elsewhere.key");
    refused(&served(&program, &format!("root_key = {elsewhere:?}")), &["root_key", "elsewhere.key"]);
    assert!(!program.data().join("root.key").exists() && !elsewhere.exists());
}

#[test]
fn another_root_key_is_refused_and_changes_nothing() {
    let (program, other) = (born(), born());
    let key = other.data().join("root.key");
    refused(&served(&program, &format!("root_key = {key:?}")), &["root_key", "another root key"]);
    let (program, broken) = (born(), "not a key");
    fs::write(program.data().join("root.key"), broken).expect("a file");
    refused(&program.run(&["serve"]), &["root_key", "root.key"]);
}

#[test]
fn a_root_key_that_others_can_read_is_refused_in_production() {
    use std::os::unix::fs::PermissionsExt;
    let program = born();
    let key = program.data().join("root.key");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).expect("ours");
    refused(&served(&program, &format!("mode = \"production\"\n{SMTP}")), &["root_key", "root.key"]);
}

#[test]
fn a_port_in_use_is_named_with_its_setting() {
    let program = born();
    let holder = TcpListener::bind("127.0.0.1:0").expect("a port");
    let taken = holder.local_addr().expect("bound").to_string();
    let free = free_ports(1);
    refused(
        &served(&program, &format!("listen = [\"{taken}\"]\nadmin_listen = \"127.0.0.1:{free}\"")),
        &["listen:", &taken],
    );
    let text = format!("listen = [\"127.0.0.1:{free}\"]\nadmin_listen = \"{taken}\"");
    refused(&served(&program, &text), &["admin_listen", &taken]);
}

#[test]
fn a_configuration_that_cannot_be_meant_names_the_setting() {
    let program = born();
    let cases: [(&str, &[&str]); 9] = [
        ("listne = [\"127.0.0.1:1\"]", &["grantor.toml", "line 1", "listne"]),
        ("mode = \"staging\"", &["grantor.toml", "line 1", "staging"]),
        ("listen = [\"here\"]", &["grantor.toml", "line 1"]),
        ("\n[telemetry]\nlog_format = \"xml\"", &["telemetry.log_format"]),
        ("[telemetry]\nlog = \"a=b=c\"", &["telemetry"]),
        ("trusted_proxies = [\"everybody\"]", &["trusted_proxies", "everybody"]),
        ("mode = \"production\"", &["smtp"]),
        ("mode = \"production\"\nlisten = [\"0.0.0.0:0\"]", &["listen", "tls"]),
        (
            "[smtp]\nhost = \"m\"\nport = 25\nsecurity = \"tls\"\nfrom = \"a@b.example\"\npassword_env = \"NO_SUCH_THING\"",
            &["smtp.password_env", "NO_SUCH_THING"],
        ),
    ];
    for (text, names) in cases {
        refused(&served(&program, text), names);
    }
    let missing = program.beside("missing.toml");
    refused(&program.run(&["serve", "--config", missing.to_str().expect("a path")]), &["missing.toml"]);
}

#[test]
fn tls_files_that_do_not_fit_name_the_setting() {
    let program = born();
    let good = TestAuthority::for_names(&["127.0.0.1"]);
    let other = TestAuthority::for_names(&["127.0.0.1"]);
    let ports = free_ports(2);
    let broken = program.beside("broken.pem");
    fs::write(&broken, "-----BEGIN CERTIFICATE-----\nnothing\n").expect("a file");
    let empty = program.beside("empty.pem");
    fs::write(&empty, "").expect("a file");
    let missing = program.beside("missing.pem");
    let cases = [
        (&missing, &good.settings.key, "tls.certificate"),
        (&broken, &good.settings.key, "tls.certificate"),
        (&empty, &good.settings.key, "tls.certificate"),
        (&good.settings.certificate, &missing, "tls.key"),
        (&good.settings.certificate, &empty, "tls.key"),
        (&good.settings.certificate, &other.settings.key, "tls"),
    ];
    for (certificate, key, setting) in cases {
        let text = format!(
            "listen = [\"127.0.0.1:{ports}\"]\nadmin_listen = \"127.0.0.1:{}\"\n[tls]\ncertificate = {certificate:?}\nkey = {key:?}",
            ports + 1
        );
        refused(&served(&program, &text), &[setting]);
    }
}

#[test]
fn production_refuses_the_demo_and_its_data() {
    let mut program = Program::new();
    let config = program.configure(&format!("mode = \"production\"\n{SMTP}"));
    let config = config.to_str().expect("a path").to_owned();
    refused(&program.run(&["demo", "--config", &config]), &["mode", "production"]);
    assert!(!program.data().exists(), "nothing was made");
    let ports = free_ports(12);
    let ready = std::net::SocketAddr::from(([127, 0, 0, 1], ports + 9));
    program.serve(&["demo", "--port", &ports.to_string()], ready);
    program.stop();
    refused(&program.run(&["serve", "--config", &config]), &["mode", "production", "demo"]);
}

#[tokio::test]
async fn production_refuses_an_http_issuer_off_loopback() {
    let settings = grantor_testkit::Settings { production: true, ..Default::default() };
    let world = grantor_testkit::World::with(settings).await;
    let wanted = serde_json::json!({
        "slug": "plain", "name": "Plain", "kind": "production", "preset": "strict", "issuer": "http://id.bank.example"
    });
    let (status, answer) = world.admin("POST", "/admin/v1/tenants", Some(wanted)).await;
    assert_eq!((status, answer["errors"][0]["pointer"].as_str()), (422, Some("#/issuer")), "{answer}");
}
