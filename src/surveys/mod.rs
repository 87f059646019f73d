//! Feature: surveys. Owners write and switch them, visitors answer them, results are counted and exported.

pub mod answers;
pub mod condition;
pub mod definition;
pub mod export;
pub mod reading;
pub mod request;
pub mod response_routes;
pub mod results;
pub mod routes;
pub mod triggers;
pub mod widget_routes;

use crate::domain::clock::Clock;
use crate::domain::id::PublicKey;
use crate::domain::id::ShopId;
use crate::domain::id::SurveyId;
use crate::domain::id::SurveyResponseId;
use crate::domain::language::Language;
use crate::domain::problem::Problem;
use crate::domain::shop::Shop;
use crate::domain::survey::NewAnswers;
use crate::domain::survey::NewSurvey;
use crate::domain::survey::ResponseCounts;
use crate::domain::survey::ResponseStatus;
use crate::domain::survey::Survey;
use crate::domain::survey::SurveyChanges;
use crate::domain::survey::SurveyRemoval;
use crate::domain::survey::SurveyResponse;
use crate::domain::survey::SurveyStatus;
use crate::domain::survey_definition::Definition;
use crate::http::error::ApiError;
use crate::store::SavedResponse;
use crate::store::Store;
use crate::store::error::StoreError;
use crate::store::error::StoreResult;
use crate::surveys::answers::checked_answers;
use crate::surveys::export::Table;
use crate::surveys::request::Submission;
use crate::surveys::results::QuestionResults;
use crate::surveys::results::Tally;
use futures::Stream;
use futures::stream;

/// Responses read at a time when all of them are wanted.
const PAGE: usize = 500;

#[derive(Clone)]
pub struct Surveys {
    store: Store,
    clock: Clock,
}

/// What all responses say.
pub struct SurveyResults {
    pub counts: ResponseCounts,
    pub questions: Vec<QuestionResults>,
}

impl Surveys {
    pub fn new(store: Store, clock: Clock) -> Surveys {
        Surveys { store, clock }
    }

    pub async fn create(&self, shop: ShopId, new: NewSurvey) -> StoreResult<Survey> {
        self.store.insert_survey(shop, new, self.clock.now()).await
    }

    /// Newest first, with how many responses each has.
    pub async fn list(&self, shop: ShopId) -> StoreResult<Vec<(Survey, ResponseCounts)>> {
        let surveys = self.store.list_surveys(shop).await?;
        let counts = self.store.count_survey_responses(shop).await?;
        let with_counts = |survey: Survey| {
            let counts = counts.get(&survey.id).copied().unwrap_or_default();
            (survey, counts)
        };
        Ok(surveys.into_iter().map(with_counts).collect())
    }

    pub async fn survey(&self, shop: ShopId, id: SurveyId) -> StoreResult<(Survey, ResponseCounts)> {
        let survey = self.store.survey(shop, id).await?;
        let counts = self.store.count_survey_responses(shop).await?;
        Ok((survey, counts.get(&id).copied().unwrap_or_default()))
    }

    pub async fn update(&self, shop: ShopId, id: SurveyId, changes: SurveyChanges) -> StoreResult<()> {
        self.store.update_survey(shop, id, changes, self.clock.now()).await?;
        Ok(())
    }

    /// Deletes a survey that nobody has answered and archives any other.
    pub async fn delete(&self, shop: ShopId, id: SurveyId) -> StoreResult<SurveyRemoval> {
        self.store.delete_survey(shop, id, self.clock.now()).await
    }

    pub async fn shop(&self, id: ShopId) -> StoreResult<Shop> {
        self.store.shop(id).await
    }

    /// The survey that visitors see now; with `wanted`, that one if it is the shop's and active.
    pub async fn shown(&self, shop: ShopId, wanted: Option<SurveyId>) -> StoreResult<Option<Survey>> {
        let Some(id) = wanted else {
            return self.store.active_survey(shop).await;
        };
        match self.store.survey(shop, id).await {
            Ok(survey) => Ok(Some(survey).filter(|survey| survey.status == SurveyStatus::Active)),
            Err(StoreError::NotFound) => Ok(None),
            Err(other) => Err(other),
        }
    }

    /// The shop that is asked for a survey: the one with this key, else the survey's own. Not found when the survey is another's.
    pub async fn shop_of(&self, id: SurveyId, key: Option<PublicKey>) -> StoreResult<Shop> {
        let owner = self.store.shop_of_survey(id).await?;
        match key {
            None => self.store.shop(owner).await,
            Some(key) => {
                let shop = self.store.shop_by_public_key(key).await?;
                if shop.id == owner {
                    Ok(shop)
                } else {
                    Err(StoreError::NotFound)
                }
            }
        }
    }

