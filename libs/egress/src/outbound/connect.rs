//! The one way to a socket.

use std::{io, net::IpAddr, net::SocketAddr, sync::Arc, time::Duration};

use async_trait::async_trait;
use rustls::{ClientConfig, pki_types::ServerName};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::{Instant, timeout},
};
use tokio_rustls::TlsConnector;
use url::{Host, Url};

use super::{Destinations, OutboundError, OutboundTimes};

const DNS: Duration = Duration::from_secs(2);
const CONNECT: Duration = Duration::from_secs(3);
const TLS: Duration = Duration::from_secs(5);

/// Finds the addresses of names.
#[async_trait]
pub trait Names: Send + Sync + 'static {
    /// All addresses of a name.
    async fn addresses(&self, name: &str) -> io::Result<Vec<IpAddr>>;
}

/// The machine's own resolver.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemNames;

#[async_trait]
impl Names for SystemNames {
    async fn addresses(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        Ok(tokio::net::lookup_host((name, 0)).await?.map(|at| at.ip()).collect())
    }
}

/// A connection, with TLS or without.
pub(super) trait Socket: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Socket for T {}

/// Opens connections.
pub(super) struct Connector {
    pub destinations: Destinations,
    pub names: Arc<dyn Names>,
    pub tls: Arc<ClientConfig>,
}

/// Where a URL leads.
pub(super) struct Target {
    pub host: Host<String>,
    pub port: u16,
    pub secure: bool,
}

impl Target {
    pub fn of(url: &Url) -> Result<Self, OutboundError> {
        let secure = match url.scheme() {
            "https" => true,
            "http" => false,
            _ => return Err(OutboundError::Address),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(OutboundError::Address);
        }
        let host = url.host().ok_or(OutboundError::Address)?.to_owned();
        Ok(Self { host, port: url.port_or_known_default().ok_or(OutboundError::Address)?, secure })
    }
}

impl Connector {
    /// A connection to where the URL leads; every address that the host has must be one that may be
    /// called, as mixed answers are an attack or a mistake.
    pub async fn connect(&self, to: &Target, times: &mut OutboundTimes) -> Result<Box<dyn Socket>, OutboundError> {
        let addresses = self.addresses(to, times).await?;
        if !addresses.iter().all(|address| self.destinations.admit(*address, to.port)) {
            return Err(OutboundError::Blocked);
        }
        let started = Instant::now();
        let stream = timeout(CONNECT, open(&addresses, to.port)).await.map_err(|_| OutboundError::Timeout)?;
        times.connect = Some(millis(started));
        let stream = stream?;
        if !to.secure {
            return Ok(Box::new(stream));
        }
        let name = match &to.host {
            Host::Domain(name) => ServerName::try_from(name.clone()).map_err(|_| OutboundError::Address)?,
            Host::Ipv4(address) => ServerName::from(IpAddr::from(*address)),
            Host::Ipv6(address) => ServerName::from(IpAddr::from(*address)),
        };
        let started = Instant::now();
        let agreed = timeout(TLS, TlsConnector::from(Arc::clone(&self.tls)).connect(name, stream)).await;
        times.tls = Some(millis(started));
        Ok(Box::new(agreed.map_err(|_| OutboundError::Timeout)?.map_err(|_| OutboundError::Tls)?))
    }

    async fn addresses(&self, to: &Target, times: &mut OutboundTimes) -> Result<Vec<IpAddr>, OutboundError> {
        let name = match &to.host {
            Host::Ipv4(address) => return Ok(vec![IpAddr::from(*address)]),
            Host::Ipv6(address) => return Ok(vec![IpAddr::from(*address)]),
            Host::Domain(name) => name,
        };
        let started = Instant::now();
        let found = timeout(DNS, self.names.addresses(name)).await;
        times.dns = Some(millis(started));
        let found = found.map_err(|_| OutboundError::Timeout)?.map_err(|_| OutboundError::Dns)?;
        if found.is_empty() { Err(OutboundError::Dns) } else { Ok(found) }
    }
}

/// The first address that answers; the other side must be who was asked for.
async fn open(addresses: &[IpAddr], port: u16) -> Result<TcpStream, OutboundError> {
    for address in addresses {
        let at = SocketAddr::new(*address, port);
        let Ok(stream) = TcpStream::connect(at).await else { continue };
        let peer = stream.peer_addr().map_err(|_| OutboundError::Connect)?;
        if peer.ip().to_canonical() != address.to_canonical() {
            return Err(OutboundError::Blocked);
        }
        let _ = stream.set_nodelay(true);
        return Ok(stream);
    }
    Err(OutboundError::Connect)
}

pub(super) fn millis(since: Instant) -> u32 {
    u32::try_from(since.elapsed().as_millis()).unwrap_or(u32::MAX)
}
