//! Surveys and the versions of their questions.

use crate::domain::id::ShopId;
use crate::domain::id::SurveyId;
use crate::domain::survey::NewSurvey;
use crate::domain::survey::Survey;
use crate::domain::survey::SurveyChanges;
use crate::domain::survey::SurveyRemoval;
use crate::domain::survey::SurveyStatus;
use crate::domain::survey_definition::Definition;
use crate::store::Store;
use crate::store::error::StoreError;
use crate::store::error::StoreResult;
use crate::store::rows::json;
use crate::store::rows::optional;
use crate::store::rows::parsed;
use crate::store::rows::require_shop;
use crate::store::rows::stamp;
use crate::store::rows::timestamp;
use crate::store::rows::to_json;
use jiff::Timestamp;
use rusqlite::Connection;
use rusqlite::Row;
use rusqlite::params;

const SELECT_SURVEY: &str =
    "select id, shop_id, title, description, status, version, definition, created_at, updated_at
    from surveys";

impl Store {
    pub async fn insert_survey(&self, shop: ShopId, new: NewSurvey, now: Timestamp) -> StoreResult<Survey> {
        self.write(move |conn| {
            let activated = (new.status == SurveyStatus::Active).then(|| stamp(now));
            conn.execute(
                "insert into surveys (shop_id, title, description, status, definition, created_at, updated_at, activated_at)
                 values (?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7)",
                params![
                    shop.0,
                    new.title,
                    new.description,
                    new.status.name(),
                    to_json(&new.definition)?,
                    stamp(now),
                    activated
                ],
            )?;
            survey(conn, shop, SurveyId(conn.last_insert_rowid()))
        })
        .await
    }

    /// The shop's surveys, newest first.
    pub async fn list_surveys(&self, shop: ShopId) -> StoreResult<Vec<Survey>> {
        self.read(move |conn| {
            require_shop(conn, shop)?;
            let mut statement = conn.prepare_cached(&format!("{SELECT_SURVEY} where shop_id = ?1 order by id desc"))?;
            let surveys = statement.query_map([shop.0], survey_row)?;
            Ok(surveys.collect::<Result<_, _>>()?)
        })
        .await
    }

    pub async fn survey(&self, shop: ShopId, id: SurveyId) -> StoreResult<Survey> {
        self.read(move |conn| survey(conn, shop, id)).await
    }

    /// The shop of a survey, for a visitor who names the survey alone.
    pub async fn shop_of_survey(&self, id: SurveyId) -> StoreResult<ShopId> {
        self.read(move |conn| {
            let mut statement = conn.prepare_cached("select shop_id from surveys where id = ?1")?;
            Ok(statement.query_row([id.0], |row| row.get(0).map(ShopId))?)
        })
        .await
    }

    /// The survey that the shop's visitors see: of the active ones the one that was activated last, then the one made last.
    pub async fn active_survey(&self, shop: ShopId) -> StoreResult<Option<Survey>> {
        self.read(move |conn| {
            let mut statement = conn.prepare_cached(&format!(
                "{SELECT_SURVEY} where shop_id = ?1 and status = 'active' order by activated_at desc, id desc limit 1"
            ))?;
            optional(statement.query_row([shop.0], survey_row))
        })
        .await
    }

