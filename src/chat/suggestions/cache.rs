//! Suggestions of the shops that are being asked: general ones are made once after each import, those of a page when it is first
//! shown after one.

use crate::chat::suggestions::PageQuestion;
use crate::chat::suggestions::page_questions;
use crate::chat::suggestions::topics::Topics;
use crate::domain::id::ShopId;
use crate::domain::knowledge::Document;
use crate::domain::language::Language;
use crate::retrieval::Retriever;
use crate::retrieval::shop_cache::Kept;
use crate::retrieval::shop_cache::ShopCache;
use crate::store::Store;
use anyhow::Context;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

/// Memory for the suggestions of all shops, about.
const BUDGET_BYTES: usize = 8 << 20;
/// Frequent questions and policies of one shop that are looked at, in order of their ids.
const TITLES: u32 = 1_000;
/// Pages of one shop that are kept; when there are more, all are made anew.
const PAGES_KEPT: usize = 2_000;
/// Questions on one page.
const PAGE_QUESTIONS: usize = 4;
/// Where a product must stand among the hits for its own question.
const NEAR_TOP: usize = 3;

#[derive(Clone)]
pub struct Suggestions {
    cache: Arc<ShopCache<Prepared>>,
}

/// Of one version of a shop's knowledge.
struct Prepared {
    topics: Topics,
    pages: Mutex<HashMap<(String, Language), Vec<String>>>,
}

impl Default for Suggestions {
    fn default() -> Suggestions {
        Suggestions {
            cache: Arc::new(ShopCache::new(BUDGET_BYTES)),
        }
    }
}

impl Suggestions {
    /// Calls `with` with the shop's general questions.
    pub async fn with_topics<T>(
        &self,
        store: &Store,
        shop: ShopId,
        with: impl FnOnce(&Topics) -> T,
    ) -> anyhow::Result<T> {
        let prepared = self.prepared(store, shop).await?;
        Ok(with(&prepared.topics))
    }

    /// What a visitor of a product's page may ask, best first; nothing for an unknown product. Every question was put to the
    /// retriever, and it found an answer.
    pub async fn of_page(
        &self,
        store: &Store,
        retriever: &Retriever,
        shop: ShopId,
        product: &str,
        language: Language,
    ) -> anyhow::Result<Vec<String>> {
        let prepared = self.prepared(store, shop).await?;
        let page = (product.to_owned(), language);
        if let Some(questions) = prepared.page(&page) {
            return Ok(questions);
        }
        let found = store.products(shop, vec![product.to_owned()]).await?;
        let Some(product) = found.first() else {
            return Ok(Vec::new());
        };
        let mut questions = Vec::new();
        for question in page_questions(product, language, &prepared.topics) {
            if questions.len() < PAGE_QUESTIONS && is_answered(retriever, shop, &question, product).await? {
                questions.push(question.text);
            }
        }
        prepared.keep(page, questions.clone());
        Ok(questions)
    }

    async fn prepared(&self, store: &Store, shop: ShopId) -> anyhow::Result<Arc<Prepared>> {
        let version = store.index_version(shop).await?;
        let read = async {
            let titles = store.list_titles(shop, TITLES).await?;
            let topics = tokio::task::spawn_blocking(move || Topics::new(&titles)).await;
            Ok(Prepared {
                topics: topics.context("reading titles panicked")?,
                pages: Mutex::default(),
            })
        };
        self.cache.of(shop, version, read).await
    }
}

/// Whether the retriever would answer; a question that names the product only with the product among the first hits.
async fn is_answered(
    retriever: &Retriever,
    shop: ShopId,
    question: &PageQuestion,
    product: &Document,
) -> anyhow::Result<bool> {
    let found = retriever.search(shop, &question.text, &[], NEAR_TOP).await?;
    let is_found = found.hits.iter().any(|hit| {
        let variants = hit.variants.iter().map(|variant| variant.source_id.as_str());
        let key = &hit.chunk.document.key;
        std::iter::once(key.source_id.as_str())
            .chain(variants)
            .any(|id| id == product.key.source_id)
    });
    Ok(found.answerable && (is_found || !question.names_product))
}

impl Prepared {
    fn page(&self, page: &(String, Language)) -> Option<Vec<String>> {
        self.pages
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(page)
            .cloned()
    }

    fn keep(&self, page: (String, Language), questions: Vec<String>) {
        let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        if pages.len() >= PAGES_KEPT {
            pages.clear();
        }
        pages.insert(page, questions);
    }
}

impl Kept for Prepared {
    fn size_bytes(&self) -> usize {
        self.topics.size_bytes()
    }
}
