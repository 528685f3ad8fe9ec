use std::{net::SocketAddr, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// How long an answer may take on a busy machine.
const WITHIN: Duration = Duration::from_secs(30);

/// A request, byte by byte: also one that no HTTP library would send.
#[derive(Debug, Clone)]
pub struct Ask {
    method: String,
    target: Vec<u8>,
    host: Option<String>,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
}

impl Ask {
    /// A request of this method to this target (path and query, as sent).
    pub fn new(method: &str, target: impl Into<Vec<u8>>) -> Self {
        Self { method: method.to_owned(), target: target.into(), host: None, headers: Vec::new(), body: Vec::new() }
    }

    /// The value of `Host`.
    pub fn host(mut self, host: &str) -> Self {
        self.host = Some(host.to_owned());
        self
    }

    /// A header more.
    pub fn header(mut self, name: &str, value: impl Into<Vec<u8>>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// As a browser that wants a page.
    pub fn page(self) -> Self {
        self.header("accept", "text/html,application/xhtml+xml")
    }

    /// With these cookies.
    pub fn cookies(self, cookies: &[(String, String)]) -> Self {
        if cookies.is_empty() {
            return self;
        }
        let pairs: Vec<String> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        self.header("cookie", pairs.join("; "))
    }

    /// As this client (RFC 6749 2.3.1).
    pub fn basic(self, client_id: &str, secret: &str) -> Self {
        let pair = STANDARD.encode(format!("{client_id}:{secret}"));
        self.header("authorization", format!("Basic {pair}"))
    }

    /// With a body of this type.
    pub fn body(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        if content_type.is_empty() { self } else { self.header("content-type", content_type) }
    }

    /// With a form.
    pub fn form(self, fields: &[(&str, &str)]) -> Self {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.body("application/x-www-form-urlencoded", body)
    }

    /// Whether its target holds bytes that no target may hold.
    pub fn is_no_http(&self) -> bool {
        self.target.iter().any(|byte| !byte.is_ascii_graphic())
    }

    /// The bytes of the request; without `Host` when none was given.
    pub fn bytes(&self) -> Vec<u8> {
        let mut out = format!("{} ", self.method).into_bytes();
        out.extend_from_slice(&self.target);
        out.extend_from_slice(b" HTTP/1.1\r\n");
        if let Some(host) = &self.host {
            out.extend_from_slice(format!("Host: {host}\r\n").as_bytes());
        }
        for (name, value) in &self.headers {
            out.extend_from_slice(name.as_bytes());
            out.extend_from_slice(b": ");
            out.extend_from_slice(value);
            out.extend_from_slice(b"\r\n");
        }
        if !self.body.is_empty() || !matches!(self.method.as_str(), "GET" | "HEAD") {
            out.extend_from_slice(format!("Content-Length: {}\r\n", self.body.len()).as_bytes());
        }
        out.extend_from_slice(b"Connection: close\r\n\r\n");
        out.extend_from_slice(&self.body);
        out
    }
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Reply {
    /// Its status.
    pub status: u16,
    /// Its headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: String,
}

impl Reply {
    /// A header, empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// The names and values of the cookies it sets.
    pub fn cookies(&self) -> Vec<(String, String)> {
        let set = self.headers.iter().filter(|(name, _)| name == "set-cookie");
        set.filter_map(|(_, value)| value.split(';').next()?.split_once('='))
            .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
            .collect()
    }

    /// The body as JSON; `null` when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or(Value::Null)
    }

    /// Which of the fixed errors this page shows.
    pub fn page_error(&self) -> Option<&str> {
        let from = self.body.find("data-error=\"")? + "data-error=\"".len();
        self.body[from..].split('"').next()
    }
}

/// Sends a request on a connection of its own; `None` when the connection ends without an answer.
pub async fn send(at: SocketAddr, ask: &Ask) -> Option<Reply> {
    send_bytes(at, &ask.bytes()).await
}

/// The same with any bytes.
///
/// # Panics
/// When nobody listens, or nothing comes for half a minute.
pub async fn send_bytes(at: SocketAddr, bytes: &[u8]) -> Option<Reply> {
    let talk = async {
        let stream = TcpStream::connect(at).await.expect("somebody listens");
        let (mut from, mut to) = stream.into_split();
        let mut received = Vec::new();
        let write = async {
            // An answer may come before all is sent; then nobody reads the rest.
            let _ = to.write_all(bytes).await;
            to
        };
        // The write half stays open until the answer is there, as with any client.
        let (_to, _) = tokio::join!(write, from.read_to_end(&mut received));
        received
    };
    let received = tokio::time::timeout(WITHIN, talk).await.expect("an answer, or the end of the connection");
    read(&received)
}

fn read(received: &[u8]) -> Option<Reply> {
    let end = received.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&received[..end]).into_owned();
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    Some(Reply { status, headers, body: String::from_utf8_lossy(&received[end + 4..]).into_owned() })
}
