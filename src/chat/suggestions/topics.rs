//! What every shopper may ask of a shop: delivery, returns, payment. Each topic has the question by which the shop itself answers it.

use crate::chat::suggestions::fits;
use crate::domain::knowledge::SourceType;
use crate::domain::language::Language;
use crate::i18n::sentence;
use crate::store::titles::SourceTitle;
use crate::text::language::language_of;
use crate::text::terms::terms;
use std::collections::BTreeSet;

/// The words of a topic, and the question for a shop that has a policy of it and no frequent question. In the order in which they
/// are offered.
const TOPICS: &[(&str, &str)] = &[
    (
        "доставка доставляете доставить привезёте delivery deliver shipping ship",
        "suggest_delivery",
    ),
    (
        "возврат вернуть обмен обменять return returns refund exchange",
        "suggest_returns",
    ),
    ("оплата оплатить payment pay", "suggest_payment"),
    ("гарантия гарантийный warranty guarantee", "suggest_guarantee"),
];

/// The general questions of one shop.
#[derive(Debug, Default)]
pub struct Topics {
    questions: Vec<TopicQuestion>,
}

#[derive(Debug)]
struct TopicQuestion {
    language: Language,
    words: Vec<String>,
    text: String,
}

impl Topics {
    /// Of a shop's frequent questions the shortest that names the topic speaks for it, ties by their order; then a policy.
    pub fn new(titles: &[SourceTitle]) -> Topics {
        let titles: Vec<(&SourceTitle, Vec<String>)> =
            titles.iter().map(|title| (title, terms(&title.title))).collect();
        let mut questions = Vec::new();
        for language in Language::ALL {
            for (words, key) in TOPICS {
                let words = terms(words);
                let text = question(&titles, &words, language, key);
                questions.extend(text.map(|text| TopicQuestion { language, words, text }));
            }
        }
        Topics { questions }
    }

    /// The questions in this language whose topics none of the terms belongs to.
    pub fn questions<'a>(
        &'a self,
        language: Language,
        spoken_of: &'a BTreeSet<String>,
    ) -> impl Iterator<Item = String> + 'a {
        let open = move |question: &&TopicQuestion| {
            question.language == language && !question.words.iter().any(|word| spoken_of.contains(word))
        };
        self.questions.iter().filter(open).map(|question| question.text.clone())
    }

    /// About how much memory they take.
    pub fn size_bytes(&self) -> usize {
        self.questions.iter().map(|question| 200 + question.text.len()).sum()
    }
}

fn question(titles: &[(&SourceTitle, Vec<String>)], words: &[String], language: Language, key: &str) -> Option<String> {
    let of_topic = |source_type: SourceType| {
        let named = move |(title, terms): &&(&SourceTitle, Vec<String>)| {
            title.source_type == source_type && terms.iter().any(|term| words.contains(term))
        };
        titles.iter().filter(named).map(|(title, _)| title.title.as_str())
    };
    let own = of_topic(SourceType::Faq).filter(|title| fits(title, language));
    if let Some(own) = own.min_by_key(|title| title.chars().count()) {
        return Some(own.to_owned());
    }
    let mut policies = of_topic(SourceType::Policy).filter(|title| language_of(title) == Some(language));
    policies.next().map(|_| sentence(language, key, &[]))
}
