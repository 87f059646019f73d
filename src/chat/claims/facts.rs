//! Stock and article numbers that a sentence claims.

use crate::chat::claims::evidence::Evidence;
use crate::chat::claims::evidence::Product;
use crate::chat::claims::findings::Findings;
use crate::chat::claims::prices::Claimed;
use crate::text::identifier::normalize_identifier;
use crate::text::terms::terms;
use regex::Regex;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::LazyLock;

static ABSENT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:нет|не|отсутству[а-яё]+)(?: (?:сейчас|пока|больше|уже|временно|имеется|есть))* (?:в наличии|на складе)|в наличии (?:сейчас |пока |больше |уже )?нет|на складе (?:сейчас |пока |больше |уже )?нет|(?:закончил[а-яё]+|распродан[а-яё]*|раскуплен[а-яё]*)|out of stock|sold out|not (?:currently |now )?(?:in stock|available)|(?:isn['’]t|aren['’]t|no longer|never) (?:in stock|available)|unavailable").ok()
});
static PRESENT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:есть |имеется |остался |осталась )?(?:в наличии|на (?:наш[а-яё]+ )?складе(?: есть| имеется)?)|(?:есть|имеется) на складе|in stock|(?:is|are) (?:currently |now |still )?available|available now").ok()
});
static LEFT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)остал[а-яё]+(?: всего| лишь| только)* ([0-9]+)|(?:в наличии|на складе)(?: есть| ещё| всего)*:? ([0-9]+)(?: ?шт| экз| пар)|([0-9]+)(?: pieces| units| items| pcs)? (?:left|remaining|in stock)").ok()
});
static CONDITION: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:(?:если|когда|при|ли|уточн[а-яё]+|провер[а-яё]+|узна[а-яё]+|что|if|when|once|whether|unless|check|confirm)(?: [\p{L}'’]+){0,4} ?|налич[а-яё]+ )$").ok()
});
static GENERAL: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)товар|заказ|позици|\bitems?\b|\bproducts?\b|\borders?\b|\bgoods\b").ok());
static CODE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:арт(?:икул[а-яё]*(?: [^:.\n]{1,60}[:—–])?|\.)|\bsku|код(?:ом)? товара|item (?:no\.?|number)|model (?:no\.?|number)|part (?:no\.?|number)|article(?: no\.?| number)?)[\s:№#*«]*([\p{L}0-9][\p{L}0-9._/–-]{2,})").ok()
});
static ALL_OF_THEM: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)\b(?:оба|обе|все|каждый|both|all|each)\b").ok());

/// The share of a sentence's terms that a shop's text must have for the sentence to be that text in other words.
const SAME_TEXT_SHARE: f64 = 0.6;

/// `row_statement` says what a product's row knows of its stock, for a sentence that says otherwise.
pub fn check_stock(claimed: &Claimed<'_>, findings: &mut Findings, row_statement: &dyn Fn(&Product) -> Option<String>) {
    let mut claims: Vec<(Range<usize>, bool)> =
        matches(&ABSENT, claimed.sentence).map(|range| (range, false)).collect();
    for range in matches(&PRESENT, claimed.sentence) {
        if !claims
            .iter()
            .any(|(other, _)| other.start < range.end && range.start < other.end)
        {
            claims.push((range, true));
        }
    }
    claims.retain(|(range, _)| is_claim(claimed, range));
    check_left(claimed, findings);
    for (range, is_present) in claims {
        findings.checked();
        let spoken = spoken_of(claimed, &range);
        if spoken.is_empty() || is_true(claimed, &spoken, is_present) {
            continue;
        }
        match spoken.as_slice() {
            [product] if product.in_stock == Some(!is_present) => match swapped(claimed.sentence, &range, is_present) {
                Some(words) => findings.correct(range, words.to_owned()),
                None => match row_statement(product) {
                    Some(text) => findings.replace_sentence(text),
                    None => findings.drop_sentence(),
                },
            },
            _ => findings.drop_sentence(),
        }
    }
}

