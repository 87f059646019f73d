//! The demo: two invented shops that come with the program, and a storefront page that carries the widget as a customer's
//! page would.

use crate::domain::language::Language;
use crate::http::assets;
use crate::http::error::ApiError;
use crate::http::error::Code;
use crate::http::error::Result;
use crate::i18n::sentence;
use crate::store::Store;
use anyhow::Context;
use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::extract::Query;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::HeaderValue;
use axum::http::header;
use axum::response::Html;
use axum::response::Redirect;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;
use std::sync::Arc;
use tower_http::set_header::SetResponseHeaderLayer;

/// A shop that comes with the program.
pub struct DemoShop {
    pub language: Language,
    pub name: &'static str,
    /// In the format of `POST /api/shops/{id}/data`.
    pub data: &'static str,
    /// In the format of `POST /api/shops/{id}/surveys`.
    pub survey: &'static str,
}

pub const DEMO_SHOPS: [DemoShop; 2] = [
    DemoShop {
        language: Language::Ru,
        name: "Палома",
        data: include_str!("../../data/demo/demo-shop-ru.json"),
        survey: include_str!("../../data/demo/survey-ru.json"),
    },
    DemoShop {
        language: Language::En,
        name: "Harbor & Pine",
        data: include_str!("../../data/demo/demo-shop-en.json"),
        survey: include_str!("../../data/demo/survey-en.json"),
    },
];

/// Everything comes from this server; images may be written into the page.
const CONTENT_POLICY: &str =
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'self'";

/// Cheap to clone.
#[derive(Clone)]
pub struct DemoStorefront {
    store: Store,
    generator: Arc<str>,
    public_url: Option<Arc<str>>,
}

impl DemoStorefront {
    pub fn new(store: Store, generator: &str, public_url: Option<&str>) -> DemoStorefront {
        DemoStorefront {
            store,
            generator: generator.into(),
            public_url: public_url.map(Arc::from),
        }
    }

    /// The address for others: the configured one, else the one that this reader used.
    fn base(&self, headers: &HeaderMap) -> String {
        let host = headers
            .get(header::HOST)
            .and_then(|host| host.to_str().ok())
            .unwrap_or("localhost");
        self.public_url
            .as_deref()
            .map_or_else(|| format!("http://{host}"), str::to_owned)
    }

    async fn page(&self, language: Language, sample_base: &str) -> anyhow::Result<Option<String>> {
        let Some(demo) = DEMO_SHOPS.iter().find(|shop| shop.language == language) else {
            return Ok(None);
        };
        let shops = self.store.list_shops().await?;
        let Some(shop) = shops.into_iter().find(|shop| shop.name == demo.name) else {
            return Ok(None);
        };
        let catalogue: Catalogue = serde_json::from_str(demo.data).context("the demo shop's data is damaged")?;
        let note = if &*self.generator == "extractive" {
            "demo_note_extractive"
        } else {
            "demo_note_model"
        };
        let page = DemoPage {
            language: language.code(),
            shop_name: shop.name,
            public_key: shop.public_key.to_string(),
            api_base: "",
            sample_base: sample_base.to_owned(),
            categories: categories(catalogue.products, language),
            other_language_url: match language {
                Language::Ru => "/demo?lang=en",
                Language::En => "/demo?lang=ru",
            },
            prompts_json: sentence(language, "demo_prompts", &[]),
            perks_json: sentence(language, "demo_perks", &[]),
            strings: DemoStrings::of(language),
            generator_note: sentence(language, note, &[("model", self.generator.to_string())]),
        };
        Ok(Some(page.render()?))
    }
}

pub fn router(storefront: DemoStorefront) -> Router {
    let policy = SetResponseHeaderLayer::overriding(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(CONTENT_POLICY),
    );
    Router::new()
        .route("/", get(|| async { Redirect::temporary("/demo") }))
        .route("/demo", get(page))
        .route("/demo/{*path}", get(file))
        .layer(policy)
        .with_state(storefront)
}

#[derive(Deserialize)]
struct PageQuery {
    lang: Option<String>,
}

async fn page(
    State(storefront): State<DemoStorefront>,
    Query(query): Query<PageQuery>,
    headers: HeaderMap,
) -> Result<Html<String>> {
    let language = query.lang.as_deref().and_then(Language::parse).unwrap_or(Language::Ru);
    let page = storefront.page(language, &storefront.base(&headers)).await?;
    page.map(Html).ok_or_else(|| ApiError::new(Code::NotFound))
}

async fn file(Path(path): Path<String>) -> Result<Response> {
    assets::file(&format!("demo/{path}"), "public, max-age=300")
}

#[derive(Deserialize)]
struct Catalogue {
    products: Vec<CatalogueProduct>,
}

#[derive(Deserialize)]
struct CatalogueProduct {
    id: String,
    name: String,
    description: String,
    price: f64,
    old_price: Option<f64>,
    in_stock: bool,
    category: String,
    brand: String,
}

#[derive(Template)]
#[template(path = "demo.html")]
struct DemoPage {
    language: &'static str,
    shop_name: String,
    public_key: String,
    api_base: &'static str,
    /// Where the copyable tag finds the widget; the page's own tag needs no address.
    sample_base: String,
    categories: Vec<DemoCategory>,
    other_language_url: &'static str,
    prompts_json: String,
    perks_json: String,
    strings: DemoStrings,
    generator_note: String,
}

struct DemoCategory {
    name: String,
    products: Vec<DemoProduct>,
}

struct DemoProduct {
    id: String,
    name: String,
    description: String,
    price: String,
    old_price: Option<String>,
    in_stock: bool,
    brand: String,
}

/// The products by category, both in the order of the catalogue.
fn categories(products: Vec<CatalogueProduct>, language: Language) -> Vec<DemoCategory> {
    let mut categories: Vec<DemoCategory> = Vec::new();
    for product in products {
        let shown = DemoProduct {
            id: product.id,
            name: product.name,
            description: product.description,
            price: price_text(product.price, language),
            old_price: product.old_price.map(|price| price_text(price, language)),
            in_stock: product.in_stock,
            brand: product.brand,
        };
        match categories.iter_mut().find(|category| category.name == product.category) {
            Some(category) => category.products.push(shown),
            None => categories.push(DemoCategory {
                name: product.category,
                products: vec![shown],
            }),
        }
    }
    categories
}

/// `6 490 ₽` with no-break spaces, or `$49`.
fn price_text(price: f64, language: Language) -> String {
    let digits = format!("{price:.0}");
    let separator = match language {
        Language::Ru => '\u{a0}',
        Language::En => ',',
    };
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            grouped.push(separator);
        }
        grouped.push(digit);
    }
    match language {
        Language::Ru => format!("{grouped}\u{a0}₽"),
        Language::En => format!("${grouped}"),
    }
}

macro_rules! demo_strings {
    ($($name:ident),+ $(,)?) => {
        /// The page's words, each from the catalogs under `demo_` and its name.
        struct DemoStrings {
            $($name: String,)+
        }

        impl DemoStrings {
            fn of(language: Language) -> DemoStrings {
                DemoStrings { $($name: sentence(language, concat!("demo_", stringify!($name)), &[]),)+ }
            }
        }
    };
}

demo_strings!(
    page_title,
    intro,
    skip_to_products,
    demo_mark,
    other_language_code,
    other_language_name,
    categories_label,
    heading,
    chat_hint,
    price_label,
    old_price_label,
    in_stock,
    out_of_stock,
    sku_label,
    embed_heading,
    embed_text,
    footer_note,
);
