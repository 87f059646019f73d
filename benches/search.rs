//! Search in one shop of 1,000, 10,000 and 100,000 products, and of a million when PALOMPY_BENCH_PRODUCTS says so: how long it
//! takes, and what its vectors miss.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot run stops with its cause")]

#[path = "support/mod.rs"]
mod support;

use palompy::domain::clock::Clock;
use palompy::domain::embedding::Embedding;
use palompy::domain::embedding::EmbeddingSpace;
use palompy::domain::embedding::ModelSource;
use palompy::domain::id::PublicKey;
use palompy::domain::id::ShopId;
use palompy::domain::import::ImportMode;
use palompy::domain::language::Language;
use palompy::domain::search::QueryTerm;
use palompy::domain::settings::ShopSettings;
use palompy::embed::Embedder;
use palompy::embed::registry::ModelRegistry;
use palompy::jobs::Jobs;
use palompy::knowledge::Knowledge;
use palompy::knowledge::chunking::ChunkSize;
use palompy::knowledge::chunking::draft_chunks;
use palompy::knowledge::parsing::json::parse_payload;
use palompy::net::Fetcher;
use palompy::retrieval::Retriever;
use palompy::retrieval::models::ShopModels;
use palompy::store::Store;
use palompy::text::terms::terms;
use std::io::Write;
use std::ops::Range;
use std::path::Path;
use std::time::Duration;
use std::time::Instant;
use support::Sample;
use support::Table;
use support::catalog;
use support::questions;
use support::server::Server;
use tempfile::TempDir;
use uuid::Uuid;

const QUESTIONS: usize = 200;
/// Exact search over all vectors is slow; this many questions bound the recall well enough.
const RECALL_QUESTIONS: usize = 50;
const RECALL_AT: usize = 10;
/// Products that are generated, embedded and imported at a time, and of how many a shop is made at most.
const BATCH: usize = 5_000;
const BATCHES: usize = 40;
/// The shop whose vectors are left for `benches/pgvector.py` to search.
const COMPARED: usize = 10_000;
/// What the retriever asks the store for.
const VECTORS: u32 = 100;
const CHUNKS: u32 = 50;
/// Equal to the exact similarity as far as f32 sums and stored roundings go.
const TIE: f32 = 0.000_5;

struct Bench {
    store: Store,
    embedder: Embedder,
    space: EmbeddingSpace,
    retriever: Retriever,
    knowledge: Knowledge,
    shop: ShopId,
}

#[tokio::main]
async fn main() {
    let mut table = Table::new();
    for terms in [10_000, 100_000] {
        questions::time_reading(&mut table, terms);
    }
    let sizes = [1_000, 10_000, 100_000, 1_000_000];
    let variable = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let largest = variable("PALOMPY_BENCH_PRODUCTS").unwrap_or(100_000);
    let least = variable("PALOMPY_BENCH_LEAST").unwrap_or(0);
    for size in sizes.into_iter().filter(|size| (least..=largest).contains(size)) {
        let folder = TempDir::new().unwrap();
        measure(&mut table, folder.path(), size).await;
    }
}

async fn measure(table: &mut Table, folder: &Path, products: usize) {
    let bench = Bench::open(folder).await;
    let queries = bench.embed_questions().await;
    let started = Instant::now();
    let mut exact = Exact::new(&queries);
    let mut chunks = 0;
    let mut importing = Duration::ZERO;
    let batch = BATCH.max(products / BATCHES);
    for start in (0..products).step_by(batch) {
        let numbers = start..(start + batch).min(products);
        importing += bench.import(numbers.clone()).await;
        chunks += exact.add(&bench.embedder, numbers).await;
    }
    let first = Instant::now();
    bench.search(0).await;
    let loading = first.elapsed();
    let (count, took) = (in_thousands(products), importing.as_secs_f64());
    table.known(
        &format!(
            "{count} products: {chunks} chunks, {} vectors; imported in",
            exact.vectors
        ),
        &format!("{took:.1} s"),
    );
    table.known(
        &format!("{count}: first search after start"),
        &format!("{:.0} ms", loading.as_secs_f64() * 1e3),
    );
    let vectors = bench.latencies(table, &count, &queries, products).await;
    bench.latencies_by_kind(table, &count).await;
    table.known(
        &format!("{count}: exact search in memory, one thread, p50"),
        &Sample::of_milliseconds(exact.times()).summary(),
    );
    let recall = bench.recall(&queries, &exact).await;
    if products == COMPARED {
        export(folder, &queries, &vectors, recall);
    }
    table.at_least(
        &format!("{count}: recall@10 of the vectors, exact search = 1"),
        recall,
        0.99,
        "",
    );
    let key = bench.store.shop(bench.shop).await.unwrap().public_key;
    drop(bench);
    memory(table, folder, &count, &key.to_string()).await;
    eprintln!("{count}: measured in {:.0} s", started.elapsed().as_secs_f64());
}

