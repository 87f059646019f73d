//! Finds what answers a question: identifiers, terms and vectors become candidates, fusion makes them comparable, and each
//! document is found once, by its best chunk. Knows nothing of answers.

pub mod attributes;
pub mod calibration;
pub mod compounds;
pub mod confidence;
pub mod correction;
pub mod demand;
pub mod evidence;
pub mod explanation;
pub mod follow_up;
pub mod fusion;
pub mod identifiers;
pub mod lexicon;
pub mod likeness;
pub mod models;
pub mod passage;
pub mod question;
pub mod ranking;
pub mod reading;
pub mod reranking;
pub mod shop_cache;
pub mod shortlist;
pub mod signs;
pub mod sorted_words;
pub mod spelling;
pub mod thing;
pub mod turns;
pub mod understanding;
pub mod variant_keys;
pub mod variant_words;
pub mod variants;
pub mod vocabulary;
pub mod warming;
pub mod word_index;

use crate::domain::chat::PastTurn;
use crate::domain::id::ChunkId;
use crate::domain::id::DocumentId;
use crate::domain::id::ShopId;
use crate::domain::search::ExplainedSearch;
use crate::domain::search::Hit;
use crate::domain::search::SearchOutcome;
use crate::retrieval::attributes::cache::FacetCache;
use crate::retrieval::attributes::evidence::AttributeEvidence;
use crate::retrieval::calibration::Calibration;
use crate::retrieval::confidence::confidence;
use crate::retrieval::demand::Demand;
use crate::retrieval::evidence::Found;
use crate::retrieval::evidence::candidates;
use crate::retrieval::explanation::Searched;
use crate::retrieval::follow_up::Wording;
use crate::retrieval::follow_up::standalone_questions;
use crate::retrieval::fusion::FusedCandidate;
use crate::retrieval::lexicon::own::OwnLexicons;
use crate::retrieval::models::ActiveModel;
use crate::retrieval::models::ShopModels;
use crate::retrieval::question::ReadQuestion;
use crate::retrieval::ranking::Ranking;
use crate::retrieval::reranking::DEPTH;
use crate::retrieval::reranking::SecondLook;
use crate::retrieval::shortlist::shortlist;
use crate::retrieval::signs::Signs;
use crate::retrieval::turns::Turns;
use crate::retrieval::understanding::ShopMemory;
use crate::retrieval::understanding::understand;
use crate::retrieval::variant_keys::VariantKeys;
use crate::retrieval::variant_keys::worth_reading;
use crate::retrieval::variants::Listing;
use crate::retrieval::variants::POOL;
use crate::retrieval::variants::Wanted;
use crate::retrieval::variants::grouped;
use crate::retrieval::vocabulary::Vocabularies;
use crate::store::LexicalMatch;
use crate::store::SearchBasis;
use crate::store::Store;
use anyhow::Context;
use futures::future::OptionFuture;

/// Chunks taken from full-text search; past this rank a chunk has not been the answer on any development set.
const LEXICAL_CANDIDATES: u32 = 50;
/// Vectors taken from vector search; several of them belong to one chunk.
const VECTOR_CANDIDATES: u32 = 100;

#[derive(Clone)]
pub struct Retriever {
    store: Store,
    models: ShopModels,
    second_look: Option<SecondLook>,
    vocabularies: Vocabularies,
    own_lexicons: OwnLexicons,
    demand: Demand,
    facets: FacetCache,
    variant_keys: VariantKeys,
    turns: Turns,
}

impl Retriever {
    /// With `second_look`, the first hits are ordered by a reranker.
    pub fn new(store: Store, models: ShopModels, second_look: Option<SecondLook>) -> Retriever {
        Retriever {
            store,
            models,
            second_look,
            vocabularies: Vocabularies::default(),
            own_lexicons: OwnLexicons::default(),
            demand: Demand::default(),
            facets: FacetCache::default(),
            variant_keys: VariantKeys::default(),
            turns: Turns::default(),
        }
    }

    /// The questions that are being answered with this retriever and its clones.
    pub fn demand(&self) -> &Demand {
        &self.demand
    }

    /// The best `limit` documents for a question, best first; ties by document id. Variants of one product are one of them.
    ///
    /// With `history`, oldest turn first, a question that leans on what was said before is completed from it.
    pub async fn search(
        &self,
        shop: ShopId,
        question: &str,
        history: &[PastTurn],
        limit: usize,
    ) -> anyhow::Result<SearchOutcome> {
        let searched = self.searched(shop, question, history, limit, Listing::Grouped);
        Ok(searched.await?.outcome)
    }

