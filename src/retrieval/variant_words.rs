//! What tells the variants of one product apart in words: colors, sizes, quantities, and the shop's own values of such attributes.
//! Numbers without a unit are names of models: "Ручей 30" and "Ручей 45" are two products.

use crate::domain::knowledge::ProductRow;
use crate::retrieval::attributes::concept::is_color;
use crate::retrieval::attributes::concept::is_color_term;
use crate::retrieval::attributes::concept::size_of;
use crate::retrieval::attributes::token::Token;
use crate::retrieval::attributes::token::term_of;
use crate::retrieval::attributes::token::tokens;
use crate::retrieval::attributes::unit::Dimension;
use crate::retrieval::attributes::unit::unit_of;
use crate::retrieval::attributes::value::value_terms;
use crate::text::normalize::normalize;
use std::collections::BTreeSet;
use std::collections::HashSet;
use std::sync::LazyLock;

/// Attributes whose values are variants of one product, by a word of their names.
const VARYING_ATTRIBUTES: &str = "цвет расцветка оттенок color colour shade размер рост size объем емкость вместимость volume capacity \
     память накопитель memory storage вес масса weight длина length ширина width высота height диаметр diameter \
     количество штук count quantity pack вкус flavor flavour аромат запах scent fragrance";

static VARYING_TERMS: LazyLock<HashSet<String>> =
    LazyLock::new(|| VARYING_ATTRIBUTES.split_whitespace().map(term_of).collect());

/// Before a color, of its shade.
const SHADES: &[&str] = &[
    "темно",
    "светло",
    "ярко",
    "бледно",
    "нежно",
    "dark",
    "light",
    "bright",
    "pale",
    "deep",
];

/// Before a number without a unit that is a size or a count.
const BEFORE_NUMBERS: &[&str] = &["размер", "р", "рост", "size", "of", "из"];

/// A product's title, parted into what all variants share and what is this one's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Title {
    /// The words that variants share, in their order; empty when there is none.
    pub key: String,
    /// What tells this variant from others, of the title and of the attributes: stems, sizes, numbers, quantities in base units.
    pub marks: BTreeSet<String>,
}

/// Reads the title of a product with its row.
pub fn read_title(title: &str, row: &ProductRow) -> Title {
    let own = OwnValues::of(row);
    let tokens = tokens(title);
    let mut kept = Vec::new();
    let mut own_tokens = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        if let Some(end) = quantity_end(&tokens, at) {
            own_tokens.extend(tokens.get(at..end).unwrap_or_default().iter().cloned());
            at = end;
            continue;
        }
        match token {
            Token::Sign(_) => {}
            _ if is_variant_token(&tokens, at, &own) => own_tokens.push(token.clone()),
            Token::Word { stem, .. } => kept.push(stem.clone()),
            Token::Number(number) => kept.push(number.to_string()),
        }
        at += 1;
    }
    let mut marks = marks(&own_tokens);
    marks.extend(own.marks);
    Title {
        key: kept.join(" "),
        marks,
    }
}

/// The end of a quantity that begins at a token: a number, or several joined by signs, and a unit ("60×100 см", "2-местная"); also
/// of sides without a unit ("160х200").
fn quantity_end(tokens: &[Token], start: usize) -> Option<usize> {
    tokens.get(start).and_then(Token::number)?;
    let mut end = start + 1;
    let mut has_sides = false;
    loop {
        let is_joined = tokens
            .get(end)
            .is_some_and(|token| token.is_sign(&['×', '*', '-', '+']));
        let next = tokens.get(end + usize::from(is_joined));
        if is_joined && next.and_then(Token::number).is_some() {
            has_sides |= tokens.get(end).is_some_and(|token| token.is_sign(&['×', '*']));
            end += 2;
            continue;
        }
        let unit = next.filter(|token| token.word().is_some() || token.is_sign(&['"']));
        return match unit.and_then(Token::unit) {
            Some((dimension, _)) if varies(dimension) => Some(end + usize::from(is_joined) + 1),
            _ => has_sides.then_some(end),
        };
    }
}

/// Whether products that differ in it alone are variants; watts, volts and lumens make another model.
fn varies(dimension: Dimension) -> bool {
    matches!(
        dimension,
        Dimension::Volume
            | Dimension::Mass
            | Dimension::Length
            | Dimension::Storage
            | Dimension::Charge
            | Dimension::Count
    )
}

fn is_variant_token(tokens: &[Token], at: usize, own: &OwnValues) -> bool {
    let before = at.checked_sub(1).and_then(|before| tokens.get(before));
    match tokens.get(at) {
        Some(Token::Number(number)) => {
            let is_introduced = before
                .and_then(Token::word)
                .is_some_and(|word| BEFORE_NUMBERS.contains(&word));
            is_introduced || own.terms.contains(&number.to_string())
        }
        Some(token @ Token::Word { text, stem }) => {
            let next = tokens.iter().skip(at + 1).find(|next| !next.is_sign(&['-']));
            let is_shade = SHADES.contains(&text.as_str()) && next.is_some_and(is_color);
            let is_size = size_of(text).is_some() && !follows_apostrophe(before);
            is_shade || is_size || is_color(token) || own.terms.contains(stem)
        }
        _ => false,
    }
}

