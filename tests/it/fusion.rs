//! Evidence is worth joining only where the whole is better than each part.

use palompy::domain::clock::Clock;
use palompy::domain::embedding::ModelSource;
use palompy::domain::id::PublicKey;
use palompy::domain::id::ShopId;
use palompy::domain::import::ImportMode;
use palompy::domain::language::Language;
use palompy::domain::search::NamedScore;
use palompy::domain::settings::ShopSettings;
use palompy::embed::registry::ModelRegistry;

use palompy::jobs::Jobs;
use palompy::knowledge::Knowledge;
use palompy::knowledge::parsing::json::parse_payload;
use palompy::net::Fetcher;
use palompy::retrieval::Retriever;
use palompy::retrieval::models::ShopModels;
use palompy::retrieval::variants::Listing;
use palompy::store::Store;
use serde_json::Value;
use std::path::Path;
use tempfile::TempDir;
use uuid::Uuid;

/// Sources that are looked at for one question.
const DEPTH: usize = 50;
/// Ranks past this count as not found.
const RANKS: usize = 10;

/// How a set is answered: the share of first places, and MRR@10.
#[derive(Debug, Clone, Copy, Default)]
struct Score {
    hit_at_1: f64,
    mrr: f64,
}

struct Shop {
    retriever: Retriever,
    id: ShopId,
    _folder: TempDir,
}

impl Shop {
    async fn open(file: &str, language: Language) -> Shop {
        let folder = TempDir::new().unwrap();
        let store = Store::open(&folder.path().join("palompy.db")).await.unwrap();
        let registry = ModelRegistry::new(folder.path().join("models"), Vec::new(), Clock::System);
        let models = ShopModels::start(store.clone(), registry, ModelSource::Builtin, Clock::System)
            .await
            .unwrap();
        let retriever = Retriever::new(store.clone(), models.clone(), None);
        let jobs = Jobs::new(store.clone(), Clock::System);
        let knowledge = Knowledge::new(
            store.clone(),
            models,
            jobs,
            retriever.clone(),
            Clock::System,
            folder.path(),
            Fetcher::public().unwrap(),
        );
        let settings = ShopSettings {
            language,
            ..ShopSettings::default()
        };
        let key = PublicKey(Uuid::new_v4());
        let shop = store
            .insert_shop("Shop".to_owned(), key, settings, Clock::System.now())
            .await
            .unwrap();
        let items = parse_payload(&std::fs::read(path(file)).unwrap()).unwrap();
        knowledge.import(shop.id, items, ImportMode::Merge).await.unwrap();
        Shop {
            retriever,
            id: shop.id,
            _folder: folder,
        }
    }

    /// The whole search, words alone and vectors alone; named identifiers are part of each.
    async fn scores(&self, questions: &str) -> [Score; 3] {
        let mut scores = [Score::default(); 3];
        let mut count = 0.0;
        for line in std::fs::read_to_string(path(questions)).unwrap().lines() {
            let line: Value = serde_json::from_str(line).unwrap();
            let expect: Vec<&str> = line["expect"]
                .as_array()
                .unwrap()
                .iter()
                .filter_map(Value::as_str)
                .collect();
            if expect.is_empty() || line["history"].is_array() {
                continue;
            }
            count += 1.0;
            for (score, rank) in scores
                .iter_mut()
                .zip(self.ranks(line["question"].as_str().unwrap(), &expect).await)
            {
                score.hit_at_1 += f64::from(rank == 1);
                score.mrr += if rank <= RANKS { 1.0 / rank as f64 } else { 0.0 };
            }
        }
        scores.map(|score| Score {
            hit_at_1: score.hit_at_1 / count,
            mrr: score.mrr / count,
        })
    }

    async fn ranks(&self, question: &str, expect: &[&str]) -> [usize; 3] {
        let found = self
            .retriever
            .explain(self.id, question, &[], DEPTH, Listing::Each)
            .await
            .unwrap();
        let hits = found.outcome.hits.iter().zip(&found.evidence);
        let sources: Vec<(bool, f64, f64)> = hits
            .map(|(hit, evidence)| {
                let is_right = expect.contains(&hit.chunk.document.key.source_id.as_str());
                let named = 2.0 * score(evidence, "identifier");
                (
                    is_right,
                    named + score(evidence, "lexical"),
                    named + score(evidence, "vector"),
                )
            })
            .collect();
        let place = sources.iter().position(|(is_right, _, _)| *is_right);
        let whole = place.map_or(usize::MAX, |place| place + 1);
        [
            whole,
            rank_by(&sources, |source| source.1),
            rank_by(&sources, |source| source.2),
        ]
    }
}

/// The rank of the best right source; what scores as high is before it, and what does not score is not found.
fn rank_by(sources: &[(bool, f64, f64)], score: fn(&(bool, f64, f64)) -> f64) -> usize {
    let right = sources.iter().filter(|source| source.0).map(score).fold(0.0, f64::max);
    if right == 0.0 {
        return usize::MAX;
    }
    let before = sources.iter().filter(|source| !source.0 && score(source) >= right);
    before.count() + 1
}

fn score(evidence: &[NamedScore], name: &str) -> f64 {
    evidence.iter().find(|score| score.name == name).unwrap().score
}

fn path(file: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data").join(file)
}

async fn hold(shop: &str, language: Language, sets: &[&str]) {
    let shop = Shop::open(shop, language).await;
    for set in sets {
        let [whole, words, vectors] = shop.scores(set).await;
        for part in [words, vectors] {
            assert!(
                whole.mrr >= part.mrr && whole.hit_at_1 >= part.hit_at_1,
                "{set}: the whole {whole:?}, words {words:?}, vectors {vectors:?}"
            );
        }
    }
}

#[tokio::test]
async fn fusion_is_never_worse_than_its_best_part_in_the_russian_demo_shop() {
    let sets = [
        "demo/eval-dev-ru.jsonl",
        "demo/eval-more-ru.jsonl",
        "demo/eval-holdout-ru.jsonl",
    ];
    hold("demo/demo-shop-ru.json", Language::Ru, &sets).await;
}

#[tokio::test]
async fn fusion_is_never_worse_than_its_best_part_in_the_english_demo_shop() {
    let sets = [
        "demo/eval-dev-en.jsonl",
        "demo/eval-more-en.jsonl",
        "demo/eval-holdout-en.jsonl",
    ];
    hold("demo/demo-shop-en.json", Language::En, &sets).await;
}

#[tokio::test]
async fn fusion_is_never_worse_than_its_best_part_in_shops_that_nobody_tuned_on() {
    hold("eval/gadgets-ru.json", Language::Ru, &["eval/gadgets-ru.jsonl"]).await;
    hold("eval/pets-en.json", Language::En, &["eval/pets-en.jsonl"]).await;
}
