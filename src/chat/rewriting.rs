//! A new wording, by the language model, of a question that leans on the conversation. It is only searched for: neither the
//! visitor nor the model that answers ever sees it, and whatever goes wrong with it, the question is searched as it would be without.

use crate::chat::small_talk::small_talk_reply;
use crate::domain::chat::PastTurn;
use crate::domain::generation::Allowance;
use crate::domain::generation::GeneratorEvent;
use crate::domain::generation::Prompt;
use crate::domain::language::Language;
use crate::llm::Generator;
use crate::llm::GeneratorError;
use crate::text::contacts::without_contacts;
use futures::StreamExt;
use regex::Regex;
use std::sync::Arc;
use std::sync::LazyLock;
use std::time::Duration;
use tokio::time::timeout;

/// Earlier turns that the model sees, and the characters of each side of one.
const TURNS: usize = 3;
const MAX_TURN_CHARS: usize = 500;
/// A longer message speaks for itself, and a longer wording is no question.
const MAX_CHARS: usize = 200;
/// Room for `MAX_CHARS` in Russian, of which two or three make a token.
const MAX_TOKENS: u32 = 100;

/// An address of any kind; also what only looks like one, because a question needs none.
static LINK: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(?i)://|www\.|@|\]\(|[\p{L}\d-]\.\p{L}{2,}").ok());

/// Whether the message may lean on something that was said before, and there is a model to ask.
pub fn may_rewrite(generator: &Generator, message: &str, history: &[PastTurn]) -> bool {
    matches!(generator, Generator::OpenAi(_))
        && !history.is_empty()
        && message.chars().count() <= MAX_CHARS
        && small_talk_reply(message).is_none()
}

/// The question as it would be asked without the conversation; `None` when the model fails, takes longer than `budget`, repeats the
/// question or returns anything but one short line of text. `prompt` is the question's `rewriting_prompt`. Dropping this ends the
/// request.
pub async fn rewrite(generator: &Generator, prompt: Arc<Prompt>, question: &str, budget: Duration) -> Option<String> {
    // Time that runs out here says nothing against the service: the answer is given far longer.
    let text = match timeout(budget, whole_text(generator, prompt)).await {
        Ok(Ok(text)) => text,
        Ok(Err(error)) => {
            tracing::warn!(%error, "could not word a question anew; searching it as it is");
            return None;
        }
        Err(_) => {
            tracing::warn!(?budget, "wording a question anew took too long; searching it as it is");
            return None;
        }
    };
    let wording = accepted(&text);
    if wording.is_none() {
        tracing::debug!("the new wording of a question is no question; searching it as it is");
    }
    wording.filter(|wording| wording != question.trim())
}

async fn whole_text(generator: &Generator, prompt: Arc<Prompt>) -> Result<String, GeneratorError> {
    let mut stream = generator.generate(prompt);
    let mut text = String::new();
    // Four bytes hold any character; what is longer than that is refused, so that no more needs to be read.
    while text.len() <= 4 * MAX_CHARS {
        match stream.next().await {
            Some(Ok(GeneratorEvent::Delta(delta))) => text.push_str(&delta),
            Some(Ok(GeneratorEvent::Done { .. })) => break,
            Some(Err(error)) => return Err(error),
            None => return Err(GeneratorError::Cut),
        }
    }
    Ok(text)
}

/// What the model is asked for a new wording; `question` holds no contacts.
///
/// The conversation goes as data into one message: as turns of its own, it would invite the model to go on with it.
pub fn rewriting_prompt(question: &str, history: &[PastTurn], language: Language) -> Prompt {
    let (system, visitor, assistant, last) = match language {
        Language::Ru => (
            include_str!("../../templates/rewrite_ru.txt"),
            "Покупатель",
            "Помощник",
            "Последнее сообщение покупателя",
        ),
        Language::En => (
            include_str!("../../templates/rewrite_en.txt"),
            "Shopper",
            "Assistant",
            "The shopper's last message",
        ),
    };
    let mut lines = Vec::new();
    for turn in history.iter().skip(history.len().saturating_sub(TURNS)) {
        for (speaker, text) in [(visitor, &turn.user_message), (assistant, &turn.assistant_answer)] {
            let said: String = in_one_line(&without_contacts(text))
                .chars()
                .take(MAX_TURN_CHARS)
                .collect();
            lines.push(format!("{speaker}: {said}"));
        }
    }
    lines.push(format!("{last}: {}", in_one_line(question)));
    Prompt {
        system: system.to_owned(),
        context: String::new(),
        fragments: Vec::new(),
        opening: None,
        history: Vec::new(),
        question: lines.join("\n"),
        language,
        allowance: Allowance {
            max_tokens: Some(MAX_TOKENS),
            ..Allowance::default()
        },
    }
}

fn in_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// One line of text that could be a question, without the quotes that models like to put around it.
fn accepted(text: &str) -> Option<String> {
    let mut line = text.trim();
    for (open, close) in [('«', '»'), ('"', '"'), ('“', '”'), ('\'', '\'')] {
        let inside = line.strip_prefix(open).and_then(|line| line.strip_suffix(close));
        line = inside
            .filter(|inside| !inside.contains([open, close]))
            .unwrap_or(line)
            .trim();
    }
    let is_short = line.chars().count() <= MAX_CHARS;
    let is_text = line.chars().any(char::is_alphanumeric) && !line.chars().any(char::is_control);
    let has_link = LINK.as_ref()?.is_match(line);
    (is_short && is_text && !has_link).then(|| line.to_owned())
}

#[cfg(test)]
mod tests {
    use super::MAX_CHARS;
    use super::accepted;
    use super::rewriting_prompt;
    use crate::domain::chat::PastTurn;
    use crate::domain::language::Language;

    #[test]
    fn one_line_is_a_wording() {
        for (text, expected) in [
            (
                " Сколько весит рюкзак «Тропа 30»?\n",
                "Сколько весит рюкзак «Тропа 30»?",
            ),
            ("«Есть палатка на двоих?»", "Есть палатка на двоих?"),
            ("\"How heavy is it, 2.5 kg?\"", "How heavy is it, 2.5 kg?"),
            ("«Бриз» и «Тропа»", "«Бриз» и «Тропа»"),
        ] {
            assert_eq!(accepted(text).as_deref(), Some(expected));
        }
    }

    #[test]
    fn anything_else_is_ignored() {
        let long = "рюкзак ".repeat(MAX_CHARS);
        for text in [
            "",
            " \n ",
            "?!",
            "Вот вопрос:\nсколько стоит доставка?",
            "смотрите https://evil.example",
            "купить на evil.example/pay",
            "[доставка](x)",
            "пишите a@b.ru",
            &long,
        ] {
            assert_eq!(accepted(text), None, "{text}");
        }
    }

    #[test]
    fn the_model_sees_the_last_turns_without_contacts() {
        let turn = |n: usize| PastTurn {
            user_message: format!("вопрос {n}, мой телефон 8 916 123-45-67"),
            assistant_answer: format!("ответ {n}\nи ещё строка"),
            language: Language::Ru,
            refused: false,
            citations: Vec::new(),
        };
        let prompt = rewriting_prompt("а второй?", &(1..=5).map(turn).collect::<Vec<_>>(), Language::Ru);
        assert!(!prompt.question.contains("916") && !prompt.question.contains("вопрос 2"));
        assert!(
            prompt.question.starts_with("Покупатель: вопрос 3"),
            "{}",
            prompt.question
        );
        assert!(
            prompt
                .question
                .ends_with("Помощник: ответ 5 и ещё строка\nПоследнее сообщение покупателя: а второй?")
        );
    }
}
