//! Where a request came from, behind proxies too.

use crate::http::error::ApiError;
use crate::http::error::Code;
use axum::extract::ConnectInfo;
use axum::extract::FromRequestParts;
use axum::extract::Request;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;
use ipnet::IpNet;
use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::net::Ipv6Addr;
use std::net::SocketAddr;
use std::sync::Arc;

/// The networks of proxies whose word in `X-Forwarded-For` counts.
#[derive(Debug, Clone)]
pub struct TrustedProxies(Arc<[IpNet]>);

/// The address of whoever sent the request, as far as it can be trusted. `note_address` finds it out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VisitorAddress(pub IpAddr);

impl TrustedProxies {
    pub fn new(networks: Vec<IpNet>) -> TrustedProxies {
        TrustedProxies(networks.into())
    }

    fn contain(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }

    /// The rightmost address of the chain that is no trusted proxy's; when all are, the leftmost. `peer` ends the chain, and before
    /// it stand the entries of every `X-Forwarded-For`. An entry that is no address ends the search at the proxy that wrote it:
    /// whatever stands further left is anybody's word.
    pub fn visitor(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut nearest = peer.to_canonical();
        let values: Vec<_> = headers.get_all("x-forwarded-for").iter().collect();
        for value in values.into_iter().rev() {
            let Ok(text) = value.to_str() else {
                return nearest;
            };
            for entry in text.rsplit(',') {
                if !self.contain(nearest) {
                    return nearest;
                }
                match parse_entry(entry.trim()) {
                    Some(address) => nearest = address.to_canonical(),
                    None => return nearest,
                }
            }
        }
        nearest
    }
}

/// An address, perhaps with a port, as proxies write them: `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]:80`.
fn parse_entry(text: &str) -> Option<IpAddr> {
    let in_brackets = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let plain = in_brackets.unwrap_or(text).parse().ok();
    plain.or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

/// The network that counts as one visitor's: a single IPv4 address, because an office, a house or a carrier shares one already and
/// its neighbours are strangers; a /64 of IPv6, because one customer owns at least that much.
pub fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

/// The layer that finds out the address, for all routes.
pub async fn note_address(State(proxies): State<TrustedProxies>, mut request: Request, next: Next) -> Response {
    let peer = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map(|info| info.0.ip());
    // Without a socket the command line asks, in this very process.
    let peer = peer.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
    let address = VisitorAddress(proxies.visitor(peer, request.headers()));
    request.extensions_mut().insert(address);
    next.run(request).await
}

impl<S: Send + Sync> FromRequestParts<S> for VisitorAddress {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<VisitorAddress, ApiError> {
        parts
            .extensions
            .get::<VisitorAddress>()
            .copied()
            .ok_or_else(|| ApiError::new(Code::Internal))
    }
}

#[cfg(test)]
mod tests {
    use super::TrustedProxies;
    use super::network;
    use axum::http::HeaderMap;
    use std::net::IpAddr;

    fn visitor(trusted: &[&str], peer: &str, forwarded: &[&str]) -> String {
        let proxies = TrustedProxies::new(trusted.iter().map(|text| text.parse().unwrap()).collect());
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", value.parse().unwrap());
        }
        proxies.visitor(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn the_rightmost_address_that_is_no_trusted_proxys_counts() {
        let near = ["127.0.0.0/8", "10.0.0.0/8", "fc00::/7", "::1/128"];
        for (peer, forwarded, expected) in [
            ("192.0.2.9", &["198.51.100.1"][..], "192.0.2.9"),
            ("127.0.0.1", &[], "127.0.0.1"),
            ("127.0.0.1", &["198.51.100.1"], "198.51.100.1"),
            ("127.0.0.1", &["8.8.8.8, 198.51.100.1"], "198.51.100.1"),
            ("127.0.0.1", &["8.8.8.8, 198.51.100.1, 10.0.0.2"], "198.51.100.1"),
            (
                "127.0.0.1",
                &["8.8.8.8", "198.51.100.1", "10.0.0.2,10.0.0.3"],
                "198.51.100.1",
            ),
            ("10.0.0.5", &["10.0.0.1, 10.0.0.2"], "10.0.0.1"),
            ("::1", &["2001:db8::1"], "2001:db8::1"),
            ("::1", &["[2001:db8::1]:443"], "2001:db8::1"),
            ("::1", &["[2001:db8::1]"], "2001:db8::1"),
            ("127.0.0.1", &["198.51.100.1:5000"], "198.51.100.1"),
            ("::ffff:127.0.0.1", &["::ffff:198.51.100.1"], "198.51.100.1"),
            ("127.0.0.1", &["198.51.100.1, unknown"], "127.0.0.1"),
            ("127.0.0.1", &["198.51.100.1, "], "127.0.0.1"),
            ("127.0.0.1", &["198.51.100.1, unknown, 10.0.0.2"], "10.0.0.2"),
        ] {
            assert_eq!(visitor(&near, peer, forwarded), expected, "{peer} {forwarded:?}");
        }
    }

    #[test]
    fn nobody_is_believed_when_no_proxy_is_trusted() {
        assert_eq!(visitor(&[], "127.0.0.1", &["198.51.100.1"]), "127.0.0.1");
        let cloud = ["203.0.113.0/24", "127.0.0.1/32"];
        assert_eq!(
            visitor(&cloud, "127.0.0.1", &["198.51.100.1, 203.0.113.7"]),
            "198.51.100.1"
        );
        assert_eq!(
            visitor(&cloud, "127.0.0.1", &["198.51.100.1, 203.0.114.7"]),
            "203.0.114.7"
        );
    }

    #[test]
    fn neighbors_in_an_ipv6_network_are_one_and_in_an_ipv4_network_are_not() {
        let of = |text: &str| network(text.parse::<IpAddr>().unwrap());
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    }
}
