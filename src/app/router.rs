//! Every route with its guard. The table is the page to read; a test holds that it and the program say the same.

use crate::analytics;
use crate::analytics::Analytics;
use crate::app::demo;
use crate::app::demo::DemoStorefront;
use crate::app::documentation;
use crate::app::health;
use crate::app::health::Health;
use crate::chat;
use crate::chat::Chat;
use crate::domain::clock::Clock;
use crate::http::address::TrustedProxies;
use crate::http::address::note_address;
use crate::http::assets;
use crate::http::auth::Guard;
use crate::http::auth::require_administrator;
use crate::http::body::BodyLimit;
use crate::http::body::SMALL_BODY_BYTES;
use crate::http::error::ApiError;
use crate::http::error::Code;
use crate::http::error::Result;
use crate::http::error::render_errors;
use crate::http::limits::Budget;
use crate::http::protection::WidgetGuard;
use crate::http::protection::protect_widget;
use crate::http::request_log::log_requests;
use crate::knowledge;
use crate::knowledge::Knowledge;
use crate::knowledge::exchange::guard::ExchangeGuard;
use crate::knowledge::exchange::guard::require_partner;
use crate::leads;
use crate::leads::Leads;
use crate::shops;
use crate::shops::Shops;
use crate::surveys;
use crate::surveys::Surveys;
use axum::Extension;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::extract::Path;
use axum::http::HeaderMap;
use axum::http::HeaderName;
use axum::http::HeaderValue;
use axum::http::Method;
use axum::http::header;
use axum::middleware::from_fn;
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::get;
use std::sync::Arc;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::DefaultPredicate;
use tower_http::compression::predicate::NotForContentType;
use tower_http::compression::predicate::Predicate;
use tower_http::cors::Any;
use tower_http::cors::CorsLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa_axum::router::OpenApiRouter;

/// Ten thousand questions fit.
const EVALUATION_BODY_BYTES: usize = 4 * 1024 * 1024;
/// Five hundred entries of an owner's lexicon fit.
const LEXICON_BODY_BYTES: usize = 1024 * 1024;
/// Fifty questions in two languages fit.
const SURVEY_BODY_BYTES: usize = 256 * 1024;

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// `Authorization: Bearer` with an administrator's token.
    Administrator,
    /// HTTP Basic with a shop's token as the password, or the cookie of an exchange that began so.
    Exchange,
    /// Any web page that the shop allows; the shop is named by its public key.
    Widget,
    /// Anybody.
    Open,
}

