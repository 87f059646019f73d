//! Holds what an answer claims (prices, discounts, stock, article numbers) against the rows and texts it was made from. A wrong
//! claim is put right where the row tells how, else its sentence goes. Knows no streams of events, no storage, no model.

mod evidence;
mod facts;
mod findings;
mod money;
mod prices;
pub mod sentences;
mod subject;

use crate::chat::claims::evidence::Evidence;
use crate::chat::claims::evidence::Product;
use crate::chat::claims::findings::Findings;
use crate::chat::claims::findings::Verdict;
use crate::chat::claims::prices::Claimed;
use crate::chat::claims::sentences::sentence_end;
use crate::chat::claims::sentences::showable;
use crate::chat::claims::subject::Subject;
use crate::domain::chat::Checked;
use crate::domain::generation::Prompt;
use crate::domain::generation::Role;
use crate::domain::language::Language;
use crate::i18n;
use std::ops::Range;
use std::sync::Arc;
use std::sync::OnceLock;

/// Stands for the rest of a sentence whose beginning was shown and that turned out to be wrong.
const BROKEN_OFF: &str = "…";

/// Checks a text as it grows. A sentence is shown up to its first claim, and the rest once it is whole and right.
pub struct ClaimFilter {
    prompt: Arc<Prompt>,
    /// Read when the first sentence is whole: by then the visitor has something to read, and the model is slower than this.
    evidence: OnceLock<Evidence>,
    /// The sentence that has not ended yet.
    held: String,
    /// How much of it is shown.
    shown: usize,
    text: String,
    counts: Checked,
    /// Of what the last sentence spoke.
    earlier: Vec<usize>,
    /// The places of prices in the rows of the table that is being read.
    price_columns: Vec<usize>,
}

impl ClaimFilter {
    pub fn new(prompt: Arc<Prompt>) -> ClaimFilter {
        ClaimFilter {
            prompt,
            evidence: OnceLock::new(),
            held: String::new(),
            shown: 0,
            text: String::new(),
            counts: Checked::default(),
            earlier: Vec::new(),
            price_columns: Vec::new(),
        }
    }

    /// Takes more of the text and gives what can be shown now.
    pub fn push(&mut self, more: &str) -> String {
        self.held.push_str(more);
        let mut delta = self.take(false);
        let safe = showable(&self.held);
        if let Some(rest) = self.held.get(self.shown..safe) {
            delta.push_str(rest);
            self.shown = self.shown.max(safe);
        }
        delta
    }

    /// Gives what was held back. Call it once, at the end.
    pub fn finish(&mut self) -> String {
        let delta = self.take(true);
        if self.counts.dropped > 0 {
            self.text.truncate(self.text.trim_end().len());
        }
        delta
    }

    /// The checked text so far, with what is shown of the sentence that has not ended.
    pub fn text(&self) -> String {
        format!("{}{}", self.text, self.held.get(..self.shown).unwrap_or_default())
    }

    pub fn counts(&self) -> Checked {
        self.counts
    }

    fn take(&mut self, is_last: bool) -> String {
        let mut delta = String::new();
        while let Some(end) = sentence_end(&self.held, is_last) {
            let sentence: String = self.held.drain(..end).collect();
            let shown = std::mem::take(&mut self.shown);
            let begun = sentence.get(..shown).unwrap_or_default();
            match self.verdict(&sentence) {
                Verdict::Right => {
                    delta.push_str(sentence.get(shown..).unwrap_or_default());
                    self.text.push_str(&sentence);
                }
                Verdict::Corrected { text, claims } => {
                    self.counts.corrected += claims;
                    match text.strip_prefix(begun) {
                        Some(rest) => delta.push_str(rest),
                        None => delta.push_str(&format!("{BROKEN_OFF} {text}")),
                    }
                    self.text.push_str(&text);
                }
                Verdict::Dropped { claims } => {
                    self.counts.dropped += claims;
                    let ending = if sentence.ends_with('\n') { "\n" } else { " " };
                    if !begun.trim().is_empty() {
                        delta.push_str(&format!("{BROKEN_OFF}{ending}"));
                    }
                    if ending == "\n" && !self.text.is_empty() && !self.text.ends_with('\n') {
                        self.text.push('\n');
                        delta.push_str(if begun.trim().is_empty() { "\n" } else { "" });
                    }
                }
            }
        }
        delta
    }

    fn verdict(&mut self, sentence: &str) -> Verdict {
        let price_cells = self.price_cells(sentence);
        let evidence = self.evidence.get_or_init(|| evidence_of(&self.prompt));
        let subject = Subject::of(sentence, evidence, &self.earlier);
        let claimed = Claimed {
            sentence,
            subject: &subject,
            evidence,
            price_cells: &price_cells,
        };
        let mut findings = Findings::default();
        prices::check(&claimed, &mut findings);
        facts::check_codes(&claimed, &mut findings);
        let language = self.prompt.language;
        let ending = sentence.get(sentence.trim_end().len()..).unwrap_or_default();
        facts::check_stock(&claimed, &mut findings, &|product| {
            row_statement(product, language).map(|text| text + ending)
        });
        self.counts.claims += findings.claims;
        if subject.is_told {
            self.earlier = subject.products;
        }
        findings.verdict(sentence)
    }

    /// The cells of a table's row that stand under "Price"; a row without digits is taken for the table's head.
    fn price_cells(&mut self, sentence: &str) -> Vec<Range<usize>> {
        if !sentence.trim_start().starts_with('|') {
            if !sentence.trim().is_empty() {
                self.price_columns.clear();
            }
            return Vec::new();
        }
        let mut cells = Vec::new();
        let mut start = 0;
        for cell in sentence.split('|') {
            cells.push((start..start + cell.len(), cell.to_lowercase()));
            start += cell.len() + 1;
        }
        let is_head = |cell: &str| {
            ["цена", "стоимость", "price", "cost"]
                .iter()
                .any(|word| cell.contains(word))
        };
        if cells.iter().any(|(_, cell)| is_head(cell)) && !sentence.contains(|c: char| c.is_ascii_digit()) {
            let columns = cells.iter().enumerate().filter(|(_, (_, cell))| is_head(cell));
            self.price_columns = columns.map(|(index, _)| index).collect();
        }
        let of_price = self.price_columns.iter().filter_map(|column| cells.get(*column));
        of_price.map(|(range, _)| range.clone()).collect()
    }
}

/// Makes all patterns ready, which takes some milliseconds that no visitor should wait for.
pub fn prepare() {
    facts::prepare();
    money::prepare();
    prices::prepare();
    sentences::prepare();
    subject::prepare();
}

fn evidence_of(prompt: &Prompt) -> Evidence {
    let earlier = prompt.history.iter().filter(|turn| turn.role == Role::Visitor);
    let mut said: Vec<&str> = earlier.map(|turn| turn.text.as_str()).collect();
    said.push(&prompt.question);
    Evidence::new(&prompt.fragments, &said)
}

/// What the row knows of a product's stock, with its citation.
fn row_statement(product: &Product, language: Language) -> Option<String> {
    let key = if product.in_stock? {
        "is_in_stock"
    } else {
        "is_out_of_stock"
    };
    let title = product.title.replace(['[', ']', '*', '\n'], " ");
    let text = i18n::sentence(language, key, &[("title", title)]);
    Some(format!("{text} [{}]", product.n))
}

#[cfg(test)]
mod tests;