/// As in "men's".
fn follows_apostrophe(before: Option<&Token>) -> bool {
    before.is_some_and(|token| token.is_sign(&['\'', '’', '`']))
}

/// The values of a product's attributes that its variants differ in.
struct OwnValues {
    /// Words that a title may say as well.
    terms: HashSet<String>,
    marks: BTreeSet<String>,
}

impl OwnValues {
    fn of(row: &ProductRow) -> OwnValues {
        let mut own = OwnValues {
            terms: HashSet::new(),
            marks: BTreeSet::new(),
        };
        let is_varying = |name: &str| {
            let words = tokens(name);
            words
                .iter()
                .any(|word| matches!(word, Token::Word { stem, .. } if VARYING_TERMS.contains(stem)))
        };
        for (_, value) in row.attributes.iter().filter(|(name, _)| is_varying(name)) {
            let value = tokens(value);
            own.marks.extend(marks(&value));
            // One side of "54×30×22" is no name of the product; a whole value may be, as in "Ботинки, 42".
            let is_whole = value.len() == 1;
            let terms = value_terms(&value).into_iter();
            own.terms
                .extend(terms.filter(|term| is_whole || term.parse::<f64>().is_err()));
        }
        own
    }
}

/// What words and numbers say, in a form that a question and a product share: stems, sizes as facets keep them, and numbers both
/// as they are and in the base unit of what they measure.
pub fn marks(tokens: &[Token]) -> BTreeSet<String> {
    let mut marks = BTreeSet::new();
    let mut last: Option<&Token> = None;
    for token in tokens {
        match token {
            Token::Number(number) => {
                marks.insert(number.to_string());
            }
            Token::Word { text, stem } => {
                let number = last.and_then(Token::number);
                if let Some((number, (dimension, factor))) = number.zip(token.unit()) {
                    marks.insert(format!("{dimension:?} {:.3}", number * factor));
                } else if let Some(size) = size_of(text) {
                    if !follows_apostrophe(last) {
                        marks.insert(size.to_owned());
                    }
                } else {
                    marks.insert(stem.clone());
                }
            }
            Token::Sign(_) => {}
        }
        last = Some(token);
    }
    marks
}

/// The words of a text without those that tell variants apart: numbers, units, colors, sizes, its article number, its own marks.
pub fn body_words(text: &str, source_id: &str, own: &BTreeSet<String>) -> BTreeSet<String> {
    let source_id = normalize(source_id);
    let article: HashSet<&str> = words_of(&source_id).collect();
    let text = normalize(text);
    let words = words_of(&text).filter(|word| {
        !word.chars().any(|c| c.is_ascii_digit())
            && unit_of(word).is_none()
            && size_of(word).is_none()
            && !SHADES.contains(word)
            && !article.contains(word)
    });
    let stems = words.map(term_of);
    stems
        .filter(|stem| !is_color_term(stem) && !own.contains(stem))
        .collect()
}

fn words_of(normalized: &str) -> impl Iterator<Item = &str> {
    let words = normalized.split(|c: char| !c.is_alphanumeric());
    words.filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::read_title;
    use crate::domain::knowledge::ProductRow;

    fn key(title: &str, attributes: &[(&str, &str)]) -> String {
        let attributes = attributes.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        let row = ProductRow {
            attributes: attributes.collect(),
            ..ProductRow::default()
        };
        read_title(title, &row).key
    }

    #[test]
    fn titles_of_variants_have_one_key() {
        for (one, other) in [
            ("Футболка «Ясень», синяя, L", "Футболка тёмно-зелёная «Ясень» XL"),
            ("Ashwood T-shirt, navy, size M", "Ashwood T-Shirt size XL, light grey"),
            ("Чай «Луг», 100 г", "Чай «Луг», 0,5 кг"),
            ("Meadow Jars, set of 4", "Meadow Jars, set of 6"),
            ("Смартфон Вега X2 128 ГБ чёрный", "Смартфон Вега X2 256ГБ белый"),
            ("Плед «Гнездо» 130×170 см", "Плед «Гнездо» 200х220"),
            ("Шатёр «Шум» 2-местный", "Шатёр «Шум» 4-местный"),
        ] {
            assert_eq!(key(one, &[]), key(other, &[]), "{one}");
        }
    }

    #[test]
    fn a_shops_own_values_are_no_part_of_the_key() {
        assert_eq!(
            key("Свеча «Дом», ветивер", &[("Аромат", "ветивер")]),
            key("Свеча «Дом», инжир", &[("Аромат", "инжир")])
        );
        assert_eq!(
            key("Ridge Boots, 42", &[("Size", "42")]),
            key("Ridge Boots 43", &[("Size", "43")])
        );
    }

    #[test]
    fn models_keep_their_names() {
        for (one, other) in [
            ("Рюкзак «Ручей 30»", "Рюкзак «Ручей 45»"),
            ("Наушники Вега X100", "Наушники Вега X200"),
            ("Лампа «Угол», 10 Вт", "Лампа «Угол», 15 Вт"),
            ("Men's Ashwood Jacket", "Women's Ashwood Jacket"),
        ] {
            let attributes = [("Размер", "54×30×45 см"), ("Объём", "30 л")];
            assert_ne!(key(one, &attributes), key(other, &attributes), "{one}");
        }
    }
}