    /// The same search, with what led to its hits, listed as asked.
    pub async fn explain(
        &self,
        shop: ShopId,
        question: &str,
        history: &[PastTurn],
        limit: usize,
        listing: Listing,
    ) -> anyhow::Result<ExplainedSearch> {
        let searched = self.searched(shop, question, history, limit, listing).await?;
        Ok(searched.explained())
    }

    async fn searched(
        &self,
        shop: ShopId,
        question: &str,
        history: &[PastTurn],
        limit: usize,
        listing: Listing,
    ) -> anyhow::Result<Searched> {
        let mut wordings = standalone_questions(question, history).into_iter();
        let first = wordings.next().unwrap_or_else(|| Wording::plain(question));
        let best = self.search_standalone(shop, first, limit, listing).await?;
        if best.outcome.answerable {
            return Ok(best);
        }
        for wording in wordings {
            let searched = self.search_standalone(shop, wording, limit, listing).await?;
            if searched.outcome.answerable {
                return Ok(searched);
            }
        }
        Ok(best)
    }

    /// Reads the question, gathers evidence, fuses it, and judges whether it is enough to answer from.
    async fn search_standalone(
        &self,
        shop: ShopId,
        wording: Wording,
        limit: usize,
        listing: Listing,
    ) -> anyhow::Result<Searched> {
        let basis = self.store.search_basis(shop).await;
        let basis = basis.context("could not read what the shop searches with")?;
        let model = self.models.active(basis.model.clone()).await;
        let calibration = &model.calibration;
        // After a start or an import each of them takes a while to make.
        let (memory, ()) = tokio::try_join!(
            self.memory(shop, &wording, &basis),
            self.models.prepare(shop, &model, basis.version)
        )?;
        let turn = self.turns.begin().await;
        let (question, attributes) = understood(wording.clone(), memory).await?;
        let found = self.gather(shop, &model, &question, attributes.as_ref()).await?;
        let (mut fused, signs, question, attributes) =
            self.ranked(shop, found, question, attributes, calibration).await?;
        let depth = self.second_look.as_ref().map_or(limit, |_| limit.max(DEPTH));
        let mut hits = match listing {
            Listing::Grouped => {
                fused.truncate(depth.max(POOL));
                self.shown(shop, &fused, depth).await?
            }
            Listing::Each => {
                fused.truncate(depth);
                self.hits(shop, &fused).await?
            }
        };
        drop(turn);
        if let Some(second_look) = &self.second_look {
            hits = second_look.reordered(&wording.text, hits).await;
        }
        let attributes = attributes.as_ref();
        if listing == Listing::Grouped {
            let wanted = Wanted::of(&question.meant, &fused, attributes);
            let grouping = tokio::task::spawn_blocking(move || grouped(hits, &wanted));
            hits = grouping.await.context("grouping variants panicked")?;
        }
        hits.truncate(limit);
        let confidence = confidence(&signs, &calibration.confidence);
        let is_met = attributes.is_some_and(|evidence| evidence.is_certain && !evidence.is_unmet());
        let answerable = !hits.is_empty() && (is_met || confidence >= calibration.answer_threshold);
        Ok(Searched {
            outcome: SearchOutcome {
                hits,
                confidence,
                answerable,
                is_unmet: attributes.is_some_and(AttributeEvidence::is_plainly_unmet),
            },
            wording: wording.text,
            question,
            signs,
            asked_of_rows: attributes.map(|evidence| evidence.account.clone()).unwrap_or_default(),
            fused,
            answer_threshold: calibration.answer_threshold,
        })
    }

    /// What is kept in memory of the shop for its questions, made when it is not there.
    async fn memory(&self, shop: ShopId, wording: &Wording, basis: &SearchBasis) -> anyhow::Result<ShopMemory> {
        let (store, version) = (&self.store, basis.version);
        let facets = async {
            let asks_rows = wording.wishes.is_some();
            let read = asks_rows.then(|| self.facets.of_version(store, shop, version));
            OptionFuture::from(read).await.transpose()
        };
        let (vocabulary, facets, own) = tokio::join!(
            self.vocabularies.of(store, shop, version),
            facets,
            self.own_lexicons.find(shop, basis.lexicon.clone())
        );
        Ok(ShopMemory {
            vocabulary: vocabulary.context("could not read the shop's words")?,
            facets: facets.context("could not read the shop's product rows")?,
            own_lexicon: own.context("could not read the shop's lexicon")?,
        })
    }

