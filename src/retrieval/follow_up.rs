//! Completes a question that leans on what was said before: "а в синем есть?", "does it float?", "есть побольше?", "а второй?".
//!
//! No model is asked. What the conversation is about is the source that the last answer cited first.

use crate::domain::chat::Citation;
use crate::domain::chat::PastTurn;
use crate::domain::knowledge::SourceType;
use crate::retrieval::attributes::concept::is_color_term;
use crate::retrieval::attributes::concept::size_of;
use crate::retrieval::attributes::reading::Reading;
use crate::retrieval::attributes::reading::read;
use crate::retrieval::attributes::words::is_property_word;
use crate::text::normalize::normalize;
use crate::text::stem::stem;
use crate::text::terms::terms;
use crate::text::tokenize::words;

/// A question with more content words than this speaks for itself.
const MAX_LEANING_TERMS: usize = 4;
/// A question for another color, size or price has few words of its own.
const MAX_VARYING_WORDS: usize = 2;

const OPENINGS: &str = "а и ну или тогда and or but so what";
const POINTERS: &str = "он она оно они его ее их ему ей им нее него ней нем них этот эта это эти этого этой этом такой такая такое такие там \
                        it its they them their this that these those one ones";
/// "Ещё варианты", "anything else": others of the same kind.
const OTHERS: &str = "еще другой другие другая другое других другую варианты вариантов аналоги аналог похожие похожий альтернативы другого \
                      another other others else alternatives similar";

/// Words for a place in the list of sources that the last answer cited.
const ORDINALS: &[(usize, &str)] = &[
    (0, "первый первая первое первого первую первой first"),
    (1, "второй вторая второе второго вторую second"),
    (2, "третий третья третье третьего третью третьей third"),
    (3, "четвертый четвертая четвертое четвертого fourth"),
    (4, "пятый пятая пятое пятого fifth"),
];

/// One way to search for what a question means.
#[derive(Debug, Clone, PartialEq)]
pub struct Wording {
    /// What is searched for by words and meaning.
    pub text: String,
    /// What is asked of product rows; nothing is when absent.
    pub wishes: Option<Wishes>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Wishes {
    pub text: String,
    /// The source id of the product that others are compared with; its kind is asked for when the question names none.
    pub subject: Option<String>,
    /// Whether the subject itself is not wanted: "другие варианты".
    pub wants_others: bool,
}

impl Wording {
    /// A question that speaks for itself.
    pub fn plain(question: &str) -> Wording {
        Wording {
            text: question.to_owned(),
            wishes: Some(Wishes {
                text: question.to_owned(),
                subject: None,
                wants_others: false,
            }),
        }
    }

    /// A question about the one thing that was spoken of.
    fn about(question: &str, subject: &str) -> Wording {
        Wording {
            text: format!("{question} {subject}"),
            wishes: None,
        }
    }

    /// A question for things of the subject's kind.
    fn beside(question: &str, subject: &Citation, wants_others: bool) -> Wording {
        Wording {
            text: format!("{question} {}", subject.title),
            wishes: Some(Wishes {
                text: question.to_owned(),
                subject: Some(subject.source_id.clone()),
                wants_others,
            }),
        }
    }
}

/// The wordings to search for, in order; a later one is for when an earlier one finds nothing to answer from.
///
/// A leaning question is first tried together with what it leans on, then as it is; one about the shop's services the other way
/// round, because they are the same for all goods. A complete one is never completed: the subject would find itself and answer
/// what nobody asked.
pub fn standalone_questions(question: &str, history: &[PastTurn]) -> Vec<Wording> {
    let plain = Wording::plain(question);
    let Some(last) = history.iter().rev().find(|turn| !turn.refused) else {
        return vec![plain];
    };
    let normalized = normalize(question);
    if let Some(named) = ordinal(&normalized, &last.citations) {
        return vec![Wording::about(question, &named.title), plain];
    }
    let reading = read(question);
    let product = last
        .citations
        .first()
        .filter(|cited| cited.source_type == SourceType::Product);
    let leans = leans(question, &normalized, &reading);
    if let Some(subject) = product
        && (leans || is_short(&reading))
        && let Some(wants_others) = varies(&normalized, &reading)
    {
        return vec![Wording::beside(question, subject, wants_others), plain];
    }
    if !leans {
        return vec![plain];
    }
    let subject = last.citations.first().map_or(&last.user_message, |cited| &cited.title);
    let about = Wording::about(question, subject);
    if reading.service_terms.is_empty() || points(&normalized) {
        vec![about, plain]
    } else {
        vec![plain, about]
    }
}

/// The cited source that the question names by its place: "а второй?".
fn ordinal<'a>(normalized: &str, citations: &'a [Citation]) -> Option<&'a Citation> {
    if words(normalized).count() > MAX_LEANING_TERMS + 1 {
        return None;
    }
    let place = words(normalized).find_map(|word| {
        let found = ORDINALS.iter().find(|(_, forms)| holds(forms, word));
        found.map(|(place, _)| *place)
    });
    citations.get(place?)
}

