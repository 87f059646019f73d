//! What visitors answered: one response for each survey and visit.

use crate::domain::id::SessionId;
use crate::domain::id::ShopId;
use crate::domain::id::SurveyId;
use crate::domain::id::SurveyResponseId;
use crate::domain::survey::NewAnswers;
use crate::domain::survey::ResponseCounts;
use crate::domain::survey::ResponseStatus;
use crate::domain::survey::SurveyResponse;
use crate::domain::survey::SurveyStatus;
use crate::store::Store;
use crate::store::error::StoreError;
use crate::store::error::StoreResult;
use crate::store::rows::json;
use crate::store::rows::optional;
use crate::store::rows::parsed;
use crate::store::rows::stamp;
use crate::store::rows::timestamp;
use crate::store::rows::to_json;
use crate::store::rows::uuid;
use crate::store::surveys::survey;
use jiff::Timestamp;
use rusqlite::Connection;
use rusqlite::Row;
use rusqlite::params;
use std::collections::BTreeMap;

const SELECT_RESPONSE: &str = "select id, session_id, version, status, answers, metadata, created_at, updated_at
    from survey_responses";

/// A response as it is stored now.
#[derive(Debug, Clone, PartialEq)]
pub struct SavedResponse {
    pub response: SurveyResponse,
    /// Whether this is the first that the visit answered.
    pub is_new: bool,
}

impl Store {
    /// Stores what a visit answered. `decide` gets the response that the visit has left partial, if any, and says what is to
    /// be stored, or why nothing is. A complete response stays as it is and is returned, so that sending it twice is one.
    ///
    /// Not found when the survey is not the shop's; conflict `survey_inactive` unless it is active.
    pub async fn answer_survey<E: Send + 'static>(
        &self,
        shop: ShopId,
        id: SurveyId,
        session: SessionId,
        now: Timestamp,
        decide: impl FnOnce(Option<SurveyResponse>) -> Result<NewAnswers, E> + Send + 'static,
    ) -> StoreResult<Result<SavedResponse, E>> {
        self.write(move |conn| {
            if survey(conn, shop, id)?.status != SurveyStatus::Active {
                return Err(StoreError::Conflict("survey_inactive"));
            }
            let earlier = response_of(conn, shop, id, session)?;
            let is_new = earlier.is_none();
            if let Some(response) = earlier.clone().filter(|it| it.status == ResponseStatus::Complete) {
                return Ok(Ok(SavedResponse { response, is_new }));
            }
            let new = match decide(earlier) {
                Ok(new) => new,
                Err(error) => return Ok(Err(error)),
            };
            let metadata = new.metadata.as_ref().map(to_json).transpose()?;
            conn.execute(
                "insert into survey_responses
                    (shop_id, survey_id, session_id, version, status, answers, metadata, created_at, updated_at)
                 values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8)
                 on conflict (survey_id, session_id) do update set version = excluded.version, status = excluded.status,
                    answers = excluded.answers, metadata = coalesce(excluded.metadata, metadata),
                    updated_at = excluded.updated_at",
                params![
                    shop.0,
                    id.0,
                    session.to_string(),
                    new.version,
                    new.status.name(),
                    to_json(&new.answers)?,
                    metadata,
                    stamp(now)
                ],
            )?;
            let response = response_of(conn, shop, id, session)?.ok_or(StoreError::NotFound)?;
            Ok(Ok(SavedResponse { response, is_new }))
        })
        .await
    }

    /// A page of the survey's responses by id: the oldest after `after`, at most `limit`.
    pub async fn list_survey_responses_after(
        &self,
        shop: ShopId,
        id: SurveyId,
        after: SurveyResponseId,
        limit: usize,
    ) -> StoreResult<Vec<SurveyResponse>> {
        let query = "where shop_id = ?1 and survey_id = ?2 and id > ?3 order by id limit ?4";
        self.response_page(shop, id, query, after, limit).await
    }

    /// A page of the survey's responses by id, newest first: those before `before`, at most `limit`.
    pub async fn list_survey_responses_before(
        &self,
        shop: ShopId,
        id: SurveyId,
        before: SurveyResponseId,
        limit: usize,
    ) -> StoreResult<Vec<SurveyResponse>> {
        let query = "where shop_id = ?1 and survey_id = ?2 and id < ?3 order by id desc limit ?4";
        self.response_page(shop, id, query, before, limit).await
    }

    async fn response_page(
        &self,
        shop: ShopId,
        id: SurveyId,
        query: &'static str,
        bound: SurveyResponseId,
        limit: usize,
    ) -> StoreResult<Vec<SurveyResponse>> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.read(move |conn| {
            let mut statement = conn.prepare_cached(&format!("{SELECT_RESPONSE} {query}"))?;
            let responses = statement.query_map([shop.0, id.0, bound.0, limit], response)?;
            Ok(responses.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// How many responses each of the shop's surveys has; a survey without any is not there.
    pub async fn count_survey_responses(&self, shop: ShopId) -> StoreResult<BTreeMap<SurveyId, ResponseCounts>> {
        self.read(move |conn| {
            let mut statement = conn.prepare_cached(
                "select s.id, r.status, count(*) from surveys s join survey_responses r on r.survey_id = s.id
                 where s.shop_id = ?1 group by s.id, r.status",
            )?;
            let rows = statement.query_map([shop.0], |row| {
                let status = parsed(row, 1, status)?;
                Ok((SurveyId(row.get(0)?), status, row.get(2)?))
            })?;
            let mut counts: BTreeMap<SurveyId, ResponseCounts> = BTreeMap::new();
            for row in rows {
                let (id, status, count) = row?;
                let of_survey = counts.entry(id).or_default();
                match status {
                    ResponseStatus::Complete => of_survey.complete = count,
                    ResponseStatus::Partial => of_survey.partial = count,
                }
            }
            Ok(counts)
        })
        .await
    }
}

fn response_of(
    conn: &Connection,
    shop: ShopId,
    id: SurveyId,
    session: SessionId,
) -> StoreResult<Option<SurveyResponse>> {
    let mut statement = conn.prepare_cached(&format!(
        "{SELECT_RESPONSE} where shop_id = ?1 and survey_id = ?2 and session_id = ?3"
    ))?;
    optional(statement.query_row(params![shop.0, id.0, session.to_string()], response))
}

fn response(row: &Row<'_>) -> rusqlite::Result<SurveyResponse> {
    let answers: String = row.get(4)?;
    let metadata: Option<String> = row.get(5)?;
    Ok(SurveyResponse {
        id: SurveyResponseId(row.get(0)?),
        session: SessionId(uuid(row, 1)?),
        version: row.get(2)?,
        status: parsed(row, 3, status)?,
        answers: json(&answers)?,
        metadata: metadata.map(|text| json(&text)).transpose()?,
        created_at: timestamp(row, 6)?,
        updated_at: timestamp(row, 7)?,
    })
}

fn status(name: &str) -> Option<ResponseStatus> {
    ResponseStatus::ALL.into_iter().find(|status| status.name() == name)
}
