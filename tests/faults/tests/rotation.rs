//! A new root key: what was sealed before goes on, what is left under the old one is nothing, and
//! then the old one is not needed any more.

use std::{fs, os::unix::fs::PermissionsExt, path::Path, process::Command, time::Duration};

use grantor_tests_clients::{Running, binary};
use serde_json::Value;

/// `grantor root-key …` on a folder: its exit code, and what it said.
fn root_key(data: &Path, words: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(binary()).arg("root-key").args(words).arg("--data").arg(data).output();
    let output = output.expect("the binary starts");
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    (output.status.code(), said.concat())
}

/// How many tenants' keys a root key wraps, in all services together.
fn wrapped(list: &str, id: &str) -> u64 {
    let its = list.lines().skip_while(|line| line.split_whitespace().next() != Some(id)).skip(1);
    its.take_while(|line| line.starts_with(' '))
        .filter_map(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok())
        .sum()
}

/// Posts to an endpoint of the demo's OpenID tenant, as its client.
async fn post(demo: &Value, path: &str, form: String) -> Value {
    let tenant = &demo["tenants"]["openid"];
    let text = |name: &str| tenant[name].as_str().expect("a text");
    let asked = reqwest::Client::new().post(format!("{}{path}", text("issuer")));
    let asked = asked.header("content-type", "application/x-www-form-urlencoded").body(form);
    let answer = asked.basic_auth(text("client_id"), Some(text("client_secret"))).send().await.expect("an answer");
    assert_eq!(answer.status(), 200, "{path}");
    answer.json().await.expect("JSON")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_root_key_is_replaced_and_what_was_given_goes_on() {
    let mut server = Running::start_with("[telemetry]\nlog = \"info\"\n");
    let (demo, data) = (server.demo().clone(), server.data());
    let given = post(&demo, "/oauth/token", "grant_type=client_credentials".into()).await;
    let given = given["access_token"].as_str().expect("a token").to_owned();
    let (code, said) = root_key(&data, &["list"]);
    assert!(code == Some(1) && said.contains("another grantor process uses"), "{said}");
    server.terminate();

    let file = data.join("root.key");
    fs::write(&file, format!("# ours\n{}", fs::read_to_string(&file).expect("the file"))).expect("a note in it");
    for (id, problem) in [("root-1", "active"), ("root-9", "no root key")] {
        let (code, said) = root_key(&data, &["remove", id]);
        assert!(code == Some(1) && said.contains(problem), "{said}");
    }
    let (code, said) = root_key(&data, &["add"]);
    assert!(code == Some(0) && said.contains("root-2"), "{said}");
    assert_eq!(fs::metadata(&file).expect("the file").permissions().mode() & 0o777, 0o600);
    let (_, before) = root_key(&data, &["list"]);
    assert!(before.contains("root-2  active") && wrapped(&before, "root-1") > 5, "{before}");
    assert_eq!(wrapped(&before, "root-2"), 0, "{before}");

    // A running process brings its keys under the new one by itself.
    server.start_again();
    let alive = post(&demo, "/oauth/introspect", format!("token={given}")).await;
    assert_eq!(alive["active"], true, "while both are there");
    let under_way = async {
        while server.printed().matches("every tenant's key is wrapped by the active root key").count() < 6 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), under_way).await.expect("all databases are through");
    server.terminate();
    let (_, after) = root_key(&data, &["list"]);
    assert_eq!((wrapped(&after, "root-1"), wrapped(&after, "root-2")), (0, wrapped(&before, "root-1")), "{after}");

    let (code, said) = root_key(&data, &["remove", "root-1"]);
    assert!(code == Some(0) && said.contains("0 tenants"), "{said}");
    let text = fs::read_to_string(&file).expect("the file");
    assert!(text.starts_with("# ours\n") && !text.contains("root-1:") && text.lines().count() == 2, "another file");
    server.start_again();
    let alive = post(&demo, "/oauth/introspect", format!("token={given}")).await;
    assert_eq!(alive["active"], true, "without the old one");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_process_has_reached_is_brought_along_when_the_old_key_goes() {
    let mut server = Running::start();
    let (demo, data) = (server.demo().clone(), server.data());
    let given = post(&demo, "/oauth/token", "grant_type=client_credentials".into()).await;
    server.terminate();
    assert_eq!(root_key(&data, &["add"]).0, Some(0));
    let (code, said) = root_key(&data, &["remove", "root-1"]);
    assert!(code == Some(0) && !said.contains(" 0 tenants"), "{said}");
    server.start_again();
    let token = given["access_token"].as_str().expect("a token");
    assert_eq!(post(&demo, "/oauth/introspect", format!("token={token}")).await["active"], true);
}
