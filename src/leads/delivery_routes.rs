//! `/api/shops/{id}/deliveries` and the secret of the shop's webhook, for its administrator.

use crate::domain::delivery::Delivery;
use crate::domain::delivery::DeliveryStatus;
use crate::domain::delivery::Subject;
use crate::domain::id::DeliveryId;
use crate::domain::id::LeadId;
use crate::domain::id::SourceId;
use crate::domain::problem::Problem;
use crate::http::auth::AdministeredShop;
use crate::http::body::QueryParams;
use crate::http::error::ApiError;
use crate::http::error::Code;
use crate::http::error::ReaderLanguage;
use crate::http::error::Result;
use crate::i18n;
use crate::leads::Leads;
use axum::Json;
use axum::extract::Path;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use serde::Serialize;
use utoipa::IntoParams;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

const DEFAULT_LIMIT: u32 = 50;
const MAX_LIMIT: u32 = 200;

pub fn router(leads: Leads) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(resend))
        .routes(routes!(rotate_secret))
        .with_state(leads)
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct DeliveryQuery {
    /// `waiting`, `sending`, `delivered` or `failed`.
    status: Option<String>,
    /// 1 to 200, 50 by default.
    limit: Option<u32>,
}

#[derive(Serialize, ToSchema)]
struct DeliveryView {
    id: Uuid,
    /// Null when it is about a source.
    lead_id: Option<Uuid>,
    /// Null when it is about a lead.
    source_id: Option<i64>,
    /// `webhook`.
    channel: &'static str,
    /// `lead.created`, `lead.updated`, `handoff.requested`, `source.stale` or `source.recovered`.
    event: &'static str,
    /// `waiting`, `sending`, `delivered` or `failed`.
    status: &'static str,
    attempts: u32,
    /// When the next attempt is due; null when there will be none.
    next_at: Option<String>,
    /// The HTTP status of the last answer.
    response_status: Option<u16>,
    /// Why the last attempt failed, in words.
    error: Option<String>,
    created_at: String,
    updated_at: String,
}

#[derive(Serialize, ToSchema)]
struct DeliveryList {
    deliveries: Vec<DeliveryView>,
}

#[derive(Serialize, ToSchema)]
struct SecretView {
    /// Shown this once.
    secret: String,
    /// Until then the secret before this one, if there was one, signs as well.
    previous_until: String,
}

/// Lists notifications, newest first.
#[utoipa::path(get, path = "/api/shops/{id}/deliveries", tag = "leads", security(("administrator" = [])),
    params(("id" = i64, Path, description = "the shop's id"), DeliveryQuery),
    responses((status = 200, body = DeliveryList)))]
async fn list(
    State(leads): State<Leads>,
    AdministeredShop(shop): AdministeredShop,
    ReaderLanguage(language): ReaderLanguage,
    QueryParams(query): QueryParams<DeliveryQuery>,
) -> Result<Json<DeliveryList>> {
    let mut problems = Vec::new();
    let status = query.status.as_deref().and_then(DeliveryStatus::parse);
    if query.status.is_some() && status.is_none() {
        let choices = DeliveryStatus::ALL.map(DeliveryStatus::name).join(", ");
        problems.push(Problem::new("status", "problem_choice").with("choices", choices));
    }
    let limit = query.limit.unwrap_or(DEFAULT_LIMIT);
    if !(1..=MAX_LIMIT).contains(&limit) {
        problems.push(
            Problem::new("limit", "problem_range")
                .with("least", 1)
                .with("most", MAX_LIMIT),
        );
    }
    if !problems.is_empty() {
        return Err(ApiError::invalid(problems));
    }
    let deliveries = leads.list_deliveries(shop, status, limit).await?.into_iter();
    Ok(Json(DeliveryList {
        deliveries: deliveries
            .map(|delivery| view(delivery, |key| i18n::sentence(language, key, &[])))
            .collect(),
    }))
}

/// Sends a notification again, from its first attempt on. The receiver knows it by the same id.
#[utoipa::path(post, path = "/api/shops/{id}/deliveries/{delivery_id}/resend", tag = "leads",
    security(("administrator" = [])),
    params(("id" = i64, Path, description = "the shop's id"),
        ("delivery_id" = Uuid, Path, description = "the notification's id")),
    responses((status = 202, body = DeliveryView)))]
async fn resend(
    State(leads): State<Leads>,
    AdministeredShop(shop): AdministeredShop,
    ReaderLanguage(language): ReaderLanguage,
    Path(ids): Path<(String, String)>,
) -> Result<(StatusCode, Json<DeliveryView>)> {
    let id = ids
        .1
        .parse()
        .map(DeliveryId)
        .map_err(|_| ApiError::new(Code::NotFound))?;
    let queued = leads.resend(shop, id).await?;
    let view = view(queued, |key| i18n::sentence(language, key, &[]));
    Ok((StatusCode::ACCEPTED, Json(view)))
}

/// Makes a new secret for the shop's webhook. It is in this answer and nowhere else; the one before signs as well for a day.
#[utoipa::path(post, path = "/api/shops/{id}/webhook-secret", tag = "leads", security(("administrator" = [])),
    params(("id" = i64, Path, description = "the shop's id")),
    responses((status = 201, body = SecretView)))]
async fn rotate_secret(
    State(leads): State<Leads>,
    AdministeredShop(shop): AdministeredShop,
) -> Result<(StatusCode, Json<SecretView>)> {
    let (secret, until) = leads.rotate_secret(shop).await?;
    let view = SecretView {
        secret: secret.expose().clone(),
        previous_until: until.to_string(),
    };
    Ok((StatusCode::CREATED, Json(view)))
}

fn view(delivery: Delivery, sentence: impl Fn(&str) -> String) -> DeliveryView {
    let (lead_id, source_id) = match delivery.subject {
        Subject::Lead(LeadId(lead)) => (Some(lead), None),
        Subject::Source(SourceId(source)) => (None, Some(source)),
    };
    DeliveryView {
        id: delivery.id.0,
        lead_id,
        source_id,
        channel: delivery.channel.name(),
        event: delivery.event.name(),
        status: delivery.status.name(),
        attempts: delivery.attempts,
        next_at: (delivery.status == DeliveryStatus::Waiting).then(|| delivery.next_at.to_string()),
        response_status: delivery.response_status,
        error: delivery.error.as_deref().map(sentence),
        created_at: delivery.created_at.to_string(),
        updated_at: delivery.updated_at.to_string(),
    }
}
