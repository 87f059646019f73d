//! Phone numbers as people write them, to E.164. What only looks like one (an order number, a barcode, a price, a tax number, a
//! date) is none: a wrong number in a shop's list costs more than a missed one.
//!
//! Lengths are those of the national numbering plans that the ITU lists (E.164, operational bulletins). The crate `phonenumber`
//! was measured: 4.2 MB more program, 85 to 120 ms at the first number and 6 to 10 MB of memory, and it misreads
//! "8 800 555-35-35"; what is needed here is this table.

use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

/// Digits with what people put between them: spaces, dots, brackets, all kinds of dashes, no line ends.
static CANDIDATE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\+?\(?[0-9](?:[ \t\u{a0}\u{202f}.()‐‑‒–—-]{0,3}[0-9]){8,16}").ok());

/// Calling codes with the lengths of what follows them. The longest code that fits counts.
const PLANS: &[(&str, &[usize])] = &[
    // Russia and Kazakhstan; more is asked of them below.
    ("7", &[10]),
    ("1", &[10]),
    // The CIS and its neighbours.
    ("370", &[8]),
    ("371", &[8]),
    ("372", &[7, 8]),
    ("373", &[8]),
    ("374", &[8]),
    ("375", &[9]),
    ("380", &[9]),
    ("992", &[9]),
    ("993", &[8]),
    ("994", &[9]),
    ("995", &[9]),
    ("996", &[9]),
    ("998", &[9]),
    ("976", &[8]),
    // Europe.
    ("30", &[10]),
    ("31", &[9]),
    ("32", &[8, 9]),
    ("33", &[9]),
    ("34", &[9]),
    ("351", &[9]),
    ("352", &[8, 9]),
    ("353", &[7, 8, 9]),
    ("357", &[8]),
    ("358", &[7, 8, 9, 10]),
    ("359", &[8, 9]),
    ("36", &[8, 9]),
    ("381", &[8, 9]),
    ("382", &[8]),
    ("385", &[8, 9]),
    ("386", &[8]),
    ("39", &[9, 10, 11]),
    ("40", &[9]),
    ("41", &[9]),
    ("420", &[9]),
    ("421", &[9]),
    ("43", &[9, 10, 11, 12]),
    ("44", &[9, 10]),
    ("45", &[8]),
    ("46", &[7, 8, 9]),
    ("47", &[8]),
    ("48", &[9]),
    ("49", &[9, 10, 11]),
    // Where shops often sell to.
    ("52", &[10]),
    ("55", &[10, 11]),
    ("60", &[8, 9, 10]),
    ("61", &[9]),
    ("62", &[9, 10, 11]),
    ("63", &[10]),
    ("64", &[8, 9, 10]),
    ("65", &[8]),
    ("66", &[8, 9]),
    ("81", &[9, 10]),
    ("82", &[8, 9, 10]),
    ("84", &[9]),
    ("86", &[10, 11]),
    ("90", &[10]),
    ("91", &[10]),
    ("852", &[8]),
    ("971", &[8, 9]),
    ("972", &[8, 9]),
    ("966", &[9]),
];
/// Codes of the table that people write without the plus.
const WITHOUT_PLUS: &[&str] = &["373", "374", "375", "380", "992", "993", "994", "995", "996", "998"];
/// How far before a number it is looked for what the number is.
const NEAR_CHARS: usize = 64;
/// Operators and areas of Belarus, where a call at home begins with 8 0.
const BELARUS: &[&str] = &["25", "29", "33", "44", "15", "16", "17", "21", "22", "23"];

/// What stands right before a number that is no phone, as stems.
const OTHER_NUMBERS: &str = "заказ|накладн|счет|счёт|чек|трек|посылк|отправлен|артикул|арт|код|штрих|баркод|модел|серийн|сер|партии|инн|огрн|снилс|кпп|бик|окпо|паспорт|карт|полис|договор|isbn|ean|upc|gtin|sku|barcode|order|invoice|tracking|track|parcel|shipment|item|part|model|serial|card|account|iban|vat|inn|passport|ticket|receipt|№|#|no\\.";
static OTHER_NUMBER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(&format!(r"(?i)(?:^|[^a-zа-яё])(?:{OTHER_NUMBERS})[a-zа-яё]*[\s:=№#.()-]*(?:(?:номер|number|no|is|это|под|за)[a-zа-яё]*[\s:=№#.()-]*){{0,2}}$")).ok()
});
/// What is said of a phone: then eleven digits in a row need nothing else to be one.
static PHONE_WORD: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:^|[^a-zа-яё])(?:тел\.?|телефон[a-zа-яё]*|моб[a-zа-яё]*|сотов[a-zа-яё]*|звон[a-zа-яё]*|позвон[a-zа-яё]*|перезвон[a-zа-яё]*|набер[a-zа-яё]*|ват?сап[a-zа-яё]*|вотсап[a-zа-яё]*|телеграм[a-zа-яё]*|вайбер[a-zа-яё]*|whats\s?app|telegram|viber|phone|tel\.?|mobile|cell|call|text|sms|смс|contact|контакт[a-zа-яё]*|номер[a-zа-яё]*|связ[a-zа-яё]*)[^0-9]{0,24}$").ok()
});
/// What follows a number that is an amount or a measure.
static UNIT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)^\s*(?:₽|\$|€|%|руб|р\.|р(?:$|[^а-яё])|usd|eur|rub|тыс|млн|шт|штук|pcs|pieces|кг|kg|гр(?:$|[^а-яё])|мм(?:$|[^а-яё])|см(?:$|[^а-яё])|mm(?-u:\b)|cm(?-u:\b)|mah|мач)").ok()
});

