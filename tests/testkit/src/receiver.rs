use std::time::Duration;

use grantor_eventsourcing::Timestamp;
use grantor_ports::{Clock, SystemClock};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    task::JoinHandle,
};

/// A partner's endpoint on loopback that takes every call.
pub struct Receiver {
    /// Where it is.
    pub url: String,
    calls: mpsc::UnboundedReceiver<Received>,
    task: JoinHandle<()>,
}

/// A call, byte for byte as it came.
pub struct Received {
    /// Request line and headers.
    pub head: String,
    /// The body, which is JSON.
    pub body: String,
    /// When it came: what it is signed for is that time, whenever it is looked at.
    pub at: Timestamp,
}

impl Received {
    /// A header's value.
    ///
    /// # Panics
    /// When it is not there.
    pub fn header(&self, name: &str) -> &str {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        let found = lines.find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value).unwrap_or_else(|| panic!("no {name} in {}", self.head))
    }

    /// The body, read.
    ///
    /// # Panics
    /// Never: it was read before.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }
}

impl Receiver {
    /// Listens until it is dropped.
    ///
    /// # Panics
    /// When there is no free port.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/hook", listener.local_addr().expect("an address"));
        let (told, calls) = mpsc::unbounded_channel();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(take(stream, told.clone()));
            }
        });
        Self { url, calls, task }
    }

    /// The next call.
    ///
    /// # Panics
    /// When none comes in a minute.
    pub async fn call(&mut self) -> Received {
        let call = tokio::time::timeout(Duration::from_secs(60), self.calls.recv()).await;
        call.expect("a call in a minute").expect("it listens")
    }

    /// Whether there was a call that nobody has looked at.
    pub fn has_more(&mut self) -> bool {
        !self.calls.is_empty()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn take(mut stream: TcpStream, told: mpsc::UnboundedSender<Received>) {
    let (mut call, mut more) = (Vec::new(), [0; 4096]);
    while let Ok(bytes @ 1..) = stream.read(&mut more).await {
        call.extend_from_slice(&more[..bytes]);
        let text = String::from_utf8_lossy(&call).into_owned();
        // A body is complete once it can be read.
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        if serde_json::from_str::<Value>(body).is_err() {
            continue;
        }
        let at = SystemClock.real();
        let _ = told.send(Received { head: head.to_owned(), body: body.to_owned(), at });
        let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n").await;
        return;
    }
}
