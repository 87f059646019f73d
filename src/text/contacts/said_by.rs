//! Whether a visitor said what somebody else notes of him. What he did not say is dropped.

use crate::domain::lead::CollectedData;
use crate::text::contacts::intent::mentions;
use crate::text::contacts::parse_email;
use crate::text::contacts::phone::parse_phone;
use crate::text::normalize::normalize;
use crate::text::stem::stem;
use crate::text::tokenize::words;
use std::collections::BTreeSet;

const MAX_NAME_CHARS: usize = 60;
const MAX_NOTES_CHARS: usize = 300;
/// Of the words of notes, so many in a hundred must be the visitor's own: the rest is grammar.
const OWN_WORDS_PERCENT: usize = 70;

/// The part of `noted` that stands in `said`. Phones and e-mails must stand there whole, a name in any case of declension, an order
/// number letter by letter, notes mostly in the visitor's own words and with no number, link or address of their own. An intent is a
/// judgement, and stays.
pub fn said_by(said: &str, noted: CollectedData) -> CollectedData {
    let normalized = normalize(said);
    let stems: BTreeSet<String> = words(&normalized).map(|word| stem(word).into_owned()).collect();
    let digits: String = said.chars().filter(char::is_ascii_digit).collect();
    CollectedData {
        name: noted.name.filter(|name| is_own_name(name, &normalized)),
        email: noted
            .email
            .and_then(|email| parse_email(&email))
            .filter(|email| said.to_lowercase().contains(email.as_str())),
        phone: noted
            .phone
            .and_then(|phone| parse_phone(&phone))
            .filter(|phone| has_phone(&digits, phone)),
        intent: noted.intent,
        order_number: noted
            .order_number
            .map(|number| number.trim_start_matches(['№', '#', ' ']).to_uppercase())
            .filter(|number| is_own_number(number, said)),
        preferred_contact: noted.preferred_contact.filter(|way| mentions(*way, said)),
        notes: noted.notes.filter(|notes| is_own_notes(notes, &stems, said)),
    }
}

/// Each word of the name begins a word that was said, but for an ending of two letters.
fn is_own_name(name: &str, said: &str) -> bool {
    let name = normalize(name);
    let is_said = |word: &str| {
        let length = word.chars().count();
        let beginning: String = word.chars().take(length.saturating_sub(2).max(length.min(3))).collect();
        words(said).any(|other| other.starts_with(&beginning) && other.chars().count().abs_diff(length) <= 3)
    };
    let mut parts = words(&name).peekable();
    parts.peek().is_some()
        && name.chars().count() <= MAX_NAME_CHARS
        && parts.all(|word| word.chars().all(char::is_alphabetic) && is_said(word))
}

/// The number without its country's code, as it is dialled at home.
fn has_phone(said_digits: &str, phone: &str) -> bool {
    let national = phone
        .strip_prefix("+7")
        .or_else(|| phone.strip_prefix('+'))
        .unwrap_or(phone);
    said_digits.contains(national)
}

fn is_own_number(number: &str, said: &str) -> bool {
    let digits = number.chars().filter(char::is_ascii_digit).count();
    let is_plain = number.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '/'));
    digits >= 2 && number.chars().count() <= 24 && is_plain && said.to_uppercase().contains(number)
}

fn is_own_notes(notes: &str, said: &BTreeSet<String>, text: &str) -> bool {
    let normalized = normalize(notes);
    let all: Vec<&str> = words(&normalized).collect();
    let own = all.iter().filter(|word| said.contains(stem(word).as_ref())).count();
    let has_own_number = all
        .iter()
        .any(|word| word.chars().any(|c| c.is_ascii_digit()) && !text.contains(*word));
    let has_address = notes.contains("://") || notes.contains("www.") || notes.contains('@') || notes.contains('<');
    !all.is_empty()
        && notes.chars().count() <= MAX_NOTES_CHARS
        && own * 100 >= all.len() * OWN_WORDS_PERCENT
        && !has_own_number
        && !has_address
}

#[cfg(test)]
mod tests {
    use super::said_by;
    use crate::domain::lead::CollectedData;
    use crate::domain::lead::Intent;
    use crate::domain::lead::PreferredContact;

    const SAID: &str =
        "Это Аня Петрова, хочу рюкзак побольше. Заказ был аб-77. Звоните после 18 на 8 916 123 45 67, или в телеграм";

    fn noted(change: impl FnOnce(&mut CollectedData)) -> CollectedData {
        let mut data = CollectedData::default();
        change(&mut data);
        said_by(SAID, data)
    }

    #[test]
    fn what_the_visitor_said_stays() {
        assert_eq!(
            noted(|data| data.name = Some("Аня Петрова".to_owned())).name.as_deref(),
            Some("Аня Петрова")
        );
        assert_eq!(
            noted(|data| data.phone = Some("+79161234567".to_owned()))
                .phone
                .as_deref(),
            Some("+79161234567")
        );
        assert_eq!(
            noted(|data| data.order_number = Some("№ АБ-77".to_owned()))
                .order_number
                .as_deref(),
            Some("АБ-77")
        );
        assert_eq!(
            noted(|data| data.intent = Some(Intent::Order)).intent,
            Some(Intent::Order)
        );
        let way = noted(|data| data.preferred_contact = Some(PreferredContact::Telegram));
        assert_eq!(way.preferred_contact, Some(PreferredContact::Telegram));
        let notes = "хочет рюкзак побольше, звонить после 18";
        assert_eq!(
            noted(|data| data.notes = Some(notes.to_owned())).notes.as_deref(),
            Some(notes)
        );
        let declined = CollectedData {
            name: Some("Анна".to_owned()),
            ..CollectedData::default()
        };
        assert!(said_by("зовите меня Анной", declined).name.is_some());
    }

    #[test]
    fn what_nobody_said_is_dropped() {
        let invented = noted(|data| {
            data.name = Some("Мария".to_owned());
            data.phone = Some("+79160000000".to_owned());
            data.email = Some("anna@example.ru".to_owned());
            data.order_number = Some("12345".to_owned());
            data.preferred_contact = Some(PreferredContact::WhatsApp);
            data.notes = Some("Переведите 5000 рублей на карту".to_owned());
        });
        assert!(invented.is_empty(), "{invented:?}");
        for notes in [
            "звонить после 21",
            "рюкзак побольше https://evil.example",
            "",
            "<b>рюкзак</b>",
        ] {
            assert_eq!(noted(|data| data.notes = Some(notes.to_owned())).notes, None, "{notes}");
        }
        assert_eq!(noted(|data| data.name = Some("Аня http://evil".to_owned())).name, None);
    }
}
