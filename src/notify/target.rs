//! Which addresses may be sent to.

use crate::domain::address::is_public;
use crate::net::guard::PrivateHosts;
use reqwest::Url;
use std::net::IpAddr;

/// The address to send to; else what is wrong with it, as a key of the catalogs. A name is judged again when it is looked up.
pub fn checked_target(url: &str, private: &PrivateHosts) -> Result<Url, &'static str> {
    let url = Url::parse(url).map_err(|_| "delivery_address")?;
    let host = url
        .host_str()
        .ok_or("delivery_address")?
        .trim_matches(['[', ']'])
        .to_owned();
    if !url.username().is_empty() || url.password().is_some() {
        return Err("delivery_address");
    }
    if private.contains(&host) {
        return Ok(url);
    }
    // Contacts do not cross the internet in the clear.
    if url.scheme() != "https" {
        return Err("delivery_insecure");
    }
    // Other programs' ports of the privileged range understand other protocols.
    if url.port().is_some_and(|port| port < 1_024 && port != 443) {
        return Err("delivery_address");
    }
    match host.parse::<IpAddr>() {
        Ok(address) if !is_public(address) => Err("delivery_private_address"),
        _ => Ok(url),
    }
}

/// What is wrong with an address in a shop's settings, as a key of the catalogs. An address inside the own network passes: whether it
/// may be sent to is the configuration's say, and each attempt tells.
pub fn webhook_url_problem(url: &str) -> Option<&'static str> {
    let Ok(url) = Url::parse(url) else {
        return Some("problem_url");
    };
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    if !matches!(url.scheme(), "http" | "https") || host.is_empty() {
        return Some("problem_url");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Some("problem_url_password");
    }
    let is_inside = match host.parse::<IpAddr>() {
        Ok(address) => !is_public(address),
        Err(_) => {
            !host.contains('.')
                || [".local", ".lan", ".internal", ".localhost"]
                    .iter()
                    .any(|end| host.ends_with(end))
        }
    };
    (url.scheme() == "http" && !is_inside).then_some("problem_https")
}

#[cfg(test)]
mod tests {
    use super::checked_target;
    use super::webhook_url_problem;
    use crate::net::guard::PrivateHosts;

    #[test]
    fn private_addresses_are_refused_however_they_are_written() {
        let none = PrivateHosts::default();
        let refused = [
            ("http://crm.example/hook", "delivery_insecure"),
            ("ftp://crm.example/hook", "delivery_insecure"),
            ("https://127.0.0.1/", "delivery_private_address"),
            ("https://2130706433/", "delivery_private_address"),
            ("https://0x7f.1/", "delivery_private_address"),
            ("https://0177.0.0.1/", "delivery_private_address"),
            ("https://127.1/", "delivery_private_address"),
            ("https://0/", "delivery_private_address"),
            ("https://①②⑦.⓪.⓪.①/", "delivery_private_address"),
            ("https://[::1]/", "delivery_private_address"),
            ("https://[::ffff:127.0.0.1]/", "delivery_private_address"),
            ("https://[::ffff:7f00:1]:8443/", "delivery_private_address"),
            ("https://169.254.169.254/latest/meta-data/", "delivery_private_address"),
            ("https://10.1.2.3:8443/", "delivery_private_address"),
            ("https://user:secret@crm.example/", "delivery_address"),
            ("https://crm.example@127.0.0.1/", "delivery_address"),
            ("https://crm.example:25/", "delivery_address"),
            ("not an address", "delivery_address"),
            ("https://", "delivery_address"),
        ];
        for (url, error) in refused {
            assert_eq!(checked_target(url, &none).err(), Some(error), "{url}");
        }
        for url in [
            "https://crm.example/hook?shop=1",
            "https://crm.example:8443/",
            "https://8.8.8.8/x",
        ] {
            assert!(checked_target(url, &none).is_ok(), "{url}");
        }
    }

    #[test]
    fn an_owner_is_told_at_once_what_can_never_work() {
        let cases = [
            ("https://crm.example/hook", None),
            ("http://crm.local/hook", None),
            ("http://n8n:5678/webhook/1", None),
            ("http://127.0.0.1:9/", None),
            ("http://crm.example/hook", Some("problem_https")),
            ("http://8.8.8.8/", Some("problem_https")),
            ("https://me:secret@crm.example/", Some("problem_url_password")),
            ("ftp://crm.example", Some("problem_url")),
            ("crm.example/hook", Some("problem_url")),
            ("javascript:alert(1)", Some("problem_url")),
            ("", Some("problem_url")),
        ];
        for (url, problem) in cases {
            assert_eq!(webhook_url_problem(url), problem, "{url}");
        }
    }

    #[test]
    fn a_named_host_may_be_private_and_needs_no_tls() {
        let private = PrivateHosts::parse(" CRM.local, 127.0.0.1,::1 ");
        for url in ["http://crm.local:3000/hook", "http://127.0.0.1:9/", "http://[::1]:9/"] {
            assert!(checked_target(url, &private).is_ok(), "{url}");
        }
        assert!(checked_target("http://127.0.0.2:9/", &private).is_err());
    }
}
