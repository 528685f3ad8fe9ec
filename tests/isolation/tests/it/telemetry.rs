//! What the platform tells its operators about itself, and what it keeps to itself.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener},
    sync::Arc,
};

use grantor_eventsourcing::Position;
use grantor_host::{DataFolder, Options, Platform, Role};
use grantor_store::Log;
use grantor_testkit::{Tokens, World};
use grantor_tests_isolation::{Ask, Program, Twins, send};
use grantor_tests_ports::free_ports;
use parking_lot::Mutex;
use serde_json::Value;

#[tokio::test]
async fn no_metric_tells_tenants_clients_or_people_apart() {
    let twins = Twins::of("openid").await;
    let world = &twins.world;
    for side in &twins.sides {
        let tokens = Tokens::new(&side.tenant, &side.partner);
        tokens.userinfo(&side.access).await;
        tokens.introspect(&side.access).await;
        tokens.exchange("wrong", &[]).await;
        tokens.revoke(&side.access).await;
        world.admin("GET", &format!("/admin/v1/tenants/{}/clients/{}", side.tenant.slug, side.own_client), None).await;
    }
    world.settle().await;
    let host = world.admin.trim_start_matches("http://").to_owned();
    let answer = send(host.parse().expect("an address"), &Ask::new("GET", "/metrics").host(&host)).await;
    let metrics = answer.expect("an answer").body;
    assert!(metrics.contains("route=\"token\"") && metrics.contains("_bucket"), "{metrics}");
    for side in &twins.sides {
        let id = side.tenant.id.uuid();
        for told in [
            side.tenant.slug.as_str(),
            &side.tenant.id.to_string(),
            &id.to_string(),
            &id.simple().to_string(),
            side.tenant.issuer.trim_start_matches("http://"),
            &side.partner.client_id,
            &side.own_client,
            &side.person.id.to_string(),
            &side.person.id.uuid().to_string(),
            &side.person.email,
            &side.access,
            &side.code,
            &side.login.id,
        ] {
            assert!(!metrics.contains(told), "{told} is in the metrics");
        }
    }
    let labels = metrics.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('{'));
    let names: std::collections::BTreeSet<&str> = labels
        .flat_map(|(_, rest)| rest.split(','))
        .filter_map(|label| label.split_once("=\""))
        .map(|(name, _)| name)
        .collect();
    for name in names {
        assert!(!["tenant", "tenant_id", "client", "client_id", "user", "sub", "path"].contains(&name), "label {name}");
    }
}

#[tokio::test]
async fn health_and_readiness_are_told_without_a_token() {
    let world = World::start().await;
    let host = world.admin.trim_start_matches("http://").to_owned();
    let at: SocketAddr = host.parse().expect("an address");
    for (path, status) in [("/health", "up"), ("/ready", "ready")] {
        let answer = send(at, &Ask::new("GET", path).host(&host)).await.expect("an answer");
        assert_eq!((answer.status, answer.json()["status"].as_str()), (200, Some(status)), "{answer:?}");
        let head = send(at, &Ask::new("HEAD", path).host(&host)).await.expect("an answer");
        assert_eq!((head.status, head.body.as_str()), (200, ""));
    }
    let ready = send(at, &Ask::new("GET", "/ready").host(&host)).await.expect("an answer").json();
    let names: Vec<&str> =
        ready["checks"].as_array().expect("checks").iter().filter_map(|one| one["name"].as_str()).collect();
    for service in ["registry", "directory", "authorization", "token", "console"] {
        assert!(names.iter().any(|name| name.starts_with(service)), "{service} in {names:?}");
    }
    let tenant = world.tenant("openid").await;
    let host = tenant.issuer.trim_start_matches("http://");
    for path in ["/health", "/ready", "/metrics", "/admin/v1/tenants", "/mailbox"] {
        let answer =
            send(host.parse().expect("an address"), &Ask::new("GET", path).host(host)).await.expect("an answer");
        assert_eq!(answer.status, 404, "{path} at a tenant");
    }
}

/// A collector of traces that keeps what it gets.
fn collector() -> (SocketAddr, Arc<Mutex<Vec<u8>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let at = listener.local_addr().expect("bound");
    let received = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&received);
    // Ends with the test's process: it waits for connections, not for an end.
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let kept = Arc::clone(&kept);
            std::thread::spawn(move || {
                let mut buffer = [0; 64 * 1024];
                let mut pending: Vec<u8> = Vec::new();
                while let Ok(count @ 1..) = stream.read(&mut buffer) {
                    pending.extend_from_slice(&buffer[..count]);
                    while let Some(length) = whole(&pending) {
                        kept.lock().extend(pending.drain(..length));
                        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
                    }
                }
            });
        }
    });
    (at, received)
}

