use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

/// How far connections of a tenant's choice may go (C28).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// To public addresses alone: nobody gets at what stands beside us.
    Public,
    /// Also to this machine and private networks: development.
    Anywhere,
}

impl Reach {
    /// The addresses of a host that may be connected to. One that may not spoils all: mixed
    /// answers are an attack or a mistake.
    pub(crate) async fn resolve(self, host: &str, port: u16) -> io::Result<Vec<IpAddr>> {
        let found: Vec<IpAddr> = tokio::net::lookup_host((host, port)).await?.map(|at: SocketAddr| at.ip()).collect();
        let allowed = self == Self::Anywhere || found.iter().all(|address| is_public(*address));
        if found.is_empty() || !allowed {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        Ok(found)
    }
}

/// Global unicast; what carries an IPv4 address is judged by that.
pub(crate) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = match (a, b, c) {
        // "This network", carrier-grade NAT, benchmarking, reserved (RFC 6890).
        (0, ..) | (100, 64..=127, _) | (198, 18..=19, _) | (240.., ..) => true,
        // Protocol assignments, 6to4 relays.
        (192, 0, 0) | (192, 88, 99) => true,
        _ => false,
    };
    !special
        && !address.is_private()
        && !address.is_loopback()
        && !address.is_link_local()
        && !address.is_broadcast()
        && !address.is_documentation()
        && !address.is_multicast()
        && !address.is_unspecified()
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let inner = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match address.segments() {
        // Mapped (RFC 4291 2.5.5.2), NAT64 (RFC 6052), 6to4 (RFC 3056).
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => inner(high, low),
        [0x2002, high, low, ..] => inner(high, low),
        // Teredo and other assignments (2001::/23), documentation.
        [0x2001, 0..=0x1ff, ..] | [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => false,
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_public_is_told_apart_in_every_disguise() {
        let inside = "127.0.0.1 10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 224.0.0.1 \
                      255.255.255.255 192.0.2.1 198.18.0.1 240.0.0.1 ::1 :: fe80::1 fd00:ec2::254 ff02::1 2001:db8::1 \
                      ::ffff:127.0.0.1 ::ffff:10.0.0.1 64:ff9b::7f00:1 2002:7f00:1::1 2001:0:1::1 64:ff9b:1::1 \
                      ::127.0.0.1 fec0::1";
        for address in inside.split_whitespace() {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
        for address in ["8.8.8.8", "172.32.0.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[tokio::test]
    async fn a_name_that_leads_inside_is_refused() {
        for host in ["127.0.0.1", "localhost", "::1"] {
            assert!(Reach::Public.resolve(host, 25).await.is_err(), "{host}");
        }
        assert!(Reach::Anywhere.resolve("127.0.0.1", 25).await.is_ok());
    }
}
