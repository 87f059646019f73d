//! Which addresses may be asked. Only public ones come out of a look-up of names, and the connection goes to exactly these: a name that
//! says something else a moment later cannot lead inside.

use crate::domain::address::is_public;
use reqwest::Url;
use reqwest::dns::Addrs;
use reqwest::dns::Name;
use reqwest::dns::Resolve;
use reqwest::dns::Resolving;
use std::collections::BTreeSet;
use std::error::Error;
use std::net::IpAddr;
use std::net::SocketAddr;
use std::sync::Arc;

/// Hosts, by name or address, that may be private. Lower case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PrivateHosts(BTreeSet<String>);

impl PrivateHosts {
    /// From a list such as `1c.local, 10.0.0.5`.
    pub fn parse(list: &str) -> PrivateHosts {
        let hosts = list.split([',', ' ']).map(|host| host.trim().to_lowercase());
        PrivateHosts(hosts.filter(|host| !host.is_empty()).collect())
    }

    pub fn contains(&self, host: &str) -> bool {
        self.0.contains(&host.to_lowercase())
    }
}

/// The address to ask; else what is wrong with it, as a key of the catalogs. A name is judged again when it is looked up.
pub fn checked_url(url: &str, private: &PrivateHosts) -> Result<Url, &'static str> {
    let url = Url::parse(url).map_err(|_| "problem_url")?;
    let is_web = matches!(url.scheme(), "http" | "https");
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
    if !is_web || host.is_empty() || !url.username().is_empty() || url.password().is_some() {
        return Err("problem_url");
    }
    if private.contains(&host) {
        return Ok(url);
    }
    // Other programs' ports of the privileged range understand other protocols.
    if url.port().is_some_and(|port| port < 1_024 && port != 80 && port != 443) {
        return Err("problem_url");
    }
    match host.parse::<IpAddr>() {
        Ok(address) if !is_public(address) => Err("problem_url_private"),
        _ => Ok(url),
    }
}

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

#[cfg(test)]
mod tests {
    use super::PrivateHosts;
    use super::checked_url;

    #[test]
    fn private_addresses_are_refused_however_they_are_written() {
        let none = PrivateHosts::default();
        for url in [
            "http://127.0.0.1/",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://0177.0.0.1/",
            "http://127.1/",
            "http://0/",
            "http://①②⑦.⓪.⓪.①/",
            "http://[::1]/",
            "https://[::ffff:127.0.0.1]/",
            "http://169.254.169.254/latest/meta-data/",
            "http://10.1.2.3:8080/",
            "http://shop.example@127.0.0.1/",
        ] {
            assert!(checked_url(url, &none).is_err(), "{url}");
        }
        for url in [
            "file:///etc/passwd",
            "http://me:secret@shop.example/",
            "http://shop.example:25/",
            "http://",
        ] {
            assert_eq!(checked_url(url, &none), Err("problem_url"), "{url}");
        }
        for url in [
            "http://shop.example/feed.xml",
            "https://shop.example:8443/",
            "http://8.8.8.8/",
        ] {
            assert!(checked_url(url, &none).is_ok(), "{url}");
        }
        assert!(checked_url("http://10.0.0.5/1c.xml", &PrivateHosts::parse("10.0.0.5")).is_ok());
    }
}