/// The phone numbers of a text in E.164 with their places, in order.
pub fn phones(text: &str) -> Vec<(Range<usize>, String)> {
    let Some(candidates) = CANDIDATE.as_ref() else {
        return Vec::new();
    };
    let found = candidates.find_iter(text).filter_map(|found| {
        let phone = phone(text, found.range())?;
        Some((found.range(), phone))
    });
    found.collect()
}

/// What somebody typed into a field for a phone, in E.164. More is taken for one here than inside a text.
pub fn parse_phone(written: &str) -> Option<String> {
    let written = written.trim();
    let is_number = written.chars().all(|c| {
        c.is_ascii_digit() || matches!(c, '+' | '(' | ')' | '.' | '-' | '–' | '—' | '‑' | '‐') || c.is_whitespace()
    });
    let digits: String = written.chars().filter(char::is_ascii_digit).collect();
    if !is_number || written.chars().filter(|c| *c == '+').count() > 1 {
        return None;
    }
    if written.starts_with('+') {
        return international(&digits);
    }
    if let Some(rest) = digits.strip_prefix("00") {
        return international(rest);
    }
    national(&digits, true)
}

fn phone(text: &str, range: Range<usize>) -> Option<String> {
    let (before, written) = (text.get(..range.start)?, text.get(range.clone())?);
    let after = text.get(range.end..)?;
    let start = before.char_indices().rev().nth(NEAR_CHARS).map_or(0, |(at, _)| at);
    let near = before.get(start..)?;
    if is_joined(before.chars().next_back()) || is_joined_after(after) {
        return None;
    }
    if OTHER_NUMBER.as_ref()?.is_match(near) || UNIT.as_ref()?.is_match(after) || is_date(written) {
        return None;
    }
    let digits: String = written.chars().filter(char::is_ascii_digit).collect();
    if written.contains('+') {
        return international(&digits);
    }
    let is_named = PHONE_WORD.as_ref()?.is_match(near);
    let is_grouped = written.chars().any(|c| !c.is_ascii_digit());
    national(&digits, is_named || is_grouped).filter(|_| is_named || !is_thousands(written))
}

