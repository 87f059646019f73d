//! What the widget asks before it is opened.

use crate::domain::consent::ConsentRequest;
use crate::http::error::Result;
use crate::http::protection::WidgetShop;
use crate::shops::Shops;
use crate::shops::widget_survey::WidgetSurvey;
use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use serde::Serialize;
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

/// Tells the widget whose it is.
#[utoipa::path(get, path = "/api/shops/public/{publicKey}/widget", tag = "widget",
    params(("publicKey" = uuid::Uuid, Path, description = "the shop's public key")),
    responses((status = 200, body = WidgetConfig)))]
async fn widget_config(State(shops): State<Arc<Shops>>, WidgetShop(shop): WidgetShop) -> Result<impl IntoResponse> {
    let survey = shops.active_survey(shop.id).await?;
    let survey = survey.as_ref().map(WidgetSurvey::of).transpose()?;
    let settings = &shop.settings;
    let consent = ConsentRequest::of(settings).map(|consent| ConsentView {
        required: consent.is_required,
        version: consent.version,
        text: consent.text,
        url: consent.url,
    });
    let config = WidgetConfig {
        name: shop.name.clone(),
        language: settings.language.code().to_owned(),
        greeting: settings.greeting.clone(),
        survey,
        consent,
    };
    Ok(([(header::CACHE_CONTROL, "public, max-age=60")], Json(config)))
}
