use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{
    HeaderMap, Method, Request, Response,
    body::Incoming,
    client::conn::http1,
    header::{ACCEPT_ENCODING, CONTENT_LENGTH, HOST, HeaderName, HeaderValue},
};
use hyper_util::rt::TokioIo;
use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, pem::PemObject},
};
use tokio::time::{Instant, timeout};
use url::Url;

use super::{
    Destinations, LARGEST_ANSWER, Names, OutboundAnswer, OutboundCall, OutboundError, OutboundTimes, SystemNames,
    connect::{Connector, Target, millis},
    pool::{Line, Place, Pool},
};

const FIRST_BYTE: Duration = Duration::from_secs(15);
const WHOLE: Duration = Duration::from_secs(20);
/// Bytes of an answer's headers.
const LARGEST_HEAD: usize = 32 * 1024;

/// Why there can be no calls at all.
#[derive(Debug, thiserror::Error)]
#[error("a certificate authority cannot be used: {0}")]
pub struct OutboundConfigError(String);

/// Makes calls of addresses that strangers have chosen.
pub struct CallClient {
    connector: Connector,
    pool: Pool,
}

impl CallClient {
    /// To these destinations. `authorities`, in PEM form, are trusted beside those that browsers trust.
    pub fn new(destinations: Destinations, authorities: Option<&[u8]>) -> Result<Self, OutboundConfigError> {
        Self::with_names(destinations, authorities, Arc::new(SystemNames))
    }

    /// The same, with names found elsewhere.
    pub fn with_names(
        destinations: Destinations,
        authorities: Option<&[u8]>,
        names: Arc<dyn Names>,
    ) -> Result<Self, OutboundConfigError> {
        let unusable = |cause: &dyn std::fmt::Display| OutboundConfigError(cause.to_string());
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        for certificate in CertificateDer::pem_slice_iter(authorities.unwrap_or_default()) {
            let certificate = certificate.map_err(|cause| unusable(&cause))?;
            roots.add(certificate).map_err(|cause| unusable(&cause))?;
        }
        let tls = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|cause| unusable(&cause))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let connector = Connector { destinations, names, tls: Arc::new(tls) };
        Ok(Self { connector, pool: Pool::default() })
    }

    /// Makes a call. Whatever happens, it is over after 20 seconds.
    pub async fn call(&self, call: &OutboundCall) -> (Result<OutboundAnswer, OutboundError>, OutboundTimes) {
        let (started, mut times) = (Instant::now(), OutboundTimes::default());
        let answer = timeout(WHOLE, self.make(call, &mut times)).await.unwrap_or(Err(OutboundError::Timeout));
        times.total = millis(started);
        (answer, times)
    }

    async fn make(&self, call: &OutboundCall, times: &mut OutboundTimes) -> Result<OutboundAnswer, OutboundError> {
        let url = Url::parse(&call.url).map_err(|_| OutboundError::Address)?;
        let target = Target::of(&url)?;
        let place: Place = (call.owner, format!("{}://{}:{}", url.scheme(), target.host, target.port));
        if let Some(mut line) = self.pool.take(&place) {
            match ask(&mut line, request(&url, call)?, times).await {
                Ok(response) => return self.read(place, line, response).await,
                Err(OutboundError::Broken) => {}
                Err(other) => return Err(other),
            }
        }
        // None was kept, or the other side has closed it meanwhile.
        let mut line = self.open(&target, times).await?;
        let response = ask(&mut line, request(&url, call)?, times).await?;
        self.read(place, line, response).await
    }

    async fn open(&self, target: &Target, times: &mut OutboundTimes) -> Result<Line, OutboundError> {
        let socket = self.connector.connect(target, times).await?;
        let mut http = http1::Builder::new();
        http.max_buf_size(LARGEST_HEAD);
        let (send, connection) = http.handshake(TokioIo::new(socket)).await.map_err(|_| OutboundError::Broken)?;
        let task = tokio::spawn(async move { drop(connection.await) }).abort_handle();
        Ok(Line { send, born: Instant::now(), task })
    }

    /// The answer's beginning. Its connection is kept when that was all of it.
    async fn read(
        &self,
        place: Place,
        line: Line,
        response: Response<Incoming>,
    ) -> Result<OutboundAnswer, OutboundError> {
        let (head, mut rest) = response.into_parts();
        let mut body = Vec::new();
        let whole = loop {
            match rest.frame().await {
                None => break true,
                Some(Ok(frame)) => {
                    let Ok(data) = frame.into_data() else { continue };
                    let left = LARGEST_ANSWER - body.len();
                    body.extend_from_slice(&data[..data.len().min(left)]);
                    if data.len() > left {
                        break false;
                    }
                }
                // The status is what counts, and it is there.
                Some(Err(_)) => break false,
            }
        };
        if whole {
            self.pool.give_back(place, line);
        }
        Ok(OutboundAnswer { status: head.status.as_u16(), headers: texts(&head.headers), body })
    }
}

async fn ask(
    line: &mut Line,
    request: Request<Full<Bytes>>,
    times: &mut OutboundTimes,
) -> Result<Response<Incoming>, OutboundError> {
    let started = Instant::now();
    let asked = async {
        line.send.ready().await?;
        line.send.send_request(request).await
    };
    let answer = timeout(FIRST_BYTE, asked).await;
    times.first_byte = Some(millis(started));
    answer.map_err(|_| OutboundError::Timeout)?.map_err(|_| OutboundError::Broken)
}

fn request(url: &Url, call: &OutboundCall) -> Result<Request<Full<Bytes>>, OutboundError> {
    let path = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    let host = url.host_str().ok_or(OutboundError::Address)?;
    let host = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    let value = |text: &str| HeaderValue::from_str(text).map_err(|_| OutboundError::Address);
    let mut request = Request::new(Full::new(call.body.clone()));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = path.parse().map_err(|_| OutboundError::Address)?;
    let headers = request.headers_mut();
    for (name, text) in &call.headers {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| OutboundError::Address)?;
        headers.append(name, value(text)?);
    }
    headers.insert(HOST, value(&host)?);
    headers.insert(CONTENT_LENGTH, call.body.len().into());
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    Ok(request)
}

fn texts(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect()
}
