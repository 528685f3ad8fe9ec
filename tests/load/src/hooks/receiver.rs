//! A receiver on loopback: HTTP/1.1 with kept connections, with TLS or without, that answers well,
//! or badly in one of several ways. It remembers when each event first arrived.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use grantor_ports::{Clock, SystemClock};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpListener,
    sync::Mutex,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::aws_lc_rs,
        pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    },
};

use super::MARK;
use crate::Failure;

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
const ILL: &[u8] = b"HTTP/1.1 500 Ill\r\ncontent-length: 0\r\n\r\n";

/// What has arrived.
pub struct Seen {
    /// When each event arrived first, in microseconds since 1970; 0 for one that has not.
    first: Vec<AtomicI64>,
    /// Calls that were answered well.
    calls: AtomicU64,
    /// Milliseconds between two answers, at least; 0 for none.
    pace_ms: AtomicU64,
    /// Whether it answers with 500 whatever comes.
    ill: std::sync::atomic::AtomicBool,
    turn: Mutex<Option<Instant>>,
}

impl Seen {
    /// For events with numbers below this.
    pub fn new(most: u64) -> Arc<Self> {
        Arc::new(Self {
            first: (0..most).map(|_| AtomicI64::new(0)).collect(),
            calls: AtomicU64::new(0),
            pace_ms: AtomicU64::new(0),
            ill: std::sync::atomic::AtomicBool::new(false),
            turn: Mutex::new(None),
        })
    }

    /// When this event arrived first.
    pub fn at(&self, event: u64) -> Option<i64> {
        let at = self.first.get(usize::try_from(event).ok()?)?.load(Ordering::Relaxed);
        (at > 0).then_some(at)
    }

    /// Calls that were answered well.
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    /// Whether it answers with 500 from now on, or well, and no faster than this.
    pub fn is(&self, ill: bool, pace_ms: u64) {
        self.ill.store(ill, Ordering::Relaxed);
        self.pace_ms.store(pace_ms, Ordering::Relaxed);
    }

    /// Waits until so many calls were answered well; says how long that took, or `None` when it
    /// took longer than this.
    pub async fn until(&self, calls: u64, most: Duration) -> Option<Duration> {
        let started = Instant::now();
        while self.calls() < calls {
            if started.elapsed() > most {
                return None;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        Some(started.elapsed())
    }

    fn arrived(&self, body: &[u8]) {
        self.calls.fetch_add(1, Ordering::Relaxed);
        let Some(at) = body.windows(MARK.len()).position(|part| part == MARK.as_bytes()) else { return };
        let digits = body[at + MARK.len()..].iter().take_while(|byte| byte.is_ascii_digit());
        let event = digits.fold(0_usize, |number, digit| number * 10 + usize::from(digit - b'0'));
        if let Some(first) = self.first.get(event) {
            let _ = first.compare_exchange(0, now_micros(), Ordering::Relaxed, Ordering::Relaxed);
        }
    }

    /// Who can answer only so many in a second answers them one after the other.
    async fn pace(&self) {
        let pace = Duration::from_millis(self.pace_ms.load(Ordering::Relaxed));
        if pace.is_zero() {
            return;
        }
        let at = {
            let mut turn = self.turn.lock().await;
            let at = turn.map_or_else(Instant::now, |last| (last + pace).max(Instant::now()));
            *turn = Some(at);
            at
        };
        tokio::time::sleep_until(at.into()).await;
    }
}

/// Microseconds since 1970: the same clock in every process of this machine.
pub fn now_micros() -> i64 {
    SystemClock.real().timestamp_micros()
}

/// Where it is, and who is to be trusted to call it.
pub struct Receiver {
    /// `http://…` or `https://…`, without a path.
    pub url: String,
    /// The certificate's authority, PEM.
    pub authority: Option<String>,
}

impl Receiver {
    /// Without TLS.
    pub async fn plain(seen: Arc<Seen>) -> Result<Self, Failure> {
        let address = serve(seen, None).await?;
        Ok(Self { url: format!("http://{address}"), authority: None })
    }

    /// With TLS, by a certificate of its own.
    pub async fn secure(seen: Arc<Seen>) -> Result<Self, Failure> {
        let CertifiedKey { cert, signing_key } = generate_simple_self_signed(vec!["127.0.0.1".to_owned()])?;
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(signing_key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key)?;
        let address = serve(seen, Some(TlsAcceptor::from(Arc::new(config)))).await?;
        Ok(Self { url: format!("https://{address}"), authority: Some(cert.pem()) })
    }
}

async fn serve(seen: Arc<Seen>, tls: Option<TlsAcceptor>) -> Result<SocketAddr, Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let _ = stream.set_nodelay(true);
            let (seen, tls) = (Arc::clone(&seen), tls.clone());
            tokio::spawn(async move {
                match tls {
                    None => connection(stream, &seen).await,
                    Some(tls) => {
                        if let Ok(stream) = tls.accept(stream).await {
                            connection(stream, &seen).await;
                        }
                    }
                }
            });
        }
    });
    Ok(address)
}

async fn connection(mut stream: impl AsyncRead + AsyncWrite + Unpin, seen: &Seen) {
    let mut buffer = Vec::with_capacity(4096);
    loop {
        let Some((head, length)) = read(&mut stream, &mut buffer).await else { return };
        let path = buffer.split(|byte| *byte == b' ').nth(1).unwrap_or_default().to_vec();
        let answer = match path.as_slice() {
            b"/hang" => std::future::pending().await,
            b"/drip" => return drip(&mut stream).await,
            b"/ill" => ILL,
            _ if seen.ill.load(Ordering::Relaxed) => ILL,
            _ => {
                seen.pace().await;
                seen.arrived(&buffer[head..head + length]);
                OK
            }
        };
        buffer.drain(..head + length);
        if stream.write_all(answer).await.is_err() {
            return;
        }
    }
}

/// A byte of the head each second, and no end.
async fn drip(stream: &mut (impl AsyncWrite + Unpin)) {
    let answer = b"HTTP/1.1 200 OK\r\nx-drip: ".iter().chain(std::iter::repeat(&b'.'));
    for byte in answer {
        if stream.write_all(&[*byte]).await.is_err() {
            return;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// Where the body of the next request begins, and how long it is; `None` when there is no next.
async fn read(stream: &mut (impl AsyncRead + Unpin), buffer: &mut Vec<u8>) -> Option<(usize, usize)> {
    loop {
        if let Some(end) = buffer.windows(4).position(|part| part == b"\r\n\r\n") {
            let head = std::str::from_utf8(&buffer[..end]).ok()?;
            let fields = head.lines().filter_map(|line| line.split_once(':'));
            let length = fields.into_iter().find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
            let length = length.and_then(|(_, length)| length.trim().parse().ok()).unwrap_or(0);
            if buffer.len() >= end + 4 + length {
                return Some((end + 4, length));
            }
        }
        if !matches!(stream.read_buf(buffer).await, Ok(1..)) {
            return None;
        }
    }
}
