use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    sync::{Arc, Mutex},
    time::Duration,
};

use grantor_ports::TenantKind;
use tracing_subscriber::fmt::MakeWriter;

use crate::{setup::build, *};

const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// Log lines of one test.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'w> MakeWriter<'w> for Lines {
    type Writer = Self;

    fn make_writer(&'w self) -> Self {
        self.clone()
    }
}

fn with(filter: &str) -> TelemetryConfig {
    TelemetryConfig { filter: filter.to_owned(), ..TelemetryConfig::default() }
}

/// Runs this under a subscriber of its own and returns the log.
fn logged(config: &TelemetryConfig, run: impl FnOnce()) -> String {
    let lines = Lines::default();
    let (subscriber, _guard) = build(config, lines.clone()).unwrap();
    tracing::subscriber::with_default(subscriber, run);
    lines.text()
}

#[test]
fn a_span_has_a_trace_without_a_collector() {
    logged(&with("error"), || {
        assert_eq!(trace_parent(), None, "outside of any span");
        let outer = tracing::info_span!("request").entered();
        let parent = trace_parent().unwrap();
        assert_eq!((parent.len(), &parent[..3], &parent[52..]), (55, "00-", "-00"), "{parent}");
        assert_eq!(trace_id().unwrap(), &parent[3..35]);
        let inner = tracing::info_span!("command").entered();
        let child = trace_parent().unwrap();
        assert_eq!(&child[..35], &parent[..35], "one trace");
        assert_ne!(&child[36..52], &parent[36..52], "another span");
        drop((inner, outer));
    });
}

#[test]
fn a_trace_goes_on_behind_the_bus() {
    logged(&with("info"), || {
        let span = tracing::info_span!("consume");
        assert!(set_parent(&span, PARENT));
        let _entered = span.enter();
        assert_eq!(trace_id().as_deref(), Some(&PARENT[3..35]));
        assert!(trace_parent().unwrap().ends_with("-01"), "whoever records upstream is recorded here");
    });
}

#[test]
fn what_is_no_traceparent_starts_a_trace_of_its_own() {
    logged(&with("info"), || {
        for text in [
            "",
            "00-0-0-00",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "é",
            &PARENT.replacen("00", "ff", 1),
        ] {
            let span = tracing::info_span!("consume");
            assert!(!set_parent(&span, text), "{text}");
            let _entered = span.enter();
            assert!(trace_id().is_some());
        }
    });
}

#[test]
fn no_subscriber_means_no_trace() {
    tracing::subscriber::with_default(tracing::subscriber::NoSubscriber::default(), || {
        let span = tracing::info_span!("request");
        assert!(!set_parent(&span, PARENT));
        let _entered = span.enter();
        assert_eq!(trace_parent(), None);
    });
}

#[test]
fn a_json_line_is_one_object_with_its_span() {
    let log = logged(&with("info"), || {
        let _span = tracing::info_span!("request", http.route = "/oauth/token").entered();
        tracing::info!(duration_ms = 3, "answered");
        tracing::debug!("not shown");
    });
    assert_eq!(log.lines().count(), 1, "{log}");
    let line: serde_json::Value = serde_json::from_str(&log).unwrap();
    assert_eq!((&line["message"], &line["duration_ms"]), (&"answered".into(), &3.into()));
    assert_eq!(line["span"]["http.route"], "/oauth/token");
}

#[test]
fn pretty_lines_are_for_people() {
    let config = TelemetryConfig { format: LogFormat::Pretty, ..with("info") };
    let log = logged(&config, || tracing::info!("ready"));
    assert!(log.contains("ready") && !log.starts_with('{'), "{log}");
}

#[test]
fn libraries_that_quote_their_traffic_are_held_down() {
    let talk = || {
        tracing::debug!(target: "sqlx::query", "select");
        tracing::debug!(target: "grantor_token", "ours");
    };
    let log = logged(&with("debug"), talk);
    assert!(log.contains("ours") && !log.contains("select"), "{log}");
    let asked_for = logged(&with("debug,sqlx=debug"), talk);
    assert!(asked_for.contains("select"), "{asked_for}");
}

#[test]
fn a_filter_that_cannot_be_read_is_named() {
    let refused = init(&with("grantor=loud")).unwrap_err();
    assert!(refused.to_string().starts_with("log filter"), "{refused}");
}

#[test]
fn a_second_start_in_one_process_is_harmless() {
    let first = init(&with("off")).unwrap();
    let second = init(&with("off")).unwrap();
    assert!(first.installed() && !second.installed());
}

