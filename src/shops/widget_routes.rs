//! What the widget asks before it is opened.

use crate::domain::consent::ConsentRequest;
use crate::domain::settings::Perk;
use crate::domain::settings::WidgetPosition;
use crate::domain::settings::WidgetScheme;
use crate::domain::shop::Shop;
use crate::http::error::Result;
use crate::http::etag::is_known;
use crate::http::etag::weak_etag;
use crate::http::protection::WidgetShop;
use crate::shops::Shops;
use crate::shops::widget_survey::WidgetSurvey;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use serde::Serialize;
use serde::Serializer;
use sha2::Digest;
use sha2::Sha256;
use std::sync::Arc;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn router(shops: Arc<Shops>) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(widget_config)).with_state(shops)
}

#[derive(Serialize, ToSchema)]
struct WidgetConfig {
    /// The shop's name.
    name: String,
    /// `ru` or `en`: the widget's language unless the page says otherwise.
    language: String,
    /// The first line of the conversation; the widget has its own when absent.
    greeting: Option<String>,
    /// `live`, or `test` while the shop has not said which sites may carry its widget.
    state: &'static str,
    title: Option<String>,
    color: Option<String>,
    #[schema(value_type = String)]
    scheme: WidgetScheme,
    #[schema(value_type = String)]
    position: WidgetPosition,
    prompts: Vec<String>,
    /// Texts by title, in the owner's order.
    #[serde(serialize_with = "by_title")]
    #[schema(value_type = Object)]
    perks: Vec<Perk>,
    /// The survey that may be shown; null when none is active.
    survey: Option<WidgetSurvey>,
    /// What visitors are asked to agree to before they leave contacts; null when nothing.
    consent: Option<ConsentView>,
}

#[derive(Serialize, ToSchema)]
struct ConsentView {
    /// Whether contacts are stored only with it.
    required: bool,
    /// Goes back with the answer; changes with the text.
    version: String,
    text: String,
    url: Option<String>,
}

impl From<ConsentRequest> for ConsentView {
    fn from(consent: ConsentRequest) -> ConsentView {
        ConsentView {
            required: consent.is_required,
            version: consent.version,
            text: consent.text,
            url: consent.url,
        }
    }
}

impl WidgetConfig {
    fn of(shop: &Shop, survey: Option<WidgetSurvey>) -> WidgetConfig {
        let settings = shop.settings.clone();
        let consent = ConsentRequest::of(&settings).map(ConsentView::from);
        WidgetConfig {
            name: shop.name.clone(),
            language: settings.language.code().to_owned(),
            greeting: settings.greeting,
            state: if settings.allowed_origins.is_empty() {
                "test"
            } else {
                "live"
            },
            title: settings.widget_title,
            color: settings.widget_color,
            scheme: settings.widget_scheme,
            position: settings.widget_position,
            prompts: settings.widget_prompts,
            perks: settings.widget_perks,
            survey,
            consent,
        }
    }
}

/// Tells the widget whose it is and how it looks. A browser that has the same already gets 304.
#[utoipa::path(get, path = "/api/shops/public/{publicKey}/widget", tag = "widget",
    params(("publicKey" = uuid::Uuid, Path, description = "the shop's public key")),
    responses((status = 200, body = WidgetConfig), (status = 304, description = "nothing has changed")))]
async fn widget_config(
    State(shops): State<Arc<Shops>>,
    WidgetShop(shop): WidgetShop,
    headers: HeaderMap,
) -> Result<Response> {
    let survey = shops.active_survey(shop.id).await?;
    let survey = survey.as_ref().map(WidgetSurvey::of).transpose()?;
    let body = serde_json::to_vec(&WidgetConfig::of(&shop, survey)).map_err(anyhow::Error::from)?;
    let etag = weak_etag(&Sha256::digest(&body));
    let is_known = is_known(&headers, &etag);
    let common = [
        (header::CACHE_CONTROL, "public, max-age=60".to_owned()),
        (header::ETAG, etag),
    ];
    if is_known {
        return Ok((StatusCode::NOT_MODIFIED, common).into_response());
    }
    let json = [(header::CONTENT_TYPE, "application/json")];
    Ok((common, json, body).into_response())
}

/// A browser keeps the order of an object's keys.
fn by_title<S: Serializer>(perks: &[Perk], serializer: S) -> std::result::Result<S::Ok, S::Error> {
    serializer.collect_map(perks.iter().map(|perk| (&perk.title, &perk.text)))
}
