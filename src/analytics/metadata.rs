//! Which metadata of an event is kept: known keys with values of their kind, and nothing that may belong to a person.

use crate::domain::event::EventMetadata;
use percent_encoding::percent_decode_str;
use regex::Regex;
use reqwest::Url;
use serde_json::Value;
use std::sync::LazyLock;
use uuid::Uuid;

const MAX_URL_CHARS: usize = 300;
const MAX_WORD_CHARS: usize = 64;
/// Four hours: nobody looks at one page longer without an event in between.
const MAX_FOCUS_MS: u64 = 4 * 3_600_000;
const MAX_NUMBER: u64 = 1_000_000;

/// What a key may hold.
#[derive(Debug, Clone, Copy)]
enum Kind {
    /// An id or a word of Latin letters, digits and `_.:-`.
    Word,
    Number,
    Flag,
}

/// The keys that are kept as they are, besides those that are counted.
const KEPT: &[(&str, Kind)] = &[
    ("cardId", Kind::Word),
    ("count", Kind::Number),
    ("degraded", Kind::Flag),
    ("intent", Kind::Word),
    ("kind", Kind::Word),
    ("length", Kind::Number),
    ("messageId", Kind::Word),
    ("open", Kind::Flag),
    ("productId", Kind::Word),
    ("questionId", Kind::Word),
    ("reason", Kind::Word),
    ("refused", Kind::Flag),
    ("sourceId", Kind::Word),
    ("step", Kind::Number),
    ("surveyId", Kind::Word),
    ("trigger", Kind::Word),
    ("version", Kind::Number),
    ("vote", Kind::Word),
];

static EMAIL: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(?i)[^\s/@]+@[^\s/@]+\.\p{L}{2,}").ok());
/// International with its plus, or a Russian mobile number without; as people write them, with spaces, brackets and dashes.
static PHONE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let international = r"\+\d(?:[\s().-]*\d){7,14}";
    let russian = r"(?:^|\D)[78]?[\s().-]*9\d{2}[\s().-]*\d{3}[\s().-]*\d{2}[\s().-]*\d{2}(?:\D|$)";
    Regex::new(&format!("{international}|{russian}")).ok()
});

/// What may be kept. Values of the wrong kind, too long, or like an e-mail address or a phone number are left out.
pub fn cleaned(metadata: Option<&Value>) -> EventMetadata {
    let Some(Value::Object(sent)) = metadata else {
        return EventMetadata::default();
    };
    let first = |names: &[&str]| names.iter().find_map(|name| sent.get(*name));
    let mut cleaned = EventMetadata {
        language: first(&["language", "lang"]).and_then(language),
        page_url: first(&["pageUrl", "url", "page"]).and_then(page_url),
        button_id: first(&["buttonId", "id"]).and_then(word),
        focus_ms: focus_ms(first(&["focusMs", "durationMs"]), first(&["focusSeconds", "duration"])),
        ..EventMetadata::default()
    };
    for (name, kind) in KEPT {
        let value = sent
            .get(*name)
            .or_else(|| sent.get("value").filter(|_| *name == "vote"));
        if let Some(value) = value.and_then(|value| kept(value, *kind)) {
            cleaned.other.insert((*name).to_owned(), value);
        }
    }
    cleaned
}

fn kept(value: &Value, kind: Kind) -> Option<Value> {
    match kind {
        Kind::Word => word(value).map(Value::from),
        Kind::Number => value.as_u64().filter(|number| *number <= MAX_NUMBER).map(Value::from),
        Kind::Flag => value.as_bool().map(Value::from),
    }
}

fn language(value: &Value) -> Option<String> {
    let tag = value.as_str()?.split(['-', '_']).next()?.to_ascii_lowercase();
    let is_tag = (2..=3).contains(&tag.len()) && tag.chars().all(|c| c.is_ascii_lowercase());
    is_tag.then_some(tag)
}

/// The page without user, query and fragment.
fn page_url(value: &Value) -> Option<String> {
    let mut url = Url::parse(value.as_str()?).ok()?;
    if !matches!(url.scheme(), "http" | "https") {
        return None;
    }
    url.set_query(None);
    url.set_fragment(None);
    url.set_username("").ok()?;
    url.set_password(None).ok()?;
    let text = url.to_string();
    (text.chars().count() <= MAX_URL_CHARS && !is_personal(&text)).then_some(text)
}

fn word(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.as_u64().filter(|number| *number <= MAX_NUMBER)?.to_string(),
        _ => return None,
    };
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | ':' | '-');
    let is_word = (1..=MAX_WORD_CHARS).contains(&text.len()) && text.chars().all(allowed);
    (is_word && !is_personal(&text)).then_some(text)
}