/// All routes of the API. Pages and files are mounted in `pages`, and are open.
pub const ROUTES: &[(Method, &str, Access)] = &[
    (Method::GET, "/api/shops", Access::Administrator),
    (Method::POST, "/api/shops", Access::Administrator),
    (Method::GET, "/api/shops/{id}", Access::Administrator),
    (Method::PATCH, "/api/shops/{id}", Access::Administrator),
    (Method::DELETE, "/api/shops/{id}", Access::Administrator),
    (Method::POST, "/api/shops/{id}/rotate-key", Access::Administrator),
    (Method::GET, "/api/shops/{id}/lexicon", Access::Administrator),
    (Method::PUT, "/api/shops/{id}/lexicon", Access::Administrator),
    (Method::GET, "/api/shops/{id}/llm-usage", Access::Administrator),
    (Method::POST, "/api/shops/{id}/data", Access::Administrator),
    (Method::GET, "/api/shops/{id}/imports", Access::Administrator),
    (
        Method::GET,
        "/api/shops/{id}/imports/{import_id}",
        Access::Administrator,
    ),
    (
        Method::DELETE,
        "/api/shops/{id}/imports/{import_id}",
        Access::Administrator,
    ),
    (
        Method::GET,
        "/api/shops/{id}/imports/{import_id}/events",
        Access::Administrator,
    ),
    (
        Method::POST,
        "/api/shops/{id}/imports/{import_id}/approve",
        Access::Administrator,
    ),
    (
        Method::POST,
        "/api/shops/{id}/imports/{import_id}/reject",
        Access::Administrator,
    ),
    (Method::GET, "/api/shops/{id}/sources", Access::Administrator),
    (Method::POST, "/api/shops/{id}/sources", Access::Administrator),
    (Method::POST, "/api/shops/{id}/sources/preview", Access::Administrator),
    (
        Method::GET,
        "/api/shops/{id}/sources/{source_id}",
        Access::Administrator,
    ),
    (
        Method::PATCH,
        "/api/shops/{id}/sources/{source_id}",
        Access::Administrator,
    ),
    (
        Method::DELETE,
        "/api/shops/{id}/sources/{source_id}",
        Access::Administrator,
    ),
    (
        Method::POST,
        "/api/shops/{id}/sources/{source_id}/sync",
        Access::Administrator,
    ),
    (
        Method::POST,
        "/api/shops/{id}/sources/{source_id}/upload",
        Access::Administrator,
    ),
    (
        Method::GET,
        "/api/shops/{id}/sources/{source_id}/versions",
        Access::Administrator,
    ),
    (
        Method::GET,
        "/api/shops/{id}/sources/{source_id}/exchange",
        Access::Exchange,
    ),
    (
        Method::POST,
        "/api/shops/{id}/sources/{source_id}/exchange",
        Access::Exchange,
    ),
    (
        Method::POST,
        "/api/shops/{id}/sources/{source_id}/undo",
        Access::Administrator,
    ),
    (
        Method::POST,
        "/api/shops/{id}/sources/{source_id}/redo",
        Access::Administrator,
    ),
    (Method::POST, "/api/shops/{id}/search", Access::Administrator),
    (Method::POST, "/api/shops/{id}/evaluate", Access::Administrator),
    (Method::POST, "/api/shops/{id}/reindex", Access::Administrator),
    (Method::GET, "/api/shops/{id}/jobs", Access::Administrator),
    (Method::GET, "/api/shops/{id}/jobs/{job_id}", Access::Administrator),
    (Method::DELETE, "/api/shops/{id}/jobs/{job_id}", Access::Administrator),
    (Method::GET, "/api/shops/{id}/surveys", Access::Administrator),
    (Method::POST, "/api/shops/{id}/surveys", Access::Administrator),
    (
        Method::GET,
        "/api/shops/{id}/surveys/{survey_id}",
        Access::Administrator,
    ),
    (
        Method::PATCH,
        "/api/shops/{id}/surveys/{survey_id}",
        Access::Administrator,
    ),
    (
        Method::DELETE,
        "/api/shops/{id}/surveys/{survey_id}",
        Access::Administrator,
    ),
    (
        Method::GET,
        "/api/shops/{id}/surveys/{survey_id}/responses",
        Access::Administrator,
    ),
    (
        Method::GET,
        "/api/shops/{id}/surveys/{survey_id}/results",
        Access::Administrator,
    ),
    (
        Method::GET,
        "/api/shops/{id}/surveys/{survey_id}/export",
        Access::Administrator,
    ),
    (Method::GET, "/api/shops/{id}/leads", Access::Administrator),
    (Method::GET, "/api/shops/{id}/leads/export", Access::Administrator),
    (Method::GET, "/api/shops/{id}/leads/{lead_id}", Access::Administrator),
    (Method::PATCH, "/api/shops/{id}/leads/{lead_id}", Access::Administrator),
    (Method::DELETE, "/api/shops/{id}/leads/{lead_id}", Access::Administrator),
    (Method::GET, "/api/shops/{id}/deliveries", Access::Administrator),
    (
        Method::POST,
        "/api/shops/{id}/deliveries/{delivery_id}/resend",
        Access::Administrator,
    ),
    (Method::POST, "/api/shops/{id}/webhook-secret", Access::Administrator),
    (Method::GET, "/api/analytics/shops/{id}/summary", Access::Administrator),
    (Method::GET, "/api/models", Access::Administrator),
    (Method::DELETE, "/api/models/{name}", Access::Administrator),
    (Method::GET, "/api/tokens", Access::Administrator),
    (Method::POST, "/api/tokens", Access::Administrator),
    (Method::DELETE, "/api/tokens/{token_id}", Access::Administrator),
    (Method::GET, "/api/shops/public/{publicKey}/widget", Access::Widget),
    (
        Method::GET,
        "/api/shops/public/{publicKey}/surveys/active",
        Access::Widget,
    ),
    (Method::POST, "/api/surveys/{survey_id}/responses", Access::Widget),
    (Method::GET, "/api/shops/public/{publicKey}/prompts", Access::Widget),
    (Method::POST, "/api/chat", Access::Widget),
    (Method::POST, "/api/leads", Access::Widget),
    (Method::GET, "/api/chat/history", Access::Widget),
    (Method::DELETE, "/api/chat/history", Access::Widget),
    (Method::POST, "/api/chat/{messageId}/vote", Access::Widget),
    (Method::POST, "/api/analytics/events", Access::Widget),
    (Method::GET, "/healthz", Access::Open),
];

