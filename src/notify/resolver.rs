//! Looking up names. Only public addresses come out, and the connection goes to exactly these: a name that says something else a
//! moment later cannot lead inside.

use crate::domain::address::is_public;
use crate::notify::target::PrivateHosts;
use reqwest::dns::Addrs;
use reqwest::dns::Name;
use reqwest::dns::Resolve;
use reqwest::dns::Resolving;
use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;

pub struct GuardedResolver {
    private: Arc<PrivateHosts>,
}

/// The name has no public address.
#[derive(Debug, thiserror::Error)]
#[error("the name has no public address")]
struct RefusedByGuard;

impl GuardedResolver {
    pub fn new(private: Arc<PrivateHosts>) -> GuardedResolver {
        GuardedResolver { private }
    }
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let may_be_private = self.private.contains(name.as_str());
        Box::pin(async move {
            // The port is replaced by the one of the address.
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<SocketAddr> = found
                .filter(|address| may_be_private || is_public(address.ip()))
                .collect();
            if allowed.is_empty() {
                return Err(RefusedByGuard.into());
            }
            let addresses: Addrs = Box::new(allowed.into_iter());
            Ok(addresses)
        })
    }
}

pub fn is_refused_by_guard(error: &reqwest::Error) -> bool {
    let mut cause: Option<&(dyn Error + 'static)> = error.source();
    while let Some(error) = cause {
        if error.is::<RefusedByGuard>() {
            return true;
        }
        cause = error.source();
    }
    false
}
