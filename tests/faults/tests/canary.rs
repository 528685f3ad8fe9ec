//! I14: no secret at rest in clear or in any output, no personal datum outside sealed fields.

use std::{fs, path::Path};

use grantor_tests_clients::Running;
use grantor_tests_faults::{Partner, Visitor, cells};
use serde_json::Value;

use crate::{
    collector::Collector,
    marks::{Marks, Search},
    run::{develop, misuse, sign_up, somebody, use_tokens},
    widget::through_the_widget,
};

/// Every byte of every file below the data folder's databases and copies.
pub fn raw(data: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(data.join("db")).expect("the databases");
    entries
        .map(|entry| {
            let path = entry.expect("a file").path();
            (path.file_name().unwrap_or_default().to_string_lossy().into_owned(), fs::read(&path).unwrap_or_default())
        })
        .collect()
}

/// A demo that tells everything it can tell: logs at debug level, traces to this collector.
pub fn talkative(collector: &Collector) -> Running {
    Running::start_with(&format!(
        "[telemetry]\nlog = \"debug\"\nlog_format = \"json\"\notlp_endpoint = \"{}\"\n",
        collector.endpoint()
    ))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_and_no_personal_datum_is_found_in_anything_a_run_leaves_behind() {
    let collector = Collector::start();
    let mut server = talkative(&collector);
    let demo = server.demo().clone();
    let mut marks = Marks::default();
    mark_credentials(&mut marks, &demo, &server.data());
    for slug in ["openid", "financefeast"] {
        let partner = Partner::of(&demo, slug);
        let person = somebody(&partner, &mut marks, &format!("ada-{slug}")).await;
        use_tokens(&partner, &person, &mut marks).await;
        misuse(&partner, &person, &mut marks).await;
        sign_up(&partner, &mut marks).await;
        let text = |name: &str| demo["developer"][name].as_str().expect("a credential").to_owned();
        let mut developer = Visitor::new(&text("username"), &text("password"));
        develop(&partner, &mut developer, &mut marks).await;
    }
    users_of_a_client(&demo, &mut marks).await;
    through_the_widget(&demo, &mut marks).await;
    let metrics = Partner::of(&demo, "openid").page("/metrics").await.expect("metrics");
    assert!(metrics.contains("# TYPE"), "no metrics: {metrics}");
    let alive = raw(&server.data());
    assert!(server.terminate().success());

    let search = marks.search();
    println!("{} marked values", marks.len());
    // The search finds what is there: the demo's credentials where they are kept and printed.
    let greeting = search.found_in(server.printed().as_bytes());
    assert_eq!(greeting.keys().filter(|name| name.ends_with("(as it is)")).count(), 8, "eight credentials are printed");
    let mut plain = Marks::default();
    plain.add("a redirect URI", demo.pointer("/tenants/openid/redirect_uri").and_then(Value::as_str).expect("a URI"));
    let plain = plain.search();
    assert!(alive.iter().any(|(_, bytes)| !plain.found_in(bytes).is_empty()), "what is stored in clear is not found");
    assert!(cells(&server.data()).iter().any(|cell| !plain.found_in(&cell.bytes).is_empty()), "nor in the values");
    let mut problems = Vec::new();
    let mut look = |place: &str, bytes: &[u8]| problems.extend(found(&search, place, bytes));
    look("the metrics", metrics.as_bytes());
    let log = fs::read(server.log_file()).expect("the log");
    assert!(log.windows(16).any(|window| window == b"\"level\":\"DEBUG\","), "the log is not at debug level");
    look("the log", &log);
    let traces = collector.received();
    assert!(traces.windows(7).any(|window| window == b"consume"), "no trace of the bus has arrived");
    look("the traces", &traces);
    for (file, bytes) in alive.iter().chain(&raw(&server.data())) {
        look(file, bytes);
    }
    for cell in cells(&server.data()) {
        look(&format!("{} {} {}", cell.service, cell.column, cell.kind), &cell.bytes);
    }
    println!("{} bytes of log, {} of traces, {} of metrics", log.len(), traces.len(), metrics.len());
    problems.sort();
    problems.dedup();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// A client makes a user, whose password the answer repeats, logs them in with it and gives them
/// another; through the explorer too.
async fn users_of_a_client(demo: &Value, marks: &mut Marks) {
    let http = reqwest::Client::new();
    let text = |name: &str| demo["tenants"]["finapi"][name].as_str().expect("a credential").to_owned();
    let (issuer, id, secret) = (text("issuer"), text("client_id"), text("client_secret"));
    let token = async |more: &[(&str, &str)]| {
        let mut form = vec![("client_id", id.as_str()), ("client_secret", secret.as_str())];
        form.extend(more);
        let pairs: Vec<String> = form.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = http.post(format!("{issuer}/oauth/token")).body(pairs.join("&"));
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let answer = request.send().await.expect("an answer").text().await.expect("a body");
        let answer: Value = serde_json::from_str(&answer).expect("JSON");
        String::from(answer["access_token"].as_str().unwrap_or_else(|| panic!("{answer}")))
    };
    let client = token(&[("grant_type", "client_credentials")]).await;
    marks.add("a client's own token", &client);
    let call = async |path: &str, body: Value| -> Value {
        let request = http.post(format!("{issuer}{path}")).bearer_auth(&client).json(&body);
        serde_json::from_str(&request.send().await.expect("an answer").text().await.expect("a body"))
            .unwrap_or_default()
    };
    let (password, email) = ("echoed-7c1f0e5b9a", "echoed@localhost.de");
    marks.add("a password that was repeated", password);
    marks.add("a user's address", email);
    let made = call("/users", serde_json::json!({ "id": "echoed", "password": password, "email": email })).await;
    assert_eq!(made["password"], password, "{made}");
    let login = [("grant_type", "password"), ("username", "echoed"), ("password", password)];
    let users = token(&login).await;
    marks.add("a user's token", &users);
    let allowed = call("/users/requestPasswordChange", serde_json::json!({ "userId": "echoed" })).await;
    let change = allowed["passwordChangeToken"].as_str().expect("a token");
    marks.add("a token that allows a password", change);
    let second = "second-2d4e6f8a0c";
    marks.add("a password that replaced one", second);
    let body = serde_json::json!({ "userId": "echoed", "password": second, "passwordChangeToken": change });
    call("/users/executePasswordChange", body).await;
    marks.add(
        "the next token",
        &token(&[("grant_type", "password"), ("username", "echoed"), ("password", second)]).await,
    );
}

fn found(search: &Search, place: &str, bytes: &[u8]) -> Vec<String> {
    search.found_in(bytes).into_iter().map(|(mark, around)| format!("{mark} in {place}: {around:?}")).collect()
}

/// The demo's own credentials, and the root key.
fn mark_credentials(marks: &mut Marks, demo: &Value, data: &Path) {
    for pointer in [
        "/operator_token",
        "/user/username",
        "/user/password",
        "/developer/username",
        "/developer/password",
        "/tenants/financefeast/client_secret",
        "/tenants/openid/client_secret",
        "/tenants/finapi/client_secret",
    ] {
        marks.add(pointer, demo.pointer(pointer).and_then(Value::as_str).expect(pointer));
    }
    let key = fs::read_to_string(data.join("root.key")).expect("the root key");
    for word in key.split(|letter: char| letter.is_whitespace() || letter == ':').filter(|word| word.len() >= 32) {
        marks.add("the root key", word);
    }
}