fn matches<'a>(pattern: &'a LazyLock<Option<Regex>>, text: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
    let found = pattern.as_ref().map(|pattern| pattern.find_iter(text));
    found.into_iter().flatten().map(|found| found.range())
}

/// "Если товар в наличии", "уточните наличие" and the shop's rules about goods in stock claim nothing of a product.
fn is_claim(claimed: &Claimed<'_>, range: &Range<usize>) -> bool {
    let before = claimed.sentence.get(..range.start).unwrap_or_default();
    let clause = before.rsplit([',', ';', ':', '.', '—']).next().unwrap_or_default();
    let is_conditional = CONDITION.as_ref().is_some_and(|condition| condition.is_match(clause));
    let is_question = claimed.sentence.trim_end().trim_end_matches(['"', '»']).ends_with('?');
    let is_told = claimed.subject.is_told && !claimed.subject.products.is_empty();
    let is_general = GENERAL
        .as_ref()
        .is_some_and(|general| general.is_match(claimed.sentence));
    !is_conditional && !is_question && (is_told || !is_general) && !is_shop_text(claimed)
}

fn is_shop_text(claimed: &Claimed<'_>) -> bool {
    let spoken: BTreeSet<String> = terms(claimed.sentence)
        .into_iter()
        .filter(|term| term.len() > 1)
        .collect();
    let mut statements = claimed.evidence.texts.iter().flat_map(|text| text.statements());
    statements.any(|statement| {
        let shared = spoken.intersection(statement.terms()).count() as f64;
        let has_stock =
            matches(&PRESENT, &statement.text).next().is_some() || matches(&ABSENT, &statement.text).next().is_some();
        has_stock && spoken.len() >= 3 && shared >= spoken.len() as f64 * SAME_TEXT_SHARE
    })
}

/// The products that a claim is about.
fn spoken_of<'a>(claimed: &Claimed<'a>, range: &Range<usize>) -> Vec<&'a Product> {
    let all = |indexes: &[usize]| -> Vec<&'a Product> {
        indexes
            .iter()
            .filter_map(|index| claimed.evidence.products.get(*index))
            .collect()
    };
    if claimed.subject.products.is_empty() {
        let cites_text = claimed
            .evidence
            .texts
            .iter()
            .any(|text| claimed.subject.cited.contains(&text.n));
        return if cites_text {
            Vec::new()
        } else {
            claimed.evidence.products.iter().collect()
        };
    }
    let is_all = ALL_OF_THEM.as_ref().is_some_and(|all| all.is_match(claimed.sentence));
    match claimed.subject.named_before(range.start) {
        Some((end, index)) if !is_all => {
            let between = claimed.sentence.get(end..range.start).unwrap_or_default();
            if between.contains([',', ';']) && claimed.subject.products.len() > 1 {
                all(&claimed.subject.products)
            } else {
                all(&[index])
            }
        }
        _ => all(&claimed.subject.products),
    }
}

fn is_true(claimed: &Claimed<'_>, spoken: &[&Product], is_present: bool) -> bool {
    let is_all = ALL_OF_THEM.as_ref().is_some_and(|all| all.is_match(claimed.sentence));
    if is_all && spoken.len() > 1 {
        return spoken.iter().all(|product| product.in_stock == Some(is_present));
    }
    spoken
        .iter()
        .any(|product| product.in_stock == Some(is_present) || is_written(product, is_present))
}

/// A shop without the fact in its row may tell it in the text.
fn is_written(product: &Product, is_present: bool) -> bool {
    product.in_stock.is_none()
        && product.text.statements().iter().any(|statement| {
            let is_absent = matches(&ABSENT, &statement.text).next().is_some();
            if is_present {
                !is_absent && matches(&PRESENT, &statement.text).next().is_some()
            } else {
                is_absent
            }
        })
}

