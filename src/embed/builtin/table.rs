//! The word table as it lies in the program: sorted words, one scale and one row of signed bytes each. Nothing is copied.

use crate::embed::error::EmbedError;
use std::cmp::Ordering;
use std::path::PathBuf;

const MAGIC: &[u8] = b"PALOMPYV";
const VERSION: usize = 2;
const REVISION_BYTES: usize = 12;

pub struct Table {
    pub dimensions: usize,
    /// The beginning of the SHA-256 of everything after the header.
    pub revision: &'static str,
    count: usize,
    ends: &'static [u8],
    scales: &'static [u8],
    words: &'static [u8],
    rows: &'static [u8],
}

impl Table {
    pub fn read(bytes: &'static [u8]) -> Result<Table, EmbedError> {
        parse(bytes).ok_or_else(|| EmbedError::ModelDamaged {
            path: PathBuf::from("models/builtin.bin"),
            reason: "its header and its size do not agree".to_owned(),
        })
    }

    /// The row of a word, if the table has it.
    pub fn find(&self, word: &str) -> Option<usize> {
        let (mut low, mut high) = (0, self.count);
        while low < high {
            let middle = low.midpoint(high);
            match self.word(middle)?.cmp(word.as_bytes()) {
                Ordering::Less => low = middle + 1,
                Ordering::Greater => high = middle,
                Ordering::Equal => return Some(middle),
            }
        }
        None
    }

    /// All words with the lengths of their rows, in the order of the alphabet.
    pub fn words(&self) -> impl Iterator<Item = (&'static str, f32)> {
        (0..self.count).filter_map(|row| Some((std::str::from_utf8(self.word(row)?).ok()?, self.weight(row))))
    }

    /// Adds `share` of the row to `sum`. A word's weight is part of its row.
    pub fn add(&self, row: usize, share: f32, sum: &mut [f32]) {
        let Some(scale) = self.scale(row) else { return };
        let factor = scale * share;
        for (total, value) in sum.iter_mut().zip(self.row(row)) {
            *total += factor * f32::from(value.cast_signed());
        }
    }

    /// The length of the row: the rarer the word, the longer.
    pub fn weight(&self, row: usize) -> f32 {
        let square: f32 = self
            .row(row)
            .iter()
            .map(|value| f32::from(value.cast_signed()).powi(2))
            .sum();
        self.scale(row).unwrap_or_default() * square.sqrt()
    }

    fn word(&self, row: usize) -> Option<&'static [u8]> {
        let start = match row.checked_sub(1) {
            Some(previous) => number(self.ends, previous)?,
            None => 0,
        };
        self.words.get(start..number(self.ends, row)?)
    }

    fn scale(&self, row: usize) -> Option<f32> {
        self.scales
            .get(row * 4..)?
            .first_chunk()
            .map(|bytes| f32::from_le_bytes(*bytes))
    }

    /// The values of a row as signed bytes, without its scale.
    pub fn row(&self, row: usize) -> &'static [u8] {
        self.rows
            .get(row * self.dimensions..(row + 1) * self.dimensions)
            .unwrap_or_default()
    }
}

fn parse(bytes: &'static [u8]) -> Option<Table> {
    let rest = bytes.strip_prefix(MAGIC)?;
    let (header, rest) = rest.split_at_checked(16)?;
    let (version, dimensions) = (number(header, 0)?, number(header, 1)?);
    let (count, word_bytes) = (number(header, 2)?, number(header, 3)?);
    let (revision, rest) = rest.split_at_checked(REVISION_BYTES)?;
    let (ends, rest) = rest.split_at_checked(count.checked_mul(4)?)?;
    let (scales, rest) = rest.split_at_checked(count.checked_mul(4)?)?;
    let (words, rows) = rest.split_at_checked(word_bytes)?;
    let fits = version == VERSION && dimensions > 0 && rows.len() == count.checked_mul(dimensions)?;
    let revision = std::str::from_utf8(revision).ok()?;
    fits.then_some(Table {
        dimensions,
        revision,
        count,
        ends,
        scales,
        words,
        rows,
    })
}

fn number(bytes: &[u8], index: usize) -> Option<usize> {
    let word = bytes.get(index * 4..)?.first_chunk()?;
    usize::try_from(u32::from_le_bytes(*word)).ok()
}

#[cfg(test)]
mod tests {
    use super::Table;

    #[test]
    fn a_table_of_the_wrong_size_is_refused() {
        assert!(Table::read(b"").is_err());
        assert!(Table::read(b"PALOMPYV\x02\0\0\0\x01\0\0\0\x01\0\0\0\x01\0\0\0abcdefabcdef\x01\0\0\0").is_err());
    }

    #[test]
    fn words_are_found_in_a_small_table() {
        let bytes = b"PALOMPYV\x02\0\0\0\x02\0\0\0\x02\0\0\0\x03\0\0\0abcdefabcdef\x01\0\0\0\x03\0\0\0\0\0\x80\x3f\0\0\0\x40abb\x01\xff\x03\x04";
        let table = Table::read(bytes).unwrap();
        assert_eq!(
            (table.find("a"), table.find("bb"), table.find("b")),
            (Some(0), Some(1), None)
        );
        let mut sum = [0.0; 2];
        table.add(0, 1.0, &mut sum);
        assert_eq!(sum, [1.0, -1.0]);
        assert!((table.weight(1) - 10.0).abs() < 1e-6);
    }
}
