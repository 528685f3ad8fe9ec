//! A receiver on loopback that says what it is told to say.

use std::{sync::Arc, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
};

/// What it says to a call.
#[derive(Debug, Clone)]
pub enum Reply {
    /// This status, with these headers.
    Status(u16, &'static str),
    /// Nothing, ever.
    Silence,
    /// What it is told to say next, once it is.
    Later,
}

/// A call as it came.
#[derive(Debug, Clone)]
pub struct Call {
    pub head: String,
    pub body: String,
}

impl Call {
    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(':'));
        lines.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }
}

pub struct Receiver {
    pub url: String,
    reply: watch::Sender<Reply>,
    calls: watch::Receiver<Vec<Call>>,
    task: JoinHandle<()>,
}

impl Receiver {
    pub async fn start(reply: Reply) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/hook", listener.local_addr().expect("an address"));
        let (reply, said) = watch::channel(reply);
        let (seen, calls) = watch::channel(Vec::new());
        let seen = Arc::new(seen);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, said.clone(), Arc::clone(&seen)));
            }
        });
        Self { url, reply, calls, task }
    }

    /// From now on it says this.
    pub fn say(&self, reply: Reply) {
        self.reply.send_replace(reply);
    }

    pub fn calls(&self) -> Vec<Call> {
        self.calls.borrow().clone()
    }

    /// Waits until there were so many calls.
    pub async fn until(&self, calls: usize) -> Vec<Call> {
        let mut seen = self.calls.clone();
        let waited = tokio::time::timeout(Duration::from_secs(30), seen.wait_for(|seen| seen.len() >= calls)).await;
        match waited {
            Ok(Ok(seen)) => seen.clone(),
            _ => panic!("{} calls instead of {calls}", self.calls().len()),
        }
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(mut stream: TcpStream, mut said: watch::Receiver<Reply>, seen: Arc<watch::Sender<Vec<Call>>>) {
    let mut buffer = Vec::new();
    loop {
        let Some(call) = read(&mut stream, &mut buffer).await else { return };
        seen.send_modify(|calls| calls.push(call));
        let reply = said.wait_for(|reply| !matches!(reply, Reply::Later)).await.map(|reply| reply.clone());
        match reply {
            Err(_) => return,
            Ok(Reply::Silence | Reply::Later) => std::future::pending().await,
            Ok(Reply::Status(status, headers)) => {
                let text = format!("HTTP/1.1 {status} X\r\n{headers}content-length: 2\r\n\r\nok");
                if stream.write_all(text.as_bytes()).await.is_err() {
                    return;
                }
            }
        }
    }
}

async fn read(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<Call> {
    loop {
        if let Some(end) = buffer.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&buffer[..end]).into_owned();
            let mut call = Call { head, body: String::new() };
            let length: usize = call.header("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
            if buffer.len() >= end + 4 + length {
                call.body = String::from_utf8_lossy(&buffer[end + 4..end + 4 + length]).into_owned();
                buffer.drain(..end + 4 + length);
                return Some(call);
            }
        }
        let mut more = [0; 4096];
        match stream.read(&mut more).await {
            Ok(0) | Err(_) => return None,
            Ok(bytes) => buffer.extend_from_slice(&more[..bytes]),
        }
    }
}
