//! The words that the built-in model knows, as a dictionary of correct Russian and English.

use crate::embed::builtin::TABLE;
use crate::embed::builtin::table::Table;
use std::sync::LazyLock;

static WORDS: LazyLock<Option<Table>> = LazyLock::new(|| Table::read(TABLE).ok());

/// Whether a term, as `text::terms` makes it, is a word of either language.
pub fn is_known_term(term: &str) -> bool {
    WORDS.as_ref().is_some_and(|words| words.find(term).is_some())
}

/// How rare a term is, from near 0 for the commonest to about 1; `None` for an unknown one.
pub fn rarity(term: &str) -> Option<f32> {
    let words = WORDS.as_ref()?;
    words.find(term).map(|row| words.weight(row))
}

/// All known terms with their rarity, in the order of the alphabet.
pub fn known_terms() -> impl Iterator<Item = (&'static str, f32)> {
    WORDS.iter().flat_map(Table::words)
}

/// Where a term's vector points to. Its values are those of the table, whose scale does not matter.
#[derive(Clone, Copy)]
pub struct Direction {
    values: &'static [u8],
    length: f64,
}

impl Direction {
    /// The direction of a term; `None` for an unknown one.
    pub fn of(term: &str) -> Option<Direction> {
        let words = WORDS.as_ref()?;
        let values = words.row(words.find(term)?);
        Some(Direction {
            values,
            length: f64::from(product(values, values)).sqrt(),
        })
    }

    /// The cosine of the angle between two directions; 0 when one has no length.
    pub fn cosine(&self, other: &Direction) -> f64 {
        let lengths = self.length * other.length;
        if lengths > 0.0 {
            f64::from(product(self.values, other.values)) / lengths
        } else {
            0.0
        }
    }
}

fn product(a: &[u8], b: &[u8]) -> i32 {
    let mut sum = 0;
    for (x, y) in a.iter().zip(b) {
        // As in `vectors::quantized`: so it compiles to the processor's multiply-and-add.
        sum += i32::from(i16::from(x.cast_signed())) * i32::from(i16::from(y.cast_signed()));
    }
    sum
}