    /// Stores what a visit answered. A visit has one response to a survey: while it is partial, later answers are added to it;
    /// once it is complete, the same call changes nothing. Answers to another version of the questions replace partial ones.
    pub async fn answer(&self, shop: ShopId, id: SurveyId, submission: Submission) -> Result<SavedResponse, ApiError> {
        let (version, definition) = self.asked(shop, id, submission.version).await?;
        let decide = move |earlier: Option<SurveyResponse>| {
            let earlier = earlier.filter(|response| response.version == version);
            let earlier = earlier.map(|response| response.answers).unwrap_or_default();
            let answers = checked_answers(&definition, earlier, &submission.answers, submission.is_partial)?;
            Ok(NewAnswers {
                version,
                status: if submission.is_partial {
                    ResponseStatus::Partial
                } else {
                    ResponseStatus::Complete
                },
                answers,
                metadata: submission.metadata,
            })
        };
        let saved = self
            .store
            .answer_survey(shop, id, submission.session, self.clock.now(), decide)
            .await?;
        saved.map_err(ApiError::invalid)
    }

    /// The questions of a version, the current one when none is named.
    async fn asked(&self, shop: ShopId, id: SurveyId, version: Option<u32>) -> Result<(u32, Definition), ApiError> {
        let survey = self.store.survey(shop, id).await?;
        if version.is_none_or(|version| version == survey.version) {
            return Ok((survey.version, survey.definition));
        }
        let versions = self.store.list_survey_versions(shop, id).await?;
        versions
            .into_iter()
            .find(|(number, _)| Some(*number) == version)
            .ok_or_else(|| ApiError::invalid(vec![Problem::new("version", "problem_survey_version")]))
    }

    /// A page of responses, newest first: those with an id below `before`, at most `limit`.
    pub async fn responses(
        &self,
        shop: ShopId,
        id: SurveyId,
        before: Option<SurveyResponseId>,
        limit: usize,
    ) -> StoreResult<Vec<SurveyResponse>> {
        self.store.survey(shop, id).await?;
        let before = before.unwrap_or(SurveyResponseId(i64::MAX));
        self.store.list_survey_responses_before(shop, id, before, limit).await
    }

    /// Counts all responses, those to earlier versions too.
    pub async fn results(&self, shop: ShopId, id: SurveyId) -> StoreResult<SurveyResults> {
        let language = self.store.shop(shop).await?.settings.language;
        let mut tally = Tally::new(&self.store.list_survey_versions(shop, id).await?);
        let mut counts = ResponseCounts::default();
        let mut after = SurveyResponseId(0);
        loop {
            let page = self.page_after(shop, id, after).await?;
            let Some(last) = page.last() else { break };
            after = last.id;
            for response in &page {
                tally.add(response);
                match response.status {
                    ResponseStatus::Complete => counts.complete += 1,
                    ResponseStatus::Partial => counts.partial += 1,
                }
            }
        }
        Ok(SurveyResults {
            counts,
            questions: tally.results(language),
        })
    }

    /// The table that responses are exported as; `separator` is the shop's language's own when absent: Excel expects a
    /// semicolon where the decimal sign is a comma.
    pub async fn table(&self, shop: ShopId, id: SurveyId, separator: Option<char>) -> StoreResult<Table> {
        let language = self.store.shop(shop).await?.settings.language;
        let versions = self.store.list_survey_versions(shop, id).await?;
        let own = match language {
            Language::Ru => ';',
            Language::En => ',',
        };
        Ok(Table::new(&versions, language, separator.unwrap_or(own)))
    }

    /// All responses, oldest first, a page at a time.
    pub fn pages(self, shop: ShopId, id: SurveyId) -> impl Stream<Item = StoreResult<Vec<SurveyResponse>>> {
        stream::try_unfold((self, SurveyResponseId(0)), move |(surveys, after)| async move {
            let page = surveys.page_after(shop, id, after).await?;
            Ok(page.last().map(|last| last.id).map(|last| (page, (surveys, last))))
        })
    }

    async fn page_after(
        &self,
        shop: ShopId,
        id: SurveyId,
        after: SurveyResponseId,
    ) -> StoreResult<Vec<SurveyResponse>> {
        self.store.list_survey_responses_after(shop, id, after, PAGE).await
    }
}
