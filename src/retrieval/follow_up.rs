//! Completes a question that leans on what was said before: "а в синем есть?", "does it float?".

use crate::domain::chat::PastTurn;
use crate::text::normalize::normalize;
use crate::text::terms::terms;
use crate::text::tokenize::words;

/// A question with more content words than this speaks for itself.
const MAX_LEANING_TERMS: usize = 4;

const OPENINGS: &[&str] = &["а", "и", "ну", "или", "тогда", "and", "or", "but", "so"];
const POINTERS: &[&str] = &[
    "он",
    "она",
    "оно",
    "они",
    "его",
    "ее",
    "их",
    "ему",
    "ей",
    "им",
    "него",
    "нее",
    "них",
    "этот",
    "эта",
    "это",
    "эти",
    "этого",
    "этой",
    "этом",
    "такой",
    "такая",
    "такие",
    "там",
    "it",
    "its",
    "they",
    "them",
    "their",
    "this",
    "that",
    "these",
    "those",
    "one",
    "ones",
];

/// The wordings to search for, in order; a later one is for when an earlier one finds nothing to answer from.
///
/// A leaning question is first tried together with what it leans on, then as it is. A complete one is never completed: the
/// subject would find itself and answer what nobody asked.
pub fn standalone_questions(question: &str, history: &[PastTurn]) -> Vec<String> {
    let plain = question.to_owned();
    match subject_of(history) {
        Some(subject) if leans(question) => vec![format!("{question} {subject}"), plain],
        _ => vec![plain],
    }
}

/// What the conversation is about: the first source of the last answer, else the last question.
fn subject_of(history: &[PastTurn]) -> Option<String> {
    let last = history.iter().rev().find(|turn| !turn.refused)?;
    Some(
        last.citations
            .first()
            .map_or_else(|| last.user_message.clone(), |citation| citation.title.clone()),
    )
}

fn leans(question: &str) -> bool {
    let normalized = normalize(question);
    let mut asked = words(&normalized);
    let opens = asked.clone().next().is_some_and(|word| OPENINGS.contains(&word));
    let points = asked.any(|word| POINTERS.contains(&word));
    (opens || points) && terms(question).len() <= MAX_LEANING_TERMS
}

#[cfg(test)]
mod tests {
    use super::standalone_questions;
    use crate::domain::chat::Citation;
    use crate::domain::chat::PastTurn;
    use crate::domain::knowledge::SourceType;
    use crate::domain::language::Language;

    fn about(title: &str) -> Vec<PastTurn> {
        vec![PastTurn {
            user_message: "вопрос".to_owned(),
            assistant_answer: "ответ".to_owned(),
            language: Language::Ru,
            refused: false,
            citations: vec![Citation {
                n: 1,
                source_type: SourceType::Product,
                source_id: "1".to_owned(),
                title: title.to_owned(),
                url: None,
            }],
        }]
    }

    #[test]
    fn a_leaning_question_takes_its_subject_from_the_last_answer() {
        let asked = standalone_questions("а в синем есть?", &about("Рюкзак «Тропа 45»"));
        assert_eq!(asked.first().unwrap(), "а в синем есть? Рюкзак «Тропа 45»");
        assert_eq!(
            standalone_questions("Does it float?", &about("Lamp")).first().unwrap(),
            "Does it float? Lamp"
        );
    }

    #[test]
    fn a_complete_question_speaks_for_itself() {
        let question = "Кто президент Франции?";
        assert_eq!(standalone_questions(question, &about("Рюкзак")), [question]);
    }
}