    /// Changes what `changes` names and returns the survey as it is then.
    ///
    /// Other questions are a new version, and the old ones are kept, when the survey is active or somebody has answered it; a
    /// draft that nobody has seen is simply replaced. Conflict `survey_changed` when the change was made from another version
    /// than the current one.
    pub async fn update_survey(
        &self,
        shop: ShopId,
        id: SurveyId,
        changes: SurveyChanges,
        now: Timestamp,
    ) -> StoreResult<Survey> {
        self.write(move |conn| {
            let old = survey(conn, shop, id)?;
            if changes.from_version.is_some_and(|version| version != old.version) {
                return Err(StoreError::Conflict("survey_changed"));
            }
            let definition = changes.definition.unwrap_or_else(|| old.definition.clone());
            let is_answerable = old.status == SurveyStatus::Active || has_responses(conn, shop, id)?;
            let is_new_version = is_answerable && definition.questions != old.definition.questions;
            if is_new_version {
                conn.execute(
                    "insert into survey_versions (survey_id, version, definition) values (?1, ?2, ?3)",
                    params![id.0, old.version, to_json(&old.definition)?],
                )?;
            }
            let status = changes.status.unwrap_or(old.status);
            let is_activated = status == SurveyStatus::Active && old.status != SurveyStatus::Active;
            conn.execute(
                "update surveys set title = ?3, description = ?4, status = ?5, version = ?6, definition = ?7, updated_at = ?8,
                    activated_at = case when ?9 then ?8 else activated_at end
                 where shop_id = ?1 and id = ?2",
                params![
                    shop.0,
                    id.0,
                    changes.title.unwrap_or(old.title),
                    changes.description.unwrap_or(old.description),
                    status.name(),
                    old.version + u32::from(is_new_version),
                    to_json(&definition)?,
                    stamp(now),
                    is_activated
                ],
            )?;
            survey(conn, shop, id)
        })
        .await
    }

    /// Deletes a survey without responses; one that has any is archived with all of them.
    pub async fn delete_survey(&self, shop: ShopId, id: SurveyId, now: Timestamp) -> StoreResult<SurveyRemoval> {
        self.write(move |conn| {
            survey(conn, shop, id)?;
            let mut count =
                conn.prepare_cached("select count(*) from survey_responses where shop_id = ?1 and survey_id = ?2")?;
            let responses: u32 = count.query_row([shop.0, id.0], |row| row.get(0))?;
            if responses == 0 {
                conn.execute("delete from surveys where shop_id = ?1 and id = ?2", [shop.0, id.0])?;
                return Ok(SurveyRemoval::Deleted);
            }
            conn.execute(
                "update surveys set status = 'archived', updated_at = ?3 where shop_id = ?1 and id = ?2",
                params![shop.0, id.0, stamp(now)],
            )?;
            Ok(SurveyRemoval::Archived { responses })
        })
        .await
    }

    /// What the survey asked in each of its versions, newest first.
    pub async fn list_survey_versions(&self, shop: ShopId, id: SurveyId) -> StoreResult<Vec<(u32, Definition)>> {
        self.read(move |conn| {
            let current = survey(conn, shop, id)?;
            let mut statement = conn.prepare_cached(
                "select v.version, v.definition from survey_versions v join surveys s on s.id = v.survey_id
                 where s.shop_id = ?1 and s.id = ?2 order by v.version desc",
            )?;
            let earlier = statement.query_map([shop.0, id.0], |row| {
                Ok((row.get(0)?, json(&row.get::<_, String>(1)?)?))
            })?;
            let mut versions = vec![(current.version, current.definition)];
            for version in earlier {
                versions.push(version?);
            }
            Ok(versions)
        })
        .await
    }
}

pub(super) fn survey(conn: &Connection, shop: ShopId, id: SurveyId) -> StoreResult<Survey> {
    let mut statement = conn.prepare_cached(&format!("{SELECT_SURVEY} where shop_id = ?1 and id = ?2"))?;
    Ok(statement.query_row([shop.0, id.0], survey_row)?)
}

fn has_responses(conn: &Connection, shop: ShopId, id: SurveyId) -> StoreResult<bool> {
    let mut statement =
        conn.prepare_cached("select exists (select 1 from survey_responses where shop_id = ?1 and survey_id = ?2)")?;
    Ok(statement.query_row([shop.0, id.0], |row| row.get(0))?)
}

fn survey_row(row: &Row<'_>) -> rusqlite::Result<Survey> {
    let definition: String = row.get(6)?;
    Ok(Survey {
        id: SurveyId(row.get(0)?),
        shop: ShopId(row.get(1)?),
        title: row.get(2)?,
        description: row.get(3)?,
        status: parsed(row, 4, SurveyStatus::parse)?,
        version: row.get(5)?,
        definition: json(&definition)?,
        created_at: timestamp(row, 7)?,
        updated_at: timestamp(row, 8)?,
    })
}
