//! The words of one shop, kept in memory to tell a known word from a misspelt one.
//!
//! Terms as they stand in the index, the spellings in which the texts have them, and identifiers: about 66 bytes a term and
//! 43 a spelling, so that 100,000 terms with a spelling each take 11 MB. The dictionary of both languages is shared by all shops.

use crate::domain::id::ShopId;
use crate::embed::builtin::dictionary;
use crate::retrieval::lexicon::Lexicon;
use crate::retrieval::shop_cache::Kept;
use crate::retrieval::shop_cache::ShopCache;
use crate::retrieval::sorted_words::SortedWords;
use crate::retrieval::word_index::Near;
use crate::retrieval::word_index::WordIndex;
use crate::store::Store;
use crate::text::normalize::normalize;
use crate::text::stem::stem;
use crate::text::stop_words::is_stop_word;
use crate::text::tokenize::words;
use anyhow::Context;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::LazyLock;

/// Memory for the words of all shops; past this, those of the shops that were not asked lately are dropped.
const BUDGET_BYTES: usize = 64 << 20;
/// Texts from which spellings are taken; the rest of a larger shop repeats their words.
const SAMPLED_BYTES: usize = 8 << 20;

static DICTIONARY: LazyLock<WordIndex> =
    LazyLock::new(|| WordIndex::new(dictionary::known_terms().map(|(term, _)| (term, 0))));

/// The terms of a shop's index.
#[derive(Default)]
pub struct Vocabulary {
    terms: SortedWords,
    /// How many chunks hold each term.
    chunks: Vec<u32>,
    stems: WordIndex,
    forms: WordIndex,
    identifiers: SortedWords,
}

/// A word that a misspelt one may stand for.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// As the index has it.
    pub term: String,
    /// A spelling that has this term, for readers other than the index; the term itself when none is known.
    pub form: String,
    /// As `edit_cost` gives it.
    pub cost: f32,
    /// How many of the shop's chunks hold it; 0 for a word of the dictionary.
    pub chunks: u32,
}

/// The vocabularies of the shops that are being asked, each read once for each import.
#[derive(Clone)]
pub struct Vocabularies {
    cache: Arc<ShopCache<Vocabulary>>,
}

impl Default for Vocabularies {
    fn default() -> Vocabularies {
        Vocabularies {
            cache: Arc::new(ShopCache::new(BUDGET_BYTES)),
        }
    }
}

impl Vocabularies {
    /// The words of this version of the shop's knowledge, or of a later one.
    pub async fn of(&self, store: &Store, shop: ShopId, version: i64) -> anyhow::Result<Arc<Vocabulary>> {
        self.cache.of(shop, version, read(store, shop)).await
    }

    pub fn holds(&self, shop: ShopId) -> bool {
        self.cache.holds(shop)
    }
}

async fn read(store: &Store, shop: ShopId) -> anyhow::Result<Vocabulary> {
    let terms = store.list_terms(shop).await?;
    let texts = store.sample_texts(shop, SAMPLED_BYTES).await?;
    let identifiers = store.list_identifiers(shop).await?;
    let made = tokio::task::spawn_blocking(move || Vocabulary::new(terms, &texts, &identifiers)).await;
    made.context("making a vocabulary panicked")
}

impl Kept for Vocabulary {
    fn size_bytes(&self) -> usize {
        self.terms.size_bytes()
            + self.chunks.capacity() * size_of::<u32>()
            + self.stems.size_bytes()
            + self.forms.size_bytes()
            + self.identifiers.size_bytes()
    }
}

impl Vocabulary {
    /// Terms with the number of chunks that hold them, texts to take spellings from, and identifiers as
    /// `normalize_identifier` writes them; in any order.
    pub fn new(mut terms: Vec<(String, u32)>, texts: &[String], identifiers: &[String]) -> Vocabulary {
        terms.sort_unstable();
        terms.dedup_by(|a, b| a.0 == b.0);
        let sorted = SortedWords::new(terms.iter().map(|(term, _)| term.as_str()));
        let forms = forms(texts, &sorted);
        let identifiers: BTreeSet<&str> = identifiers.iter().map(String::as_str).collect();
        Vocabulary {
            stems: WordIndex::new(terms.iter().map(|(term, _)| term.as_str()).zip(0..)),
            forms: WordIndex::new(forms.iter().map(|(form, term)| (form.as_str(), *term))),
            chunks: terms.iter().map(|(_, chunks)| *chunks).collect(),
            identifiers: SortedWords::new(identifiers.into_iter()),
            terms: sorted,
        }
    }

    /// Whether the shop's texts hold the term.
    pub fn holds(&self, term: &str) -> bool {
        self.terms.find(term).is_some()
    }

    /// Whether the term is a word: of the shop, of either language, or one that people say in shops.
    pub fn knows(&self, term: &str) -> bool {
        self.holds(term) || dictionary::is_known_term(term) || Lexicon::built_in().knows_term(term)
    }

    /// The shop's terms that begin with `beginning`, in the order of the alphabet.
    pub fn terms_beginning_with<'a>(&'a self, beginning: &'a str) -> impl Iterator<Item = &'a str> {
        self.terms.beginning_with(beginning)
    }

