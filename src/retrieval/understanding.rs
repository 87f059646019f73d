//! A question against what a shop's memory holds: its words put right, and what its product rows say to it. Reads nothing.

use crate::retrieval::attributes::evidence::AttributeEvidence;
use crate::retrieval::attributes::evidence::evidence;
use crate::retrieval::attributes::facets::Facets;
use crate::retrieval::attributes::reading::read;
use crate::retrieval::attributes::scale::Subject;
use crate::retrieval::follow_up::Wishes;
use crate::retrieval::follow_up::Wording;
use crate::retrieval::lexicon::Lexicon;
use crate::retrieval::question::ReadQuestion;
use crate::retrieval::question::read_question;
use crate::retrieval::vocabulary::Vocabulary;
use std::sync::Arc;

/// What is kept of a shop for its questions.
pub struct ShopMemory {
    pub vocabulary: Arc<Vocabulary>,
    /// What the shop's owner has added to the lexicon.
    pub own_lexicon: Option<Arc<Lexicon>>,
    /// Not for a question that asks nothing of product rows.
    pub facets: Option<Arc<Facets>>,
}

/// The question as search takes it, and what product rows say to it; nothing when it asks nothing of them. It costs up to some
/// milliseconds, so call it off the async runtime.
pub fn understand(wording: &Wording, memory: &ShopMemory) -> (ReadQuestion, Option<AttributeEvidence>) {
    let question = read_question(&wording.text, &memory.vocabulary, memory.own_lexicon.as_deref());
    let asked = wording.wishes.as_ref().zip(memory.facets.as_ref());
    let attributes = asked.and_then(|(wishes, facets)| said_by_rows(wishes, &question.meant, facets));
    (question, attributes)
}

fn said_by_rows(wishes: &Wishes, meant: &str, facets: &Arc<Facets>) -> Option<AttributeEvidence> {
    let row = wishes.subject.as_ref().and_then(|source| facets.row_of_source(source));
    let subject = row.map(|row| Subject {
        row,
        wants_others: wishes.wants_others,
    });
    // What stands beside a subject is short and was typed right often enough; the subject's title is no wish.
    let text = if wishes.subject.is_some() { &wishes.text } else { meant };
    evidence(&read(text), facets, subject)
}