    /// Asks for all kinds of evidence at once.
    async fn gather(
        &self,
        shop: ShopId,
        model: &ActiveModel,
        question: &ReadQuestion,
        attributes: Option<&AttributeEvidence>,
    ) -> anyhow::Result<Found> {
        let (identifiers, lexical, nearest, fitting) = tokio::try_join!(
            self.by_identifier(shop, question),
            self.by_terms(shop, question),
            self.models.nearest(shop, model, &question.meant, VECTOR_CANDIDATES),
            self.by_attributes(shop, attributes)
        )?;
        Ok(Found {
            identifiers,
            lexical,
            nearest,
            fitting,
        })
    }

    async fn by_attributes(
        &self,
        shop: ShopId,
        attributes: Option<&AttributeEvidence>,
    ) -> anyhow::Result<Vec<(ChunkId, DocumentId)>> {
        let documents = attributes.map(AttributeEvidence::candidates).unwrap_or_default();
        if documents.is_empty() {
            return Ok(Vec::new());
        }
        let found = self.store.first_chunks(shop, documents).await;
        found.context("could not read the products that fit")
    }

    async fn by_identifier(&self, shop: ShopId, question: &ReadQuestion) -> anyhow::Result<Vec<(ChunkId, DocumentId)>> {
        if question.identifiers.is_empty() {
            return Ok(Vec::new());
        }
        let found = self.store.search_identifiers(shop, question.identifiers.clone());
        found.await.context("could not search by identifier")
    }

    async fn by_terms(&self, shop: ShopId, question: &ReadQuestion) -> anyhow::Result<LexicalMatch> {
        let found = self
            .store
            .search_terms(shop, question.words.clone(), LEXICAL_CANDIDATES);
        found.await.context("could not search by terms")
    }

    /// Reads the best candidates closely and orders all of them; hands back what it looked at.
    async fn ranked(
        &self,
        shop: ShopId,
        found: Found,
        question: ReadQuestion,
        attributes: Option<AttributeEvidence>,
        calibration: &Calibration,
    ) -> anyhow::Result<(Vec<FusedCandidate>, Signs, ReadQuestion, Option<AttributeEvidence>)> {
        let candidates = candidates(&question.words, &found, calibration);
        let nearest = &found.nearest;
        let passages = self
            .store
            .passages(shop, nearest.space, nearest.query.clone(), shortlist(&candidates));
        let passages = passages.await.context("could not read the candidates")?;
        let calibration = calibration.clone();
        let ranked = tokio::task::spawn_blocking(move || {
            let ranking = Ranking {
                question: &question,
                found: &found,
                passages: &passages,
                attributes: attributes.as_ref(),
                calibration: &calibration,
            };
            let (fused, signs) = ranking.rank(candidates);
            (fused, signs, question, attributes)
        });
        ranked.await.context("ranking candidates panicked")
    }

    /// The hits that a list of `limit` products can show, in the same order.
    async fn shown(&self, shop: ShopId, fused: &[FusedCandidate], limit: usize) -> anyhow::Result<Vec<Hit>> {
        let documents: Vec<DocumentId> = fused.iter().map(|candidate| candidate.document).collect();
        let keys = self.variant_keys.of(&self.store, shop, &documents).await?;
        let places = worth_reading(&keys, limit).into_iter();
        let shown: Vec<FusedCandidate> = places.filter_map(|place| fused.get(place).cloned()).collect();
        let hits = self.hits(shop, &shown).await?;
        // What an import has replaced meanwhile leaves its place to the next.
        if hits.len() < shown.len() {
            return self.hits(shop, fused).await;
        }
        Ok(hits)
    }

    /// The chunks themselves, in the same order; one that vanished meanwhile is left out.
    async fn hits(&self, shop: ShopId, fused: &[FusedCandidate]) -> anyhow::Result<Vec<Hit>> {
        let ids = fused.iter().map(|candidate| candidate.chunk).collect();
        let chunks = self.store.chunks(shop, ids).await;
        let hits = chunks
            .context("could not read the chunks found")?
            .into_iter()
            .filter_map(|chunk| {
                let score = fused.iter().find(|candidate| candidate.chunk == chunk.id)?.score;
                Some(Hit {
                    chunk,
                    score,
                    variants: Vec::new(),
                })
            });
        Ok(hits.collect())
    }
}

async fn understood(wording: Wording, memory: ShopMemory) -> anyhow::Result<(ReadQuestion, Option<AttributeEvidence>)> {
    let understanding = tokio::task::spawn_blocking(move || understand(&wording, &memory));
    understanding.await.context("reading the question panicked")
}
