use std::net::IpAddr;

use actix_web::HttpRequest;
use ipnet::IpNet;

/// Proxies whose forwarded headers count. From anybody else they are ignored (C20).
#[derive(Debug, Clone, Default)]
pub struct Proxies(Vec<IpNet>);

/// What a connection, or the trusted proxy in front of it, says.
pub(crate) struct Outside {
    pub(crate) peer: Option<IpAddr>,
    pub(crate) https: bool,
    pub(crate) authority: Option<String>,
}

impl Proxies {
    /// Addresses and networks, such as `127.0.0.1` or `10.0.0.0/8`. The first that is neither
    /// is the error.
    pub fn parse(texts: &[String]) -> Result<Self, String> {
        let one = |text: &String| {
            let net = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
            net.map_err(|_| text.clone())
        };
        texts.iter().map(one).collect::<Result<_, _>>().map(Self)
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|net| net.contains(&address))
    }

    pub(crate) fn outside(&self, request: &HttpRequest, tls: bool) -> Outside {
        let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
        let own = header("host").or_else(|| request.uri().authority().map(|authority| authority.as_str()));
        let peer = request.peer_addr().map(|peer| peer.ip());
        if !peer.is_some_and(|peer| self.trusts(peer)) {
            return Outside { peer, https: tls, authority: own.map(str::to_ascii_lowercase) };
        }
        // The rightmost address that no proxy of ours has is the last one we can believe.
        let client = header("x-forwarded-for").and_then(|chain| {
            chain.rsplit(',').map(str::trim).filter_map(|at| at.parse().ok()).find(|at| !self.trusts(*at))
        });
        let https = header("x-forwarded-proto").map_or(tls, |proto| proto.trim() == "https");
        let authority = header("x-forwarded-host").or(own).map(|host| host.trim().to_ascii_lowercase());
        Outside { peer: client.or(peer), https, authority }
    }
}
