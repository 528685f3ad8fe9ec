use std::time::Duration;

use chrono::DateTime;
use grantor_ids::TenantId;
use grantor_ports::{Mail, MailError, Mailer};

use crate::*;

mod server;

use server::{Answers, Received, Server, TestCa};

fn mail() -> Mail {
    Mail {
        tenant: TenantId::from_uuid("0192f0c1-0000-7000-8000-000000000001".parse().unwrap()),
        from_name: "Bank Grün, \"Wellington\"".into(),
        to: "ada@example.org".into(),
        subject: "Ihr Code für heute".into(),
        body: "Grüße!\n\n.a line that begins with a dot\nYour code: 123 456\n".into(),
        at: DateTime::from_timestamp(1_700_000_000, 0).unwrap(),
    }
}

fn config(server: &Server) -> SmtpConfig {
    SmtpConfig {
        host: "127.0.0.1".into(),
        port: server.port,
        security: SmtpSecurity::Plain,
        credentials: None,
        from: "no-reply@id.example".into(),
        extra_ca_pem: None,
        timeout: Duration::from_secs(10),
    }
}

fn login() -> Option<SmtpCredentials> {
    Some(SmtpCredentials { username: "grantor".into(), password: "pa55 word".to_owned().into() })
}

async fn send(config: &SmtpConfig, mail: &Mail) -> Result<(), MailError> {
    SmtpMailer::new(config).unwrap().send(mail).await
}

fn header<'m>(received: &'m Received, name: &str) -> Option<&'m str> {
    let (head, _) = received.message.split_once("\r\n\r\n").unwrap();
    head.split("\r\n").find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

#[tokio::test]
async fn a_mail_reaches_the_server() {
    let server = Server::start(Answers::default(), None);
    assert_eq!(send(&config(&server), &mail()).await, Ok(()));
    let received = server.received();
    assert_eq!(received.from, "<no-reply@id.example>");
    assert_eq!(received.to, ["<ada@example.org>"]);
    assert_eq!(header(&received, "To"), Some("ada@example.org"));
    assert_eq!(header(&received, "Date"), Some("Tue, 14 Nov 2023 22:13:20 +0000"));
    assert_eq!(header(&received, "Auto-Submitted"), Some("auto-generated"));
    assert_eq!(header(&received, "Content-Type"), Some("text/plain; charset=utf-8"));
    assert!(header(&received, "From").unwrap().ends_with("<no-reply@id.example>"));
    let (_, body) = received.message.split_once("\r\n\r\n").unwrap();
    assert!(body.contains("\r\n.a line that begins with a dot\r\n"), "{body}");
    assert!(body.contains("123 456"), "{body}");
}

#[tokio::test]
async fn starttls_protects_the_login_and_the_mail() {
    let ca = TestCa::new();
    let server = Server::start(Answers::default(), Some(ca.server_config()));
    let config = SmtpConfig {
        security: SmtpSecurity::StartTls,
        credentials: login(),
        extra_ca_pem: Some(ca.pem()),
        ..config(&server)
    };
    assert_eq!(send(&config, &mail()).await, Ok(()));
    let received = server.received();
    assert!(received.tls);
    assert_eq!(received.login.as_deref(), Some("\0grantor\0pa55 word"));
}

#[tokio::test]
async fn a_network_attacker_who_strips_starttls_gets_nothing() {
    let server = Server::start(Answers::default(), None);
    let config = SmtpConfig { security: SmtpSecurity::StartTls, credentials: login(), ..config(&server) };
    assert_eq!(send(&config, &mail()).await, Err(MailError::Unavailable));
    let received = server.received();
    assert_eq!((received.from.as_str(), received.login, received.message.as_str()), ("", None, ""));
}

#[tokio::test]
async fn a_network_attacker_with_another_certificate_gets_nothing() {
    let (ours, theirs) = (TestCa::new(), TestCa::new());
    let server = Server::start(Answers::default(), Some(theirs.server_config()));
    let config = SmtpConfig {
        security: SmtpSecurity::StartTls,
        credentials: login(),
        extra_ca_pem: Some(ours.pem()),
        ..config(&server)
    };
    assert_eq!(send(&config, &mail()).await, Err(MailError::Unavailable));
    let received = server.received();
    assert_eq!((received.login, received.message.as_str()), (None, ""));
}

