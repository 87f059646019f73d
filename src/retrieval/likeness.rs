//! How alike two terms are written: what stemming leaves apart ("фото", "фоторюкзак") and what is misspelt still meet.

/// Terms less alike than this have nothing to do with each other; most Russian words share an ending or a prefix.
const LEAST_LIKENESS: f64 = 0.5;

/// The trigrams of a term, a space before its first letter, each once and in order.
pub struct Trigrams {
    packed: Vec<u64>,
    /// One bit for each, by a hash: two terms share at most the bits that both have.
    signature: u64,
}

impl Trigrams {
    pub fn of(term: &str) -> Trigrams {
        let letters: Vec<u64> = std::iter::once(' ').chain(term.chars()).map(u64::from).collect();
        // A character has 21 bits, so that three fit in one number.
        let pack = |window: &[u64]| window.iter().fold(0, |packed, letter| packed << 21 | letter);
        let mut packed: Vec<u64> = if letters.len() < 3 {
            vec![pack(&letters)]
        } else {
            letters.windows(3).map(pack).collect()
        };
        packed.sort_unstable();
        packed.dedup();
        let bit = |trigram: &u64| 1 << (trigram.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 58);
        Trigrams {
            signature: packed.iter().map(bit).fold(0, |all, bit| all | bit),
            packed,
        }
    }

    /// Dice's coefficient of the two sets, from 0 to 1; 0 when it is below a half.
    pub fn likeness(&self, other: &Trigrams) -> f64 {
        let size = (self.packed.len() + other.packed.len()) as f64;
        // Bits lost to a collision in one signature must not rule out what is shared.
        let lost = self.packed.len() - self.signature.count_ones() as usize;
        let most = (self.signature & other.signature).count_ones() as usize + lost;
        if 2.0 * most as f64 / size < LEAST_LIKENESS {
            return 0.0;
        }
        let likeness = 2.0 * self.shared(other) as f64 / size;
        if likeness < LEAST_LIKENESS { 0.0 } else { likeness }
    }

    fn shared(&self, other: &Trigrams) -> usize {
        let (mut own, mut theirs) = (self.packed.iter().peekable(), other.packed.iter().peekable());
        let mut shared = 0;
        while let (Some(a), Some(b)) = (own.peek(), theirs.peek()) {
            match a.cmp(b) {
                std::cmp::Ordering::Less => _ = own.next(),
                std::cmp::Ordering::Greater => _ = theirs.next(),
                std::cmp::Ordering::Equal => {
                    shared += 1;
                    own.next();
                    theirs.next();
                }
            }
        }
        shared
    }
}

#[cfg(test)]
mod tests {
    use super::Trigrams;
    use proptest::prelude::*;

    fn likeness(a: &str, b: &str) -> f64 {
        Trigrams::of(a).likeness(&Trigrams::of(b))
    }

    #[test]
    fn terms_written_alike_are_near_and_others_are_not() {
        assert!((likeness("термос", "термос") - 1.0).abs() < 1e-9);
        assert!(likeness("термокружк", "термокруж") > 0.9);
        assert!(likeness("гермомешок", "гермомешк") > 0.7);
        assert_eq!(likeness("рюкзак", "куртк"), 0.0);
    }

    proptest! {
        #[test]
        fn likeness_has_no_direction(a in "[а-г]{1,8}", b in "[а-г]{1,8}") {
            prop_assert_eq!(likeness(&a, &b), likeness(&b, &a));
            prop_assert_eq!(likeness(&a, &a), 1.0);
        }
    }
}
