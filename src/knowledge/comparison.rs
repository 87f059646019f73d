//! The first reading of an import: what is new, what has changed and what is gone. Memory grows by some bytes a document only.

use crate::domain::id::ImportId;
use crate::domain::id::ShopId;
use crate::domain::id::SourceId;
use crate::domain::id::SpaceId;
use crate::domain::import::Change;
use crate::domain::import::DocumentChange;
use crate::domain::import::ImportMode;
use crate::domain::import::ImportPlan;
use crate::domain::import::ImportProblem;
use crate::domain::knowledge::KnownDocument;
use crate::domain::knowledge::SourceKey;
use crate::domain::settings::ShopSettings;
use crate::knowledge::Knowledge;
use crate::knowledge::changes::changed_fields;
use crate::knowledge::feed::Feed;
use crate::knowledge::feed::FeedReport;
use crate::knowledge::import::Cancelled;
use crate::knowledge::import::GIVE_WAY;
use crate::knowledge::parsing::sink::MAX_PROBLEMS;
use crate::knowledge::parsing::sink::ParsedItem;
use crate::knowledge::progress::Phase;
use crate::knowledge::progress::Tracked;
use anyhow::Context;
use anyhow::ensure;
use std::collections::HashSet;
use std::hash::BuildHasher;
use std::hash::RandomState;

/// Changes that the journal lists; all are counted.
const LISTED_CHANGES: usize = 1_000;
const PAGE: u32 = 5_000;

/// What an import goes by. Nothing of it changes while it is at work.
#[derive(Clone)]
pub struct Run {
    pub shop: ShopId,
    pub source: SourceId,
    /// `None` for a preview without a journal entry.
    pub import: Option<ImportId>,
    pub mode: ImportMode,
    pub settings: ShopSettings,
    pub space: SpaceId,
}

/// What has to be done to get from the visible documents to those of the feed.
pub struct Comparison {
    /// For each document of the feed, in its order, whether it has to be made anew.
    pub is_new: Vec<bool>,
    pub removed: Vec<SourceKey>,
    pub plan: ImportPlan,
    /// Visible documents of the source.
    pub known: usize,
}

/// What the first reading has seen so far.
struct Seen {
    hasher: RandomState,
    /// Hashes of keys: half a million are eight megabytes, where the keys themselves would be sixty.
    keys: HashSet<u64>,
    /// Documents that the feed says are gone.
    gone: HashSet<SourceKey>,
    comparison: Comparison,
}

impl Knowledge {
    /// Reads all of the feed and compares it with what is visible of its source. Fails with `Refused` when the feed cannot be read,
    /// and with `Cancelled`.
    pub async fn compare(&self, run: &Run, feed: &Feed, tracked: Option<&Tracked>) -> anyhow::Result<Comparison> {
        let mut seen = Seen {
            hasher: RandomState::new(),
            keys: HashSet::new(),
            gone: HashSet::new(),
            comparison: Comparison {
                is_new: Vec::new(),
                removed: Vec::new(),
                plan: ImportPlan::default(),
                known: 0,
            },
        };
        let mut reading = feed.read();
        while let Some(batch) = reading.next().await {
            if let Some(tracked) = tracked {
                ensure!(!tracked.is_cancelled(), Cancelled);
                tracked.note(Phase::Reading, seen.comparison.is_new.len(), 0, self.clock.now());
            }
            self.retriever.demand().until_idle(GIVE_WAY).await;
            let completed = self.complete(run.shop, run.source, batch).await?;
            completed
                .problems
                .into_iter()
                .for_each(|problem| seen.note_problem(problem));
            seen.gone.extend(completed.removed);
            let batch = completed.items;
            let keys = batch.iter().map(|parsed| parsed.item.key()).collect();
            let known = self.store.known_documents(run.shop, run.source, keys).await?;
            let run = run.clone();
            let work = move || {
                for (parsed, known) in batch.into_iter().zip(known) {
                    seen.compare(&run, &parsed, known);
                }
                seen
            };
            seen = tokio::task::spawn_blocking(work).await.context("comparing panicked")?;
        }
        let report = reading.finish().await?;
        self.find_removed(run, &mut seen, &report).await?;
        let mut comparison = seen.comparison;
        let problems = &mut comparison.plan;
        problems.problem_count += report.entries.problem_count;
        problems.problems.extend(report.entries.problems);
        problems.problems.truncate(MAX_PROBLEMS);
        Ok(comparison)
    }

