//! Load: 64 connections that are kept, one request at a time on each, over plain sockets.
//!
//! It never sleeps: where the other core sleeps, each answer costs the server a wake-up of that
//! core, which is dear on a virtual machine, and which the faster server would hardly ever pay.

use std::{
    cell::{Cell, RefCell},
    net::SocketAddr,
    rc::Rc,
    time::Instant,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use hdrhistogram::Histogram;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::LocalSet,
};

use crate::{Failure, site::Client};

/// Steps of its tasks between two looks at its sockets.
const POLL_EVERY: u32 = 8;

/// One kind of request to one server.
pub struct Load {
    /// Whom.
    pub address: SocketAddr,
    /// All before the body but its length.
    head: String,
    /// The body around the one thing that differs from request to request.
    body: (&'static str, String),
    /// What a right answer has in it.
    sign: &'static str,
    /// Whether the answer's access token is kept.
    keep_tokens: bool,
}

/// What was measured.
pub struct Outcome {
    /// Requests answered, all of them rightly.
    pub requests: usize,
    /// From the first request to the last answer.
    pub seconds: f64,
    /// Time of each request in microseconds.
    pub micros: Histogram<u32>,
    /// Access tokens, for who asked for them.
    pub tokens: Vec<String>,
}

impl Load {
    /// Exchanges codes; all answers bring an ID token, or none does.
    pub fn exchange(address: SocketAddr, path: &str, client: &Client, openid: bool) -> Self {
        let redirect: String = client.redirect_uri.replace(':', "%3A").replace('/', "%2F");
        Self {
            address,
            head: head(address, path, client),
            body: ("grant_type=authorization_code&code=", format!("&redirect_uri={redirect}")),
            sign: if openid { "\"id_token\":\"" } else { "\"scope\":\"profile email\"" },
            keep_tokens: true,
        }
    }

    /// Asks what tokens are worth; all are live.
    pub fn introspect(address: SocketAddr, path: &str, client: &Client) -> Self {
        Self {
            address,
            head: head(address, path, client),
            body: ("token=", String::new()),
            sign: "\"active\":true",
            keep_tokens: false,
        }
    }

    /// Sends one request for each of these, from so many connections.
    pub fn run(self, words: &[String], connections: usize) -> Result<Outcome, Failure> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().event_interval(POLL_EVERY).build()?;
        let run = Rc::new(Run {
            load: self,
            words: words.to_vec(),
            next: Cell::new(0),
            micros: RefCell::new(Histogram::new(3)?),
            tokens: RefCell::default(),
        });
        let shared = Rc::clone(&run);
        let seconds = LocalSet::new().block_on(&runtime, async move {
            let mut open = Vec::new();
            for _ in 0..connections {
                let stream = TcpStream::connect(shared.load.address).await?;
                stream.set_nodelay(true)?;
                open.push(stream);
            }
            let awake = tokio::task::spawn_local(async {
                loop {
                    tokio::task::yield_now().await;
                }
            });
            let started = Instant::now();
            let each = open.into_iter().map(|stream| tokio::task::spawn_local(Rc::clone(&shared).connection(stream)));
            for connection in each.collect::<Vec<_>>() {
                connection.await??;
            }
            awake.abort();
            Ok::<_, Failure>(started.elapsed().as_secs_f64())
        })?;
        let run = Rc::into_inner(run).ok_or("a connection is still open")?;
        Ok(Outcome { requests: words.len(), seconds, micros: run.micros.into_inner(), tokens: run.tokens.into_inner() })
    }
}

fn head(address: SocketAddr, path: &str, client: &Client) -> String {
    let credentials = STANDARD.encode(format!("{}:{}", client.id, client.secret));
    format!(
        "POST {path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Basic {credentials}\r\naccept: application/json\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: "
    )
}

struct Run {
    load: Load,
    words: Vec<String>,
    next: Cell<usize>,
    micros: RefCell<Histogram<u32>>,
    tokens: RefCell<Vec<String>>,
}

impl Run {
    async fn connection(self: Rc<Self>, mut stream: TcpStream) -> Result<(), Failure> {
        let (mut request, mut answer) = (Vec::with_capacity(1024), Vec::with_capacity(4096));
        while let Some(word) = self.words.get(self.next.replace(self.next.get() + 1)) {
            self.load.write(&mut request, word);
            let started = Instant::now();
            stream.write_all(&request).await?;
            let body = read(&mut stream, &mut answer).await?;
            let took = u64::try_from(started.elapsed().as_micros())?;
            self.micros.borrow_mut().record(took)?;
            self.check(&answer, body)?;
        }
        Ok(())
    }

    fn check(&self, answer: &[u8], body: usize) -> Result<(), Failure> {
        let text = std::str::from_utf8(&answer[body..])?;
        if !answer.starts_with(b"HTTP/1.1 200 ") || !text.contains(self.load.sign) {
            return Err(format!("a wrong answer: {}", String::from_utf8_lossy(answer)).into());
        }
        if self.load.keep_tokens {
            let token = text.split_once("\"access_token\":\"").and_then(|(_, rest)| rest.split_once('"'));
            let (token, _) = token.ok_or("an answer without a token")?;
            self.tokens.borrow_mut().push(token.to_owned());
        }
        Ok(())
    }
}

impl Load {
    fn write(&self, request: &mut Vec<u8>, word: &str) {
        let length = self.body.0.len() + word.len() + self.body.1.len();
        request.clear();
        for part in [self.head.as_str(), &length.to_string(), "\r\n\r\n", self.body.0, word, &self.body.1] {
            request.extend_from_slice(part.as_bytes());
        }
    }
}

/// Reads one answer; says where its body starts.
async fn read(stream: &mut TcpStream, answer: &mut Vec<u8>) -> Result<usize, Failure> {
    answer.clear();
    loop {
        if stream.read_buf(answer).await? == 0 {
            return Err("a connection was closed".into());
        }
        if let Some((body, length)) = measured(answer)?
            && answer.len() >= body + length
        {
            return Ok(body);
        }
    }
}

/// Where the body starts and how long it is, once the head is there.
fn measured(answer: &[u8]) -> Result<Option<(usize, usize)>, Failure> {
    let Some(end) = answer.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
    let head = std::str::from_utf8(&answer[..end])?;
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>())
    });
    Ok(Some((end + 4, length.ok_or("an answer without a length")??)))
}
