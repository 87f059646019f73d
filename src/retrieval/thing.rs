//! The thing that a question wants the shop to have: "палатки" in "Есть ли у вас палатки на двоих?", "cookers" in "Do you sell
//! pressure cookers?". A shop may mention a thing on many pages and not have it.
//!
//! A rule of word order, not a parser: a run of content words is a noun phrase, in which Russian puts the noun after its
//! adjectives and English puts it last.

use crate::text::normalize::normalize;
use crate::text::stem::stem;
use crate::text::stop_words::is_stop_word;
use crate::text::tokenize::is_cyrillic;
use crate::text::tokenize::words;

/// With these people ask for goods and for nothing else.
const GOODS_OPENINGS: &[&str] = &[
    "продаете",
    "продаешь",
    "продаются",
    "продается",
    "продаже",
    "купить",
    "куплю",
    "торгуете",
    "sell",
    "selling",
    "sells",
    "carry",
    "buy",
];
/// With these they ask for goods, services and terms alike.
const OPENINGS: &[&str] = &[
    "есть",
    "бывают",
    "бывает",
    "имеется",
    "имеются",
    "нужен",
    "нужна",
    "нужно",
    "нужны",
    "ищу",
    "стоит",
    "стоят",
    "почем",
    "have",
    "need",
    "looking",
    "offer",
    "much",
    "there",
];
/// Content words that name nothing by themselves.
const EMPTY: &[&str] = &[
    "сколько",
    "цена",
    "наличии",
    "stock",
    "price",
    "cost",
    "item",
    "items",
    "товар",
    "товары",
];
/// Endings of Russian adjectives and participles.
const ADJECTIVE_ENDINGS: &[&str] = &[
    "ый", "ий", "ой", "ая", "яя", "ое", "ее", "ые", "ие", "ого", "его", "ому", "ему", "ым", "им", "ую", "юю", "ых",
    "их", "ыми", "ими",
];
/// A question of so few words that only names something asks whether it is there.
const BARE_WORDS: usize = 4;

/// What can be meant by a want.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Want {
    /// Goods only: "продаёте лыжи?".
    Goods,
    /// Goods, services and terms: "есть лыжи?".
    Anything,
    /// The thing is only named: "лыжи".
    Named,
}

/// What a question wants.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    /// The stem of its noun.
    pub term: String,
    pub kind: Want,
}

/// What the question asks the shop to have; `None` when it asks something else.
pub fn wanted(question: &str) -> Option<Wanted> {
    let normalized = normalize(question);
    let asked: Vec<&str> = words(&normalized).collect();
    let opening = opening(&asked);
    let is_goods = opening.is_some_and(|place| asked.get(place).is_some_and(|word| GOODS_OPENINGS.contains(word)));
    let names_only = asked.len() <= BARE_WORDS && asked.first().is_some_and(|word| is_content(word));
    if opening.is_none() && !names_only {
        return None;
    }
    let after = opening.and_then(|place| asked.get(place..));
    let noun = after.and_then(first_noun).or_else(|| first_noun(&asked))?;
    let kind = if is_goods {
        Want::Goods
    } else if opening.is_some() {
        Want::Anything
    } else {
        Want::Named
    };
    Some(Wanted {
        term: stem(noun).into_owned(),
        kind,
    })
}

/// The place of the word that asks whether the shop has something: nothing is named before it, or in Russian nothing after it.
fn opening(asked: &[&str]) -> Option<usize> {
    let opens = |word: &&str| OPENINGS.contains(word) || GOODS_OPENINGS.contains(word);
    let place = asked.iter().position(opens)?;
    let names = |words: Option<&[&str]>| words.is_some_and(|words| words.iter().any(|word| is_content(word)));
    let is_russian = asked.get(place)?.chars().any(is_cyrillic);
    (!names(asked.get(..place)) || is_russian && !names(asked.get(place + 1..))).then_some(place)
}

/// The stems that tell what kind of thing a title names: those of its first phrase, without what it is for.
pub fn kind_terms(title: &str) -> Vec<String> {
    let end = title
        .find(['«', '"', '(', ',', '“'])
        .filter(|end| *end > 0)
        .unwrap_or(title.len());
    let normalized = normalize(title.get(..end).unwrap_or(title));
    let kind = words(&normalized).take_while(|word| is_content(word));
    kind.map(|word| stem(word).into_owned()).collect()
}

fn is_content(word: &str) -> bool {
    let is_opening = OPENINGS.contains(&word) || GOODS_OPENINGS.contains(&word);
    !is_opening && !is_stop_word(word) && !EMPTY.contains(&word) && !word.chars().any(|c| c.is_ascii_digit())
}

/// The noun of the first run of content words.
fn first_noun<'a>(asked: &[&'a str]) -> Option<&'a str> {
    let mut run = asked
        .iter()
        .copied()
        .skip_while(|word| !is_content(word))
        .take_while(|word| is_content(word));
    let first = run.clone().next()?;
    if !first.chars().any(is_cyrillic) {
        return run.last();
    }
    run.find(|word| !is_adjective(word)).or(Some(first))
}

fn is_adjective(word: &str) -> bool {
    word.chars().count() > 4 && ADJECTIVE_ENDINGS.iter().any(|ending| word.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use super::Want;
    use super::kind_terms;
    use super::wanted;

    fn term(question: &str) -> Option<String> {
        wanted(question).map(|wanted| wanted.term)
    }

    #[test]
    fn the_noun_after_the_opening_is_wanted() {
        assert_eq!(term("Есть ли у вас палатки на двоих?").as_deref(), Some("палатк"));
        assert_eq!(term("Do you sell pressure cookers?").as_deref(), Some("cooker"));
        assert_eq!(term("Надувной матрас почём?").as_deref(), Some("матрас"));
        assert_eq!(term("гамак").as_deref(), Some("гамак"));
        assert_eq!(wanted("Продаёте лыжи?").unwrap().kind, Want::Goods);
        assert_eq!(wanted("Есть ли рассрочка?").unwrap().kind, Want::Anything);
        assert_eq!(wanted("рассрочка").unwrap().kind, Want::Named);
    }

    #[test]
    fn a_question_that_asks_how_wants_nothing() {
        assert_eq!(wanted("Как вернуть товар, который не понравился?"), None);
        assert_eq!(
            wanted("Какой вес у чайника и какую крышку он имеет, есть ли ручка?"),
            None
        );
        assert_eq!(wanted("What colour does the small kettle have?"), None);
        assert_eq!(wanted("Кто выиграл чемпионат мира по хоккею?"), None);
    }

    #[test]
    fn a_title_names_its_kind_before_its_purpose() {
        assert_eq!(kind_terms("Сумка для ноутбука «Депо 15»"), ["сумк"]);
        assert_eq!(kind_terms("Cast Iron Skillet 10 in"), ["cast", "iron", "skillet"]);
    }
}
