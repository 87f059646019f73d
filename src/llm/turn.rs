//! One answer from the service: attempts, retries before the first token, time limits, and the verdict for the breaker.

use crate::domain::generation::Allowance;
use crate::domain::generation::GeneratorEvent;
use crate::domain::generation::Usage;
use crate::llm::GeneratorError;
use crate::llm::Stage;
use crate::llm::breaker::Pass;
use crate::llm::chunk::Chunk;
use crate::llm::openai::Service;
use crate::llm::request;
use crate::llm::transport::Failure;
use crate::llm::transport::Retry;
use async_openai::error::OpenAIError;
use futures::StreamExt;
use futures::stream;
use futures::stream::BoxStream;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use tokio::time::sleep;
use tokio::time::timeout_at;

/// The pause before the first retry; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
/// How long the count of tokens may come after the text.
const USAGE_PATIENCE: Duration = Duration::from_secs(1);
/// A server may refuse each of our three optional parameters once.
const MAX_ADAPTATIONS: u32 = 3;

pub struct Turn {
    service: Arc<Service>,
    messages: Value,
    allowance: Allowance,
    /// Present from the first poll to the verdict.
    pass: Option<Pass>,
    deadline: Instant,
    upstream: Option<Upstream>,
    retries: u32,
    adaptations: u32,
    has_text: bool,
    is_begun: bool,
    is_over: bool,
}

/// The response of one attempt.
struct Upstream {
    chunks: BoxStream<'static, Result<Chunk, OpenAIError>>,
    first_token_by: Instant,
    has_chunk: bool,
    /// Set once the text is whole: until then we wait for the usage.
    usage_by: Option<Instant>,
    usage: Option<Usage>,
}

impl Turn {
    pub fn new(service: Arc<Service>, messages: Value, allowance: Allowance) -> Turn {
        Turn {
            service,
            messages,
            allowance,
            pass: None,
            deadline: Instant::now(),
            upstream: None,
            retries: 0,
            adaptations: 0,
            has_text: false,
            is_begun: false,
            is_over: false,
        }
    }

    pub fn into_events(self) -> BoxStream<'static, Result<GeneratorEvent, GeneratorError>> {
        stream::unfold(
            self,
            |mut turn| async move { turn.next().await.map(|event| (event, turn)) },
        )
        .boxed()
    }

    async fn next(&mut self) -> Option<Result<GeneratorEvent, GeneratorError>> {
        if self.is_over {
            return None;
        }
        let event = self.advance().await;
        if matches!(event, Ok(GeneratorEvent::Delta(_))) {
            return Some(event);
        }
        self.is_over = true;
        self.upstream = None;
        match (self.pass.take(), &event) {
            (Some(pass), Ok(_)) => pass.succeeded(),
            // Our own defect says nothing about the service.
            (Some(_), Err(GeneratorError::Internal(_))) | (None, _) => {}
            (Some(pass), Err(_)) => pass.failed(Instant::now()),
        }
        Some(event)
    }

    async fn advance(&mut self) -> Result<GeneratorEvent, GeneratorError> {
        if !self.is_begun {
            self.is_begun = true;
            let now = Instant::now();
            let total = self.service.limits.total_timeout;
            self.deadline = now + total.saturating_sub(self.allowance.time_spent);
            self.pass = self.service.breaker.admit(now);
        }
        if self.pass.is_none() {
            return Err(GeneratorError::Unavailable);
        }
        loop {
            let failure = match self.attempt().await {
                Ok(event) => return Ok(event),
                Err(failure) => failure,
            };
            self.upstream = None;
            let Some(pause) = self.pause_before_retry(failure.retry) else {
                return Err(failure.error);
            };
            tracing::debug!(error = %failure.error, ?pause, "asking the model service again");
            sleep(pause).await;
        }
    }

    /// `None` when the failure stands.
    fn pause_before_retry(&mut self, retry: Retry) -> Option<Duration> {
        if self.has_text {
            return None;
        }
        if let Retry::Without(parameter) = retry {
            self.adaptations += 1;
            self.service.dialect.learn(parameter);
            return (self.adaptations <= MAX_ADAPTATIONS).then_some(Duration::ZERO);
        }
        let pause = match retry {
            Retry::After(pause) => pause,
            Retry::WithBackOff => FIRST_PAUSE.saturating_mul(1 << self.retries.min(8)),
            Retry::Never | Retry::Without(_) => return None,
        };
        self.retries += 1;
        let is_allowed = self.retries <= self.service.limits.max_retries && Instant::now() + pause < self.deadline;
        is_allowed.then_some(pause)
    }

    async fn attempt(&mut self) -> Result<GeneratorEvent, Failure> {
        let upstream = match &mut self.upstream {
            Some(upstream) => upstream,
            None => {
                let opened = open(&self.service, &self.messages, self.allowance, self.deadline).await?;
                self.upstream.insert(opened)
            }
        };
        loop {
            let chunk = upstream.next_chunk(&self.service, self.has_text, self.deadline).await?;
            let Some(chunk) = chunk else {
                if !self.has_text {
                    return Err(Failure::new(GeneratorError::Rubbish, Retry::Never));
                }
                return Ok(GeneratorEvent::Done { usage: upstream.usage });
            };
            if !chunk.text.is_empty() {
                self.has_text = true;
                return Ok(GeneratorEvent::Delta(chunk.text));
            }
        }
    }
}