/// What a call of a widget's route costs. A route that is not named here costs what a form does, the dearest after a message.
pub fn budget_of(method: &Method, path: &str) -> Budget {
    match (method, path) {
        (&Method::GET | &Method::HEAD, _) => Budget::Reads,
        (_, "/api/chat") => Budget::Messages,
        (_, "/api/analytics/events") => Budget::Events,
        _ => Budget::Forms,
    }
}

/// What the routes are made of.
pub struct Parts {
    pub guard: Arc<Guard>,
    pub shops: Arc<Shops>,
    pub knowledge: Knowledge,
    pub chat: Chat,
    pub surveys: Surveys,
    pub leads: Leads,
    pub clock: Clock,
    pub analytics: Analytics,
    pub widget_guard: WidgetGuard,
    pub trusted_proxies: TrustedProxies,
    pub health: Health,
    pub demo: Option<DemoStorefront>,
    pub max_body_bytes: usize,
    pub max_upload_bytes: usize,
}

pub fn build(parts: Parts) -> Router {
    let sized = |router: OpenApiRouter, bytes: usize| {
        router
            .layer(DefaultBodyLimit::max(bytes))
            .layer(Extension(BodyLimit(bytes)))
    };
    let exchange = exchange(&parts);
    let administration = OpenApiRouter::new()
        .merge(shops::routes::router(parts.shops.clone()))
        .merge(shops::token_routes::router(parts.shops.clone()))
        .merge(sized(
            shops::lexicon_routes::router(parts.shops.clone()),
            LEXICON_BODY_BYTES,
        ))
        .merge(sized(surveys::routes::router(parts.surveys.clone()), SURVEY_BODY_BYTES))
        .merge(surveys::response_routes::router(parts.surveys.clone()))
        .merge(leads::routes::router(parts.leads.clone()))
        .merge(leads::delivery_routes::router(parts.leads.clone()))
        .merge(chat::usage_routes::router(parts.chat.clone()))
        .merge(analytics::routes::router(parts.analytics.clone()))
        .merge(knowledge::routes::router(parts.knowledge.clone()))
        .merge(knowledge::import_routes::router(parts.knowledge.clone()))
        .merge(knowledge::source_routes::router(parts.knowledge.clone()))
        .merge(sized(
            knowledge::upload_routes::router(parts.knowledge.clone()),
            parts.max_upload_bytes,
        ))
        .merge(sized(
            knowledge::preview_routes::router(parts.knowledge.clone()),
            parts.max_upload_bytes,
        ))
        .merge(knowledge::search_routes::router(parts.knowledge.clone()))
        .merge(knowledge::job_routes::router(parts.knowledge.clone()))
        .merge(knowledge::model_routes::router(parts.knowledge.clone()))
        .merge(sized(
            knowledge::routes::data_router(parts.knowledge.clone()),
            parts.max_body_bytes,
        ))
        .merge(sized(
            knowledge::evaluation_routes::router(parts.knowledge),
            EVALUATION_BODY_BYTES,
        ))
        .layer(from_fn_with_state(parts.guard, require_administrator));
    let widget = OpenApiRouter::new()
        .merge(shops::widget_routes::router(parts.shops))
        .merge(chat::prompt_routes::router(parts.chat.clone()))
        .merge(chat::visitor_routes::router(parts.chat.clone()))
        .merge(chat::routes::router(parts.chat))
        .merge(surveys::widget_routes::router(parts.surveys))
        .merge(leads::form_routes::router(parts.leads, parts.clock))
        .merge(analytics::routes::events_router(parts.analytics))
        .layer(from_fn_with_state(Arc::new(parts.widget_guard), protect_widget));
    let open = OpenApiRouter::new().merge(health::router(parts.health));
    let (api, document) = administration
        .merge(exchange)
        .merge(widget)
        .merge(open)
        .split_for_parts();
    let not_for_streams = DefaultPredicate::new().and(NotForContentType::const_new("text/event-stream"));
    let as_written = not_for_streams.and(NotForContentType::const_new(knowledge::exchange::routes::CONTENT_TYPE));
    api.merge(pages(parts.demo))
        .merge(documentation::router(document))
        .fallback(|| async { ApiError::new(Code::NotFound) })
        .layer(DefaultBodyLimit::max(SMALL_BODY_BYTES))
        .layer(from_fn_with_state(parts.trusted_proxies, note_address))
        .layer(from_fn(log_requests))
        .layer(CatchPanicLayer::new())
        .layer(from_fn(render_errors))
        .layer(CompressionLayer::new().compress_when(as_written))
        .layer(security_header(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(security_header(header::REFERRER_POLICY, "same-origin"))
}

/// The exchange of 1C, with a guard and a limit of its own.
fn exchange(parts: &Parts) -> OpenApiRouter {
    let guard = ExchangeGuard {
        guard: parts.guard.clone(),
        knowledge: parts.knowledge.clone(),
    };
    knowledge::exchange::routes::router(parts.knowledge.clone())
        .layer(DefaultBodyLimit::max(parts.max_upload_bytes))
        .layer(Extension(BodyLimit(parts.max_upload_bytes)))
        .layer(from_fn_with_state(guard, require_partner))
}

/// Pages and files. The widget's files are for all sites; pages carry the strictest content policy.
fn pages(demo: Option<DemoStorefront>) -> Router {
    let widget = Router::new()
        .route(
            "/widget.js",
            get(|headers: HeaderMap| async move { assets::widget_loader(&headers) }),
        )
        .route(
            "/v1/widget.js",
            get(|headers: HeaderMap| async move { assets::widget_loader(&headers) }),
        )
        .route(
            "/widget.d.ts",
            get(|headers: HeaderMap| async move { assets::widget_types(&headers) }),
        )
        .route("/widget/{version}/{*path}", get(widget_file))
        .layer(any_origin())
        .layer(security_header(
            HeaderName::from_static("cross-origin-resource-policy"),
            "cross-origin",
        ));
    match demo {
        None => widget,
        Some(demo) => widget.merge(demo::router(demo)),
    }
}

async fn widget_file(Path((version, path)): Path<(String, String)>, headers: HeaderMap) -> Result<Response> {
    assets::widget_file(&headers, &version, &path)
}

/// The widget's files are the same for all sites.
fn any_origin() -> CorsLayer {
    CorsLayer::new().allow_origin(Any).allow_methods([Method::GET])
}

fn security_header(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}
