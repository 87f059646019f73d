//! Sends one request for async-openai and tells what may be done when it fails. Replaces the client's own sending, which
//! retries by itself, reads error bodies of any size and hides `Retry-After`.

use crate::llm::GeneratorError;
use crate::llm::Stage;
use crate::llm::request::Parameter;
use crate::llm::request::refused_parameter;
use crate::llm::sse::ChunkLines;
use async_openai::error::OpenAIError;
use async_openai::middleware::HttpRequestFactory;
use futures::StreamExt;
use http::StatusCode;
use http::header::AUTHORIZATION;
use http::header::CONTENT_TYPE;
use http::header::HeaderMap;
use http::header::HeaderValue;
use http::header::RETRY_AFTER;
use reqwest::Body;
use reqwest::Client;
use reqwest::Response;
use std::error::Error;
use std::time::Duration;

/// A longer wait than this is not worth it while a visitor looks on.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(10);
const MAX_ERROR_BODY_BYTES: usize = 16 * 1024;

#[derive(Debug, thiserror::Error)]
#[error("{error}")]
pub struct Failure {
    pub error: GeneratorError,
    pub retry: Retry,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    Never,
    WithBackOff,
    After(Duration),
    Without(Parameter),
}

impl Failure {
    pub fn new(error: GeneratorError, retry: Retry) -> Failure {
        Failure { error, retry }
    }
}

impl From<OpenAIError> for Failure {
    fn from(error: OpenAIError) -> Failure {
        match error {
            OpenAIError::Boxed(error) => match error.downcast::<Failure>() {
                Ok(failure) => *failure,
                Err(_) => Failure::new(GeneratorError::Internal("unknown transport error"), Retry::Never),
            },
            OpenAIError::Reqwest(error) => failure_to_send(&error),
            OpenAIError::StreamError(_) => Failure::new(GeneratorError::Cut, Retry::WithBackOff),
            OpenAIError::JSONDeserialize(..) | OpenAIError::ApiError(_) => {
                Failure::new(GeneratorError::Rubbish, Retry::Never)
            }
            _ => Failure::new(GeneratorError::Internal("could not build the request"), Retry::Never),
        }
    }
}

/// A response that holds nothing but readable chunks, or a `Failure`.
pub async fn send(http: Client, factory: HttpRequestFactory) -> Result<Response, Box<dyn Error + Send + Sync>> {
    let mut request = factory.build().await?;
    if let Some(key) = request.headers_mut().get_mut(AUTHORIZATION) {
        key.set_sensitive(true);
    }
    let response = http.execute(request).await.map_err(|error| failure_to_send(&error))?;
    if response.status() != StatusCode::OK {
        return Err(refusal(response).await.into());
    }
    if !may_be_stream(response.headers()) {
        return Err(Failure::new(GeneratorError::Rubbish, Retry::Never).into());
    }
    let mut lines = ChunkLines::default();
    let chunks = response
        .bytes_stream()
        .map(move |bytes| bytes.map(|bytes| lines.push(&bytes)));
    Ok(Response::from(http::Response::new(Body::wrap_stream(chunks))))
}

fn failure_to_send(error: &reqwest::Error) -> Failure {
    if error.is_timeout() {
        return Failure::new(GeneratorError::TimedOut { stage: Stage::Connect }, Retry::Never);
    }
    if error.is_builder() {
        return Failure::new(GeneratorError::Internal("could not build the request"), Retry::Never);
    }
    Failure::new(GeneratorError::Unavailable, Retry::WithBackOff)
}

/// Some servers name no type, or a wrong one; a page or a plain JSON document is certainly no stream.
fn may_be_stream(headers: &HeaderMap) -> bool {
    let media_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = media_type.unwrap_or_default().to_ascii_lowercase();
    !media_type.starts_with("text/html") && !media_type.starts_with("application/json")
}

async fn refusal(response: Response) -> Failure {
    let status = response.status();
    let retry = retry_after(response.headers());
    match status.as_u16() {
        429 => {
            // A used-up quota stays used up: asking again only keeps the visitor waiting.
            let has_quota = !beginning_of(response).await.contains("insufficient_quota");
            Failure::new(
                GeneratorError::RateLimited,
                if has_quota { retry } else { Retry::Never },
            )
        }
        408 | 409 | 500.. => Failure::new(GeneratorError::Unavailable, retry),
        status @ (400 | 422) => {
            let parameter = refused_parameter(&beginning_of(response).await);
            let retry = parameter.map_or(Retry::Never, Retry::Without);
            Failure::new(GeneratorError::Rejected { status }, retry)
        }
        status => Failure::new(GeneratorError::Rejected { status }, Retry::Never),
    }
}

fn retry_after(headers: &HeaderMap) -> Retry {
    let number = |value: &HeaderValue| value.to_str().ok()?.trim().parse::<f64>().ok();
    let milliseconds = headers.get("retry-after-ms").and_then(number);
    let seconds = headers.get(RETRY_AFTER).and_then(number);
    let seconds = milliseconds.map(|milliseconds| milliseconds / 1000.0).or(seconds);
    match seconds.map(Duration::try_from_secs_f64) {
        Some(Ok(pause)) if pause <= MAX_RETRY_AFTER => Retry::After(pause),
        Some(Ok(_)) => Retry::Never,
        // Absent, negative, or a date, which we would have to trust the other clock for.
        Some(Err(_)) | None => Retry::WithBackOff,
    }
}

async fn beginning_of(mut response: Response) -> String {
    let mut body = Vec::new();
    while body.len() < MAX_ERROR_BODY_BYTES {
        match response.chunk().await {
            Ok(Some(bytes)) => body.extend_from_slice(&bytes),
            Ok(None) | Err(_) => break,
        }
    }
    String::from_utf8_lossy(&body).into_owned()
}

#[cfg(test)]
mod tests {
    use super::Retry;
    use super::may_be_stream;
    use super::retry_after;
    use http::HeaderMap;
    use std::time::Duration;

    fn headers(name: &'static str, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(http::HeaderName::from_static(name), value.parse().unwrap())])
    }

    #[test]
    fn a_short_retry_after_is_obeyed_and_a_long_one_ends_the_waiting() {
        let cases = [
            ("retry-after", "2", Retry::After(Duration::from_secs(2))),
            ("retry-after", "10", Retry::After(Duration::from_secs(10))),
            ("retry-after", "11", Retry::Never),
            ("retry-after", "-1", Retry::WithBackOff),
            ("retry-after", "Fri, 31 Dec 1999 23:59:59 GMT", Retry::WithBackOff),
            ("retry-after-ms", "250", Retry::After(Duration::from_millis(250))),
        ];
        for (name, value, expected) in cases {
            assert_eq!(retry_after(&headers(name, value)), expected, "{name}: {value}");
        }
        assert_eq!(retry_after(&HeaderMap::new()), Retry::WithBackOff);
    }

    #[test]
    fn pages_and_documents_are_no_streams() {
        assert!(may_be_stream(&HeaderMap::new()));
        assert!(may_be_stream(&headers(
            "content-type",
            "text/event-stream; charset=utf-8"
        )));
        assert!(!may_be_stream(&headers("content-type", "Text/HTML")));
        assert!(!may_be_stream(&headers("content-type", "application/json")));
    }
}
