//! What owners and visitors send, checked: all that is wrong is told at once.

use crate::domain::id::PublicKey;
use crate::domain::id::SessionId;
use crate::domain::problem::Problem;
use crate::domain::survey::NewSurvey;
use crate::domain::survey::SurveyChanges;
use crate::domain::survey::SurveyStatus;
use crate::domain::survey_definition::Definition;
use crate::http::error::ApiError;
use crate::surveys::definition::parse_definition;
use crate::surveys::reading::Fields;
use serde_json::Map;
use serde_json::Value;
use uuid::Uuid;

const MAX_TITLE_CHARS: usize = 200;
const MAX_DESCRIPTION_CHARS: usize = 2_000;
const MAX_METADATA_CHARS: usize = 4_000;
const STATUSES: [&str; 3] = ["draft", "active", "archived"];

/// What a visitor answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Submission {
    pub session: SessionId,
    pub answers: Map<String, Value>,
    pub metadata: Option<Value>,
    /// The version of the questions that were answered; the current one when absent.
    pub version: Option<u32>,
    pub is_partial: bool,
}

/// A survey from `{title, description, status, definition}`.
pub fn new_survey(body: &Value) -> Result<NewSurvey, ApiError> {
    let mut problems = Vec::new();
    let known = ["title", "description", "status", "definition"];
    let Some(mut fields) = Fields::open(body, "", &known, &mut problems) else {
        return Err(ApiError::invalid(problems));
    };
    if fields.value("title").is_none() {
        fields.note("title", "problem_required");
    }
    if fields.value("definition").is_none() {
        fields.note("definition", "problem_required");
    }
    let title = fields.text("title", MAX_TITLE_CHARS).unwrap_or_default();
    let description = fields.text("description", MAX_DESCRIPTION_CHARS);
    let status = status(&mut fields).unwrap_or(SurveyStatus::Draft);
    match definition(&mut fields) {
        Some(definition) if problems.is_empty() => Ok(NewSurvey {
            title,
            description,
            status,
            definition,
        }),
        _ => Err(ApiError::invalid(problems)),
    }
}

/// Changes from `{title, description, status, definition, version}`; what is absent stays, and null removes the description.
pub fn survey_changes(body: &Value) -> Result<SurveyChanges, ApiError> {
    let mut problems = Vec::new();
    let known = ["title", "description", "status", "definition", "version"];
    let Some(mut fields) = Fields::open(body, "", &known, &mut problems) else {
        return Err(ApiError::invalid(problems));
    };
    let changes = SurveyChanges {
        title: fields.text("title", MAX_TITLE_CHARS),
        description: match fields.object.get("description") {
            None => None,
            Some(Value::Null) => Some(None),
            Some(_) => Some(fields.text("description", MAX_DESCRIPTION_CHARS)),
        },
        status: status(&mut fields),
        definition: definition(&mut fields),
        from_version: version(&mut fields),
    };
    if problems.is_empty() {
        Ok(changes)
    } else {
        Err(ApiError::invalid(problems))
    }
}

fn status(fields: &mut Fields<'_>) -> Option<SurveyStatus> {
    fields.word("status", &STATUSES).and_then(SurveyStatus::parse)
}

fn definition(fields: &mut Fields<'_>) -> Option<Definition> {
    match parse_definition(fields.value("definition")?, "definition") {
        Ok(definition) => Some(definition),
        Err(problems) => {
            fields.problems.extend(problems);
            None
        }
    }
}

fn version(fields: &mut Fields<'_>) -> Option<u32> {
    let number = fields.whole("version", 1, i64::from(u32::MAX))?;
    u32::try_from(number).ok()
}

/// The shop's key, when it was sent, and the answers. Fields that nobody knows are left alone: pages of several versions send here.
pub fn submission(body: &Value) -> Result<(Option<PublicKey>, Submission), ApiError> {
    let mut problems = Vec::new();
    let Some(object) = body.as_object() else {
        return Err(ApiError::invalid(vec![Problem::new("", "problem_object")]));
    };
    let mut fields = Fields {
        object,
        path: String::new(),
        problems: &mut problems,
    };
    for name in ["sessionId", "answers"] {
        if fields.value(name).is_none() {
            fields.note(name, "problem_required");
        }
    }
    let key = uuid(&mut fields, "shopPublicKey");
    let session = uuid(&mut fields, "sessionId").unwrap_or_default();
    let answers = object_of(&mut fields, "answers").cloned().unwrap_or_default();
    let metadata = object_of(&mut fields, "metadata").map(|metadata| Value::Object(metadata.clone()));
    if let Some(length) = metadata.as_ref().map(|metadata| metadata.to_string().chars().count())
        && length > MAX_METADATA_CHARS
    {
        let problem = Problem::new("metadata", "problem_too_long");
        fields
            .problems
            .push(problem.with("length", length).with("limit", MAX_METADATA_CHARS));
    }
    let version = version(&mut fields);
    let is_partial = fields.boolean("partial").unwrap_or(false);
    if !problems.is_empty() {
        return Err(ApiError::invalid(problems));
    }
    let submission = Submission {
        session: SessionId(session),
        answers,
        metadata,
        version,
        is_partial,
    };
    Ok((key.map(PublicKey), submission))
}

fn uuid(fields: &mut Fields<'_>, name: &str) -> Option<Uuid> {
    let value = fields.value(name)?;
    let uuid = value.as_str().and_then(|text| text.parse().ok());
    if uuid.is_none() {
        fields.note(name, "problem_uuid");
    }
    uuid
}

fn object_of<'a>(fields: &mut Fields<'a>, name: &str) -> Option<&'a Map<String, Value>> {
    let value = fields.value(name)?;
    if !value.is_object() {
        fields.note(name, "problem_object");
    }
    value.as_object()
}
