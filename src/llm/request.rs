//! The request body, and the parameters that a particular server turned out not to know.

use crate::domain::generation::Allowance;
use crate::domain::generation::Prompt;
use crate::domain::generation::Role;
use serde_json::Value;
use serde_json::json;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

/// What a server may refuse by name in a 400 answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parameter {
    MaxTokens,
    Temperature,
    StreamOptions,
    ResponseFormat,
}

/// What has been learned about a server. Starts with what nearly all of them understand.
#[derive(Default)]
pub struct Dialect {
    names_completion_tokens: AtomicBool,
    fixes_temperature: AtomicBool,
    lacks_stream_options: AtomicBool,
    lacks_response_format: AtomicBool,
}

impl Dialect {
    /// Remembers that `parameter` was refused.
    pub fn learn(&self, parameter: Parameter) {
        let known = match parameter {
            Parameter::MaxTokens => &self.names_completion_tokens,
            Parameter::Temperature => &self.fixes_temperature,
            Parameter::StreamOptions => &self.lacks_stream_options,
            Parameter::ResponseFormat => &self.lacks_response_format,
        };
        known.store(true, Ordering::Relaxed);
    }
}

/// The numbers of `OpenAiOptions` that go into each request.
pub struct Sampling {
    pub max_answer_tokens: u32,
    pub temperature: f32,
    /// As in `Allowance`.
    pub schema: Option<&'static str>,
}

impl Sampling {
    pub fn within(&self, allowance: Allowance) -> Sampling {
        let most = allowance.max_tokens.unwrap_or(u32::MAX);
        Sampling {
            max_answer_tokens: self.max_answer_tokens.min(most),
            temperature: self.temperature,
            schema: allowance.schema,
        }
    }
}

pub fn messages(prompt: &Prompt) -> Value {
    let mut messages = vec![json!({"role": "system", "content": prompt.system})];
    if !prompt.context.is_empty() {
        messages.push(json!({"role": "system", "content": prompt.context}));
    }
    for turn in &prompt.history {
        let role = match turn.role {
            Role::Visitor => "user",
            Role::Assistant => "assistant",
        };
        messages.push(json!({"role": role, "content": turn.text}));
    }
    messages.push(json!({"role": "user", "content": prompt.question}));
    Value::Array(messages)
}

pub fn body(model: &str, messages: &Value, sampling: &Sampling, dialect: &Dialect) -> Value {
    let mut body = json!({"model": model, "messages": messages, "stream": true});
    let Some(fields) = body.as_object_mut() else {
        return body;
    };
    // Newer OpenAI models accept only the long name, many compatible servers know only the short one.
    let limit_name = if dialect.names_completion_tokens.load(Ordering::Relaxed) {
        "max_completion_tokens"
    } else {
        "max_tokens"
    };
    fields.insert(limit_name.to_owned(), json!(sampling.max_answer_tokens));
    if !dialect.fixes_temperature.load(Ordering::Relaxed) {
        // Through text, or 0.2 would go out as 0.20000000298.
        let temperature: f64 = sampling.temperature.to_string().parse().unwrap_or_default();
        fields.insert("temperature".to_owned(), json!(temperature));
    }
    if !dialect.lacks_stream_options.load(Ordering::Relaxed) {
        fields.insert("stream_options".to_owned(), json!({"include_usage": true}));
    }
    let schema = sampling
        .schema
        .and_then(|text| serde_json::from_str::<Value>(text).ok());
    if let Some(schema) = schema.filter(|_| !dialect.lacks_response_format.load(Ordering::Relaxed)) {
        let format =
            json!({"type": "json_schema", "json_schema": {"name": "answer", "strict": true, "schema": schema}});
        fields.insert("response_format".to_owned(), format);
    }
    body
}

/// Which of our parameters the body of a 400 answer complains about.
pub fn refused_parameter(answer: &str) -> Option<Parameter> {
    let error = serde_json::from_str::<Value>(answer).ok()?;
    let field = |name: &str| error.pointer(&format!("/error/{name}")).and_then(Value::as_str);
    let message = field("message").unwrap_or_default();
    // A limit that is too large for the model is also about `max_tokens`, but another name would not help there.
    let is_about_max_tokens = message.contains("max_completion_tokens") && message.contains("max_tokens");
    match field("param").unwrap_or_default() {
        "max_tokens" if is_about_max_tokens => Some(Parameter::MaxTokens),
        "temperature" => Some(Parameter::Temperature),
        "stream_options" => Some(Parameter::StreamOptions),
        param if param.starts_with("response_format") => Some(Parameter::ResponseFormat),
        _ if is_about_max_tokens => Some(Parameter::MaxTokens),
        _ if message.contains("stream_options") => Some(Parameter::StreamOptions),
        _ if message.contains("response_format") || message.contains("json_schema") => Some(Parameter::ResponseFormat),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::Dialect;
    use super::Parameter;
    use super::Sampling;
    use super::body;
    use super::refused_parameter;
    use serde_json::json;

    const SAMPLING: Sampling = Sampling {
        max_answer_tokens: 300,
        temperature: 0.2,
        schema: None,
    };

    #[test]
    fn a_request_speaks_the_common_dialect_first() {
        let request = body("m", &json!([]), &SAMPLING, &Dialect::default());
        let expected = json!({"model": "m", "messages": [], "stream": true, "max_tokens": 300, "temperature": 0.2,
            "stream_options": {"include_usage": true}});
        assert_eq!(request, expected);
    }

    #[test]
    fn a_schema_is_asked_for_until_a_server_refuses_it() {
        let sampling = Sampling {
            schema: Some(r#"{"type": "object"}"#),
            ..SAMPLING
        };
        let dialect = Dialect::default();
        let request = body("m", &json!([]), &sampling, &dialect);
        assert_eq!(
            request["response_format"]["json_schema"]["schema"],
            json!({"type": "object"})
        );
        let refusals = [
            r#"{"error":{"message":"Invalid parameter","param":"response_format"}}"#,
            r#"{"error":{"message":"'response_format.type' must be 'text' or 'json_object'"}}"#,
        ];
        for refusal in refusals {
            assert_eq!(refused_parameter(refusal), Some(Parameter::ResponseFormat), "{refusal}");
        }
        dialect.learn(Parameter::ResponseFormat);
        assert!(
            body("m", &json!([]), &sampling, &dialect)
                .get("response_format")
                .is_none()
        );
    }

    #[test]
    fn what_a_server_refused_is_not_sent_again() {
        let dialect = Dialect::default();
        for parameter in [Parameter::MaxTokens, Parameter::Temperature, Parameter::StreamOptions] {
            dialect.learn(parameter);
        }
        let request = body("m", &json!([]), &SAMPLING, &dialect);
        assert_eq!(
            request,
            json!({"model": "m", "messages": [], "stream": true, "max_completion_tokens": 300})
        );
    }

    #[test]
    fn a_refusal_names_its_parameter() {
        let newer_model = r#"{"error":{"message":"Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.","param":"max_tokens"}}"#;
        assert_eq!(refused_parameter(newer_model), Some(Parameter::MaxTokens));
        let too_large = r#"{"error":{"message":"max_tokens is too large: 99999","param":"max_tokens"}}"#;
        assert_eq!(refused_parameter(too_large), None);
        let temperature = r#"{"error":{"message":"Unsupported value","param":"temperature"}}"#;
        assert_eq!(refused_parameter(temperature), Some(Parameter::Temperature));
        assert_eq!(refused_parameter("<html>"), None);
    }
}
