//! `/api/shops/{id}/leads`: the shop's leads for its administrator.

use crate::domain::id::LeadId;
use crate::domain::lead::Intent;
use crate::domain::lead::Lead;
use crate::domain::lead::LeadFilter;
use crate::domain::lead::LeadStatus;
use crate::domain::lead::PreferredContact;
use crate::domain::problem::Problem;
use crate::http::auth::AdministeredShop;
use crate::http::body::JsonBody;
use crate::http::body::QueryParams;
use crate::http::error::ApiError;
use crate::http::error::Code;
use crate::http::error::Result;
use crate::leads::Leads;
use crate::leads::export;
use crate::leads::export::Format;
use axum::Json;
use axum::extract::Path;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
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
        .routes(routes!(export_all))
        .routes(routes!(read, update, delete))
        .with_state(leads)
}

/// Which leads, and how many.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct LeadQuery {
    /// `order`, `callback`, `question`, `complaint`, `return`, `wholesale` or `handoff`.
    intent: Option<String>,
    /// `new`, `in_work` or `done`.
    status: Option<String>,
    /// Made at or after this time, as 2026-01-31T00:00:00Z.
    from: Option<String>,
    /// Made before this time.
    to: Option<String>,
    /// 1 to 200, 50 by default.
    limit: Option<u32>,
    /// The `next` of the page before.
    before: Option<Uuid>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ExportQuery {
    /// `csv` (the default) or `json`.
    format: Option<String>,
    /// What stands between the columns of the CSV: `comma` (the default) or `semicolon`, which Excel wants in Russian.
    separator: Option<String>,
    /// As for the list.
    intent: Option<String>,
    /// As for the list.
    status: Option<String>,
    /// As for the list.
    from: Option<String>,
    /// As for the list.
    to: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LeadChanges {
    /// `new`, `in_work` or `done`.
    status: String,
}

#[derive(Serialize, ToSchema)]
pub struct LeadView {
    id: Uuid,
    session_id: Uuid,
    /// The message that it was found in.
    message_id: Option<Uuid>,
    /// `chat`, `form` or `handoff`.
    source: &'static str,
    /// `new`, `in_work` or `done`.
    status: &'static str,
    intent: Option<&'static str>,
    name: Option<String>,
    email: Option<String>,
    /// E.164.
    phone: Option<String>,
    order_number: Option<String>,
    preferred_contact: Option<&'static str>,
    notes: Option<String>,
    /// `ru` or `en`.
    language: &'static str,
    page_url: Option<String>,
    consent: Option<ConsentView>,
    created_at: String,
    updated_at: String,
}

/// What the visitor agreed to, word for word.
#[derive(Serialize, ToSchema)]
struct ConsentView {
    version: String,
    text: String,
    accepted_at: String,
}

#[derive(Serialize, ToSchema)]
struct LeadList {
    leads: Vec<LeadView>,
    /// How many there are on all pages.
    total: u64,
    /// What `before` is for the next page; null on the last one.
    next: Option<Uuid>,
}

/// Lists leads, newest first.
#[utoipa::path(get, path = "/api/shops/{id}/leads", tag = "leads", security(("administrator" = [])),
    params(("id" = i64, Path, description = "the shop's id"), LeadQuery),
    responses((status = 200, body = LeadList)))]
async fn list(
    State(leads): State<Leads>,
    AdministeredShop(shop): AdministeredShop,
    QueryParams(query): QueryParams<LeadQuery>,
) -> Result<Json<LeadList>> {
    let mut problems = Vec::new();
    let filter = filter([&query.intent, &query.status, &query.from, &query.to], &mut problems);
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
    let page = leads.list(shop, filter, query.before.map(LeadId), limit).await?;
    let last = page.leads.last().map(|lead| lead.id.0);
    Ok(Json(LeadList {
        next: last.filter(|_| page.has_more),
        total: page.total,
        leads: page.leads.into_iter().map(LeadView::from).collect(),
    }))
}

/// Exports leads, oldest last, as CSV for spreadsheets (UTF-8 with a mark, nothing that could run as a formula) or as JSON.
#[utoipa::path(get, path = "/api/shops/{id}/leads/export", tag = "leads", security(("administrator" = [])),
    params(("id" = i64, Path, description = "the shop's id"), ExportQuery),
    responses((status = 200, body = String, content_type = "text/csv")))]
async fn export_all(
    State(leads): State<Leads>,
    AdministeredShop(shop): AdministeredShop,
    QueryParams(query): QueryParams<ExportQuery>,
) -> Result<Response> {
    let mut problems = Vec::new();
    let filter = filter([&query.intent, &query.status, &query.from, &query.to], &mut problems);
    let format = match (query.format.as_deref(), query.separator.as_deref()) {
        (None | Some("csv"), None | Some("comma")) => Some(Format::Csv { separator: ',' }),
        (None | Some("csv"), Some("semicolon")) => Some(Format::Csv { separator: ';' }),
        (Some("json"), None) => Some(Format::Json),
        (Some("json") | None | Some("csv"), Some(_)) => {
            problems.push(choice("separator", "comma, semicolon"));
            None
        }
        (Some(_), _) => {
            problems.push(choice("format", "csv, json"));
            None
        }
    };
    match format.filter(|_| problems.is_empty()) {
        Some(format) => export::response(leads, shop, filter, format).await,
        None => Err(ApiError::invalid(problems)),
    }
}

