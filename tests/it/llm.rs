//! The generator against a service that misbehaves.

mod limits;

use crate::fake_openai::DEFAULT_ANSWER;
use crate::fake_openai::FakeOpenAi;
use crate::fake_openai::Mode;
use futures::StreamExt;
use palompy::domain::generation::Allowance;
use palompy::domain::generation::GeneratorEvent;
use palompy::domain::generation::Prompt;
use palompy::domain::generation::PromptTurn;
use palompy::domain::generation::Role;
use palompy::domain::generation::Usage;
use palompy::domain::language::Language;
use palompy::domain::secret::Secret;
use palompy::llm::Generator;
use palompy::llm::GeneratorError;
use palompy::llm::openai::OpenAi;
use palompy::llm::openai::OpenAiOptions;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

const LONG: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_millis(60);
const USAGE: Usage = Usage {
    prompt_tokens: 11,
    completion_tokens: 5,
};

fn options(base_url: String) -> OpenAiOptions {
    OpenAiOptions {
        api_key: Secret::new(" sk-test\n".to_owned()),
        base_url,
        model: "fake-model".to_owned(),
        proxy: None,
        connect_timeout: LONG,
        first_token_timeout: LONG,
        idle_timeout: LONG,
        total_timeout: LONG,
        max_retries: 0,
        max_answer_tokens: 300,
        temperature: 0.2,
    }
}

fn generator(options: OpenAiOptions) -> Generator {
    Generator::OpenAi(OpenAi::new(options).unwrap())
}

fn prompt() -> Arc<Prompt> {
    let turn = |role, text: &str| PromptTurn {
        role,
        text: text.to_owned(),
    };
    Arc::new(Prompt {
        system: "Отвечай по фрагментам.".to_owned(),
        context: "[Фрагмент 1] Доставка 290 ₽.".to_owned(),
        fragments: Vec::new(),
        opening: None,
        history: vec![turn(Role::Visitor, "Привет"), turn(Role::Assistant, "Здравствуйте!")],
        question: "Сколько стоит доставка?".to_owned(),
        language: Language::Ru,
        allowance: Allowance::default(),
    })
}

/// The text so far and how the stream ended.
async fn answer(generator: &Generator) -> (String, Result<Option<Usage>, GeneratorError>) {
    let mut events = generator.generate(prompt());
    let mut text = String::new();
    loop {
        match events.next().await.expect("a stream ends with done or an error") {
            Ok(GeneratorEvent::Delta(delta)) => {
                assert!(!delta.is_empty());
                text.push_str(&delta);
            }
            Ok(GeneratorEvent::Done { usage }) => {
                assert!(events.next().await.is_none());
                return (text, Ok(usage));
            }
            Err(error) => {
                assert!(events.next().await.is_none());
                return (text, Err(error));
            }
        }
    }
}

async fn answer_in(mode: Mode) -> (String, Result<Option<Usage>, GeneratorError>) {
    let fake = FakeOpenAi::start(mode).await;
    answer(&generator(options(fake.base_url()))).await
}

/// The error of a call that gave no text at all.
async fn error_in(mode: Mode) -> GeneratorError {
    let (text, end) = answer_in(mode).await;
    assert_eq!(text, "");
    end.expect_err("should have failed")
}

fn whole() -> (String, Result<Option<Usage>, GeneratorError>) {
    (DEFAULT_ANSWER.to_owned(), Ok(Some(USAGE)))
}

#[tokio::test]
async fn the_prompt_goes_out_and_the_answer_comes_in_parts() {
    let fake = FakeOpenAi::start(Mode::Ok).await;
    let generator = generator(options(format!(" {}// ", fake.base_url())));
    let events: Vec<_> = generator.generate(prompt()).collect().await;
    assert!(events.len() > 3, "{events:?}");
    assert_eq!(answer(&generator).await, whole());
    let expected = json!({
        "model": "fake-model",
        "stream": true,
        "stream_options": {"include_usage": true},
        "temperature": 0.2,
        "max_tokens": 300,
        "messages": [
            {"role": "system", "content": "Отвечай по фрагментам."},
            {"role": "system", "content": "[Фрагмент 1] Доставка 290 ₽."},
            {"role": "user", "content": "Привет"},
            {"role": "assistant", "content": "Здравствуйте!"},
            {"role": "user", "content": "Сколько стоит доставка?"},
        ],
    });
    assert_eq!(fake.requests(), [expected.clone(), expected]);
    assert_eq!(fake.keys(), ["Bearer sk-test", "Bearer sk-test"]);
    assert_eq!(generator.name(), "fake-model");
}

#[tokio::test]
async fn a_local_server_needs_no_key() {
    let fake = FakeOpenAi::start(Mode::Ok).await;
    let options = OpenAiOptions {
        api_key: Secret::new(String::new()),
        ..options(fake.base_url())
    };
    assert_eq!(answer(&generator(options)).await, whole());
    assert_eq!(fake.keys(), ["Bearer none"]);
}

#[tokio::test]
async fn requests_go_through_the_proxy() {
    let proxy = FakeOpenAi::start(Mode::Ok).await;
    let options = OpenAiOptions {
        proxy: Some(proxy.base_url()),
        ..options("http://model-service.invalid/v1".to_owned())
    };
    assert_eq!(answer(&generator(options)).await, whole());
}

#[tokio::test]
async fn the_habits_of_compatible_servers_are_understood() {
    assert_eq!(answer_in(Mode::Quirks).await, whole());
}

