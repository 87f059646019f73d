//! Greetings and thanks, which need no source.

use crate::text::normalize::normalize;
use crate::text::tokenize::words;

const GREETINGS: &[&str] = &[
    "привет",
    "здравствуйте",
    "здравствуй",
    "приветствую",
    "добрый",
    "доброе",
    "день",
    "утро",
    "вечер",
    "хай",
    "hi",
    "hello",
    "hey",
    "good",
    "morning",
    "afternoon",
    "evening",
];
const THANKS: &[&str] = &[
    "спасибо",
    "благодарю",
    "большое",
    "спс",
    "thanks",
    "thank",
    "you",
    "very",
    "much",
    "thx",
];

/// The key of the sentence that answers, when the message is a greeting or thanks and nothing else.
pub fn small_talk_reply(message: &str) -> Option<&'static str> {
    let normalized = normalize(message);
    let said: Vec<&str> = words(&normalized).collect();
    if said.is_empty() || said.len() > 4 {
        return None;
    }
    let all_in = |list: &[&str]| said.iter().all(|word| list.contains(word));
    if all_in(GREETINGS) {
        return Some("greeting_reply");
    }
    all_in(THANKS).then_some("thanks_reply")
}

#[cfg(test)]
mod tests {
    use super::small_talk_reply;

    #[test]
    fn only_pure_small_talk_counts() {
        assert_eq!(small_talk_reply("Добрый день!"), Some("greeting_reply"));
        assert_eq!(small_talk_reply("Thank you very much"), Some("thanks_reply"));
        assert_eq!(small_talk_reply("Привет, где мой заказ?"), None);
        assert_eq!(small_talk_reply("..."), None);
    }
}
