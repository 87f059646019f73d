//! `palompy demo`: the demo shops, imported and served.

use crate::app::Mode;
use crate::app::demo::DEMO_SHOPS;
use crate::app::demo::DemoShop;
use crate::app::serve::call;
use crate::cli::client::list;
use crate::cli::client::text;
use crate::cli::failure::Failure;
use crate::cli::output::print_line;
use crate::cli::serve::Prepared;
use crate::cli::serve::prepare;
use crate::cli::serve::print_ready;
use crate::config::Config;
use crate::domain::language::Language;
use crate::i18n::sentence;
use anyhow::Context;
use reqwest::Method;
use serde_json::Value;
use serde_json::json;

/// Makes the shops at the first start and imports what changed at each; then serves.
pub async fn demo(config: &Config, language: Language) -> Result<(), Failure> {
    let prepared = prepare(config, Mode::Demo).await?;
    for shop in &DEMO_SHOPS {
        import(&prepared, shop).await?;
    }
    let (page, english) = (
        format!("{}/demo", prepared.url),
        format!("{}/demo?lang=en", prepared.url),
    );
    let values = [
        ("page", page),
        ("english", english),
        ("api", format!("{}/api/docs", prepared.url)),
        ("token", prepared.token.clone()),
    ];
    print_ready(&prepared.url);
    print_line(sentence(language, "cli_demo_ready", &values));
    prepared.run(config).await
}

async fn import(prepared: &Prepared, demo: &DemoShop) -> Result<(), Failure> {
    let shops = request(prepared, Method::GET, "/api/shops", None).await?;
    let known = list(&shops, "shops")
        .iter()
        .find(|shop| text(shop, "name") == demo.name)
        .cloned();
    let shop = match known {
        Some(shop) => shop,
        None => {
            let new = json!({"name": demo.name, "settings": {"language": demo.language.code()}});
            request(prepared, Method::POST, "/api/shops", Some(new.to_string())).await?
        }
    };
    let id = shop.get("id").and_then(Value::as_i64).context("a shop has no id")?;
    let path = format!("/api/shops/{id}/data?mode=replace");
    request(prepared, Method::POST, &path, Some(demo.data.to_owned())).await?;
    // A survey that somebody changed or archived stays as they left it.
    let path = format!("/api/shops/{id}/surveys");
    let surveys = request(prepared, Method::GET, &path, None).await?;
    if list(&surveys, "surveys").is_empty() {
        request(prepared, Method::POST, &path, Some(demo.survey.to_owned())).await?;
    }
    Ok(())
}

async fn request(prepared: &Prepared, method: Method, path: &str, body: Option<String>) -> Result<Value, Failure> {
    let url = format!("{}{path}", prepared.url)
        .parse()
        .context("the server's address is no URL")?;
    let mut request = reqwest::Request::new(method, url);
    let headers = request.headers_mut();
    headers.insert(
        "authorization",
        format!("Bearer {}", prepared.token)
            .parse()
            .context("the token is no header")?,
    );
    headers.insert(
        "content-type",
        reqwest::header::HeaderValue::from_static("application/json"),
    );
    if let Some(body) = body {
        *request.body_mut() = Some(body.into());
    }
    let (status, bytes) = call(&prepared.app, request).await?;
    if !status.is_success() {
        return Err(Failure::new(format!(
            "could not prepare the demo shops: {}",
            String::from_utf8_lossy(&bytes)
        )));
    }
    Ok(serde_json::from_slice(&bytes).context("the answer is not JSON")?)
}
