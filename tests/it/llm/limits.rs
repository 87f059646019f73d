//! How long, how often and in spite of what a service is asked.

use crate::fake_openai::FakeOpenAi;
use crate::fake_openai::Mode;
use crate::llm::SHORT;
use crate::llm::answer;
use crate::llm::generator;
use crate::llm::options;
use crate::llm::whole;
use palompy::llm::GeneratorError;
use palompy::llm::Stage;
use palompy::llm::openai::OpenAiOptions;
use std::time::Duration;
use std::time::Instant;
use tokio::net::TcpListener;

#[tokio::test]
async fn a_busy_service_is_asked_again_when_it_says_so() {
    let fake = FakeOpenAi::start(Mode::Ok).await;
    fake.set_modes([Mode::RateLimited("0"), Mode::RateLimited("0.05"), Mode::Ok]);
    let options = OpenAiOptions {
        max_retries: 2,
        ..options(fake.base_url())
    };
    assert_eq!(answer(&generator(options)).await, whole());
    assert_eq!(fake.requests().len(), 3);
}

#[tokio::test]
async fn nobody_waits_for_a_long_retry_after_or_an_empty_purse() {
    for mode in [Mode::RateLimited("11"), Mode::QuotaUsedUp] {
        let fake = FakeOpenAi::start(mode).await;
        let options = OpenAiOptions {
            max_retries: 5,
            ..options(fake.base_url())
        };
        assert_eq!(answer(&generator(options)).await.1, Err(GeneratorError::RateLimited));
        assert_eq!(fake.requests().len(), 1);
    }
}

#[tokio::test]
async fn a_server_error_is_survived_by_one_retry() {
    let fake = FakeOpenAi::start(Mode::Ok).await;
    fake.set_modes([Mode::Status(500), Mode::Ok]);
    let options = OpenAiOptions {
        max_retries: 1,
        ..options(fake.base_url())
    };
    assert_eq!(answer(&generator(options)).await, whole());
}

#[tokio::test]
async fn retries_are_counted() {
    let fake = FakeOpenAi::start(Mode::RateLimited("0")).await;
    let options = OpenAiOptions {
        max_retries: 2,
        ..options(fake.base_url())
    };
    assert_eq!(answer(&generator(options)).await.1, Err(GeneratorError::RateLimited));
    assert_eq!(fake.requests().len(), 3);
}

#[tokio::test]
async fn no_pause_outlasts_the_whole_answer() {
    let fake = FakeOpenAi::start(Mode::RateLimited("9")).await;
    let options = OpenAiOptions {
        max_retries: 2,
        total_timeout: Duration::from_secs(5),
        ..options(fake.base_url())
    };
    let begun = Instant::now();
    assert_eq!(answer(&generator(options)).await.1, Err(GeneratorError::RateLimited));
    assert!(begun.elapsed() < Duration::from_secs(4));
}

#[tokio::test]
async fn nothing_is_asked_twice_after_the_first_token() {
    let fake = FakeOpenAi::start(Mode::CutMidStream).await;
    let options = OpenAiOptions {
        max_retries: 2,
        ..options(fake.base_url())
    };
    assert_eq!(answer(&generator(options)).await.1, Err(GeneratorError::Cut));
    assert_eq!(fake.requests().len(), 1);
}

#[tokio::test]
async fn a_silent_service_costs_the_first_token_limit() {
    let fake = FakeOpenAi::start(Mode::Hang).await;
    let options = OpenAiOptions {
        first_token_timeout: SHORT,
        max_retries: 2,
        ..options(fake.base_url())
    };
    let stage = Stage::FirstToken;
    assert_eq!(
        answer(&generator(options)).await.1,
        Err(GeneratorError::TimedOut { stage })
    );
    assert_eq!(fake.requests().len(), 1);
    fake.until_cancelled(1).await;
}

#[tokio::test]
async fn a_stalled_answer_costs_the_idle_limit() {
    let fake = FakeOpenAi::start(Mode::Slow).await;
    let options = OpenAiOptions {
        idle_timeout: SHORT,
        ..options(fake.base_url())
    };
    let (text, end) = answer(&generator(options)).await;
    let stage = Stage::NextToken;
    assert_eq!(
        (text.as_str(), end),
        ("Ответ ", Err(GeneratorError::TimedOut { stage }))
    );
    fake.until_cancelled(1).await;
}

#[tokio::test]
async fn everything_together_has_its_limit() {
    let fake = FakeOpenAi::start(Mode::Slow).await;
    let options = OpenAiOptions {
        total_timeout: SHORT,
        ..options(fake.base_url())
    };
    let stage = Stage::WholeAnswer;
    assert_eq!(
        answer(&generator(options)).await.1,
        Err(GeneratorError::TimedOut { stage })
    );
}

#[tokio::test]
async fn a_connection_that_is_never_made_costs_the_connect_limit() {
    // Accepted by the kernel, but nobody ever answers the TLS greeting.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let options = OpenAiOptions {
        connect_timeout: SHORT,
        ..options(format!("https://{}/v1", listener.local_addr().unwrap()))
    };
    let stage = Stage::Connect;
    assert_eq!(
        answer(&generator(options)).await.1,
        Err(GeneratorError::TimedOut { stage })
    );
}

#[tokio::test]
async fn a_closed_port_is_unavailable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
    drop(listener);
    assert_eq!(
        answer(&generator(options(base_url))).await.1,
        Err(GeneratorError::Unavailable)
    );
}

#[tokio::test]
async fn a_dead_service_is_left_alone_for_a_while() {
    let fake = FakeOpenAi::start(Mode::Status(503)).await;
    let generator = generator(options(fake.base_url()));
    for _ in 0..8 {
        assert_eq!(answer(&generator).await.1, Err(GeneratorError::Unavailable));
    }
    assert_eq!(fake.requests().len(), 5);
    assert_eq!(answer(&generator.clone()).await.1, Err(GeneratorError::Unavailable));
    assert_eq!(fake.requests().len(), 5);
}
