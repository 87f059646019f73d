//! One chunk of a streamed chat completion, read from the many shapes that compatible servers send.

use crate::domain::generation::Usage;
use crate::llm::GeneratorError;
use serde::Deserialize;
use serde::Deserializer;
use serde_json::Value;

/// What a chunk says. Missing and unknown fields are normal: every server differs in them.
#[derive(Debug, Default, PartialEq)]
pub struct Chunk {
    /// The text of the first choice, possibly empty. Reasoning is not text.
    pub text: String,
    pub is_last: bool,
    pub usage: Option<Usage>,
    /// An error object inside a stream that began as a success.
    pub error: Option<GeneratorError>,
}

/// What `sse` puts before `[DONE]`, which async-openai swallows.
pub const END_MARK: &str = r#"{"object":"palompy.end"}"#;
/// What `sse` puts in place of anything that is no chunk.
pub const RUBBISH_MARK: &str = r#"{"object":"palompy.rubbish"}"#;

impl<'de> Deserialize<'de> for Chunk {
    /// Fails only when the data is no JSON at all.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Chunk, D::Error> {
        Value::deserialize(deserializer).map(|value| Chunk::read(&value))
    }
}

impl Chunk {
    fn read(value: &Value) -> Chunk {
        let object = value.get("object").and_then(Value::as_str).unwrap_or_default();
        let error = if object == "palompy.rubbish" {
            Some(GeneratorError::Rubbish)
        } else {
            error_of(value)
        };
        if let Some(error) = error {
            return Chunk {
                error: Some(error),
                ..Chunk::default()
            };
        }
        let choice = value.pointer("/choices/0").unwrap_or(&Value::Null);
        let text = choice
            .pointer("/delta/content")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let finish_reason = choice.get("finish_reason").and_then(Value::as_str).unwrap_or_default();
        Chunk {
            text: text.to_owned(),
            is_last: !finish_reason.is_empty() || object == "palompy.end",
            usage: value.get("usage").and_then(usage_of),
            error: (finish_reason == "error").then_some(GeneratorError::Unavailable),
        }
    }
}

/// `None` for `null`, `{}` and anything else without both counts.
fn usage_of(value: &Value) -> Option<Usage> {
    let count = |key| {
        value
            .get(key)
            .and_then(Value::as_u64)
            .map(|n| n.try_into().unwrap_or(u32::MAX))
    };
    Some(Usage {
        prompt_tokens: count("prompt_tokens")?,
        completion_tokens: count("completion_tokens")?,
    })
}

/// Either `{"error": …}` or the bare `{"object": "error", …}` that some servers send.
fn error_of(value: &Value) -> Option<GeneratorError> {
    let is_bare = value.get("object").and_then(Value::as_str) == Some("error");
    let error = if is_bare {
        value
    } else {
        value.get("error").filter(|error| !error.is_null())?
    };
    let status = ["code", "status"]
        .into_iter()
        .filter_map(|key| error.get(key))
        .find_map(|code| code.as_u64().or_else(|| code.as_str()?.parse().ok()));
    Some(match status {
        Some(429) => GeneratorError::RateLimited,
        Some(status @ (400 | 401 | 403 | 404)) => GeneratorError::Rejected {
            status: u16::try_from(status).unwrap_or_default(),
        },
        _ if names_rate_limit(error) => GeneratorError::RateLimited,
        _ => GeneratorError::Unavailable,
    })
}

fn names_rate_limit(error: &Value) -> bool {
    ["code", "type"]
        .into_iter()
        .filter_map(|key| error.get(key).and_then(Value::as_str))
        .any(|name| name.contains("rate_limit") || name.contains("insufficient_quota"))
}

#[cfg(test)]
mod tests {
    use super::Chunk;
    use super::END_MARK;
    use crate::domain::generation::Usage;
    use crate::llm::GeneratorError;

    fn chunk(json: &str) -> Chunk {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn text_is_read_whatever_else_is_missing_or_strange() {
        let shapes = [
            r#"{"choices":[{"delta":{"content":"да"},"finish_reason":null}]}"#,
            r#"{"id":null,"choices":[{"delta":{"content":"да"},"finish_reason":""}],"usage":{}}"#,
            r#"{"service_tier":"on_demand","timings":{},"choices":[{"index":0,"delta":{"role":"assistant","content":"да"}}],"usage":null,"error":null}"#,
        ];
        for shape in shapes {
            let expected = Chunk {
                text: "да".to_owned(),
                ..Chunk::default()
            };
            assert_eq!(chunk(shape), expected, "{shape}");
        }
    }

    #[test]
    fn any_named_finish_reason_ends_the_answer() {
        for reason in ["stop", "length", "eos", "end"] {
            assert!(
                chunk(&format!(
                    r#"{{"choices":[{{"delta":{{}},"finish_reason":"{reason}"}}]}}"#
                ))
                .is_last
            );
        }
        assert!(chunk(END_MARK).is_last);
        assert!(!chunk(r#"{"choices":[{"delta":{},"finish_reason":""}]}"#).is_last);
    }

    #[test]
    fn usage_comes_with_empty_choices_and_only_when_whole() {
        let usage =
            chunk(r#"{"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":3,"total_tokens":10}}"#).usage;
        assert_eq!(
            usage,
            Some(Usage {
                prompt_tokens: 7,
                completion_tokens: 3
            })
        );
        assert_eq!(chunk(r#"{"choices":[],"usage":{"prompt_tokens":7}}"#).usage, None);
    }

    #[test]
    fn reasoning_is_not_part_of_the_answer() {
        assert_eq!(
            chunk(r#"{"choices":[{"delta":{"reasoning_content":"hm","content":null}}]}"#),
            Chunk::default()
        );
    }

    #[test]
    fn an_error_inside_the_stream_is_told_apart() {
        let cases = [
            (r#"{"error":{"message":"x","code":429}}"#, GeneratorError::RateLimited),
            (
                r#"{"error":{"type":"rate_limit_exceeded"}}"#,
                GeneratorError::RateLimited,
            ),
            (r#"{"error":{"code":"404"}}"#, GeneratorError::Rejected { status: 404 }),
            (r#"{"object":"error","code":500}"#, GeneratorError::Unavailable),
            (r#"{"error":"overloaded"}"#, GeneratorError::Unavailable),
            (
                r#"{"choices":[{"finish_reason":"error"}]}"#,
                GeneratorError::Unavailable,
            ),
        ];
        for (json, expected) in cases {
            assert_eq!(chunk(json).error, Some(expected), "{json}");
        }
        assert_eq!(chunk("[1]"), Chunk::default());
    }
}