#[tokio::test]
async fn a_refused_recipient_is_not_tried_again() {
    let server =
        Server::start(Answers { recipient: "550 5.1.1 <ada@example.org> is nobody here", ..Answers::default() }, None);
    assert_eq!(send(&config(&server), &mail()).await, Err(MailError::Refused));
}

#[tokio::test]
async fn a_busy_server_is_tried_again_later() {
    let server = Server::start(Answers { recipient: "451 4.3.2 come back later", ..Answers::default() }, None);
    assert_eq!(send(&config(&server), &mail()).await, Err(MailError::Unavailable));
}

#[tokio::test]
async fn a_wrong_login_does_not_lose_the_mail() {
    let server = Server::start(Answers { login: "535 5.7.8 no", ..Answers::default() }, None);
    let config = SmtpConfig { credentials: login(), ..config(&server) };
    assert_eq!(send(&config, &mail()).await, Err(MailError::Unavailable));
}

#[tokio::test]
async fn nobody_there_is_unavailable() {
    let server = Server::start(Answers::default(), None);
    let config = config(&server);
    server.stop();
    assert_eq!(send(&config, &mail()).await, Err(MailError::Unavailable));
}

#[tokio::test]
async fn a_silent_server_is_given_up() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let server = Server::start(Answers::default(), None);
    let config = SmtpConfig { port, timeout: Duration::from_millis(50), ..config(&server) };
    assert_eq!(send(&config, &mail()).await, Err(MailError::Unavailable));
}

#[tokio::test]
async fn a_hostile_tenant_cannot_add_a_header() {
    let server = Server::start(Answers::default(), None);
    let mail = Mail {
        from_name: "Bank\r\nBcc: eve@example.org".into(),
        subject: "Hello\r\nBcc: eve@example.org\r\n\r\nbody".into(),
        ..mail()
    };
    assert_eq!(send(&config(&server), &mail).await, Ok(()));
    let received = server.received();
    assert_eq!(received.to, ["<ada@example.org>"]);
    assert_eq!(header(&received, "Bcc"), None);
    assert_eq!(header(&received, "Subject"), Some("Hello Bcc: eve@example.org body"));
}

#[tokio::test]
async fn what_is_no_address_is_refused_without_a_connection() {
    let server = Server::start(Answers::default(), None);
    for to in ["", "ada", "ada@example.org\r\nRCPT TO:<eve@example.org>", "a@b, c@d"] {
        assert_eq!(send(&config(&server), &Mail { to: to.into(), ..mail() }).await, Err(MailError::Refused), "{to}");
    }
}

#[test]
fn plain_mail_stays_on_the_machine() {
    let server = Server::start(Answers::default(), None);
    for host in ["mail.example", "10.0.0.1", "localhost", "127.0.0.1.evil.example", "0.0.0.0", ""] {
        let refused = SmtpMailer::new(&SmtpConfig { host: host.into(), ..config(&server) }).err();
        assert_eq!(refused, Some(SmtpConfigError::PlainOffLoopback(host.into())));
    }
    assert!(SmtpMailer::new(&SmtpConfig { host: "::1".into(), ..config(&server) }).is_ok());
}

#[test]
fn settings_that_cannot_work_are_named() {
    let server = Server::start(Answers::default(), None);
    let refused = SmtpMailer::new(&SmtpConfig { from: "nobody".into(), ..config(&server) }).err();
    assert_eq!(refused, Some(SmtpConfigError::From("nobody".into())));
    let broken = Some(b"-----BEGIN CERTIFICATE-----\n".to_vec());
    let refused =
        SmtpMailer::new(&SmtpConfig { security: SmtpSecurity::Tls, extra_ca_pem: broken, ..config(&server) }).err();
    assert_eq!(refused, Some(SmtpConfigError::Tls));
}

#[test]
fn the_password_does_not_print() {
    let server = Server::start(Answers::default(), None);
    let config = SmtpConfig { credentials: login(), ..config(&server) };
    let printed = format!("{config:?} {:?}", SmtpMailer::new(&config).unwrap());
    assert!(!printed.contains("pa55"), "{printed}");
}