/// The length of the first request of these bytes, once it is all there.
fn whole(bytes: &[u8]) -> Option<usize> {
    let head = bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let text = String::from_utf8_lossy(&bytes[..head]).to_ascii_lowercase();
    let length = text.lines().find_map(|line| line.strip_prefix("content-length:"))?.trim().parse::<usize>().ok()?;
    (bytes.len() >= head + length).then_some(head + length)
}

/// The names of the spans of a trace: in OTLP a span begins with its trace's id (field 1), its
/// own (2), perhaps a state (3) and its parent (4), and its name (5).
fn spans_of(trace: &[u8; 16], received: &[u8]) -> Vec<String> {
    let mark = [&[0x0a, 16], trace.as_slice()].concat();
    let starts = (0..received.len().saturating_sub(mark.len())).filter(|at| received[*at..].starts_with(&mark));
    let name = |at: usize| {
        let mut at = at + mark.len();
        while let [tag, length, rest @ ..] = &received[at..] {
            let length = usize::from(*length);
            match tag {
                0x12 | 0x1a | 0x22 => at += 2 + length,
                0x2a => return rest.get(..length).map(|name| String::from_utf8_lossy(name).into_owned()),
                _ => return None,
            }
        }
        None
    };
    starts.filter_map(name).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_trace_goes_from_a_request_over_the_bus_to_its_followers() {
    let (collector, received) = collector();
    let mut program = Program::new();
    let config = program.configure(&format!("[telemetry]\notlp_endpoint = \"http://{collector}\"\n"));
    let ports = free_ports(12);
    let admin = SocketAddr::from(([127, 0, 0, 1], ports + 9));
    program.serve(&["demo", "--port", &ports.to_string(), "--config", config.to_str().expect("a path")], admin);
    let demo = loop {
        // The listener answers before the seed has ended; the file is complete when it names the tenants.
        let text = std::fs::read(program.data().join("demo.json")).unwrap_or_default();
        let read: Value = serde_json::from_slice(&text).unwrap_or_default();
        if read["tenants"]["openid"]["client_secret"].is_string() {
            break read;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    };
    let hex = "4bf92f3577b34da6a3ce929d0e0e4736";
    let trace = u128::from_str_radix(hex, 16).expect("hexadecimal").to_be_bytes();
    let token = demo["operator_token"].as_str().expect("a token");
    let body =
        r#"{"name":"Traced","kind":"confidential","redirect_uris":["https://t.example/cb"],"scopes":["openid"]}"#;
    let ask = Ask::new("POST", "/admin/v1/tenants/openid/clients")
        .host(&admin.to_string())
        .header("authorization", format!("Bearer {token}"))
        .header("traceparent", format!("00-{hex}-00f067aa0ba902b7-01"))
        .body("application/json", body);
    let made = send(admin, &ask).await.expect("an answer");
    assert_eq!(made.status, 201, "{made:?}");
    let seen = || spans_of(&trace, &received.lock());
    for _ in 0..1200 {
        if seen().iter().any(|name| name == "consume") && seen().iter().any(|name| name == "http") {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    let names = seen();
    assert!(names.iter().any(|name| name == "http") && names.iter().any(|name| name == "consume"), "{names:?}");
    program.stop();
    let exported = String::from_utf8_lossy(&received.lock()).into_owned();
    let secret = made.json()["client_secret"].as_str().expect("a secret").to_owned();
    assert!(!exported.contains(&secret) && !exported.contains(token), "no secret is in a trace");
    let folder = DataFolder::new(program.data(), None);
    let keys = folder.root_keys(false).expect("its keys");
    let platform = Platform::open(&folder, keys, Options::default()).await.expect("its data");
    let events =
        platform.stores.of(Role::Registry).read_log(Log::Events, Position::START, 10_000).await.expect("the log");
    let traced: Vec<_> =
        events.iter().filter(|event| event.meta.trace.as_deref().is_some_and(|text| text.contains(hex))).collect();
    assert_eq!(
        traced.iter().map(|event| event.event_type.as_str()).collect::<Vec<_>>(),
        ["oauth.client.registered", "oauth.client.approved"]
    );
}
