//! `POST /api/leads`: what a visitor leaves in the widget's form, "human, please" included.

use crate::domain::clock::Clock;
use crate::domain::language::Language;
use crate::domain::lead::CollectedData;
use crate::domain::lead::Intent;
use crate::http::body::JsonBody;
use crate::http::error::ApiError;
use crate::http::error::Result;
use crate::http::protection::WidgetCall;
use crate::i18n;
use crate::leads::Leads;
use crate::leads::form::LeadRequest;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

pub fn router(leads: Leads, clock: Clock) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(submit)).with_state((leads, clock))
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(rename_all = "camelCase")]
struct LeadAnswer {
    id: Uuid,
    /// What was sent, as it was stored.
    #[schema(value_type = Object)]
    collected_data: CollectedData,
    /// A sentence for the visitor, in the form's language.
    message: String,
}

/// Stores what a visitor left. Sending it again within a day changes the same lead. A phone or an e-mail is needed, unless the
/// intent is `handoff`.
#[utoipa::path(post, path = "/api/leads", tag = "widget", request_body = LeadRequest,
    responses((status = 201, body = LeadAnswer)))]
async fn submit(
    State((leads, clock)): State<(Leads, Clock)>,
    call: WidgetCall,
    JsonBody(request): JsonBody<LeadRequest>,
) -> Result<(StatusCode, Json<LeadAnswer>)> {
    let mut problems = Vec::new();
    request.shop_key(&mut problems);
    let shop = call.shop().ok();
    let form = request.checked(shop.as_deref(), clock.now(), &mut problems);
    let (Some(shop), true) = (shop, problems.is_empty()) else {
        return Err(ApiError::invalid(problems));
    };
    let (data, language) = (form.lead.data.clone(), form.lead.language);
    // A program that fills in every field must not learn that it was noticed.
    let id = if form.is_automatic {
        tracing::info!(shop = shop.id.0, "a form that a program filled in was dropped");
        form.lead.id
    } else {
        leads.submit(&shop, form.lead).await?
    };
    let answer = LeadAnswer {
        id: id.0,
        message: thanks(&data, language),
        collected_data: data,
    };
    Ok((StatusCode::CREATED, Json(answer)))
}

fn thanks(data: &CollectedData, language: Language) -> String {
    let key = match (data.intent, data.is_reachable()) {
        (Some(Intent::Handoff), true) => "handoff_thanks",
        (Some(Intent::Handoff), false) => "handoff_thanks_without_contacts",
        _ => "lead_thanks",
    };
    i18n::sentence(language, key, &[])
}
