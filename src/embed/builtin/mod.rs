//! The built-in model: the weighted mean of word vectors, Russian and English in one space, straight from static bytes.
//!
//! `models/README.md` tells what the table is made of and what was measured.

pub mod dictionary;
mod table;
mod unknown;

use crate::domain::embedding::Embedding;
use crate::domain::embedding::SpaceKey;
use crate::embed::builtin::table::Table;
use crate::embed::builtin::unknown::add_hashed;
use crate::embed::builtin::unknown::find_prefix;
use crate::embed::builtin::unknown::find_typo;
use crate::embed::error::EmbedError;
use crate::text::terms::terms;

pub const NAME: &str = "builtin";
/// Part of the revision: raise it when the same table would give other vectors.
const ALGORITHM: u32 = 1;
static TABLE: &[u8] = include_bytes!("../../../models/builtin.bin");

/// How much a word of the table that resembles an unknown one counts.
const TYPO_SHARE: f32 = 0.5;
const PREFIX_SHARE: f32 = 0.3;

pub struct BuiltinModel {
    table: Table,
}

impl BuiltinModel {
    pub fn load() -> Result<BuiltinModel, EmbedError> {
        Ok(BuiltinModel {
            table: Table::read(TABLE)?,
        })
    }

    pub fn space_key(&self) -> SpaceKey {
        SpaceKey {
            model: NAME.to_owned(),
            revision: format!("{ALGORITHM}-{}", self.table.revision),
            dimensions: self.table.dimensions,
        }
    }

    pub fn embed_query(&self, text: &str) -> Embedding {
        self.embed(text, Spelling::MayBeWrong)
    }

    pub fn embed_passage(&self, text: &str) -> Embedding {
        self.embed(text, Spelling::Trusted)
    }

    fn embed(&self, text: &str, spelling: Spelling) -> Embedding {
        let mut sum = vec![0.0; self.table.dimensions];
        for term in terms(text) {
            match self.table.find(&term) {
                Some(row) => self.table.add(row, 1.0, &mut sum),
                None => self.add_unknown(&term, spelling, &mut sum),
            }
        }
        let length = sum.iter().map(|value| value * value).sum::<f32>().sqrt();
        if length > 0.0 {
            sum.iter_mut().for_each(|value| *value /= length);
        }
        sum
    }

    /// An unknown word has a vector of its own, so that it finds itself, plus a share of the known word it resembles.
    fn add_unknown(&self, term: &str, spelling: Spelling, sum: &mut [f32]) {
        add_hashed(term, sum);
        if term.chars().any(|c| c.is_ascii_digit()) {
            return;
        }
        if spelling == Spelling::MayBeWrong
            && let Some(row) = find_typo(&self.table, term)
        {
            self.table.add(row, TYPO_SHARE, sum);
        } else if let Some(row) = find_prefix(&self.table, term) {
            self.table.add(row, PREFIX_SHARE, sum);
        }
    }
}

/// Looking for typos costs up to a thousand look-ups a word: well spent on a question, not on a catalog full of brands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Spelling {
    MayBeWrong,
    Trusted,
}

#[cfg(test)]
mod tests {
    use super::BuiltinModel;

    fn similarity(a: &[f32], b: &[f32]) -> f32 {
        a.iter().zip(b).map(|(x, y)| x * y).sum()
    }

    #[test]
    fn words_of_like_meaning_are_near_in_and_across_languages() {
        let model = BuiltinModel::load().unwrap();
        let near = [
            ("сумка", "рюкзак"),
            ("доставка", "delivery"),
            ("mug", "cup"),
            ("чайник", "kettle"),
        ];
        for (a, b) in near {
            let score = similarity(&model.embed_query(a), &model.embed_passage(b));
            let far = similarity(&model.embed_query(a), &model.embed_passage("парламент"));
            assert!(score > 0.3 && score > far + 0.2, "{a} {b}: {score}, far {far}");
        }
    }

    #[test]
    fn vectors_are_those_of_the_second_implementation_that_built_the_table() {
        let model = BuiltinModel::load().unwrap();
        for line in include_str!("../../../models/parity.tsv").lines() {
            let fields: Vec<&str> = line.split('\t').collect();
            let expected: f32 = fields[0].parse().unwrap();
            let found = similarity(&model.embed_query(fields[1]), &model.embed_passage(fields[2]));
            assert!((found - expected).abs() < 1e-4, "{line}: {found}");
        }
    }

    #[test]
    fn a_typo_in_a_question_still_finds_the_word() {
        let model = BuiltinModel::load().unwrap();
        let passage = model.embed_passage("рюкзак");
        assert!(similarity(&model.embed_query("рюзкак"), &passage) > 0.3);
    }

    #[test]
    fn an_unknown_word_finds_itself_and_nothing_gives_zeros() {
        let model = BuiltinModel::load().unwrap();
        let score = similarity(&model.embed_query("Кряквофлекс"), &model.embed_passage("кряквофлекс"));
        assert!(score > 0.6, "{score}");
        assert!(model.embed_query("что же это ?!").iter().all(|value| *value == 0.0));
    }
}