#[test]
fn spans_reach_the_collector() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let collector = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let (mut head, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            if line == "\r\n" {
                break;
            }
            head.push_str(&line);
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").unwrap();
        (head, body)
    });
    let config = TelemetryConfig {
        otlp_endpoint: Some(format!("http://{address}/")),
        service_name: "grantor-test".into(),
        ..with("off")
    };
    logged(&config, || {
        let span = tracing::info_span!("exchange_code");
        assert!(set_parent(&span, PARENT));
        span.in_scope(|| assert!(trace_parent().unwrap().ends_with("-01")));
    });
    let (head, body) = collector.join().unwrap();
    assert!(head.starts_with("POST /v1/traces HTTP/1.1"), "{head}");
    let holds = |text: &[u8]| body.windows(text.len()).any(|window| window == text);
    assert!(holds(b"exchange_code") && holds(b"grantor-test"));
    assert!(holds(&[0x0a, 0xf7, 0x65, 0x19, 0x16, 0xcd, 0x43, 0xdd]), "the trace id of the caller");
}

#[test]
fn an_unusable_collector_is_named() {
    let config = TelemetryConfig { otlp_endpoint: Some("not a url".into()), ..with("off") };
    let refused = init(&config).unwrap_err();
    assert!(refused.to_string().starts_with("OTLP endpoint"), "{refused}");
}

#[test]
fn a_panic_is_logged_without_its_payload() {
    let before = std::panic::take_hook();
    let log = logged(&with("info"), || {
        hide_panic_payloads();
        let secret = "s3cret";
        assert!(std::panic::catch_unwind(|| panic!("token {secret}")).is_err());
    });
    std::panic::set_hook(before);
    assert!(log.contains("a thread panicked") && log.contains("tests.rs:"), "{log}");
    assert!(!log.contains("s3cret"), "{log}");
}

#[test]
fn metrics_show_what_happened() {
    let metrics = Metrics::new();
    metrics.http().answered("token", "/oauth/token", "POST", 400, Duration::from_millis(2));
    metrics.http().answered("token", "/oauth/token", "BREW", 405, Duration::ZERO);
    metrics.token().answered(TenantKind::Production, "authorization_code", "invalid_grant");
    metrics.login().failed(TenantKind::Development, "credentials");
    metrics.login().succeeded(TenantKind::Development);
    metrics.password().depth(3);
    metrics.password().refused();
    metrics.mail().attempted("sent");
    metrics.store("token").committed(64, Duration::from_millis(4));
    metrics.store("token").depth(7);
    metrics.store("token").conflict();
    metrics.bus("token.clients").lag(12);
    metrics.bus("token.clients").handled(2);
    metrics.bus("token.clients").parked();
    let text = metrics.render();
    for line in [
        r#"grantor_http_requests_total{method="POST",route="/oauth/token",service="token",status="4xx"} 1"#,
        r#"grantor_http_requests_total{method="other",route="/oauth/token",service="token",status="4xx"} 1"#,
        r#"grantor_http_request_seconds_bucket{method="POST",route="/oauth/token",service="token",status="4xx",le="0.0025"} 1"#,
        r#"grantor_token_requests_total{grant_type="authorization_code",kind="production",outcome="invalid_grant"} 1"#,
        r#"grantor_login_failures_total{kind="development",reason="credentials"} 1"#,
        r#"grantor_logins_total{kind="development"} 1"#,
        "grantor_password_queue_depth 3",
        "grantor_password_refused_total 1",
        r#"grantor_mails_total{outcome="sent"} 1"#,
        r#"grantor_store_batch_size_sum{service="token"} 64"#,
        r#"grantor_store_commit_seconds_count{service="token"} 1"#,
        r#"grantor_store_queue_depth{service="token"} 7"#,
        r#"grantor_store_conflicts_total{service="token"} 1"#,
        r#"grantor_bus_lag_records{consumer="token.clients"} 12"#,
        r#"grantor_bus_handled_total{consumer="token.clients"} 2"#,
        r#"grantor_bus_parked_total{consumer="token.clients"} 1"#,
    ] {
        assert!(text.lines().any(|shown| shown == line), "{line}\n{text}");
    }
    assert!(!text.contains("tenant"));
}

#[test]
fn two_platforms_in_one_process_count_apart() {
    let (ours, theirs) = (Metrics::new(), Metrics::new());
    ours.password().refused();
    assert!(ours.clone().render().contains("grantor_password_refused_total 1"));
    assert!(theirs.render().contains("grantor_password_refused_total 0"));
}

#[test]
fn what_is_redacted_does_not_print() {
    let printed = format!("{:?} {}", Redacted("s3cret"), Redacted("s3cret"));
    assert_eq!(printed, "[redacted] [redacted]");
    assert_eq!(Redacted("s3cret").0, "s3cret");
}