/// Leaves what another program needs to search the same vectors, beside our own figures.
fn export(folder: &Path, queries: &[Embedding], vectors: &Sample, recall: f64) {
    let to = Path::new(env!("CARGO_MANIFEST_DIR")).join(".build/vectors");
    std::fs::create_dir_all(&to).unwrap();
    std::fs::copy(folder.join("palompy.db"), to.join("palompy.db")).unwrap();
    let _ = std::fs::copy(folder.join("palompy.db-wal"), to.join("palompy.db-wal"));
    let values = queries.iter().take(RECALL_QUESTIONS).flatten();
    let bytes: Vec<u8> = values.flat_map(|value| value.to_le_bytes()).collect();
    std::fs::write(to.join("questions.f32"), bytes).unwrap();
    let mut own = std::fs::File::create(to.join("own.txt")).unwrap();
    writeln!(
        own,
        "{} {} {recall}",
        vectors.percentile(50.0),
        vectors.percentile(99.0)
    )
    .unwrap();
}

async fn memory(table: &mut Table, folder: &Path, count: &str, key: &str) {
    let server = Server::start("serve", folder, None);
    for number in 0..50 {
        server.time_to_first_delta(key, &catalog::question(number)).await;
    }
    if let Some(megabytes) = server.resident_megabytes() {
        table.at_most(&format!("{count}: memory after 50 questions"), megabytes, 250.0, "MB");
    }
}

impl Bench {
    async fn open(folder: &Path) -> Bench {
        let clock = Clock::System;
        let store = Store::open(&folder.join("palompy.db")).await.unwrap();
        let embedder = Embedder::builtin().unwrap();
        let space = store
            .ensure_space(embedder.space_key().clone(), clock.now())
            .await
            .unwrap();
        let registry = ModelRegistry::new(folder.join("models"), Vec::new(), clock.clone());
        let models = ShopModels::start(store.clone(), registry, ModelSource::Builtin, clock.clone())
            .await
            .unwrap();
        let retriever = Retriever::new(store.clone(), models.clone(), None);
        let knowledge = Knowledge::new(
            store.clone(),
            models,
            Jobs::new(store.clone(), clock.clone()),
            retriever.clone(),
            clock.clone(),
            folder,
            Fetcher::public().unwrap(),
        );
        let settings = ShopSettings {
            language: Language::Ru,
            ..ShopSettings::default()
        };
        let key = PublicKey(Uuid::new_v4());
        let shop = store
            .insert_shop("Лавка".to_owned(), key, settings, clock.now())
            .await
            .unwrap()
            .id;
        Bench {
            store,
            embedder,
            space,
            retriever,
            knowledge,
            shop,
        }
    }

    async fn embed_questions(&self) -> Vec<Embedding> {
        let mut queries = Vec::new();
        for number in 0..QUESTIONS {
            queries.push(self.embedder.embed_query(catalog::question(number)).await.unwrap());
        }
        queries
    }

    async fn import(&self, numbers: Range<usize>) -> Duration {
        let items = parse_payload(catalog::catalog(numbers).to_string().as_bytes()).unwrap();
        let started = Instant::now();
        self.knowledge
            .import(self.shop, items, ImportMode::Merge)
            .await
            .unwrap();
        started.elapsed()
    }

    async fn search(&self, question: usize) {
        self.ask(&catalog::question(question)).await;
    }

    async fn ask(&self, question: &str) {
        self.retriever.search(self.shop, question, &[], 5).await.unwrap();
    }

    async fn latencies_by_kind(&self, table: &mut Table, count: &str) {
        questions::time_facets(table, count, &self.store, self.shop).await;
        let kinds: [questions::Kind; 3] = [
            ("attribute", questions::attribute_question),
            ("misspelt", questions::misspelt_question),
            ("Latin", questions::transliterated_question),
        ];
        for (kind, question) in kinds {
            let (mut whole, mut embedding) = (Vec::new(), Vec::new());
            for number in 0..QUESTIONS {
                let question = question(number);
                whole.push(timed(self.ask(&question)).await);
                embedding.push(timed(self.embedder.embed_query(question.clone())).await);
            }
            let (whole, embedding) = (Sample::of_milliseconds(whole), Sample::of_milliseconds(embedding));
            let without = whole.percentile(50.0) - embedding.percentile(50.0);
            table.known(
                &format!("{count}: {kind} questions, without embedding: p50; whole: p50 / p99"),
                &format!("{without:.2}; {}", whole.summary()),
            );
        }
    }

