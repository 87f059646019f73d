//! What is found wrong in one sentence.

use std::ops::Range;

#[derive(Debug, Default)]
pub struct Findings {
    pub claims: u32,
    wrong: u32,
    corrections: Vec<(Range<usize>, String)>,
    replacement: Option<String>,
    is_dropped: bool,
}

/// What becomes of a sentence, with how many of its claims were wrong.
#[derive(Debug, PartialEq)]
pub enum Verdict {
    Right,
    Corrected { text: String, claims: u32 },
    Dropped { claims: u32 },
}

impl Findings {
    pub fn checked(&mut self) {
        self.claims += 1;
    }

    pub fn drop_sentence(&mut self) {
        self.wrong += 1;
        self.is_dropped = true;
    }

    pub fn correct(&mut self, range: Range<usize>, text: String) {
        self.wrong += 1;
        self.corrections.push((range, text));
    }

    /// Another sentence stands for this one.
    pub fn replace_sentence(&mut self, text: String) {
        self.wrong += 1;
        self.replacement = Some(text);
    }

    pub fn verdict(mut self, sentence: &str) -> Verdict {
        if self.is_dropped {
            return Verdict::Dropped { claims: self.wrong };
        }
        if self.wrong == 0 {
            return Verdict::Right;
        }
        let claims = self.wrong;
        if let Some(text) = self.replacement {
            return Verdict::Corrected { text, claims };
        }
        self.corrections.sort_by_key(|(range, _)| range.start);
        let mut text = sentence.to_owned();
        for (range, correct) in self.corrections.iter().rev() {
            text.replace_range(range.clone(), correct);
        }
        Verdict::Corrected { text, claims }
    }
}