/// Whether the question asks for another of the kind, and if so, whether the subject itself is not wanted.
fn varies(normalized: &str, reading: &Reading) -> Option<bool> {
    if !reading.service_terms.is_empty() || reading.asks_how {
        return None;
    }
    let asks_others = words(normalized).any(|word| holds(OTHERS, word));
    let is_variant = |word: &str, stem: &str| is_color_term(stem) || size_of(word).is_some();
    let asks_variant = reading.words.iter().any(|word| is_variant(&word.text, &word.stem));
    let own = reading
        .words
        .iter()
        .filter(|word| !is_variant(&word.text, &word.stem) && !holds(OTHERS, &word.text))
        .filter(|word| !is_property_word(&word.text, &word.stem));
    if own.count() > MAX_VARYING_WORDS {
        return None;
    }
    let is_compared = reading.comparison.is_some() || reading.order.is_some();
    let is_bounded = reading.bounds.iter().any(|bound| bound.is_comparison) || reading.is_discounted;
    (is_compared || is_bounded || asks_variant || asks_others).then_some(asks_others)
}

/// Whether the question has no words that could name something new.
fn is_short(reading: &Reading) -> bool {
    let own = reading
        .words
        .iter()
        .filter(|word| !is_color_term(&word.stem) && size_of(&word.text).is_none() && !holds(OTHERS, &word.text));
    own.filter(|word| !is_property_word(&word.text, &word.stem)).count() == 0
}

fn leans(question: &str, normalized: &str, reading: &Reading) -> bool {
    let opens = words(normalized).next().is_some_and(|word| holds(OPENINGS, word));
    let asks_property = is_short(reading)
        && reading.service_terms.is_empty()
        && words(normalized).any(|word| is_property_word(word, &stem(word)));
    (opens || points(normalized) || asks_property) && terms(question).len() <= MAX_LEANING_TERMS
}

fn points(normalized: &str) -> bool {
    words(normalized).any(|word| holds(POINTERS, word))
}

fn holds(list: &str, word: &str) -> bool {
    list.split_whitespace().any(|known| known == word)
}

#[cfg(test)]
mod tests {
    use super::standalone_questions;
    use crate::domain::chat::Citation;
    use crate::domain::chat::PastTurn;
    use crate::domain::knowledge::SourceType;
    use crate::domain::language::Language;

    fn cited(n: usize, title: &str) -> Citation {
        Citation {
            n,
            source_type: SourceType::Product,
            source_id: format!("{n}"),
            title: title.to_owned(),
            url: None,
            page: None,
            section: None,
        }
    }

    fn about(titles: &[&str]) -> Vec<PastTurn> {
        vec![PastTurn {
            user_message: "вопрос".to_owned(),
            assistant_answer: "ответ".to_owned(),
            language: Language::Ru,
            refused: false,
            citations: (1..).zip(titles).map(|(n, title)| cited(n, title)).collect(),
        }]
    }

    fn first(question: &str, titles: &[&str]) -> (String, Option<Option<String>>) {
        let wording = standalone_questions(question, &about(titles))
            .into_iter()
            .next()
            .unwrap();
        (wording.text, wording.wishes.map(|wishes| wishes.subject))
    }

    #[test]
    fn a_leaning_question_takes_its_subject_from_the_last_answer() {
        for question in [
            "а он скользит?",
            "Does it float?",
            "сколько стоит?",
            "какой вес?",
            "how much does it weigh?",
            "и из чего он?",
        ] {
            let (text, wishes) = first(question, &["Стул «Ольха»"]);
            assert_eq!(text, format!("{question} Стул «Ольха»"));
            assert_eq!(wishes, None, "{question}");
        }
    }

    #[test]
    fn another_color_size_or_price_is_asked_of_the_subjects_kind() {
        for question in [
            "а в синем есть?",
            "and in blue?",
            "есть побольше?",
            "а подешевле?",
            "what about under 50?",
            "а до 3000?",
            "ещё варианты",
            "anything cheaper?",
            "а самый лёгкий?",
            "в размере XL есть?",
        ] {
            let (_, wishes) = first(question, &["Стул «Ольха»"]);
            assert_eq!(wishes, Some(Some("1".to_owned())), "{question}");
        }
    }

    #[test]
    fn a_place_in_the_list_names_its_source() {
        let (text, _) = first("а второй?", &["Стул «Ольха»", "Стул «Клён»"]);
        assert_eq!(text, "а второй? Стул «Клён»");
        let (text, _) = first("what about the second one?", &["Oak chair", "Maple chair"]);
        assert_eq!(text, "what about the second one? Maple chair");
    }

    #[test]
    fn a_change_of_topic_does_not_lean_first() {
        for question in ["а доставка?", "а доставка сколько стоит?", "and the warranty?"]
        {
            assert_eq!(first(question, &["Стул «Ольха»"]).0, question);
        }
    }

    #[test]
    fn a_complete_question_speaks_for_itself() {
        for question in [
            "Кто президент Франции?",
            "какие столы есть до 5000?",
            "red sofa under 300",
            "как оформить возврат товара",
        ] {
            let wordings = standalone_questions(question, &about(&["Рюкзак"]));
            assert_eq!(wordings.len(), 1, "{question}");
            assert_eq!(wordings.first().unwrap().text, question);
        }
    }
}