/// The opposite words, where they stand as a fact of their own: "— 4 990 ₽, в наличии [1]".
fn swapped(sentence: &str, range: &Range<usize>, is_present: bool) -> Option<&'static str> {
    let before = sentence.get(..range.start)?.trim_end();
    let after = sentence.get(range.end..)?.trim_start();
    let is_apart = before.ends_with([',', ';', '—', '–', ':', '(', '|', '*'])
        && (after.is_empty() || after.starts_with(['.', ',', ';', ')', '[', '|', '*', '!']));
    let is_russian = sentence
        .get(range.clone())?
        .chars()
        .any(|c| matches!(c, 'а'..='я' | 'А'..='Я'));
    is_apart.then_some(match (is_russian, is_present) {
        (true, true) => "нет в наличии",
        (true, false) => "в наличии",
        (false, true) => "out of stock",
        (false, false) => "in stock",
    })
}

/// How many are left must stand in the product's own text.
fn check_left(claimed: &Claimed<'_>, findings: &mut Findings) {
    let Some(left) = LEFT.as_ref() else { return };
    for found in left.captures_iter(claimed.sentence) {
        let said = (1..=3).find_map(|group| found.get(group)).map(|said| said.as_str());
        let Some(said) = said.and_then(|said| said.parse::<f64>().ok()) else {
            continue;
        };
        findings.checked();
        let products = claimed.subject.products.iter();
        let mut products = products.filter_map(|index| claimed.evidence.products.get(*index));
        let texts = claimed.evidence.texts.iter();
        let is_written = |text: &crate::chat::claims::evidence::Text| {
            text.statements().iter().any(|statement| {
                let is_stock = [
                    "налич",
                    "склад",
                    "остат",
                    "остал",
                    "количеств",
                    "stock",
                    "left",
                    "quantity",
                ]
                .iter()
                .any(|word| statement.text.contains(word));
                is_stock && statement.numbers().iter().any(|number| number.value == said)
            })
        };
        if !products.any(|product| is_written(&product.text)) && !texts.into_iter().any(is_written) {
            findings.drop_sentence();
        }
    }
}

pub fn check_codes(claimed: &Claimed<'_>, findings: &mut Findings) {
    let Some(code) = CODE.as_ref() else { return };
    for found in code.captures_iter(claimed.sentence).filter_map(|found| found.get(1)) {
        let written = found.as_str().trim_end_matches(['.', '-', '/', '–']);
        let has_digit = written.chars().any(|c| c.is_ascii_digit());
        let is_capitals = written.chars().filter(|c| c.is_alphabetic()).all(char::is_uppercase);
        let is_code = has_digit || (is_capitals && written.chars().count() >= 3);
        if !is_code {
            continue;
        }
        findings.checked();
        let said = normalize_identifier(written);
        let chosen: Vec<&Product> = claimed
            .subject
            .products
            .iter()
            .filter_map(|index| claimed.evidence.products.get(*index))
            .collect();
        if is_known(&said, &chosen, claimed.evidence) {
            continue;
        }
        let own = match chosen.as_slice() {
            [product] => product.code.clone(),
            _ => None,
        };
        match own {
            Some(own) => findings.correct(found.start()..found.start() + written.len(), own),
            None => findings.drop_sentence(),
        }
    }
}

fn is_known(code: &str, chosen: &[&Product], evidence: &Evidence) -> bool {
    let is_own = chosen.iter().any(|product| product.codes.has(code));
    is_own
        || (chosen.is_empty() || chosen.iter().all(|product| product.code.is_none()))
            && evidence.codes.iter().any(|codes| codes.has(code))
}

/// Makes the patterns ready.
pub fn prepare() {
    for pattern in [&ABSENT, &PRESENT, &LEFT, &CONDITION, &GENERAL, &CODE, &ALL_OF_THEM] {
        LazyLock::force(pattern);
    }
}
