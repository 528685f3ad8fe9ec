use std::{io, net::IpAddr, sync::Arc};

use async_trait::async_trait;
use bytes::Bytes;
use parking_lot::Mutex;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use uuid::Uuid;

use super::*;

/// A server that says the same to everybody, and remembers what it was told and on which connection.
struct Server {
    port: u16,
    seen: Arc<Mutex<Vec<(usize, String)>>>,
}

impl Server {
    async fn start(answer: Vec<u8>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen: Arc<Mutex<Vec<(usize, String)>>> = Arc::default();
        let told = Arc::clone(&seen);
        tokio::spawn(async move {
            let mut connections = 0;
            while let Ok((mut stream, _)) = listener.accept().await {
                connections += 1;
                let (told, answer, number) = (Arc::clone(&told), answer.clone(), connections);
                tokio::spawn(async move {
                    let mut buffer = vec![0; 65536];
                    while let Ok(bytes @ 1..) = stream.read(&mut buffer).await {
                        told.lock().push((number, String::from_utf8_lossy(&buffer[..bytes]).into_owned()));
                        if stream.write_all(&answer).await.is_err() {
                            return;
                        }
                    }
                });
            }
        });
        Self { port, seen }
    }

    fn calls(&self) -> Vec<(usize, String)> {
        self.seen.lock().clone()
    }
}

fn client(allow: &[&str]) -> CallClient {
    let words: Vec<String> = allow.iter().map(|word| (*word).to_owned()).collect();
    CallClient::new(Destinations::parse(&words).unwrap(), None).unwrap()
}

fn call(url: String) -> OutboundCall {
    let headers = vec![("x-test".to_owned(), "1".to_owned())];
    OutboundCall { owner: Uuid::from_u128(1), url, headers, body: Bytes::from_static(b"{}") }
}

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nx-one: a\r\n\r\nok";
const HERE: [&str; 1] = ["127.0.0.0/8:0"];

#[tokio::test]
async fn a_call_is_a_post_with_what_it_was_given_and_nothing_of_the_machine() {
    let server = Server::start(OK.to_vec()).await;
    let client = client(&HERE);
    let url = format!("http://127.0.0.1:{}/a/b?c=d", server.port);
    for _ in 0..2 {
        let (answer, times) = client.call(&call(url.clone())).await;
        let answer = answer.unwrap();
        assert_eq!((answer.status, answer.body.as_slice()), (200, b"ok".as_slice()));
        assert!(answer.headers.contains(&("x-one".to_owned(), "a".to_owned())));
        assert!(times.first_byte.is_some() && times.tls.is_none() && times.dns.is_none());
    }
    let calls = server.calls();
    assert_eq!((calls.len(), calls[1].0), (2, 1), "the connection is kept");
    let head = calls[0].1.to_lowercase();
    assert!(head.starts_with("post /a/b?c=d http/1.1\r\n") && head.contains("x-test: 1"), "{head}");
    assert!(head.contains(&format!("host: 127.0.0.1:{}", server.port)) && head.contains("accept-encoding: identity"));
    // Those of one owner are no other's.
    let other = OutboundCall { owner: Uuid::from_u128(2), ..call(url) };
    client.call(&other).await.0.unwrap();
    assert_eq!(server.calls()[2].0, 2);
}

#[tokio::test]
async fn what_may_not_be_called_is_never_connected_to() {
    let server = Server::start(OK.to_vec()).await;
    let (closed, port) = (client(&[]), server.port);
    for scheme in ["http", "https"] {
        for host in [
            "127.0.0.1",
            "localhost",
            "[::ffff:127.0.0.1]",
            "2130706433",
            "0x7f.1",
            "[::1]",
            "0.0.0.0",
            "169.254.169.254",
        ] {
            let (answer, _) = closed.call(&call(format!("{scheme}://{host}:{port}/"))).await;
            assert_eq!(answer, Err(OutboundError::Blocked), "{scheme}://{host}");
        }
    }
    assert!(server.calls().is_empty());
    // Another port than the one that is open.
    let elsewhere = client(&["127.0.0.0/8:1"]);
    assert_eq!(elsewhere.call(&call(format!("http://127.0.0.1:{port}/"))).await.0, Err(OutboundError::Blocked));
    for url in ["ftp://127.0.0.1/", "http://user@127.0.0.1/", "not a url", "http://"] {
        assert_eq!(client(&HERE).call(&call(url.to_owned())).await.0, Err(OutboundError::Address), "{url}");
    }
}

