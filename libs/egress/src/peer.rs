use std::time::Duration;

use reqwest::{Certificate, Client, Identity, Method, Url, redirect::Policy};

/// Certificates of calls between services, in PEM form: each side shows its own, and trusts one
/// authority alone.
pub struct PeerTls {
    /// Our certificate chain and private key, one after the other.
    pub identity: Vec<u8>,
    /// The authority that signed the other side's.
    pub authority: Vec<u8>,
}

/// Why a peer cannot be called at all.
#[derive(Debug, thiserror::Error)]
pub enum PeerConfigError {
    /// No base URL.
    #[error("`{0}` is no base URL such as `http://127.0.0.1:9001`")]
    Address(String),
    /// Certificates or key are none.
    #[error("the certificates cannot be used: {0}")]
    Tls(String),
}

/// Why a call got no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PeerError {
    /// No connection: nothing was sent.
    #[error("no connection")]
    NotConnected,
    /// The time was over.
    #[error("no answer in time")]
    Late,
    /// The connection broke.
    #[error("the connection broke")]
    Broken,
}

/// What a peer answered.
pub struct PeerAnswer {
    /// The status.
    pub status: u16,
    /// What its `grantor-mac` header says; empty without one.
    pub mac: String,
    /// The body.
    pub body: Vec<u8>,
}

/// Calls one configured peer, another process of this deployment, and nobody else: no redirects,
/// no proxies, HTTP/1.1 on connections that are kept.
pub struct PeerClient {
    http: Client,
    base: Url,
}

/// Shorter than servers keep an idle connection, so that none is used that is being closed.
const IDLE: Duration = Duration::from_secs(30);

impl PeerClient {
    /// For the peer at this base URL.
    pub fn new(base: &str, tls: Option<&PeerTls>) -> Result<Self, PeerConfigError> {
        let url = Url::parse(base).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.path() == "/");
        let base = url.ok_or_else(|| PeerConfigError::Address(base.to_owned()))?;
        let unusable = |cause: reqwest::Error| PeerConfigError::Tls(cause.to_string());
        let mut builder = Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .http1_only()
            .tcp_nodelay(true)
            .pool_idle_timeout(IDLE)
            .tls_certs_only([]);
        if let Some(tls) = tls {
            let authority = Certificate::from_pem(&tls.authority).map_err(unusable)?;
            let identity = Identity::from_pem(&tls.identity).map_err(unusable)?;
            builder = builder.tls_certs_only([authority]).identity(identity);
        }
        Ok(Self { http: builder.build().map_err(unusable)?, base })
    }

    /// Posts a body to a path; the answer must be complete within the deadline.
    pub async fn post(
        &self,
        path: &str,
        headers: &[(&'static str, String)],
        body: Vec<u8>,
        deadline: Duration,
    ) -> Result<PeerAnswer, PeerError> {
        let url = self.base.join(path).map_err(|_| PeerError::NotConnected)?;
        let mut request = self.http.request(Method::POST, url).timeout(deadline).body(body);
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let answer = request.send().await.map_err(kind)?;
        let status = answer.status().as_u16();
        let mac = answer.headers().get("grantor-mac").and_then(|mac| mac.to_str().ok()).unwrap_or_default().to_owned();
        Ok(PeerAnswer { status, mac, body: answer.bytes().await.map_err(kind)?.to_vec() })
    }
}

fn kind(cause: reqwest::Error) -> PeerError {
    match cause {
        cause if cause.is_timeout() => PeerError::Late,
        cause if cause.is_connect() => PeerError::NotConnected,
        _ => PeerError::Broken,
    }
}
