//! What the widget's configuration tells of the survey that is shown, so that it loads the rest only when the survey matches.

use crate::domain::survey::Survey;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(rename_all = "camelCase")]
pub struct WidgetSurvey {
    id: i64,
    version: u32,
    /// `afterMessages`, `afterVote`, `exitIntent`, `urlPattern`, `delaySeconds`.
    #[schema(value_type = Object)]
    triggers: Value,
    /// The share of visitors who are asked, 0 to 1.
    share: f64,
    once_per_visitor: bool,
    /// Days since the widget last asked this visitor for anything.
    pause_days: u32,
}

impl WidgetSurvey {
    pub fn of(survey: &Survey) -> anyhow::Result<WidgetSurvey> {
        let definition = &survey.definition;
        Ok(WidgetSurvey {
            id: survey.id.0,
            version: survey.version,
            triggers: serde_json::to_value(&definition.triggers)?,
            share: definition.share,
            once_per_visitor: definition.once_per_visitor,
            pause_days: definition.pause_days,
        })
    }
}