#[tokio::test]
async fn a_lie_is_passed_on_for_the_caller_to_judge() {
    assert_eq!(
        answer_in(Mode::Lying("Всё по 1 ₽".to_owned())).await,
        ("Всё по 1 ₽".to_owned(), Ok(Some(USAGE)))
    );
}

#[tokio::test]
async fn a_newer_model_is_asked_in_its_own_words_from_then_on() {
    let fake = FakeOpenAi::start(Mode::NewerModel).await;
    let generator = generator(options(fake.base_url()));
    assert_eq!(answer(&generator).await, whole());
    assert_eq!(answer(&generator).await, whole());
    let requests = fake.requests();
    assert_eq!(requests.len(), 4);
    let last = requests.last().unwrap();
    assert_eq!(last["max_completion_tokens"], 300);
    assert!(last.get("max_tokens").is_none() && last.get("temperature").is_none());
}

#[tokio::test]
async fn deltas_come_while_the_model_still_writes() {
    let fake = FakeOpenAi::start(Mode::Slow).await;
    fake.set_answer("раз два три");
    let generator = generator(options(fake.base_url()));
    let mut events = generator.generate(prompt());
    for delta in ["раз ", "два ", "три"] {
        let event = events.next().await.unwrap().unwrap();
        assert_eq!(event, GeneratorEvent::Delta(delta.to_owned()));
        fake.release(1);
    }
    assert_eq!(
        events.next().await,
        Some(Ok(GeneratorEvent::Done { usage: Some(USAGE) }))
    );
}

#[tokio::test]
async fn a_wrong_configuration_is_told_and_not_tried_again() {
    for status in [400, 401, 403, 404, 302] {
        let fake = FakeOpenAi::start(Mode::Status(status)).await;
        let options = OpenAiOptions {
            max_retries: 2,
            ..options(fake.base_url())
        };
        let (_, end) = answer(&generator(options)).await;
        assert_eq!(end, Err(GeneratorError::Rejected { status }));
        assert_eq!(fake.requests().len(), 1);
    }
}

#[tokio::test]
async fn failures_without_text_have_names() {
    assert_eq!(error_in(Mode::Status(500)).await, GeneratorError::Unavailable);
    assert_eq!(error_in(Mode::ErrorInStream).await, GeneratorError::Unavailable);
    assert_eq!(error_in(Mode::Html200).await, GeneratorError::Rubbish);
    assert_eq!(error_in(Mode::Raw(Vec::new())).await, GeneratorError::Rubbish);
    assert_eq!(
        error_in(Mode::Raw(b"\xef\xbb\xbf<p>hello</p>\n".to_vec())).await,
        GeneratorError::Rubbish
    );
    assert_eq!(
        error_in(Mode::Raw(b"\xff\xfe\0\0data".to_vec())).await,
        GeneratorError::Rubbish
    );
}

#[tokio::test]
async fn an_answer_without_text_is_rubbish() {
    let only_thoughts = r#"data: {"choices":[{"delta":{"reasoning":"hm"},"finish_reason":"length"}]}"#;
    let stream = format!("{only_thoughts}\n\ndata: [DONE]\n\n");
    assert_eq!(error_in(Mode::Raw(stream.into_bytes())).await, GeneratorError::Rubbish);
}

#[tokio::test]
async fn an_end_mark_alone_ends_an_answer() {
    let stream = "data: {\"choices\":[{\"delta\":{\"content\":\"да\"},\"finish_reason\":\"\"}]}\n\ndata: [DONE]\n\n";
    assert_eq!(
        answer_in(Mode::Raw(stream.as_bytes().to_vec())).await,
        ("да".to_owned(), Ok(None))
    );
}

#[tokio::test]
async fn a_stream_that_breaks_or_stops_early_is_cut() {
    for mode in [Mode::CutMidStream, Mode::EndEarly] {
        let expected = ("Ответ по ".to_owned(), Err(GeneratorError::Cut));
        assert_eq!(answer_in(mode.clone()).await, expected, "{mode:?}");
    }
}

#[tokio::test]
async fn rubbish_after_text_ends_the_answer_there() {
    assert_eq!(
        answer_in(Mode::InvalidJson).await,
        ("Ответ ".to_owned(), Err(GeneratorError::Rubbish))
    );
}

#[tokio::test]
async fn a_line_without_end_is_refused() {
    let mut line = b"data: {\"choices\":[{\"delta\":{\"content\":\"".to_vec();
    line.resize(1024 * 1024, b'x');
    assert_eq!(error_in(Mode::Raw(line)).await, GeneratorError::Rubbish);
}

#[tokio::test]
async fn a_visitor_who_leaves_ends_the_upstream_request() {
    let fake = FakeOpenAi::start(Mode::Slow).await;
    let generator = generator(options(fake.base_url()));
    let mut events = generator.generate(prompt());
    events.next().await.unwrap().unwrap();
    assert_eq!(fake.cancelled(), 0);
    drop(events);
    tokio::time::timeout(Duration::from_secs(1), fake.until_cancelled(1))
        .await
        .unwrap();

    fake.set_mode(Mode::Hang);
    let mut events = generator.generate(prompt());
    assert!(tokio::time::timeout(SHORT, events.next()).await.is_err());
    drop(events);
    tokio::time::timeout(Duration::from_secs(1), fake.until_cancelled(2))
        .await
        .unwrap();
}

#[tokio::test]
async fn errors_say_nothing_that_the_service_said() {
    let error = error_in(Mode::Status(500)).await;
    assert_eq!(error.to_string(), "the model service is unavailable");
}
