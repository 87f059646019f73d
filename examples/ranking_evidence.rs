//! What search knew about each candidate for the questions of evaluation sets, as JSON lines: what `scripts/fit_ranking.py` learns
//! the constants of `retrieval/calibration.rs` from.
//!
//! `cargo run --example ranking_evidence -- LANGUAGE SHOP.json EVAL.jsonl [LANGUAGE SHOP.json EVAL.jsonl ...] > evidence.jsonl`
#![expect(clippy::unwrap_used, reason = "a tool that cannot run stops with its cause")]

use palompy::domain::chat::PastTurn;
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
use serde_json::Map;
use serde_json::Value;
use serde_json::json;
use std::io::Write;
use tempfile::TempDir;
use uuid::Uuid;

/// More than search shows anybody; a source that is not among them is not found.
const DEPTH: usize = 50;

struct Bench {
    store: Store,
    retriever: Retriever,
    knowledge: Knowledge,
}

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
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
    let bench = Bench {
        store,
        retriever,
        knowledge,
    };
    let mut out = std::io::stdout().lock();
    for set in arguments.chunks_exact(3) {
        let [language, shop_file, evaluation_file] = set else {
            continue;
        };
        let shop = bench.shop(Language::parse(language).unwrap(), shop_file).await;
        for line in std::fs::read_to_string(evaluation_file).unwrap().lines() {
            let found = bench
                .ask(shop, serde_json::from_str(line).unwrap(), evaluation_file)
                .await;
            writeln!(out, "{found}").unwrap();
        }
    }
}

impl Bench {
    async fn shop(&self, language: Language, file: &str) -> ShopId {
        let settings = ShopSettings {
            language,
            ..ShopSettings::default()
        };
        let key = PublicKey(Uuid::new_v4());
        let shop = self
            .store
            .insert_shop(file.to_owned(), key, settings, Clock::System.now())
            .await
            .unwrap()
            .id;
        let items = parse_payload(&std::fs::read(file).unwrap()).unwrap();
        self.knowledge.import(shop, items, ImportMode::Merge).await.unwrap();
        shop
    }

    async fn ask(&self, shop: ShopId, line: Value, set: &str) -> Value {
        let question = line["question"].as_str().unwrap();
        let history: Vec<PastTurn> = line["history"].as_array().into_iter().flatten().map(asked).collect();
        let searched = self
            .retriever
            .explain(shop, question, &history, DEPTH, Listing::Each)
            .await
            .unwrap();
        let outcome = &searched.outcome;
        let hits = outcome.hits.iter().zip(&searched.evidence).map(|(hit, evidence)| {
            json!({
                "source": hit.chunk.document.key.source_id,
                "type": hit.chunk.document.key.source_type.name(),
                "score": hit.score,
                "evidence": by_name(evidence),
            })
        });
        json!({
            "set": set,
            "question": question,
            "kind": line["kind"],
            "expect": line["expect"],
            "has_history": !history.is_empty(),
            "hits": hits.collect::<Vec<_>>(),
            "answerable": outcome.answerable,
            "confidence": outcome.confidence,
            "signs": by_name(&searched.signs),
        })
    }
}

fn by_name(scores: &[NamedScore]) -> Map<String, Value> {
    let scores = scores.iter();
    scores
        .map(|named| (named.name.to_owned(), json!(named.score)))
        .collect()
}

fn asked(message: &Value) -> PastTurn {
    PastTurn {
        user_message: message.as_str().unwrap().to_owned(),
        assistant_answer: String::new(),
        language: Language::Ru,
        refused: false,
        citations: Vec::new(),
    }
}