fn focus_ms(milliseconds: Option<&Value>, seconds: Option<&Value>) -> Option<u32> {
    let told = match (milliseconds.and_then(Value::as_f64), seconds.and_then(Value::as_f64)) {
        (Some(milliseconds), _) => milliseconds,
        (None, Some(seconds)) => seconds * 1e3,
        (None, None) => return None,
    };
    if told < 0.0 {
        return None;
    }
    u32::try_from((told as u64).min(MAX_FOCUS_MS)).ok()
}

fn is_personal(text: &str) -> bool {
    // The digits of a UUID may look like anything.
    if text.parse::<Uuid>().is_ok() {
        return false;
    }
    // Without its pattern nothing can be told from a person's own.
    let decoded = percent_decode_str(text).decode_utf8_lossy();
    let looks_like = |pattern: &Option<Regex>| pattern.as_ref().is_none_or(|pattern| pattern.is_match(&decoded));
    looks_like(&EMAIL) || looks_like(&PHONE)
}

#[cfg(test)]
mod tests {
    use super::cleaned;
    use serde_json::Value;
    use serde_json::json;

    fn stored(metadata: Value) -> Value {
        serde_json::to_value(cleaned(Some(&metadata))).unwrap()
    }

    #[test]
    fn known_keys_are_kept_and_others_left_out() {
        let sent = json!({"language": "ru-RU", "pageUrl": "https://user:pw@shop.example/a/b?utm=1#top", "buttonId": "opening:0",
            "focusMs": 1234.5, "messageId": "6f1c79e0-8916-4123-8567-79161234567a", "open": true, "step": 3, "vote": "up",
            "name": "Иван", "text": "как купить", "cart": {"x": 1}, "userAgent": "Mozilla"});
        let expected = json!({"language": "ru", "pageUrl": "https://shop.example/a/b", "buttonId": "opening:0", "focusMs": 1234,
            "messageId": "6f1c79e0-8916-4123-8567-79161234567a", "open": true, "step": 3, "vote": "up"});
        assert_eq!(stored(sent), expected);
        for nothing in [
            json!(null),
            json!([]),
            json!("x"),
            json!({"language": "Русский", "open": "yes", "step": -1}),
        ] {
            assert_eq!(stored(nothing), json!({}));
        }
    }

    #[test]
    fn other_names_of_the_same_are_understood() {
        let sent = json!({"lang": "EN", "url": "http://shop.example", "id": "menu", "duration": 2.5, "value": "down"});
        let expected = json!({"language": "en", "pageUrl": "http://shop.example/", "buttonId": "menu", "focusMs": 2500, "vote": "down"});
        assert_eq!(stored(sent), expected);
    }

    #[test]
    fn what_may_be_a_persons_own_is_left_out() {
        for personal in [
            "ivan@mail.ru",
            "ivan%40mail.ru",
            "иван@почта.рф",
            "+79161234567",
            "+7 (916) 123-45-67",
            "89161234567",
            "8-916-123-45-67",
            "9161234567",
            "+49 30 901820",
            "tel:+442071838750",
            "79161234567",
            "id-79161234567",
        ] {
            let all = json!({"buttonId": personal, "productId": personal, "kind": personal, "vote": personal,
                "reason": personal, "pageUrl": format!("https://shop.example/u/{personal}/orders")});
            assert_eq!(stored(all), json!({}), "{personal}");
        }
    }

    #[test]
    fn ordinary_addresses_and_ids_are_kept() {
        for path in [
            "catalog/123456789/detail",
            "product/name-1234567890/",
            "p/4607001234567",
            "товар",
            "@shop",
            "2026-01-02",
        ] {
            let kept = stored(json!({"pageUrl": format!("https://shop.example/{path}")}));
            assert!(kept["pageUrl"].is_string(), "{path}");
        }
        for id in ["L-1", "sku:100500", "prompt.2", "123456789012"] {
            assert_eq!(stored(json!({"productId": id})), json!({"productId": id}));
        }
        assert_eq!(stored(json!({"productId": 17})), json!({"productId": "17"}));
    }

    #[test]
    fn sizes_are_limited() {
        let long = "a".repeat(65);
        let page = format!("https://shop.example/{}", "a".repeat(300));
        assert_eq!(
            stored(json!({"buttonId": long, "pageUrl": page, "length": 1_000_001})),
            json!({})
        );
        assert_eq!(stored(json!({"focusMs": 1e12})), json!({"focusMs": 14_400_000}));
        for wrong in [json!(-1), json!("5"), json!(null)] {
            assert_eq!(stored(json!({"focusMs": wrong})), json!({}));
        }
    }
}
