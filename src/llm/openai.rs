//! The generator behind an OpenAI-compatible service: its options and its parts that outlive one answer.

use crate::domain::generation::GeneratorEvent;
use crate::domain::generation::Prompt;
use crate::domain::secret::Secret;
use crate::llm::GeneratorError;
use crate::llm::breaker::Breaker;
use crate::llm::install_tls;
use crate::llm::request;
use crate::llm::request::Dialect;
use crate::llm::request::Sampling;
use crate::llm::transport;
use crate::llm::turn::Turn;
use anyhow::Context;
use anyhow::Result;
use anyhow::anyhow;
use anyhow::bail;
use async_openai::Client;
use async_openai::config::OPENAI_API_BASE;
use async_openai::config::OpenAIConfig;
use futures::stream::BoxStream;
use http::HeaderValue;
use reqwest::Proxy;
use reqwest::Url;
use std::sync::Arc;
use std::time::Duration;

/// Local servers take any key but want one.
const DUMMY_KEY: &str = "none";

#[derive(Debug, Clone)]
pub struct OpenAiOptions {
    /// May be empty for a service other than OpenAI's own.
    pub api_key: Secret<String>,
    /// Empty means OpenAI.
    pub base_url: String,
    pub model: String,
    /// `http://`, `https://`, `socks5://` or `socks5h://`. Proxy variables of the environment are not looked at.
    pub proxy: Option<String>,
    pub connect_timeout: Duration,
    /// From the request to the first text, for each attempt. Reasoning does not count as text.
    pub first_token_timeout: Duration,
    pub idle_timeout: Duration,
    /// For everything: retries, pauses and the whole answer.
    pub total_timeout: Duration,
    /// Attempts after the first, all before the first token.
    pub max_retries: u32,
    pub max_answer_tokens: u32,
    pub temperature: f32,
}

/// Cheap to clone; clones share connections and the breaker.
#[derive(Clone)]
pub struct OpenAi {
    service: Arc<Service>,
}

/// What all answers share.
pub struct Service {
    pub client: Client<OpenAIConfig>,
    pub model: String,
    pub sampling: Sampling,
    pub limits: Limits,
    pub dialect: Dialect,
    pub breaker: Arc<Breaker>,
}

pub struct Limits {
    pub first_token_timeout: Duration,
    pub idle_timeout: Duration,
    pub total_timeout: Duration,
    pub max_retries: u32,
}

impl OpenAi {
    /// Fails on options that can never work. Does not connect.
    pub fn new(options: OpenAiOptions) -> Result<OpenAi> {
        install_tls();
        let http = http_client(&options)?;
        // Organization and project would otherwise come from the environment.
        let config = OpenAIConfig::new().with_org_id("").with_project_id("");
        let config = config
            .with_api_base(base_url(&options)?)
            .with_api_key(api_key(&options)?);
        let sender = http.clone();
        let client = Client::build(http, config).with_http_service(tower::service_fn(move |factory| {
            transport::send(sender.clone(), factory)
        }));
        let service = Service {
            client,
            model: options.model.trim().to_owned(),
            sampling: Sampling {
                max_answer_tokens: options.max_answer_tokens,
                temperature: options.temperature,
                schema: None,
            },
            limits: Limits {
                first_token_timeout: options.first_token_timeout,
                idle_timeout: options.idle_timeout,
                total_timeout: options.total_timeout,
                max_retries: options.max_retries,
            },
            dialect: Dialect::default(),
            breaker: Arc::default(),
        };
        Ok(OpenAi {
            service: Arc::new(service),
        })
    }

    /// How long its answer to this prompt may get, in tokens.
    pub fn max_answer_tokens(&self, prompt: &Prompt) -> u32 {
        self.service.sampling.within(prompt.allowance).max_answer_tokens
    }

    pub fn model(&self) -> &str {
        &self.service.model
    }

    /// As `Generator::generate`.
    pub fn generate(&self, prompt: &Prompt) -> BoxStream<'static, Result<GeneratorEvent, GeneratorError>> {
        Turn::new(Arc::clone(&self.service), request::messages(prompt), prompt.allowance).into_events()
    }
}