    /// Returns how long the vectors took.
    async fn latencies(&self, table: &mut Table, count: &str, queries: &[Embedding], products: usize) -> Sample {
        let (mut whole, mut embedding, mut vectors, mut lexical) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (number, query) in queries.iter().enumerate() {
            whole.push(timed(self.search(number)).await);
            let question = catalog::question(number);
            embedding.push(timed(self.embedder.embed_query(question.clone())).await);
            let query = query.clone();
            let asked = terms(&question).into_iter().map(QueryTerm::plain).collect();
            vectors.push(timed(self.store.search_vectors(self.shop, self.space.id, query, VECTORS)).await);
            lexical.push(timed(self.store.search_terms(self.shop, asked, CHUNKS)).await);
        }
        let embedding = Sample::of_milliseconds(embedding);
        let whole = Sample::of_milliseconds(whole);
        let (vectors, lexical) = (Sample::of_milliseconds(vectors), Sample::of_milliseconds(lexical));
        table.known(
            &format!("{count}: whole search, embedding included: p50 / p99"),
            &whole.summary(),
        );
        let without = whole.percentile(50.0) - embedding.percentile(50.0);
        match products {
            10_000 => table.at_most(
                &format!("{count}: whole search without embedding, p50"),
                without,
                3.0,
                "ms",
            ),
            100_000 => table.at_most(
                &format!("{count}: whole search without embedding, p50"),
                without,
                8.0,
                "ms",
            ),
            _ => table.known(
                &format!("{count}: whole search without embedding, p50"),
                &format!("{without:.2} ms"),
            ),
        }
        table.known(&format!("{count}: query embedding: p50 / p99"), &embedding.summary());
        table.known(&format!("{count}: terms: p50 / p99"), &lexical.summary());
        table.known(&format!("{count}: vectors: p50 / p99"), &vectors.summary());
        if products == 100_000 {
            table.at_most(&format!("{count}: vectors, p50"), vectors.percentile(50.0), 2.0, "ms");
        }
        vectors
    }

    /// The share of the exact best chunks that vector search finds among its own best. A chunk as near as the last of the
    /// exact best counts as one of them.
    async fn recall(&self, queries: &[Embedding], exact: &Exact<'_>) -> f64 {
        let (mut found, mut wanted) = (0, 0);
        for (question, query) in queries.iter().take(RECALL_QUESTIONS).enumerate() {
            let hits = self
                .store
                .search_vectors(self.shop, self.space.id, query.clone(), VECTORS)
                .await
                .unwrap();
            let ids: Vec<_> = hits.iter().take(RECALL_AT).map(|hit| hit.chunk).collect();
            wanted += ids.len();
            let least = exact.nth_best(question, ids.len());
            for chunk in self.store.chunks(self.shop, ids).await.unwrap() {
                found += usize::from(exact.similarity(question, &chunk.document.key.source_id) >= least - TIE);
            }
        }
        f64::from(u32::try_from(found).unwrap()) / f64::from(u32::try_from(wanted).unwrap())
    }
}

/// The similarity of every product to every question of the recall, by brute force over the vectors as embedded.
struct Exact<'a> {
    queries: &'a [Embedding],
    /// By question and product.
    similarities: Vec<Vec<f32>>,
    /// How long each question's comparisons took.
    times: Vec<Duration>,
    vectors: usize,
}

impl Exact<'_> {
    fn new(queries: &[Embedding]) -> Exact<'_> {
        let queries = &queries[..RECALL_QUESTIONS];
        Exact {
            queries,
            similarities: vec![Vec::new(); queries.len()],
            times: vec![Duration::ZERO; queries.len()],
            vectors: 0,
        }
    }

    /// Returns how many chunks the products have.
    async fn add(&mut self, embedder: &Embedder, numbers: Range<usize>) -> usize {
        let settings = ShopSettings::default();
        let size = ChunkSize {
            tokens: settings.chunk_size_tokens,
            overlap_tokens: settings.chunk_overlap_tokens,
            count_tokens: &|text| embedder.count_tokens(text),
        };
        let mut chunks = 0;
        for item in parse_payload(catalog::catalog(numbers).to_string().as_bytes()).unwrap() {
            let drafts = draft_chunks(&item, Language::Ru, &size);
            chunks += drafts.len();
            let units: Vec<String> = drafts.into_iter().flat_map(|draft| draft.units).collect();
            self.vectors += units.len();
            let embeddings = embedder.embed_passages(units).await.unwrap();
            let by_question = self.similarities.iter_mut().zip(&mut self.times);
            for (query, (similarities, time)) in self.queries.iter().zip(by_question) {
                let started = Instant::now();
                let best = embeddings
                    .iter()
                    .map(|embedding| dot(query, embedding))
                    .fold(f32::MIN, f32::max);
                *time += started.elapsed();
                similarities.push(best);
            }
        }
        chunks
    }

    fn similarity(&self, question: usize, source_id: &str) -> f32 {
        let number: usize = source_id.trim_start_matches("BN-").parse().unwrap();
        self.similarities[question][number]
    }

    fn nth_best(&self, question: usize, n: usize) -> f32 {
        let mut all = self.similarities[question].clone();
        all.sort_unstable_by(|a, b| b.total_cmp(a));
        all[n - 1]
    }

    fn times(&self) -> impl Iterator<Item = Duration> {
        self.times.iter().copied()
    }
}

async fn timed<T>(work: impl Future<Output = T>) -> Duration {
    let started = Instant::now();
    work.await;
    started.elapsed()
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

fn in_thousands(count: usize) -> String {
    format!("{}k", count / 1000)
}