/// Reads a lead.
#[utoipa::path(get, path = "/api/shops/{id}/leads/{lead_id}", tag = "leads", security(("administrator" = [])),
    params(("id" = i64, Path, description = "the shop's id"), ("lead_id" = Uuid, Path, description = "the lead's id")),
    responses((status = 200, body = LeadView)))]
async fn read(
    State(leads): State<Leads>,
    AdministeredShop(shop): AdministeredShop,
    Path(ids): Path<(String, String)>,
) -> Result<Json<LeadView>> {
    Ok(Json(LeadView::from(leads.lead(shop, lead_id(&ids.1)?).await?)))
}

/// Notes how far the shop's staff has got with a lead.
#[utoipa::path(patch, path = "/api/shops/{id}/leads/{lead_id}", tag = "leads", security(("administrator" = [])),
    params(("id" = i64, Path, description = "the shop's id"), ("lead_id" = Uuid, Path, description = "the lead's id")),
    request_body = LeadChanges, responses((status = 200, body = LeadView)))]
async fn update(
    State(leads): State<Leads>,
    AdministeredShop(shop): AdministeredShop,
    Path(ids): Path<(String, String)>,
    JsonBody(changes): JsonBody<LeadChanges>,
) -> Result<Json<LeadView>> {
    let id = lead_id(&ids.1)?;
    let status = LeadStatus::parse(&changes.status)
        .ok_or_else(|| ApiError::invalid(vec![choice("status", &names(&LeadStatus::ALL.map(LeadStatus::name)))]))?;
    Ok(Json(LeadView::from(leads.set_status(shop, id, status).await?)))
}

/// Deletes a lead with its notifications.
#[utoipa::path(delete, path = "/api/shops/{id}/leads/{lead_id}", tag = "leads", security(("administrator" = [])),
    params(("id" = i64, Path, description = "the shop's id"), ("lead_id" = Uuid, Path, description = "the lead's id")),
    responses((status = 204)))]
async fn delete(
    State(leads): State<Leads>,
    AdministeredShop(shop): AdministeredShop,
    Path(ids): Path<(String, String)>,
) -> Result<StatusCode> {
    leads.delete(shop, lead_id(&ids.1)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What is no id names no lead.
fn lead_id(text: &str) -> Result<LeadId> {
    text.parse().map(LeadId).map_err(|_| ApiError::new(Code::NotFound))
}

fn filter([intent, status, from, to]: [&Option<String>; 4], problems: &mut Vec<Problem>) -> LeadFilter {
    let mut time = |path: &str, text: &Option<String>| {
        let time = text.as_deref().map(str::parse::<Timestamp>);
        if matches!(time, Some(Err(_))) {
            problems.push(Problem::new(path, "problem_time"));
        }
        time.and_then(std::result::Result::ok)
    };
    let (from, to) = (time("from", from), time("to", to));
    let known_intent = intent.as_deref().and_then(Intent::parse);
    if intent.is_some() && known_intent.is_none() {
        problems.push(choice("intent", &names(&Intent::ALL.map(Intent::name))));
    }
    let known_status = status.as_deref().and_then(LeadStatus::parse);
    if status.is_some() && known_status.is_none() {
        problems.push(choice("status", &names(&LeadStatus::ALL.map(LeadStatus::name))));
    }
    LeadFilter {
        intent: known_intent,
        status: known_status,
        from,
        to,
    }
}

fn choice(path: &str, choices: &str) -> Problem {
    Problem::new(path, "problem_choice").with("choices", choices)
}

fn names(all: &[&str]) -> String {
    all.join(", ")
}

impl From<Lead> for LeadView {
    fn from(lead: Lead) -> LeadView {
        let data = lead.data;
        LeadView {
            id: lead.id.0,
            session_id: lead.session.0,
            message_id: lead.message.map(|message| message.0),
            source: lead.source.name(),
            status: lead.status.name(),
            intent: data.intent.map(Intent::name),
            name: data.name,
            email: data.email,
            phone: data.phone,
            order_number: data.order_number,
            preferred_contact: data.preferred_contact.map(PreferredContact::name),
            notes: data.notes,
            language: lead.language.code(),
            page_url: lead.page_url,
            consent: lead.consent.map(|consent| ConsentView {
                version: consent.version,
                text: consent.text,
                accepted_at: consent.at.to_string(),
            }),
            created_at: lead.created_at.to_string(),
            updated_at: lead.updated_at.to_string(),
        }
    }
}
