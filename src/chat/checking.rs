//! The part of a turn that holds a model's text against the shop's rows: while it streams, and once more as the rows stand when it
//! has ended.

use crate::chat::answer_filter::AnswerFilter;
use crate::chat::claims::ClaimFilter;
use crate::chat::price_age::without_price;
use crate::chat::turn::Turn;
use crate::domain::chat::Checked;
use crate::domain::generation::Prompt;
use crate::domain::id::DocumentId;
use crate::domain::knowledge::ProductRow;
use crate::domain::search::SearchOutcome;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Links and citations first, then claims. One text goes through it.
pub(super) struct Checking {
    links: AnswerFilter,
    /// `None` for a text that quotes the rows itself.
    claims: Option<ClaimFilter>,
    quoted: String,
}

/// A text that went through all checks.
pub(super) struct CheckedText {
    pub(super) text: String,
    /// The fragments that it still cites, in order.
    pub(super) cited: Vec<usize>,
    pub(super) counts: Checked,
    /// Whether so much was left out that it answers nothing any more.
    pub(super) is_spoiled: bool,
}

impl Checking {
    pub(super) fn new(prompt: &Arc<Prompt>, is_quoting: bool) -> Checking {
        Checking {
            links: AnswerFilter::new(&prompt.fragments),
            claims: (!is_quoting).then(|| ClaimFilter::new(prompt.clone())),
            quoted: String::new(),
        }
    }

    /// What can be shown now.
    pub(super) fn push(&mut self, delta: &str) -> String {
        let piece = self.links.push(delta);
        self.pass_on(piece)
    }

    /// Gives what was held back.
    pub(super) fn finish(&mut self) -> String {
        let rest = self.links.finish();
        let mut shown = self.pass_on(rest);
        if let Some(claims) = &mut self.claims {
            shown.push_str(&claims.finish());
        }
        shown
    }

    fn pass_on(&mut self, piece: String) -> String {
        match &mut self.claims {
            Some(claims) => claims.push(&piece),
            None => {
                self.quoted.push_str(&piece);
                piece
            }
        }
    }

    pub(super) fn text(&self) -> String {
        self.claims
            .as_ref()
            .map_or_else(|| self.quoted.clone(), ClaimFilter::text)
    }

    pub(super) fn checked_text(&self) -> CheckedText {
        let text = self.text();
        let claims = self.claims.as_ref().map(ClaimFilter::counts).unwrap_or_default();
        let mut counts = self.links.counts();
        counts.add(claims);
        let cited: Vec<usize> = self.links.cited();
        let kept: Vec<usize> = cited
            .iter()
            .filter(|n| text.contains(&format!("[{n}]")))
            .copied()
            .collect();
        let has_words = text.chars().any(char::is_alphabetic);
        CheckedText {
            is_spoiled: !has_words || (claims.dropped > 0 && kept.is_empty() && !cited.is_empty()),
            text,
            cited: kept,
            counts,
        }
    }
}

impl Turn {
    /// The documents of the hits whose source confirmed their price too long ago.
    pub(super) async fn old_prices(&self, found: &SearchOutcome) -> BTreeSet<DocumentId> {
        let Some(hours) = self.shop.settings.price_max_age_hours else {
            return BTreeSet::new();
        };
        let ids: Vec<DocumentId> = found
            .hits
            .iter()
            .filter(|hit| hit.chunk.document.product.is_some())
            .map(|hit| hit.chunk.document.id)
            .collect();
        let limit_seconds = i64::from(hours) * 3_600;
        let now = self.chat.clock.now().as_second();
        match self.chat.store.confirmed_at(self.shop.id, ids.clone()).await {
            Ok(times) => {
                let is_old = times
                    .into_iter()
                    .map(|time| time.is_none_or(|time| now - time.as_second() > limit_seconds));
                ids.into_iter()
                    .zip(is_old)
                    .filter(|(_, is_old)| *is_old)
                    .map(|(id, _)| id)
                    .collect()
            }
            Err(error) => {
                tracing::warn!(%error, shop = self.shop.id.0, "could not tell how old prices are; not quoting them");
                ids.into_iter().collect()
            }
        }
    }

    /// The same prompt with the rows as they stand now; `None` when they are as they were. A product that is gone has an empty row, so
    /// that nothing can be claimed of it.
    pub(super) async fn with_current_rows(&self, prompt: &Arc<Prompt>) -> Option<Prompt> {
        let products = prompt
            .fragments
            .iter()
            .filter(|fragment| fragment.document.product.is_some());
        let ids: Vec<DocumentId> = products.map(|fragment| fragment.document.id).collect();
        let current = self.chat.store.current_documents(self.shop.id, ids).await;
        let current = current.unwrap_or_else(|error| {
            tracing::warn!(%error, message_id = %self.id, "could not read the rows again");
            Vec::new()
        });
        let mut current = current.into_iter();
        let mut changed = Prompt::clone(prompt);
        let mut is_changed = false;
        for fragment in changed
            .fragments
            .iter_mut()
            .filter(|fragment| fragment.document.product.is_some())
        {
            let mut document = match current.next() {
                // The rows could not be read: those of the search have to do.
                None => return None,
                Some(Some(document)) => document,
                Some(None) => {
                    let mut gone = fragment.document.clone();
                    gone.product = Some(ProductRow::default());
                    gone
                }
            };
            if fragment.is_price_old {
                without_price(&mut document);
            }
            if document.product != fragment.document.product {
                is_changed = true;
                fragment.variants.clear();
                fragment.document = document;
            }
        }
        is_changed.then_some(changed)
    }
}
