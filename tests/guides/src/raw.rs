use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// An answer as its bytes came. The order of headers says nothing (RFC 9110 5.3), so they are
/// sorted; `Date` says when, and is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raw {
    /// The status line.
    pub status: String,
    /// The header lines, sorted.
    pub headers: Vec<String>,
    /// The body.
    pub body: String,
}

impl Raw {
    /// As the golden files hold it.
    pub fn text(&self) -> String {
        let mut lines = vec![self.status.clone()];
        lines.extend(self.headers.iter().cloned());
        let head = lines.join("\n");
        if self.body.is_empty() { head } else { format!("{head}\n\n{}", self.body) }
    }

    /// The value of a header; empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        let value = |line: &'_ String| line.split_once(": ").is_some_and(|(known, _)| known.eq_ignore_ascii_case(name));
        self.headers
            .iter()
            .find(|line| value(line))
            .and_then(|line| line.split_once(": "))
            .map_or("", |(_, value)| value)
    }

    /// The status code.
    pub fn code(&self) -> u16 {
        self.status.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or_default()
    }
}

/// Sends these bytes to an authority (`host:port`, or the URL of one) and reads until it closes.
///
/// # Panics
/// When nobody answers, or not in HTTP.
pub async fn exchange(authority: &str, request: &[u8]) -> Raw {
    let authority = authority.trim_start_matches("http://");
    let mut socket = TcpStream::connect(authority).await.expect("a connection");
    socket.write_all(request).await.expect("a request");
    let mut bytes = Vec::new();
    // A server that has said all it has to say may close before it has read everything.
    let _ = socket.read_to_end(&mut bytes).await;
    let text = String::from_utf8(bytes).expect("text");
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no HTTP answer: {text:?}"));
    let mut lines = head.split("\r\n").map(str::to_owned);
    let status = lines.next().unwrap_or_default();
    let mut headers: Vec<String> = lines.filter(|line| !line.to_ascii_lowercase().starts_with("date:")).collect();
    headers.sort();
    Raw { status, headers, body: body.to_owned() }
}
