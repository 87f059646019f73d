//! A set of words in one string, in the order of the alphabet: half the memory of a map, and neighbors lie together.

#[derive(Default)]
pub struct SortedWords {
    text: String,
    /// Where each word begins in `text`; one more at the end.
    starts: Vec<u32>,
}

impl SortedWords {
    /// `words` must be sorted and without repetition.
    pub fn new<'a>(words: impl Iterator<Item = &'a str>) -> SortedWords {
        let mut sorted = SortedWords::default();
        for word in words {
            sorted.starts.push(sorted.end());
            sorted.text.push_str(word);
        }
        sorted.starts.push(sorted.end());
        sorted.starts.shrink_to_fit();
        sorted.text.shrink_to_fit();
        sorted
    }

    pub fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    pub fn size_bytes(&self) -> usize {
        self.text.capacity() + self.starts.capacity() * size_of::<u32>()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn word(&self, index: usize) -> Option<&str> {
        let (start, end) = (self.starts.get(index)?, self.starts.get(index + 1)?);
        self.text.get(*start as usize..*end as usize)
    }

    pub fn find(&self, word: &str) -> Option<usize> {
        let index = self.first_not_before(word);
        (self.word(index) == Some(word)).then_some(index)
    }

    /// The words that begin so, in order.
    pub fn beginning_with<'a>(&'a self, beginning: &'a str) -> impl Iterator<Item = &'a str> {
        let first = self.first_not_before(beginning);
        (first..self.len())
            .map_while(|index| self.word(index))
            .take_while(move |word| word.starts_with(beginning))
    }

    /// The words that hold `part` anywhere, in order, at most `limit`.
    pub fn holding(&self, part: &str, limit: usize) -> Vec<&str> {
        let mut found: Vec<&str> = Vec::new();
        if part.is_empty() {
            return found;
        }
        let mut after = 0;
        for (place, _) in self.text.match_indices(part) {
            if found.len() >= limit {
                break;
            }
            let index = self
                .starts
                .partition_point(|start| *start as usize <= place)
                .saturating_sub(1);
            // A match over the border of two words is none, and a word is found once.
            if index >= after && self.word(index).is_some_and(|word| word.contains(part)) {
                found.extend(self.word(index));
                after = index + 1;
            }
        }
        found
    }

    fn first_not_before(&self, word: &str) -> usize {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low.midpoint(high);
            if self.word(middle).is_some_and(|known| known < word) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    fn end(&self) -> u32 {
        u32::try_from(self.text.len()).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::SortedWords;

    #[test]
    fn words_are_found_whole_and_by_parts() {
        let words = SortedWords::new(["AB12", "AB123", "CAB1", "X9"].into_iter());
        assert_eq!(words.find("CAB1"), Some(2));
        assert_eq!(words.find("AB1"), None);
        assert_eq!(words.beginning_with("AB12").collect::<Vec<_>>(), ["AB12", "AB123"]);
        assert_eq!(words.holding("AB1", 9), ["AB12", "AB123", "CAB1"]);
        assert_eq!(words.holding("B12", 1), ["AB12"]);
        assert!(words.holding("1X", 9).is_empty());
    }
}
