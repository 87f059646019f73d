//! Questions of the kinds that cost a search most, about the products of `catalog`.

use crate::support::Sample;
use crate::support::Table;
use crate::support::catalog::BRANDS;
use crate::support::catalog::COLORS;
use crate::support::catalog::KINDS;
use crate::support::catalog::catalog;
use crate::support::catalog::mixed;
use crate::support::catalog::pick;
use crate::support::catalog::question;
use palompy::domain::id::ShopId;
use palompy::embed::builtin::dictionary;
use palompy::retrieval::attributes::cache::FacetCache;
use palompy::retrieval::reading::Reading;
use palompy::retrieval::shop_cache::Kept;
use palompy::retrieval::vocabulary::Vocabulary;
use palompy::store::Store;
use palompy::text::terms::terms;
use std::collections::BTreeSet;
use std::time::Instant;

const COUNT: usize = 200;

/// The name of a kind of question, and the question of each number.
pub type Kind = (&'static str, fn(usize) -> String);

/// Questions about price, order, value and number.
pub fn attribute_question(number: usize) -> String {
    const ASKED: [&str; 6] = [
        "{thing} до {price}",
        "самый дешёвый {thing}",
        "{color} {thing}",
        "{thing} легче {price} г",
        "{thing} {brand} не дороже {price} рублей",
        "самый лёгкий {thing} в наличии",
    ];
    let (name, ..) = pick(KINDS, number, 201);
    ASKED[number % ASKED.len()]
        .replace("{thing}", &name.to_lowercase())
        .replace("{price}", &(1000 + 100 * (mixed(number, 202) % 40)).to_string())
        .replace("{color}", pick(COLORS, number, 203))
        .replace("{brand}", pick(BRANDS, number, 204))
}

/// A question whose longer words have one or two slips each: a vowel heard wrongly, letters swapped, one left out.
pub fn misspelt_question(number: usize) -> String {
    let misspelt = |word: &str| {
        let mut letters: Vec<char> = word.chars().collect();
        if letters.len() < 5 || !letters.iter().all(|letter| letter.is_alphabetic()) {
            return word.to_owned();
        }
        let at = 1 + mixed(number, 301) % (letters.len() - 3);
        match mixed(number, 302 + letters.len() as u64) % 3 {
            0 => letters.swap(at, at + 1),
            1 => drop(letters.remove(at)),
            _ => letters.iter_mut().skip(1).for_each(|letter| {
                *letter = match *letter {
                    'о' => 'а',
                    'а' => 'о',
                    'е' => 'и',
                    'д' => 'т',
                    other => other,
                }
            }),
        }
        letters.into_iter().collect()
    };
    question(number).split(' ').map(misspelt).collect::<Vec<_>>().join(" ")
}

/// A question in Latin letters.
pub fn transliterated_question(number: usize) -> String {
    const LETTERS: &str = "а a б b в v г g д d е e ё yo ж zh з z и i й y к k л l м m н n о o п p р r с s т t у u ф f х h ц ts ч ch ш sh щ sch \
                           ы y ь ' э e ю yu я ya";
    let latin = |letter: char| {
        let mut pairs = LETTERS.split_whitespace();
        while let (Some(russian), Some(latin)) = (pairs.next(), pairs.next()) {
            if russian.starts_with(letter) {
                return latin.to_owned();
            }
        }
        letter.to_string()
    };
    question(number).chars().map(latin).collect()
}

/// So many terms, with a spelling for each: words of the catalog, of the dictionary, and made of two of its words.
fn vocabulary(count: usize) -> (Vec<(String, u32)>, Vec<String>) {
    let known: Vec<&str> = dictionary::known_terms().map(|(term, _)| term).collect();
    let mut all: BTreeSet<String> = (0..200)
        .flat_map(|number| terms(&catalog(number..number + 1).to_string()))
        .collect();
    all.extend(known.iter().take(count * 3 / 4).map(|term| (*term).to_owned()));
    let mut number = 0;
    while all.len() < count {
        let (start, end) = (pick(&known, number, 401), pick(&known, number, 402));
        let start: String = start.chars().take(2 + number % 4).collect();
        let end: String = end.chars().skip(1 + number % 3).collect();
        all.insert(start + &end);
        number += 1;
    }
    let forms = all.iter().map(|term| format!("{term}ами {term}s")).collect();
    (all.into_iter().map(|term| (term, 1)).collect(), forms)
}

/// How long it takes to understand a question by the words of a shop.
pub fn time_reading(table: &mut Table, terms: usize) {
    let (counted, texts) = vocabulary(terms);
    let vocabulary = Vocabulary::new(counted, &texts, &[]);
    table.known(
        &format!("{}k terms with two spellings each: memory", terms / 1000),
        &format!("{:.1} MB", vocabulary.size_bytes() as f64 / f64::from(1 << 20)),
    );
    let kinds: [Kind; 3] = [
        ("plain", question),
        ("misspelt", misspelt_question),
        ("Latin", transliterated_question),
    ];
    for (kind, made) in kinds {
        Reading::of(&made(0), &vocabulary);
        let times = (0..COUNT).map(|number| {
            let question = made(number);
            let started = Instant::now();
            std::hint::black_box(Reading::of(&question, &vocabulary));
            started.elapsed()
        });
        let sample = Sample::of_milliseconds(times);
        let what = format!("{}k terms: reading a {kind} question", terms / 1000);
        table.known(&format!("{what}: p50 / p99"), &sample.summary());
        table.known(&format!("{what}: p90"), &format!("{:.2} ms", sample.percentile(90.0)));
    }
}

/// How long it takes to read a shop's product rows, and what they take.
pub async fn time_facets(table: &mut Table, count: &str, store: &Store, shop: ShopId) {
    let started = Instant::now();
    let facets = FacetCache::default().of(store, shop).await.unwrap();
    let milliseconds = started.elapsed().as_secs_f64() * 1e3;
    let bytes = facets.size_bytes() / facets.len();
    table.known(
        &format!("{count}: reading product rows; bytes a product"),
        &format!("{milliseconds:.0} ms; {bytes}"),
    );
}
