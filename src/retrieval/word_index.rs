//! Words kept in a few flat arrays, so that those near a misspelt one are found by one pass over small numbers.
//!
//! Memory: 28 bytes a word and its letters. A pass over 100,000 words of one script takes about 0.1 ms; only the few that may be
//! a slip are compared letter by letter.

use crate::text::edit_cost::TypedWord;
use crate::text::sound::consonant_count;
use crate::text::sound::is_one_sound_apart;
use crate::text::sound::sound_code;
use crate::text::tokenize::is_cyrillic;
use std::ops::Range;

/// Words of these lengths are compared; shorter ones turn into one another too easily, longer ones are noise.
const LENGTHS: Range<usize> = 2..32;
/// A word heard rightly may be written with so many letters more or less.
const HEARD_LENGTH_SPAN: usize = 3;
/// Sounds alike tell words apart only when there are enough of them.
const LEAST_CONSONANTS: u32 = 2;
const LEAST_CONSONANTS_APART: u32 = 3;

/// Words by script and length, each with a number of the caller's.
#[derive(Default)]
pub struct WordIndex {
    text: String,
    /// Where each word begins in `text`; one more at the end.
    starts: Vec<u32>,
    letters: Vec<u64>,
    codes: Vec<u64>,
    payloads: Vec<u32>,
    /// The first word of each length, Cyrillic lengths first.
    buckets: Vec<u32>,
    /// Words in order of their sound codes.
    by_code: Vec<u32>,
}

/// A word near another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Near<'a> {
    pub word: &'a str,
    pub payload: u32,
    /// As `edit_cost` gives it.
    pub cost: f32,
}

impl WordIndex {
    /// Words with digits, and too short or too long ones, are left out.
    pub fn new<'a>(words: impl Iterator<Item = (&'a str, u32)>) -> WordIndex {
        let mut kept: Vec<(usize, &str, u32)> = words
            .filter(|(word, _)| !word.chars().any(|c| c.is_ascii_digit()))
            .map(|(word, payload)| (bucket(word.chars().count(), script(word)), word, payload))
            .filter(|(bucket, _, _)| *bucket < 2 * LENGTHS.end)
            .filter(|(_, word, _)| LENGTHS.contains(&word.chars().count()))
            .collect();
        kept.sort_unstable();
        let bytes = kept.iter().map(|(_, word, _)| word.len()).sum();
        let mut index = WordIndex {
            text: String::with_capacity(bytes),
            starts: Vec::with_capacity(kept.len() + 1),
            letters: Vec::with_capacity(kept.len()),
            codes: Vec::with_capacity(kept.len()),
            payloads: Vec::with_capacity(kept.len()),
            ..WordIndex::default()
        };
        for bucket in 0..=2 * LENGTHS.end {
            let first = kept.partition_point(|(known, _, _)| *known < bucket);
            index.buckets.push(as_u32(first));
        }
        for (_, word, payload) in &kept {
            index.starts.push(as_u32(index.text.len()));
            index.text.push_str(word);
            index.letters.push(letter_set(word));
            index.codes.push(sound_code(word));
            index.payloads.push(*payload);
        }
        index.starts.push(as_u32(index.text.len()));
        index.by_code = (0..as_u32(kept.len())).collect();
        let codes = &index.codes;
        index
            .by_code
            .sort_by_key(|word| (codes.get(*word as usize).copied(), *word));
        index
    }

    /// Words of the same script within `limit` and at most `span` costlier than the cheapest, cheapest first; ties by word.
    pub fn near(&self, typed: &str, limit: f32, span: f32) -> Vec<Near<'_>> {
        let chars = typed.chars().count();
        let mut found = Vec::new();
        if limit <= 0.0 || !LENGTHS.contains(&chars) {
            return found;
        }
        let typed_word = TypedWord::new(typed);
        let mut most = limit;
        let mut known: Vec<char> = Vec::new();
        let mut look_at = |at: usize| {
            known.clear();
            known.extend(self.word(at).chars());
            if let Some(cost) = typed_word.cost(&known, most) {
                most = most.min(cost + span);
                found.push(self.near_word(at, cost));
            }
        };
        // Those that sound the same come first: they are the cheapest, and then most others need no full comparison.
        let mut others = Vec::new();
        self.pass(typed, limit, |at, is_same| {
            if is_same {
                look_at(at);
            } else {
                others.push(at);
            }
        });
        others.into_iter().for_each(look_at);
        found.retain(|near| near.cost <= most);
        sort(&mut found);
        found
    }

    /// Visits the words that may be slips for the typed one, or be heard so, with whether they sound exactly the same; in order of
    /// their difference in length.
    fn pass(&self, typed: &str, limit: f32, mut visit: impl FnMut(usize, bool)) {
        let chars = typed.chars().count();
        let edits = if limit > 1.2 { 2 } else { 1 };
        let (letters, code) = (letter_set(typed), sound_code(typed));
        let consonants = consonant_count(code);
        let is_told_by_sound = consonants >= LEAST_CONSONANTS_APART;
        let mut lengths: Vec<usize> = (chars.saturating_sub(HEARD_LENGTH_SPAN)..=chars + HEARD_LENGTH_SPAN).collect();
        lengths.sort_by_key(|length| length.abs_diff(chars));
        for length in lengths {
            let Some(range) = self.bucket_range(bucket(length, script(typed))) else {
                continue;
            };
            let may_be_slip = length.abs_diff(chars) <= edits;
            let sets = self.letters.get(range.clone()).unwrap_or_default();
            let codes = self.codes.get(range.clone()).unwrap_or_default();
            for ((at, set), known_code) in range.zip(sets).zip(codes) {
                // Each edit takes one letter of the set away at most, and adds one.
                let is_slip = may_be_slip && are_at_most(edits, set & !letters) && are_at_most(edits, letters & !set);
                let is_same = *known_code == code && consonants >= LEAST_CONSONANTS;
                if is_slip || is_same || is_told_by_sound && is_one_sound_apart(*known_code, code) {
                    visit(at, is_same);
                }
            }
        }
    }

    /// Words of either script that sound exactly so, with cost 0; ties by word.
    pub fn sounding(&self, code: u64) -> Vec<Near<'_>> {
        let code_at = |word: &u32| self.codes.get(*word as usize).copied().unwrap_or_default();
        let first = self.by_code.partition_point(|word| code_at(word) < code);
        let same = self
            .by_code
            .get(first..)
            .unwrap_or_default()
            .iter()
            .take_while(|word| code_at(word) == code);
        let mut found: Vec<Near<'_>> = same.map(|word| self.near_word(*word as usize, 0.0)).collect();
        sort(&mut found);
        found
    }

    pub fn size_bytes(&self) -> usize {
        let words =
            self.starts.capacity() + self.payloads.capacity() + self.buckets.capacity() + self.by_code.capacity();
        let sets = self.letters.capacity() + self.codes.capacity();
        self.text.capacity() + words * size_of::<u32>() + sets * size_of::<u64>()
    }

    fn bucket_range(&self, bucket: usize) -> Option<Range<usize>> {
        let (first, end) = (self.buckets.get(bucket)?, self.buckets.get(bucket + 1)?);
        Some(*first as usize..*end as usize)
    }

    fn near_word(&self, at: usize, cost: f32) -> Near<'_> {
        Near {
            word: self.word(at),
            payload: self.payloads.get(at).copied().unwrap_or_default(),
            cost,
        }
    }

    fn word(&self, at: usize) -> &str {
        let (Some(start), Some(end)) = (self.starts.get(at), self.starts.get(at + 1)) else {
            return "";
        };
        self.text.get(*start as usize..*end as usize).unwrap_or_default()
    }
}