    /// What the feed does not mention is gone, unless a part of the feed could not be read: it may stand there.
    async fn find_removed(&self, run: &Run, seen: &mut Seen, report: &FeedReport) -> anyhow::Result<()> {
        for key in &report.entries.unreadable {
            seen.keys.insert(seen.hasher.hash_one(key));
        }
        let is_told = !report.entries.keeps_unmentioned && report.refused_files == 0;
        let is_whole = run.mode == ImportMode::Replace && is_told;
        let products = report.entries.removed_products.clone();
        seen.gone
            .extend(self.keys_of_products(run.shop, run.source, products).await?);
        let mut after = None;
        loop {
            let page = self.store.list_source_keys(run.shop, run.source, after, PAGE).await?;
            seen.comparison.known += page.len();
            let is_last = page.len() < PAGE as usize;
            after = page.last().map(|(key, _)| key.clone());
            for (key, title) in page {
                let is_told = seen.keys.contains(&seen.hasher.hash_one(&key));
                if !is_told && (is_whole || seen.gone.contains(&key)) {
                    seen.comparison.note(Change::Removed, &key, &title, Vec::new());
                    seen.comparison.removed.push(key);
                }
            }
            if is_last {
                return Ok(());
            }
        }
    }
}

impl Seen {
    fn note_problem(&mut self, problem: ImportProblem) {
        let plan = &mut self.comparison.plan;
        plan.problem_count += 1;
        if plan.problems.len() < MAX_PROBLEMS {
            plan.problems.push(problem);
        }
    }

    fn compare(&mut self, run: &Run, parsed: &ParsedItem, known: Option<KnownDocument>) {
        let item = &parsed.item;
        let key = item.key();
        if !self.keys.insert(self.hasher.hash_one(&key)) {
            let problem = ImportProblem::new(parsed.place.clone(), "problem_repeated_id").with("id", &key.source_id);
            self.note_problem(problem);
            return self.comparison.is_new.push(false);
        }
        let hash = item.content_hash(run.settings.language, &size_settings(&run.settings));
        let is_same = |known: &KnownDocument| known.content_hash == hash && known.space == run.space;
        match known {
            Some(known) if is_same(&known) => {
                self.comparison.plan.counts.unchanged += 1;
                self.comparison.is_new.push(false);
            }
            Some(known) => {
                let fields = changed_fields(&known, item);
                self.comparison.note(Change::Changed, &key, item.title(), fields);
                self.comparison.is_new.push(true);
            }
            None => {
                self.comparison.note(Change::Added, &key, item.title(), Vec::new());
                self.comparison.is_new.push(true);
            }
        }
    }
}

impl Comparison {
    /// Whether there is anything to publish.
    pub fn changes_nothing(&self) -> bool {
        let counts = self.plan.counts;
        counts.added + counts.changed + counts.removed == 0
    }

    /// Whether more than half of what is visible would go.
    pub fn is_alarming(&self) -> bool {
        2 * self.plan.counts.removed > self.known
    }

    fn note(&mut self, change: Change, key: &SourceKey, title: &str, fields: Vec<String>) {
        let counts = &mut self.plan.counts;
        match change {
            Change::Added => counts.added += 1,
            Change::Changed => counts.changed += 1,
            Change::Removed => counts.removed += 1,
        }
        if self.plan.changes.len() < LISTED_CHANGES {
            self.plan.changes.push(DocumentChange {
                change,
                key: key.clone(),
                title: title.to_owned(),
                fields,
            });
        }
    }
}

/// What of the settings decides how an item is chunked.
pub fn size_settings(settings: &ShopSettings) -> String {
    format!("{}/{}", settings.chunk_size_tokens, settings.chunk_overlap_tokens)
}
