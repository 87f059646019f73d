//! What a question asks of a product, before the shop is known: bounds, orders, stock, discount, and the words that are left.

use crate::retrieval::attributes::bound::Bound;
use crate::retrieval::attributes::bound::bounds;
use crate::retrieval::attributes::property::Direction;
use crate::retrieval::attributes::property::Property;
use crate::retrieval::attributes::property::adjective;
use crate::retrieval::attributes::property::comparative;
use crate::retrieval::attributes::property::is_least;
use crate::retrieval::attributes::property::is_most;
use crate::retrieval::attributes::property::superlative;
use crate::retrieval::attributes::token::Token;
use crate::retrieval::attributes::token::tokens;
use crate::retrieval::attributes::words::is_discount;
use crate::retrieval::attributes::words::is_filler;
use crate::retrieval::attributes::words::is_generic;
use crate::retrieval::attributes::words::is_service;
use crate::retrieval::attributes::words::is_tail_opening;
use crate::text::stop_words::is_stop_word;

/// A negation reaches this many content words.
const NEGATION_REACH: usize = 3;

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reading {
    pub bounds: Vec<Bound>,
    /// "Самый лёгкий", "cheapest".
    pub order: Option<Direction>,
    /// "Полегче", "cheaper" without a number: by comparison with what was spoken of.
    pub comparison: Option<Direction>,
    pub in_stock: Option<bool>,
    pub is_discounted: bool,
    /// The words that are left, in order.
    pub words: Vec<AskedWord>,
    /// "Что-нибудь", "товары": any product will do.
    pub is_generic: bool,
    /// Stems of words for delivery, returns, payment and the like: the shop's rules, unless it sells what is named so.
    pub service_terms: Vec<String>,
    /// How and why: an explanation is asked for, not goods.
    pub asks_how: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct AskedWord {
    pub text: String,
    pub stem: String,
    /// "Без капюшона", "not leather", "sugar free".
    pub is_negated: bool,
    /// Behind "для", "с", "for", "with": tells what the thing is for or has, not what it is.
    pub is_in_tail: bool,
}

pub fn read(question: &str) -> Reading {
    let tokens = tokens(question);
    let mut reading = Reading {
        bounds: bounds(&tokens),
        ..Reading::default()
    };
    let mut used = vec![false; tokens.len()];
    for bound in &reading.bounds {
        for place in used.iter_mut().take(bound.span.end).skip(bound.span.start) {
            *place = true;
        }
    }
    // A bare number may be part of a name ("Тропа 30") as well.
    reading.read_stock(&tokens, &mut used);
    reading.read_order(&tokens, &mut used);
    reading.asks_how = asks_how(&tokens);
    reading.service_terms = service_terms(&tokens);
    reading.read_words(&tokens, &used);
    reading
}

impl Reading {
    /// Whether anything was asked for that a product's row decides.
    pub fn is_plain(&self) -> bool {
        self.bounds.is_empty()
            && self.order.is_none()
            && self.comparison.is_none()
            && self.in_stock.is_none()
            && !self.is_discounted
    }

    fn read_stock(&mut self, tokens: &[Token], used: &mut [bool]) {
        for (at, token) in tokens.iter().enumerate() {
            let Some(word) = token.word() else { continue };
            let previous = |back: usize| at.checked_sub(back).and_then(|at| tokens.get(at)).and_then(Token::word);
            let is_absent = |word: &str| {
                matches!(
                    word,
                    "нет"
                        | "не"
                        | "отсутствует"
                        | "отсутствуют"
                        | "закончился"
                        | "закончились"
                        | "закончилась"
                        | "кончились"
                        | "out"
                        | "not"
                        | "isn"
                        | "aren"
                        | "no"
                )
            };
            let found = match word {
                "наличии" | "наличие" | "складе" | "stock" => {
                    let answers = (1..=4).any(|back| previous(back).is_some_and(is_absent));
                    let is_choice = (1..=4).any(|back| matches!(previous(back), Some("или" | "or")));
                    Some(!answers || is_choice)
                }
                "available" => Some(!(1..=2).any(|back| previous(back).is_some_and(is_absent))),
                "unavailable"
                | "распроданы"
                | "распродано"
                | "распродан"
                | "закончились"
                | "закончился"
                | "закончилась" => Some(false),
                "sold" if tokens.get(at + 1).and_then(Token::word) == Some("out") => Some(false),
                _ => None,
            };
            if let Some(is_there) = found {
                self.in_stock = Some(self.in_stock.unwrap_or(true) && is_there);
                mark(used, at);
            }
            if is_discount(tokens, at) {
                self.is_discounted = true;
                mark(used, at);
            }
        }
    }

    fn read_order(&mut self, tokens: &[Token], used: &mut [bool]) {
        for (at, token) in tokens.iter().enumerate() {
            let Token::Word { text, stem } = token else { continue };
            if used.get(at).copied().unwrap_or(true) {
                continue;
            }
            let next = tokens.get(at + 1);
            let next_order = match next {
                Some(Token::Word { text, stem }) => adjective(stem)
                    .or_else(|| superlative(text, stem))
                    .or_else(|| comparative(text)),
                _ => None,
            };
            if (is_most(text) || is_least(text)) && next_order.is_some() {
                self.order = next_order.map(|direction| Direction {
                    is_ascending: direction.is_ascending != is_least(text),
                    ..direction
                });
                mark(used, at);
                mark(used, at + 1);
            } else if let Some(direction) = superlative(text, stem) {
                self.order = Some(direction);
                mark(used, at);
            } else if let Some(direction) = comparative(text).or_else(|| magnitude(text, tokens, at)) {
                self.comparison = Some(direction);
                mark(used, at);
            }
        }
    }

    fn read_words(&mut self, tokens: &[Token], used: &[bool]) {
        let mut negation_left = 0;
        let mut is_in_tail = false;
        for (at, token) in tokens.iter().enumerate() {
            let (text, stem) = match token {
                Token::Word { text, stem } => (text, stem),
                Token::Number(number) if !used.get(at).copied().unwrap_or(true) || self.is_exact_at(at) => {
                    let text = number.to_string();
                    self.words.push(AskedWord {
                        stem: text.clone(),
                        text,
                        is_negated: false,
                        is_in_tail: true,
                    });
                    continue;
                }
                Token::Number(_) => continue,
                Token::Sign(sign) => {
                    if matches!(sign, ',' | ';' | '.' | '?') {
                        (negation_left, is_in_tail) = (0, false);
                    }
                    continue;
                }
            };
            if is_negation(tokens, at) {
                negation_left = NEGATION_REACH;
                is_in_tail = true;
                continue;
            }
            if is_tail_opening(text) {
                is_in_tail = true;
            }
            if matches!(text.as_str(), "и" | "но" | "а" | "and" | "but") {
                negation_left = 0;
            }
            if used.get(at).copied().unwrap_or(true) {
                continue;
            }
            if is_generic(text) {
                self.is_generic = true;
                continue;
            }
            if text == "free" {
                if let Some(last) = self.words.last_mut() {
                    last.is_negated = true;
                }
                continue;
            }
            if is_stop_word(text) && text.chars().count() > 1 || is_filler(text, stem) {
                continue;
            }
            if is_stop_word(text) && crate::retrieval::attributes::concept::size_of(text).is_none() {
                continue;
            }
            self.words.push(AskedWord {
                text: text.clone(),
                stem: stem.clone(),
                is_negated: negation_left > 0,
                is_in_tail,
            });
            negation_left = usize::saturating_sub(negation_left, 1);
        }
    }

    /// Whether the number at a token is asked for without any comparison or unit: it may be part of a name.
    fn is_exact_at(&self, at: usize) -> bool {
        let bound = self.bounds.iter().find(|bound| bound.span.contains(&at));
        bound.is_some_and(|bound| !bound.is_comparison && bound.unit.is_none())
    }
}

/// "Больше", "выше" without a number: of what, the question's other words tell.
fn magnitude(word: &str, tokens: &[Token], at: usize) -> Option<Direction> {
    // "Больше не работает" and "больше всего" compare nothing.
    let next = tokens.get(at + 1).and_then(Token::word);
    if matches!(
        next,
        Some("не" | "нет" | "всего" | "всех" | "info" | "information" | "than")
    ) {
        return None;
    }
    match word {
        "больше" => Some(Direction {
            property: Property::Size,
            is_ascending: false,
        }),
        "меньше" => Some(Direction {
            property: Property::Size,
            is_ascending: true,
        }),
        _ => None,
    }
}

fn is_negation(tokens: &[Token], at: usize) -> bool {
    let word = tokens.get(at).and_then(Token::word).unwrap_or_default();
    let after_apostrophe = word == "t" && at > 1 && tokens.get(at - 1).is_some_and(|token| token.is_sign(&['\'', '’']));
    matches!(
        word,
        "без" | "не" | "without" | "not" | "non" | "no" | "кроме" | "except"
    ) || after_apostrophe
}

fn service_terms(tokens: &[Token]) -> Vec<String> {
    let serving = tokens.iter().filter_map(|token| match token {
        Token::Word { text, stem } if is_service(text, stem) => Some(stem.clone()),
        _ => None,
    });
    serving.collect()
}

fn asks_how(tokens: &[Token]) -> bool {
    let mut words = tokens.iter().filter_map(Token::word);
    let (first, second) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    match first {
        "как" | "почему" | "зачем" | "why" => true,
        "how" => !matches!(
            second,
            "much" | "many" | "big" | "heavy" | "large" | "long" | "tall" | "wide" | "expensive"
        ),
        "а" | "и" | "and" => matches!(second, "как" | "почему" | "зачем" | "why"),
        _ => false,
    }
}

fn mark(used: &mut [bool], at: usize) {
    if let Some(place) = used.get_mut(at) {
        *place = true;
    }
}