/// Answers other addresses each time.
struct Changing(Mutex<Vec<Vec<&'static str>>>);

#[async_trait]
impl Names for Changing {
    async fn addresses(&self, _: &str) -> io::Result<Vec<IpAddr>> {
        let found = self.0.lock().pop().ok_or(io::ErrorKind::NotFound)?;
        Ok(found.into_iter().map(|address| address.parse().unwrap()).collect())
    }
}

#[tokio::test]
async fn a_name_is_judged_by_all_its_addresses_and_each_time() {
    let server = Server::start(OK.to_vec()).await;
    let destinations = Destinations::parse(&["127.0.0.1/32:0".to_owned()]).unwrap();
    // Taken from the end: one that is open, then another one, then a mixed answer, then none.
    let answers = vec![vec![], vec!["127.0.0.1", "10.0.0.1"], vec!["127.0.0.2"], vec!["127.0.0.1"]];
    let names = Arc::new(Changing(Mutex::new(answers)));
    let client = CallClient::with_names(destinations, None, names).unwrap();
    let of = |owner| OutboundCall {
        owner: Uuid::from_u128(owner),
        ..call(format!("http://rebinding.example:{}/", server.port))
    };
    assert_eq!(client.call(&of(1)).await.0.unwrap().status, 200);
    assert_eq!(client.call(&of(2)).await.0, Err(OutboundError::Blocked), "it leads elsewhere now");
    assert_eq!(client.call(&of(3)).await.0, Err(OutboundError::Blocked), "one of two may not be called");
    assert_eq!(client.call(&of(4)).await.0, Err(OutboundError::Dns));
    assert_eq!(client.call(&of(5)).await.0, Err(OutboundError::Dns), "no such name");
    assert_eq!(server.calls().len(), 1);
}

#[tokio::test]
async fn only_the_beginning_of_an_answer_is_read() {
    let mut long = b"HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\n".to_vec();
    long.extend(std::iter::repeat_n(b'x', 1_000_000));
    let server = Server::start(long).await;
    let (answer, _) = client(&HERE).call(&call(format!("http://127.0.0.1:{}/", server.port))).await;
    assert_eq!(answer.unwrap().body.len(), LARGEST_ANSWER);
    let mut heads = b"HTTP/1.1 200 OK\r\n".to_vec();
    (0..5000).for_each(|n| heads.extend(format!("x-{n}: 0123456789\r\n").bytes()));
    let server = Server::start(heads).await;
    let (answer, _) = client(&HERE).call(&call(format!("http://127.0.0.1:{}/", server.port))).await;
    assert_eq!(answer, Err(OutboundError::Broken));
}

#[tokio::test]
async fn a_redirect_is_an_answer() {
    let elsewhere = Server::start(OK.to_vec()).await;
    let moved =
        format!("HTTP/1.1 302 X\r\nlocation: http://127.0.0.1:{}/\r\ncontent-length: 0\r\n\r\n", elsewhere.port);
    let server = Server::start(moved.into_bytes()).await;
    let (answer, _) = client(&HERE).call(&call(format!("http://127.0.0.1:{}/", server.port))).await;
    assert_eq!(answer.unwrap().status, 302);
    assert!(elsewhere.calls().is_empty());
}

#[tokio::test]
async fn what_is_no_http_or_no_tls_is_told_apart() {
    let server = Server::start(b"hello there\r\n\r\n".to_vec()).await;
    let client = client(&HERE);
    let at = |scheme: &str, port: u16| call(format!("{scheme}://127.0.0.1:{port}/"));
    assert_eq!(client.call(&at("http", server.port)).await.0, Err(OutboundError::Broken));
    assert_eq!(client.call(&at("https", server.port)).await.0, Err(OutboundError::Tls));
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    assert_eq!(client.call(&at("http", gone)).await.0, Err(OutboundError::Connect));
}
