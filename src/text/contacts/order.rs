//! Numbers of orders, as they are named in a message.

use regex::Regex;
use std::sync::LazyLock;

/// "заказ № А-123", "номер заказа: 45678", "order #1001", "my order number is 7-55". The second group is what names the number,
/// the third is the number.
static AFTER_ORDER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)(?:^|[^a-zа-яё])((?:заказ(?:а|у|ом|е|ы|ов)?|order)(?:['’]s)?)\s*((?:(?:под|за|с|мой|is|was|with)\s+)?(?:№|#|n°|номер(?:ом|а|у)?|no(?-u:\b)\.?|num(?:ber)?(?-u:\b)\.?|id(?-u:\b))?\s*(?:№|#|is(?-u:\b)|это)?\s*[:=–—-]?)\s*((?:[a-zа-яё]{1,4}[-/]?)?[0-9][0-9а-яёa-z]*(?:[-/][0-9]{1,10}){0,3})",
    )
    .ok()
});
/// "№ А-123", "#1001": a number with its sign, for messages that speak of an order.
static SIGNED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:№|#|n°)\s*((?:[a-zа-яё]{1,4}[-/]?)?[0-9][0-9а-яёa-z]*(?:[-/][0-9]{1,10}){0,3})").ok()
});
/// What an amount is followed by: "заказ 100 стаканов", "order 5 mugs", "заказ 5000 рублей".
static COUNTED: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^[ \t\u{a0}]*(?:[a-zа-яё₽$€%]|[0-9])").ok());
static SPEAKS_OF_ORDER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:^|[^a-zа-яё])(?:заказ(?:а|у|ом|е)?|заказыва[a-zа-яё]*|заказал[a-zа-яё]*|order|ordered|оформил[a-zа-яё]*|купил[a-zа-яё]*|bought|возврат[a-zа-яё]*|return)(?:$|[^a-zа-яё])").ok()
});
/// Words after which even a bare number of an order goes on as a sentence: "заказ 12345 где?", "order 1001 is late".
const GOES_ON: &[&str] = &[
    "где",
    "когда",
    "не",
    "ещё",
    "еще",
    "уже",
    "на",
    "от",
    "и",
    "а",
    "что",
    "как",
    "в",
    "для",
    "оформлен",
    "оплачен",
    "пришел",
    "пришёл",
    "отменить",
    "отмените",
    "был",
    "так",
    "is",
    "was",
    "has",
    "not",
    "where",
    "when",
    "still",
    "and",
    "from",
    "for",
    "hasn't",
    "didn't",
    "please",
    "status",
    "never",
    "arrived",
    "пожалуйста",
    "статус",
    "отправлен",
    "доставят",
    "до",
];
const LONGEST: usize = 24;

/// The first order number that the message names, in capitals. A number of things ("заказ 100 стаканов") or of money is none.
pub fn order_number(message: &str) -> Option<String> {
    for found in AFTER_ORDER.as_ref()?.captures_iter(message) {
        let (mark, number) = (found.get(2)?, found.get(3)?);
        let after = message.get(number.end()..).unwrap_or_default();
        let is_marked = mark
            .as_str()
            .chars()
            .any(|c| c.is_alphabetic() || matches!(c, '№' | '#' | '°'));
        let is_order = is_marked || is_bare_number(number.as_str(), after);
        if is_order && is_number(number.as_str(), after) {
            return Some(number.as_str().to_uppercase());
        }
    }
    if !SPEAKS_OF_ORDER.as_ref()?.is_match(message) {
        return None;
    }
    let signed = SIGNED.as_ref()?.captures_iter(message).filter_map(|found| found.get(1));
    signed
        .filter(|number| is_number(number.as_str(), message.get(number.end()..).unwrap_or_default()))
        .map(|number| number.as_str().to_uppercase())
        .next()
}

/// Without a sign, four digits and more, not counting anything: "заказ 12345", "заказ 12345 не пришёл".
fn is_bare_number(number: &str, after: &str) -> bool {
    let digits = number.chars().filter(char::is_ascii_digit).count();
    // "заказ 100р" and "order 5000usd" are amounts; "AB-1234" is named by its letters.
    let begins_with_letter = number.chars().next().is_some_and(char::is_alphabetic);
    let ends_with_letter = number.chars().next_back().is_some_and(char::is_alphabetic);
    let next_word: String = after
        .trim_start()
        .chars()
        .take_while(|c| c.is_alphabetic() || *c == '\'')
        .collect();
    let is_counting = COUNTED.as_ref().is_none_or(|counted| counted.is_match(after))
        && !GOES_ON.contains(&next_word.to_lowercase().as_str());
    (digits >= 4 || begins_with_letter && digits >= 2) && !ends_with_letter && !is_counting
}

/// The number ends where it should, and is not the beginning of a phone or of a long card number.
fn is_number(number: &str, after: &str) -> bool {
    let digits = number.chars().filter(char::is_ascii_digit).count();
    let goes_on = after
        .chars()
        .next()
        .is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '@'));
    let has_decimals = after.starts_with([',', '.']) && after.chars().nth(1).is_some_and(|c| c.is_ascii_digit());
    digits >= 2 && number.chars().count() <= LONGEST && !goes_on && !has_decimals
}
