//! What became of a turn: how its wording ended, and what of that goes into the log and to the visitor.

use crate::domain::chat::Citation;
use crate::domain::chat::TurnStatus;
use crate::domain::generation::Fragment;
use crate::domain::generation::Prompt;
use crate::domain::generation::Usage;
use crate::domain::knowledge::ChunkPlace;
use crate::domain::knowledge::Document;
use crate::domain::knowledge::SourceType;

/// How wording an answer ended.
pub enum Wording {
    Whole {
        text: String,
        cited: Vec<usize>,
        usage: Option<Usage>,
    },
    /// The visitor left; this is what there was.
    Abandoned {
        text: String,
    },
    Failed,
}

/// What goes into the log and to the visitor.
pub struct Outcome {
    pub text: String,
    pub status: TurnStatus,
    pub citations: Vec<Citation>,
    /// The documents of the citations, in the same order.
    pub cited: Vec<Document>,
    pub context_used: String,
    pub model: String,
    pub usage: Option<Usage>,
    pub degraded: bool,
    pub refused: bool,
}

/// An answer without a citation is a refusal.
pub fn outcome_of(wording: Wording, model: &str, prompt: &Prompt, degraded: bool) -> Outcome {
    let (text, status, cited, usage) = match wording {
        Wording::Whole { text, cited, usage } => (text, TurnStatus::Complete, cited, usage),
        Wording::Abandoned { text } => (text, TurnStatus::Interrupted, Vec::new(), None),
        Wording::Failed => (String::new(), TurnStatus::Interrupted, Vec::new(), None),
    };
    let is_cited = |fragment: &&Fragment| cited.contains(&fragment.n);
    let citations: Vec<Citation> = prompt.fragments.iter().filter(is_cited).map(citation).collect();
    let documents = prompt.fragments.iter().filter(is_cited);
    let documents = documents.map(|fragment| fragment.document.clone()).collect();
    let refused = status == TurnStatus::Complete && citations.is_empty();
    let context_used = prompt.context.clone();
    Outcome {
        text,
        status,
        citations,
        cited: documents,
        context_used,
        model: model.to_owned(),
        usage,
        degraded,
        refused,
    }
}

/// For a turn that ended before anything could be said.
pub fn failed_outcome() -> Outcome {
    Outcome {
        text: String::new(),
        status: TurnStatus::Interrupted,
        citations: Vec::new(),
        cited: Vec::new(),
        context_used: String::new(),
        model: "none".to_owned(),
        usage: None,
        degraded: true,
        refused: false,
    }
}

fn citation(fragment: &Fragment) -> Citation {
    Citation {
        n: fragment.n,
        source_type: fragment.document.key.source_type,
        source_id: fragment.document.key.source_id.clone(),
        title: fragment.document.title.clone(),
        url: fragment.document.url.as_deref().map(|url| url_at(url, &fragment.place)),
        page: fragment.place.page,
        section: section(fragment),
    }
}

/// A document's address with the page or the section where a chunk begins.
fn url_at(url: &str, place: &ChunkPlace) -> String {
    let whole = url.split_once('#').map_or(url, |(whole, _)| whole);
    match (place.page, &place.anchor) {
        (Some(page), _) => format!("{whole}#page={page}"),
        (None, Some(anchor)) => format!("{whole}#{anchor}"),
        (None, None) => url.to_owned(),
    }
}

/// The heading right above a text's chunk: the last of its path, as the index writes it (`Text: ## Delivery › Abroad`).
fn section(fragment: &Fragment) -> Option<String> {
    let source_type = fragment.document.key.source_type;
    if !matches!(source_type, SourceType::Document | SourceType::Policy) {
        return None;
    }
    let mut lines = fragment.text.lines();
    let heading = lines.find_map(|line| {
        let line = line.find(": #").and_then(|at| line.get(at + 2..)).unwrap_or(line);
        line.starts_with('#').then(|| line.trim_start_matches('#').trim())
    })?;
    let last = heading.rsplit(" › ").next().unwrap_or(heading).trim();
    (!last.is_empty() && last != fragment.document.title.trim()).then(|| last.to_owned())
}

#[cfg(test)]
mod tests {
    use super::citation;
    use crate::domain::generation::Fragment;
    use crate::domain::id::DocumentId;
    use crate::domain::knowledge::ChunkPlace;
    use crate::domain::knowledge::Document;
    use crate::domain::knowledge::SourceKey;
    use crate::domain::knowledge::SourceType;

    #[test]
    fn a_citation_tells_the_page_or_the_section() {
        let cited = |page: Option<u32>, anchor: Option<&str>, text: &str| {
            citation(&Fragment {
                n: 1,
                document: Document {
                    id: DocumentId(1),
                    key: SourceKey {
                        source_type: SourceType::Document,
                        source_id: "rules".to_owned(),
                    },
                    title: "Правила".to_owned(),
                    url: Some("https://shop.example/rules#top".to_owned()),
                    product: None,
                },
                text: text.to_owned(),
                place: ChunkPlace {
                    page,
                    anchor: anchor.map(str::to_owned),
                },
                variants: Vec::new(),
                is_price_old: false,
            })
        };
        let pdf = cited(
            Some(3),
            None,
            "Название: Правила\nТекст: ## Возврат › Сроки\nЧетырнадцать дней.",
        );
        assert_eq!(pdf.url.as_deref(), Some("https://shop.example/rules#page=3"));
        assert_eq!((pdf.page, pdf.section.as_deref()), (Some(3), Some("Сроки")));
        let page = cited(None, Some("dostavka"), "Название: Правила\nТекст: Без заголовка.");
        assert_eq!(page.url.as_deref(), Some("https://shop.example/rules#dostavka"));
        assert_eq!((page.page, page.section), (None, None));
        let plain = cited(None, None, "Текст");
        assert_eq!(plain.url.as_deref(), Some("https://shop.example/rules#top"));
    }
}