    pub fn identifiers(&self) -> &SortedWords {
        &self.identifiers
    }

    /// The shop's words near a misspelt one, within `limit` and at most `span` costlier than the cheapest, each term once,
    /// cheapest first; ties by term.
    pub fn near(&self, word: &str, limit: f32, span: f32) -> Vec<Candidate> {
        let stem = stem(word);
        let most = |near: &[Near<'_>], limit: f32| near.first().map_or(limit, |first| limit.min(first.cost + span));
        let by_form = self.forms.near(word, limit, span);
        let by_stem = self.stems.near(&stem, most(&by_form, limit), span);
        let most = most(&by_stem, most(&by_form, limit));
        let by_form = by_form.into_iter().filter(|near| near.cost <= most);
        self.once_each(by_form, by_stem.into_iter())
    }

    /// The shop's words of the other script that sound like this one; the cost is 0 and to be judged by the caller.
    pub fn sounding(&self, code: u64) -> Vec<Candidate> {
        self.once_each(
            self.forms.sounding(code).into_iter(),
            self.stems.sounding(code).into_iter(),
        )
    }

    fn once_each<'a>(
        &'a self,
        by_form: impl Iterator<Item = Near<'a>>,
        by_stem: impl Iterator<Item = Near<'a>>,
    ) -> Vec<Candidate> {
        let mut found: Vec<Candidate> = Vec::new();
        let all = by_form
            .map(|near| (near, true))
            .chain(by_stem.map(|near| (near, false)));
        for (near, is_form) in all {
            let Some(term) = self.terms.word(near.payload as usize) else {
                continue;
            };
            let form = if is_form { near.word.to_owned() } else { spelled(term) };
            match found.iter_mut().find(|known| known.term == term) {
                Some(known) if known.cost <= near.cost => {}
                Some(known) => {
                    known.cost = near.cost;
                    known.form = form;
                }
                None => found.push(Candidate {
                    term: term.to_owned(),
                    form,
                    cost: near.cost,
                    chunks: self.chunks.get(near.payload as usize).copied().unwrap_or(0),
                }),
            }
        }
        found.sort_by(|a, b| a.cost.total_cmp(&b.cost).then_with(|| a.term.cmp(&b.term)));
        found
    }
}

/// Words of either language near a misspelt one, as `Vocabulary::near` gives those of the shop.
pub fn near_in_dictionary(word: &str, limit: f32, span: f32) -> Vec<Candidate> {
    let stem = stem(word);
    let near = DICTIONARY.near(&stem, limit, span).into_iter().map(|near| Candidate {
        term: near.word.to_owned(),
        form: spelled(near.word),
        cost: near.cost,
        chunks: 0,
    });
    near.collect()
}

/// A spelling whose stem is the term: itself, or itself with an ending that stemming takes off again.
fn spelled(term: &str) -> String {
    const ENDINGS: [&str; 11] = ["", "а", "о", "ы", "ия", "ый", "ий", "ать", "ить", "e", "s"];
    let mut spellings = ENDINGS.iter().map(|ending| format!("{term}{ending}"));
    spellings
        .find(|spelling| stem(spelling) == term)
        .unwrap_or_else(|| term.to_owned())
}

/// The spellings in the texts that differ from their terms, with the index of the term, in the order of the alphabet.
fn forms(texts: &[String], terms: &SortedWords) -> Vec<(String, u32)> {
    let mut spellings: BTreeSet<String> = BTreeSet::new();
    for text in texts {
        let normalized = normalize(text);
        for word in words(&normalized) {
            if !spellings.contains(word) && !word.chars().any(|c| c.is_ascii_digit()) && !is_stop_word(word) {
                spellings.insert(word.to_owned());
            }
        }
    }
    let found = spellings.into_iter().filter_map(|spelling| {
        let term = stem(&spelling);
        let index = terms.find(&term).filter(|_| term != spelling)?;
        let index = u32::try_from(index).ok()?;
        Some((spelling, index))
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::Vocabulary;
    use super::near_in_dictionary;
    use super::spelled;
    use crate::text::stem::stem;

    #[test]
    fn a_misspelt_word_finds_the_shops_own_by_its_spelling_or_its_term() {
        let terms =
            [("обм", 4), ("термос", 5), ("тормоз", 1), ("фонар", 3)].map(|(term, chunks)| (term.to_owned(), chunks));
        let texts = ["Обмен в течение недели".to_owned()];
        let vocabulary = Vocabulary::new(terms.to_vec(), &texts, &[]);
        let first = |word: &str| {
            vocabulary
                .near(word, 1.5, f32::INFINITY)
                .first()
                .map(|near| near.term.clone())
        };
        assert_eq!(first("обмне").as_deref(), Some("обм"));
        assert_eq!(first("термас").as_deref(), Some("термос"));
        assert_eq!(first("фанари").as_deref(), Some("фонар"));
        assert_eq!(first("палатка"), None);
    }

    #[test]
    fn the_dictionary_knows_words_that_no_shop_sells() {
        let near = near_in_dictionary("парлмент", 1.5, f32::INFINITY);
        assert_eq!(near.first().unwrap().term, "парламент");
        assert_eq!(stem(&spelled("доставк")), "доставк");
    }
}