/// A letter, a digit or a sign of another kind of number right before it: "А89161234567", "№8916…", "1.5".
fn is_joined(before: Option<char>) -> bool {
    before
        .is_some_and(|c| c.is_alphanumeric() || matches!(c, '+' | '_' | '/' | '=' | '#' | '№' | '$' | '€' | '@' | '-'))
}

fn is_joined_after(after: &str) -> bool {
    let mut chars = after.chars();
    match (chars.next(), chars.next()) {
        (Some(c), _) if c.is_alphanumeric() || matches!(c, '_' | '@') => true,
        // "89161234567-45" goes on; "8916…-" ends a clause.
        (Some('-' | '/' | '.'), Some(next)) => next.is_alphanumeric(),
        _ => false,
    }
}

/// "8.10.2024 12.10.2024" and the like: a day, a month and a year with dots or dashes.
fn is_date(written: &str) -> bool {
    static DATE: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(?-u:\b)[0-9]{1,2}[.-][0-9]{1,2}[.-](?:19|20)[0-9][0-9](?-u:\b)|(?-u:\b)(?:19|20)[0-9][0-9][.-][0-9]{1,2}[.-][0-9]{1,2}(?-u:\b)").ok()
    });
    DATE.as_ref().is_some_and(|date| date.is_match(written))
}

/// "89 161 234 567" is a number in thousands.
fn is_thousands(written: &str) -> bool {
    let mut groups = written.split([' ', '\u{a0}', '\u{202f}', '.']);
    let first = groups.next().unwrap_or_default();
    let rest: Vec<&str> = groups.collect();
    !rest.is_empty() && (1..=3).contains(&first.len()) && rest.iter().all(|group| group.len() == 3)
}

fn international(digits: &str) -> Option<String> {
    let plan = PLANS
        .iter()
        .filter(|(code, _)| digits.starts_with(code))
        .max_by_key(|(code, _)| code.len());
    let is_right = match plan {
        Some((code, lengths)) => {
            let rest = digits.get(code.len()..)?;
            lengths.contains(&rest.len()) && is_plausible(code, rest)
        }
        // Another country: the shortest and the longest that E.164 knows.
        None => (8..=15).contains(&digits.len()) && !digits.starts_with('0'),
    };
    (is_right && !is_made_up(digits)).then(|| format!("+{digits}"))
}

/// A number as it is dialled at home. Without `is_sure`, only what can hardly be anything else.
fn national(digits: &str, is_sure: bool) -> Option<String> {
    if let Some(rest) = digits.strip_prefix("80")
        && rest.len() == 9
        && BELARUS.iter().any(|area| rest.starts_with(area))
    {
        return (is_sure && !is_made_up(digits)).then(|| format!("+375{rest}"));
    }
    if digits.len() == 11 && digits.starts_with(['7', '8']) {
        return international(&format!("7{}", digits.get(1..)?));
    }
    if !is_sure {
        return None;
    }
    if digits.len() == 10 && digits.starts_with(['4', '8', '9']) {
        return international(&format!("7{digits}"));
    }
    let is_neighbour = WITHOUT_PLUS.iter().any(|code| digits.starts_with(code));
    is_neighbour.then(|| international(digits)).flatten()
}

/// Russian areas begin with 3, 4, 8 or 9, those of Kazakhstan with 6 or 7; American ones never with 0 or 1.
fn is_plausible(code: &str, rest: &str) -> bool {
    match code {
        "7" => !rest.starts_with(['0', '1', '2', '5']),
        "1" => !rest.starts_with(['0', '1']) && !rest.get(3..).unwrap_or_default().starts_with(['0', '1']),
        _ => !rest.starts_with('0') || code == "39",
    }
}

/// "+7 999 999-99-99", "8 800 000 00 00": nine equal digits in a row belong to a form that was filled in to get rid of it.
fn is_made_up(digits: &str) -> bool {
    let bytes = digits.as_bytes();
    bytes
        .windows(9)
        .any(|window| window.iter().all(|byte| Some(byte) == window.first()))
}
