use std::net::{IpAddr, SocketAddr};

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
        let values = |name: &str| request.headers().get_all(name).filter_map(|value| value.to_str().ok());
        // Of several lines the last is our proxy's: some proxies add one beside that of the client.
        let last = |name: &str| values(name).next_back();
        // Where the target is a whole URI, its authority is the one that counts (RFC 9112 3.2.2).
        let target = request.uri().authority().map(|authority| authority.as_str());
        let own = target.or_else(|| values("host").next());
        let peer = request.peer_addr().map(|peer| peer.ip());
        if !peer.is_some_and(|peer| self.trusts(peer)) {
            return Outside { peer, https: tls, authority: own.map(str::to_ascii_lowercase) };
        }
        let chain: Vec<&str> = values("x-forwarded-for").flat_map(|line| line.split(',')).map(str::trim).collect();
        let https = last("x-forwarded-proto").map_or(tls, |proto| proto.trim() == "https");
        let authority = last("x-forwarded-host").or(own).map(|host| host.trim().to_ascii_lowercase());
        Outside { peer: self.client(&chain).or(peer), https, authority }
    }

    /// The rightmost address that no proxy of ours has: the last one we can believe. What is left
    /// of something that is no address was written by anybody.
    fn client(&self, chain: &[&str]) -> Option<IpAddr> {
        chain.iter().rev().map_while(|at| address(at)).find(|at| !self.trusts(*at))
    }
}

/// Some proxies write the port as well.
fn address(text: &str) -> Option<IpAddr> {
    text.parse().or_else(|_| text.parse().map(|at: SocketAddr| at.ip())).ok()
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn outside(request: TestRequest) -> Outside {
        let proxies = Proxies::parse(&["10.0.0.0/8".to_owned()]).unwrap();
        proxies.outside(&request.peer_addr("10.0.0.1:4000".parse().unwrap()).to_http_request(), false)
    }

    fn forwarded_for(lines: &[&'static str]) -> String {
        let add = |request: TestRequest, line: &&'static str| request.append_header(("x-forwarded-for", *line));
        outside(lines.iter().fold(TestRequest::default(), add)).peer.unwrap().to_string()
    }

    #[test]
    fn a_client_cannot_choose_the_address_that_a_trusted_proxy_adds_to() {
        assert_eq!(forwarded_for(&["203.0.113.5"]), "203.0.113.5");
        assert_eq!(forwarded_for(&["6.6.6.6, 203.0.113.5, 10.0.0.9"]), "203.0.113.5");
        assert_eq!(forwarded_for(&["6.6.6.6", "203.0.113.5"]), "203.0.113.5", "a line of its own");
        assert_eq!(forwarded_for(&["6.6.6.6, 203.0.113.5:4711"]), "203.0.113.5", "with a port");
        assert_eq!(forwarded_for(&["6.6.6.6, unknown"]), "10.0.0.1", "nothing left of it is believed");
    }

    #[test]
    fn of_two_lines_about_the_scheme_or_the_host_the_proxy_s_counts() {
        let request = TestRequest::default()
            .append_header(("x-forwarded-proto", "http"))
            .append_header(("x-forwarded-proto", "https"))
            .append_header(("x-forwarded-host", "evil.example"))
            .append_header(("x-forwarded-host", "good.example"));
        let outside = outside(request);
        assert!(outside.https);
        assert_eq!(outside.authority.as_deref(), Some("good.example"));
    }

    #[test]
    fn the_authority_of_a_whole_uri_counts_before_that_of_the_header() {
        let request =
            TestRequest::with_uri("http://target.example/oauth/token").insert_header(("host", "other.example"));
        let outside = Proxies::default().outside(&request.to_http_request(), false);
        assert_eq!(outside.authority.as_deref(), Some("target.example"));
    }
}
