use std::{net::IpAddr, str::FromStr};

use ipnet::IpNet;

use crate::reach::is_public;

/// Where calls may go: to public addresses, and where the operator says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Destinations {
    allowed: Vec<(IpNet, u16)>,
}

/// A word that names no network and port.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no network with a port, such as 10.1.0.0/16:8443 or [fd00::/8]:443")]
pub struct NoDestination(pub String);

/// Answers metadata of machines in a cloud, on an address that looks public.
const METADATA: [IpAddr; 1] = [IpAddr::V4(std::net::Ipv4Addr::new(168, 63, 129, 16))];

impl Destinations {
    /// Public addresses, and these networks at these ports (`10.1.0.0/16:8443`, `[fd00::/8]:443`; port 0
    /// is every port).
    pub fn parse(words: &[String]) -> Result<Self, NoDestination> {
        let read = |word: &String| {
            let unknown = || NoDestination(word.clone());
            let (network, port) = word.rsplit_once(':').ok_or_else(unknown)?;
            let network = network.trim_start_matches('[').trim_end_matches(']');
            let network = IpNet::from_str(network).ok().or_else(|| network.parse::<IpAddr>().ok().map(IpNet::from));
            Ok((network.ok_or_else(unknown)?, port.parse().map_err(|_| unknown())?))
        };
        Ok(Self { allowed: words.iter().map(read).collect::<Result<_, _>>()? })
    }

    /// Whether this address may be called at this port.
    pub fn admit(&self, address: IpAddr, port: u16) -> bool {
        let address = address.to_canonical();
        let listed = |(network, at): &(IpNet, u16)| network.contains(&address) && (*at == 0 || *at == port);
        (is_public(address) && !METADATA.contains(&address)) || self.allowed.iter().any(listed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inside_is_closed_in_every_disguise() {
        let none = Destinations::default();
        let inside = "127.0.0.1 10.1.2.3 192.168.1.1 169.254.169.254 100.100.100.200 192.0.0.192 168.63.129.16 0.0.0.0 \
                      ::1 fe80::1 fd00:ec2::254 ::ffff:127.0.0.1 ::ffff:169.254.169.254 64:ff9b::7f00:1 \
                      64:ff9b::a9fe:a9fe 64:ff9b:1::7f00:1 2002:7f00:1::1 2002:a9fe:a9fe::1 2001:0:1::1 ::127.0.0.1 \
                      ::ffff:168.63.129.16";
        for address in inside.split_whitespace() {
            assert!(!none.admit(address.parse().unwrap(), 443), "{address}");
        }
        assert!(none.admit("8.8.8.8".parse().unwrap(), 443));
    }

    #[test]
    fn the_operator_opens_networks_by_port() {
        let words = ["127.0.0.0/8:0", "10.1.0.0/16:8443", "[fd00::/8]:443", "192.168.0.7:80"].map(str::to_owned);
        let some = Destinations::parse(&words).unwrap();
        let open = "127.0.0.1:9 10.1.2.3:8443 [fd00::1]:443 192.168.0.7:80 [::ffff:127.0.0.1]:9";
        for at in open.split_whitespace() {
            let at: std::net::SocketAddr = at.parse().unwrap();
            assert!(some.admit(at.ip(), at.port()), "{at}");
        }
        let closed = "10.1.2.3:443 10.2.0.1:8443 [fe80::1]:443 192.168.0.8:80 169.254.169.254:80";
        for at in closed.split_whitespace() {
            let at: std::net::SocketAddr = at.parse().unwrap();
            assert!(!some.admit(at.ip(), at.port()), "{at}");
        }
        for word in ["", "127.0.0.1", "host:80", "10.0.0.0/33:1", "10.0.0.0/8:x"] {
            assert!(Destinations::parse(&[word.to_owned()]).is_err(), "{word}");
        }
    }
}
