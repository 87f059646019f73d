//! How often one visitor's address may ask.

use crate::domain::id::ShopId;
use crate::http::error::ApiError;
use crate::http::error::Code;
use axum::extract::ConnectInfo;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use governor::DefaultKeyedRateLimiter;
use governor::Quota;
use governor::RateLimiter;
use std::convert::Infallible;
use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::net::Ipv6Addr;
use std::net::SocketAddr;
use std::num::NonZeroU32;

/// Addresses that have not asked for a while are forgotten once there are this many.
const ADDRESSES_KEPT: usize = 10_000;

/// A token bucket for each shop and address.
pub struct VisitorLimit {
    limiter: DefaultKeyedRateLimiter<(ShopId, IpAddr)>,
}

impl VisitorLimit {
    /// Allows `per_minute` messages at once and refills as many each minute.
    pub fn per_minute(per_minute: NonZeroU32) -> VisitorLimit {
        VisitorLimit {
            limiter: RateLimiter::keyed(Quota::per_minute(per_minute)),
        }
    }

    pub fn check(&self, shop: ShopId, address: VisitorAddress) -> Result<(), ApiError> {
        if self.limiter.len() > ADDRESSES_KEPT {
            self.limiter.retain_recent();
        }
        self.limiter
            .check_key(&(shop, network(address.0)))
            .map_err(|_| ApiError::new(Code::TooManyRequests))
    }
}

/// Where a request came from. Behind a proxy on the same machine or network, the address that the proxy saw: the last entry
/// of `X-Forwarded-For`, because earlier ones are the client's own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VisitorAddress(pub IpAddr);

impl<S: Send + Sync> FromRequestParts<S> for VisitorAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<VisitorAddress, Infallible> {
        let peer = parts
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map(|info| info.0.ip());
        let peer = peer.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
        let forwarded = parts.headers.get_all("x-forwarded-for").iter().next_back();
        let last = forwarded.and_then(|value| value.to_str().ok()?.rsplit(',').next()?.trim().parse().ok());
        Ok(VisitorAddress(if is_near(peer) { last.unwrap_or(peer) } else { peer }))
    }
}

fn is_near(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_private(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local(),
    }
}

/// One IPv6 customer owns a whole /64.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::VisitorAddress;
    use super::VisitorLimit;
    use crate::domain::id::ShopId;
    use std::num::NonZeroU32;

    #[test]
    fn one_address_cannot_use_up_what_belongs_to_others() {
        let limit = VisitorLimit::per_minute(NonZeroU32::new(2).unwrap());
        let [one, same_network, other] =
            ["2001:db8::1", "2001:db8::2", "192.0.2.1"].map(|text| VisitorAddress(text.parse().unwrap()));
        let shop = ShopId(1);
        assert!(limit.check(shop, one).is_ok());
        assert!(limit.check(shop, same_network).is_ok());
        assert!(limit.check(shop, one).is_err());
        assert!(limit.check(shop, other).is_ok());
        assert!(limit.check(ShopId(2), one).is_ok());
    }
}