fn sort(found: &mut [Near<'_>]) {
    found.sort_by(|a, b| a.cost.total_cmp(&b.cost).then_with(|| a.word.cmp(b.word)));
}

fn bucket(chars: usize, script: usize) -> usize {
    chars.min(LENGTHS.end - 1) + script * LENGTHS.end
}

/// 0 for Cyrillic, 1 for any other.
fn script(word: &str) -> usize {
    usize::from(!word.chars().any(is_cyrillic))
}

/// The letters of a word as a set of 64 bits.
fn letter_set(word: &str) -> u64 {
    word.chars().fold(0, |set, c| set | 1 << (u32::from(c) % 64))
}

/// Whether the set has at most one letter, or two; much faster than counting them.
fn are_at_most(edits: usize, set: u64) -> bool {
    let without_one = set & set.wrapping_sub(1);
    without_one == 0 || edits > 1 && without_one & without_one.wrapping_sub(1) == 0
}

fn as_u32(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::WordIndex;
    use crate::text::sound::sound_code;
    use proptest::prelude::*;

    fn index() -> WordIndex {
        let words = [
            "самокат",
            "самовар",
            "квартира",
            "учебник",
            "philips",
            "велосипедист",
            "x5",
        ];
        WordIndex::new(words.into_iter().zip(0..))
    }

    #[test]
    fn a_word_misspelt_by_ear_is_found_far_away() {
        let index = index();
        let words = |typed: &str, limit: f32| -> Vec<String> {
            index
                .near(typed, limit, f32::INFINITY)
                .iter()
                .map(|near| near.word.to_owned())
                .collect()
        };
        assert_eq!(words("сомакад", 1.5), ["самокат"]);
        assert_eq!(words("виласепидист", 2.0), ["велосипедист"]);
        assert_eq!(words("учбеник", 1.0), ["учебник"]);
        assert!(words("молоток", 1.5).is_empty());
    }

    #[test]
    fn a_brand_is_found_by_its_sound_in_the_other_script() {
        let index = index();
        let found = index.sounding(sound_code("филипс"));
        assert_eq!(found.first().unwrap().word, "philips");
    }

    proptest! {
        #[test]
        fn a_span_only_cuts(
            words in prop::collection::btree_set("[абвостяь]{3,9}", 1..60), typed in "[абвостяь]{3,9}", limit in 0.3..2.4f32, span in 0.0..1.5f32
        ) {
            let index = WordIndex::new(words.iter().map(String::as_str).zip(0..));
            let mut all = index.near(&typed, limit, f32::INFINITY);
            let most = all.first().map_or(0.0, |first| first.cost + span);
            all.retain(|near| near.cost <= most);
            prop_assert_eq!(index.near(&typed, limit, span), all);
        }
    }
}
