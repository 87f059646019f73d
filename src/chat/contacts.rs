//! Contact data that a visitor wrote: found by rule, checked, never guessed.

use regex::Regex;
use serde_json::Value;
use serde_json::json;
use std::sync::LazyLock;

static EMAIL: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)[a-z0-9._%+-]{1,64}@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,24}").ok());
static PHONE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?:^|[^\d+])((?:\+\d|\b[78])[\s().-]*(?:\d[\s().-]*){9,13}\d)(?:$|[^\d])").ok());
static ORDER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:заказ(?:а|у|ом|е)?|order)\s*(?:№|#|номер|no\.|number)\s*([a-zа-я]{0,4}-?\d[\d-]{2,19})").ok()
});

/// What the message tells about its writer, for the page and the log: `email`, `phone` in E.164, `orderNumber`; the other
/// fields are null. `None` when it tells nothing.
pub fn collected_data(message: &str) -> Option<Value> {
    let email = EMAIL.as_ref()?.find(message).map(|found| found.as_str().to_lowercase());
    let phone = PHONE
        .as_ref()?
        .captures(message)
        .and_then(|found| e164(found.get(1)?.as_str()));
    let order_number = ORDER
        .as_ref()?
        .captures(message)
        .and_then(|found| Some(found.get(1)?.as_str().to_owned()));
    if email.is_none() && phone.is_none() && order_number.is_none() {
        return None;
    }
    Some(json!({
        "name": null, "email": email, "phone": phone, "intent": null, "orderNumber": order_number,
        "preferredContact": null, "notes": null,
    }))
}

/// The message without phone numbers and addresses, which are no words of the question.
pub fn without_contacts(message: &str) -> String {
    let mut rest = message.to_owned();
    if let Some(pattern) = EMAIL.as_ref() {
        rest = pattern.replace_all(&rest, " ").into_owned();
    }
    if let Some(pattern) = PHONE.as_ref() {
        let phones = pattern.captures_iter(message).filter_map(|found| found.get(1));
        // Other long numbers stay: a barcode is what the question is about.
        for phone in phones.filter(|phone| e164(phone.as_str()).is_some()) {
            rest = rest.replace(phone.as_str(), " ");
        }
    }
    if rest.trim().is_empty() {
        message.to_owned()
    } else {
        rest
    }
}

/// A number in E.164. Eleven digits that begin with 8 or 7 are Russian; others need their plus.
fn e164(written: &str) -> Option<String> {
    let digits: String = written.chars().filter(char::is_ascii_digit).collect();
    if written.trim_start().starts_with('+') {
        return (10..=15).contains(&digits.len()).then(|| format!("+{digits}"));
    }
    let national = digits.strip_prefix(['7', '8'])?;
    (national.len() == 10).then(|| format!("+7{national}"))
}

#[cfg(test)]
mod tests {
    use super::collected_data;
    use super::without_contacts;

    fn field(message: &str, name: &str) -> Option<String> {
        collected_data(message)?.get(name)?.as_str().map(str::to_owned)
    }

    #[test]
    fn contacts_are_found_as_people_write_them() {
        assert_eq!(
            field("звоните 8 (916) 123-45-67", "phone").as_deref(),
            Some("+79161234567")
        );
        assert_eq!(
            field("+44 20 7946 0958 please", "phone").as_deref(),
            Some("+442079460958")
        );
        assert_eq!(
            field("пишите на Anna.P@Mail.ru.", "email").as_deref(),
            Some("anna.p@mail.ru")
        );
        assert_eq!(field("где мой заказ № 45678?", "orderNumber").as_deref(), Some("45678"));
    }

    #[test]
    fn a_question_is_searched_without_contacts() {
        let question = without_contacts("Есть палатка? мой телефон 8 916 123-45-67, a@b.ru");
        assert!(
            !question.contains("916") && !question.contains('@') && question.contains("палатка"),
            "{question}"
        );
    }

    #[test]
    fn other_numbers_are_not_contacts() {
        assert!(collected_data("карта 89161234567890123 и 10 000 рублей").is_none());
        for text in [
            "рюкзак на 45 литров",
            "Хочу заказать 100 стаканов",
            "при заказе 5000 рублей",
            "order 250 mugs",
        ] {
            assert!(collected_data(text).is_none(), "{text}");
        }
        assert!(without_contacts("Есть 8001234567890?").contains("8001234567890"));
    }
}