fn base_url(options: &OpenAiOptions) -> Result<String> {
    let base_url = options.base_url.trim().trim_end_matches('/');
    if base_url.is_empty() {
        return Ok(OPENAI_API_BASE.to_owned());
    }
    let url = Url::parse(base_url).context("could not read the model service's address")?;
    if !matches!(url.scheme(), "http" | "https") || url.query().is_some() || url.fragment().is_some() {
        bail!("the model service's address must be an http or https address without a query");
    }
    Ok(base_url.to_owned())
}

fn api_key(options: &OpenAiOptions) -> Result<String> {
    let key = options.api_key.expose().trim();
    if key.is_empty() {
        if base_url(options)? == OPENAI_API_BASE {
            bail!("the model service needs an API key");
        }
        return Ok(DUMMY_KEY.to_owned());
    }
    // async-openai panics when the key does not fit into a header.
    HeaderValue::from_str(key).map_err(|_| anyhow!("the API key holds characters that no key has"))?;
    Ok(key.to_owned())
}

fn http_client(options: &OpenAiOptions) -> Result<reqwest::Client> {
    let mut builder = reqwest::Client::builder()
        .no_proxy()
        .connect_timeout(options.connect_timeout)
        // A redirected POST would lose its body, and the key does not travel.
        .redirect(reqwest::redirect::Policy::none());
    if let Some(address) = options
        .proxy
        .as_deref()
        .map(str::trim)
        .filter(|address| !address.is_empty())
    {
        builder = builder.proxy(proxy(address)?);
    }
    builder
        .build()
        .context("could not build the client of the model service")
}

fn proxy(address: &str) -> Result<Proxy> {
    // The address may hold a password, so that no error may repeat it.
    let invalid = || anyhow!("the proxy must be an http, https, socks5 or socks5h address");
    let url = Url::parse(address).map_err(|_| invalid())?;
    if !matches!(url.scheme(), "http" | "https" | "socks5" | "socks5h") || !url.has_host() {
        return Err(invalid());
    }
    Proxy::all(url).map_err(|_| invalid())
}

#[cfg(test)]
mod tests {
    use super::OpenAi;
    use super::OpenAiOptions;
    use super::api_key;
    use super::base_url;
    use crate::domain::secret::Secret;
    use std::time::Duration;

    fn options(key: &str, url: &str, proxy: Option<&str>) -> OpenAiOptions {
        OpenAiOptions {
            api_key: Secret::new(key.to_owned()),
            base_url: url.to_owned(),
            model: "m".to_owned(),
            proxy: proxy.map(str::to_owned),
            connect_timeout: Duration::from_secs(1),
            first_token_timeout: Duration::from_secs(1),
            idle_timeout: Duration::from_secs(1),
            total_timeout: Duration::from_secs(1),
            max_retries: 0,
            max_answer_tokens: 100,
            temperature: 0.2,
        }
    }

    #[test]
    fn keys_and_addresses_are_taken_as_people_paste_them() {
        let pasted = options(" sk-1\n", " http://localhost:11434/v1// ", None);
        assert_eq!(api_key(&pasted).unwrap(), "sk-1");
        assert_eq!(base_url(&pasted).unwrap(), "http://localhost:11434/v1");
        assert_eq!(api_key(&options(" ", "http://localhost/v1", None)).unwrap(), "none");
    }

    #[test]
    fn options_that_cannot_work_are_refused_without_showing_secrets() {
        let wrong = [
            options("", "", None),
            options("", "https://api.openai.com/v1/", None),
            options("hush\u{1}hush", "", None),
            options("k", "ftp://example.com", None),
            options("k", "not an address", None),
            options("k", "http://x/v1?hush", None),
            options("k", "", Some("hush")),
            options("k", "", Some("ftp://me:hush@host")),
        ];
        for options in wrong {
            let error = OpenAi::new(options.clone())
                .err()
                .unwrap_or_else(|| panic!("{options:?} passed"));
            assert!(!format!("{error:#} {error:?}").contains("hush"));
        }
    }

    #[test]
    fn every_kind_of_proxy_is_accepted() {
        for proxy in [
            "http://p:3128",
            "https://p",
            "socks5://u:s@p:1080",
            "socks5h://p:1080",
            " ",
        ] {
            OpenAi::new(options("k", "", Some(proxy))).unwrap();
        }
    }
}
