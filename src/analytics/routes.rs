//! `POST /api/analytics/events` for the widget, and the summary for the owner.

use crate::analytics::Analytics;
use crate::analytics::batch::EventsRequest;
use crate::analytics::period::PeriodQuery;
use crate::analytics::summary_view::SummaryView;
use crate::http::auth::AdministeredShop;
use crate::http::body::BeaconBody;
use crate::http::body::QueryParams;
use crate::http::error::Result;
use crate::http::protection::WidgetShop;
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// For the widget.
pub fn events_router(analytics: Analytics) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(record)).with_state(analytics)
}

/// For the owner.
pub fn router(analytics: Analytics) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(summary)).with_state(analytics)
}

#[derive(Serialize, ToSchema)]
struct RecordedView {
    /// Events that were taken.
    accepted: usize,
    /// Events that were left out: without a name that is allowed, or too many at once.
    dropped: usize,
}

/// Takes events of a visit, one or many. A body of plain text is read as JSON, because `navigator.sendBeacon` sends that without
/// asking first. A visitor whose browser says that it must not be tracked leaves nothing.
#[utoipa::path(post, path = "/api/analytics/events", tag = "widget", request_body = EventsRequest,
    responses((status = 202, body = RecordedView)))]
async fn record(
    State(analytics): State<Analytics>,
    WidgetShop(shop): WidgetShop,
    headers: HeaderMap,
    BeaconBody(request): BeaconBody<EventsRequest>,
) -> Result<(StatusCode, Json<RecordedView>)> {
    let mut batch = request.checked(analytics.clock().now())?;
    if must_not_track(&headers) {
        batch.dropped += batch.events.len();
        batch.events.clear();
    }
    let recorded = analytics.record(shop.id, batch).await?;
    let view = RecordedView {
        accepted: recorded.accepted,
        dropped: recorded.dropped,
    };
    Ok((StatusCode::ACCEPTED, Json(view)))
}

/// Do Not Track, or Global Privacy Control.
fn must_not_track(headers: &HeaderMap) -> bool {
    ["dnt", "sec-gpc"]
        .iter()
        .any(|name| headers.get(*name).is_some_and(|value| value.as_bytes() == b"1"))
}

/// Counts what happened in the shop on the days from `from` to `to`, both included.
#[utoipa::path(get, path = "/api/analytics/shops/{id}/summary", tag = "analytics", security(("administrator" = [])),
    params(("id" = i64, Path, description = "the shop's id"), PeriodQuery),
    responses((status = 200, body = SummaryView)))]
async fn summary(
    State(analytics): State<Analytics>,
    AdministeredShop(shop): AdministeredShop,
    QueryParams(query): QueryParams<PeriodQuery>,
) -> Result<Json<SummaryView>> {
    let dated = query.checked(analytics.clock().now())?;
    let summary = analytics.summary(shop, dated.period).await?;
    Ok(Json(SummaryView::new(summary, &dated.dates)))
}