async fn open(
    service: &Service,
    messages: &Value,
    allowance: Allowance,
    deadline: Instant,
) -> Result<Upstream, Failure> {
    let first_token_by = Instant::now() + service.limits.first_token_timeout;
    let sampling = service.sampling.within(allowance);
    let body = request::body(&service.model, messages, &sampling, &service.dialect);
    let chat = service.client.chat();
    let response = chat.create_stream_byot::<Value, Chunk>(body);
    let (limit, stage) = earlier((first_token_by, Stage::FirstToken), deadline);
    match timeout_at(limit, response).await {
        Ok(chunks) => Ok(Upstream {
            chunks: chunks?,
            first_token_by,
            has_chunk: false,
            usage_by: None,
            usage: None,
        }),
        Err(_) => Err(Failure::new(GeneratorError::TimedOut { stage }, Retry::Never)),
    }
}

impl Upstream {
    /// `None` when the answer is whole. Empty chunks are chunks.
    async fn next_chunk(
        &mut self,
        service: &Service,
        has_text: bool,
        deadline: Instant,
    ) -> Result<Option<Chunk>, Failure> {
        if let Some(usage_by) = self.usage_by {
            self.read_usage(usage_by.min(deadline)).await;
            return Ok(None);
        }
        let wait = if has_text {
            (Instant::now() + service.limits.idle_timeout, Stage::NextToken)
        } else {
            (self.first_token_by, Stage::FirstToken)
        };
        let (limit, stage) = earlier(wait, deadline);
        let Ok(chunk) = timeout_at(limit, self.chunks.next()).await else {
            return Err(Failure::new(GeneratorError::TimedOut { stage }, Retry::Never));
        };
        let Some(chunk) = chunk else {
            return Err(self.early_end());
        };
        let chunk = chunk?;
        self.has_chunk = true;
        if let Some(error) = chunk.error {
            let is_lasting = matches!(error, GeneratorError::Rejected { .. } | GeneratorError::Rubbish);
            let retry = if is_lasting { Retry::Never } else { Retry::WithBackOff };
            return Err(Failure::new(error, retry));
        }
        self.usage = chunk.usage.or(self.usage);
        if chunk.is_last {
            self.usage_by = Some(Instant::now() + USAGE_PATIENCE);
        }
        Ok(Some(chunk))
    }

    /// The answer is whole: whatever happens now, no usage is the worst of it.
    async fn read_usage(&mut self, limit: Instant) {
        while let Ok(Some(Ok(chunk))) = timeout_at(limit, self.chunks.next()).await {
            self.usage = chunk.usage.or(self.usage);
        }
    }

    fn early_end(&self) -> Failure {
        if self.has_chunk {
            Failure::new(GeneratorError::Cut, Retry::WithBackOff)
        } else {
            Failure::new(GeneratorError::Rubbish, Retry::Never)
        }
    }
}

fn earlier((limit, stage): (Instant, Stage), deadline: Instant) -> (Instant, Stage) {
    if deadline <= limit {
        (deadline, Stage::WholeAnswer)
    } else {
        (limit, stage)
    }
}
