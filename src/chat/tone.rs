//! The language of an answer.

use crate::chat::Message;
use crate::domain::chat::PastTurn;
use crate::domain::language::Language;
use crate::text::language::language_of;
use crate::text::normalize::normalize;
use crate::text::tokenize::words;

/// A message shorter than this may be a product's name in the other script; it does not change the conversation's language.
const WORDS_THAT_TELL: usize = 3;

/// The message's own language, unless it is too short to tell and the conversation has one already; then the page's wish, then
/// the shop's language.
pub fn conversation_language(message: &Message, history: &[PastTurn], shop: Language) -> Language {
    let settled = history.last().map(|turn| turn.language);
    let own = language_of(&message.text);
    let normalized = normalize(&message.text);
    let is_plain = |word: &&str| word.chars().count() > 1 && word.chars().all(char::is_alphabetic);
    let is_short = words(&normalized).filter(is_plain).count() < WORDS_THAT_TELL;
    match (own, settled) {
        (Some(own), Some(settled)) => {
            if is_short {
                settled
            } else {
                own
            }
        }
        (Some(own), None) => own,
        (None, settled) => settled.or(message.language).unwrap_or(shop),
    }
}

#[cfg(test)]
mod tests {
    use super::conversation_language;
    use crate::chat::Message;
    use crate::domain::chat::PastTurn;
    use crate::domain::id::SessionId;
    use crate::domain::language::Language;
    use uuid::Uuid;

    fn language(text: &str, settled: Option<Language>, page: Option<Language>) -> Language {
        let message = Message {
            session_id: SessionId(Uuid::nil()),
            visitor: None,
            text: text.to_owned(),
            language: page,
            metadata: None,
        };
        let turn = |language| PastTurn {
            user_message: String::new(),
            assistant_answer: String::new(),
            language,
            refused: false,
            citations: Vec::new(),
        };
        conversation_language(
            &message,
            &settled.map(turn).into_iter().collect::<Vec<_>>(),
            Language::Ru,
        )
    }

    #[test]
    fn a_product_name_does_not_change_the_language_but_a_sentence_does() {
        assert_eq!(language("iPhone 15?", Some(Language::Ru), None), Language::Ru);
        assert_eq!(language("PL-BP-101", Some(Language::Ru), None), Language::Ru);
        assert_eq!(language("Do you ship abroad?", Some(Language::Ru), None), Language::En);
        assert_eq!(language("shipping", None, None), Language::En);
        assert_eq!(language("???", None, Some(Language::En)), Language::En);
        assert_eq!(language("???", None, None), Language::Ru);
    }
}
