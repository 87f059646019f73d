//! Text to typed values. A refusal says what is wrong and what is accepted, and repeats a value only if it holds no secret.

use crate::config::key::Key;
use crate::domain::embedding::ModelSource;
use crate::domain::secret::Secret;
use ipnet::IpNet;
use reqwest::Url;
use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::net::SocketAddr;
use std::path::Path;
use std::path::PathBuf;
use std::str::FromStr;
use tracing_subscriber::EnvFilter;

const PROXY_SCHEMES: [&str; 4] = ["http", "https", "socks5", "socks5h"];
const ECHOED_CHARACTERS: usize = 60;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}

pub fn parse_address(text: &str) -> Result<SocketAddr, String> {
    let accepted = || {
        format!(
            "{} is not an address; give IP:PORT, for example 127.0.0.1:8080",
            echo(text)
        )
    };
    match text.strip_prefix("localhost:") {
        Some(port) => port
            .parse()
            .map(|port: u16| SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
            .map_err(|_| accepted()),
        None => text.parse().map_err(|_| accepted()),
    }
}

pub fn parse_number(key: &Key, text: &str) -> Result<u64, String> {
    let range = key.range();
    match u64::from_str(text) {
        Ok(number) if range.contains(&number) => Ok(number),
        _ => Err(format!(
            "{} is not a whole number from {} to {}",
            echo(text),
            range.start(),
            range.end()
        )),
    }
}

/// An http or https URL without its trailing slash.
pub fn parse_url(text: &str) -> Result<String, String> {
    let accepted = "give an http or https URL, for example https://api.openai.com/v1";
    let Ok(url) = Url::parse(text) else {
        return Err(format!("not a URL; {accepted}"));
    };
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(format!("not an http or https URL; {accepted}"));
    }
    if has_credentials(&url) || url.query().is_some() || url.fragment().is_some() {
        return Err(format!(
            "the URL must have no user name, password, query or fragment; {accepted}"
        ));
    }
    Ok(text.trim_end_matches('/').to_owned())
}

pub fn parse_proxy(text: &str) -> Result<Secret<String>, String> {
    let accepted = "give an http, https, socks5 or socks5h URL, for example socks5://127.0.0.1:1080";
    match Url::parse(text) {
        Ok(url) if PROXY_SCHEMES.contains(&url.scheme()) && url.has_host() => Ok(Secret::new(text.to_owned())),
        Ok(_) => Err(format!("not the URL of a proxy that is supported; {accepted}")),
        Err(_) => Err(format!("not a URL; {accepted}")),
    }
}

/// A proxy's URL as it may be shown.
pub fn redact_proxy(proxy: &Secret<String>) -> String {
    match Url::parse(proxy.expose()) {
        Ok(mut url) if has_credentials(&url) => match (url.set_username("***"), url.set_password(None)) {
            (Ok(()), Ok(())) => url.to_string(),
            _ => "***".to_owned(),
        },
        Ok(_) => proxy.expose().clone(),
        Err(_) => "***".to_owned(),
    }
}

/// A secret travels in request headers, so it is one word of visible ASCII characters.
pub fn parse_secret(key: &Key, text: &str) -> Result<Secret<String>, String> {
    let min_characters = key.min_characters();
    if text.is_empty() {
        return Err("the value is empty".to_owned());
    }
    if !text.chars().all(|c| c.is_ascii_graphic()) {
        return Err("the value must be Latin letters, digits and punctuation without spaces".to_owned());
    }
    if text.len() < min_characters {
        return Err(format!(
            "the value is too short; give at least {min_characters} characters"
        ));
    }
    Ok(Secret::new(text.to_owned()))
}

/// The database's file. A URL of another database may carry a password, so it is not repeated.
pub fn parse_database(text: &str, folder: &Path) -> Result<PathBuf, String> {
    let Some(path) = text.strip_prefix("sqlite:") else {
        return Err("only sqlite:PATH is supported for now".to_owned());
    };
    let path = path.strip_prefix("//").unwrap_or(path);
    if path.is_empty() || path.starts_with(':') || path.contains('?') {
        return Err("only sqlite:PATH is supported for now, where PATH is a file, without options".to_owned());
    }
    Ok(folder.join(path))
}

pub fn parse_embedding_model(text: &str, folder: &Path) -> Result<ModelSource, String> {
    match ModelSource::parse(text) {
        Some(ModelSource::Folder(path)) => Ok(ModelSource::Folder(folder.join(path))),
        Some(source) => Ok(source),
        None => Err(format!(
            "{} is not a model; give builtin, dir:PATH or the name of an installed model",
            echo(text)
        )),
    }
}

pub fn parse_reranker(text: &str, folder: &Path) -> Result<ModelSource, String> {
    match ModelSource::parse(text) {
        Some(ModelSource::Folder(path)) => Ok(ModelSource::Folder(folder.join(path))),
        Some(source @ ModelSource::Installed(_)) => Ok(source),
        Some(ModelSource::Builtin) | None => Err(format!(
            "{} is not a reranker; give dir:PATH or the name of an installed model",
            echo(text)
        )),
    }
}

/// Networks separated by commas; an address by itself is a network of one. `none` is the empty list.
pub fn parse_networks(text: &str) -> Result<Vec<IpNet>, String> {
    if text == "none" {
        return Ok(Vec::new());
    }
    let parse = |part: &str| {
        let network = part.parse().or_else(|_| part.parse::<IpAddr>().map(IpNet::from));
        network.map_err(|_| {
            format!(
                "{} is not a network; give networks separated by commas, for example 10.0.0.0/8, or none",
                echo(part)
            )
        })
    };
    text.split(',').map(|part| parse(part.trim())).collect()
}

pub fn parse_log_format(text: &str) -> Result<LogFormat, String> {
    match text {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => Err(format!("{} is not a log format; give text or json", echo(text))),
    }
}

pub fn parse_log_filter(text: &str) -> Result<String, String> {
    match EnvFilter::try_new(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err(format!(
            "{} is not a log filter; give for example info, or warn,palompy=debug",
            echo(text)
        )),
    }
}

fn has_credentials(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

fn echo(text: &str) -> String {
    if text.chars().count() <= ECHOED_CHARACTERS {
        return format!("`{text}`");
    }
    let start: String = text.chars().take(ECHOED_CHARACTERS).collect();
    format!("`{start}…`")
}
