//! The optional reranker, with a toy model that counts shared tokens: what it puts first is easy to foretell, and wrong on purpose.

use super::built;
use crate::support::TestApp;
use crate::support::config_of;
use crate::support::source_ids;
use palompy::app::App;
use palompy::app::Mode;
use palompy::app::lock::DataFolder;
use palompy::domain::clock::Clock;
use palompy::domain::embedding::ModelSource;
use palompy::domain::secret::Secret;
use palompy::embed::error::EmbedError;
use palompy::embed::reranker::Reranker;
use serde_json::json;
use std::time::Duration;
use tempfile::TempDir;

async fn start(budget: Duration) -> TestApp {
    TestApp::start_with(|config| {
        config.ort_dylib_path = Some(built("onnxruntime"));
        config.reranker_model = Some(ModelSource::Folder(built("models/overlap-reranker")));
        config.reranker_budget = budget;
    })
    .await
}

/// What is found for a question, when the reranker prefers the cable, whose text says "the" so often.
async fn found(app: &TestApp, query: &str) -> Vec<String> {
    let shop = app.shop_with(json!({"language": "en"})).await;
    let data = json!({"products": [
        {"id": "LAMP-77", "name": "Red lamp", "description": "Shines."},
        {"id": "CABLE-5", "name": "Cable", "description": "The cable for the lamp, the plug and the wall."}
    ]});
    app.import(&shop, data).await;
    let hits = app.hits(&shop, query).await;
    source_ids(&hits).into_iter().map(str::to_owned).collect()
}

#[tokio::test]
async fn a_reranker_orders_the_first_hits_anew() {
    let plain = TestApp::start().await;
    assert_eq!(found(&plain, "the red lamp").await, ["LAMP-77", "CABLE-5"]);
    let app = start(Duration::from_secs(30)).await;
    assert_eq!(found(&app, "the red lamp").await, ["CABLE-5", "LAMP-77"]);
    // An article number is certain, whatever a model thinks.
    assert_eq!(found(&app, "LAMP-77 the lamp the").await[0], "LAMP-77");
}

#[tokio::test]
async fn a_reranker_that_takes_too_long_changes_nothing() {
    let app = start(Duration::ZERO).await;
    assert_eq!(found(&app, "the red lamp").await, ["LAMP-77", "CABLE-5"]);
}

#[tokio::test]
async fn a_reranker_scores_passages_in_their_order() {
    let reranker = Reranker::load(&built("models/overlap-reranker"), &[built("onnxruntime")]).unwrap();
    let passages: Vec<String> = (0..20).map(|count| "lamp ".repeat(count % 5)).collect();
    let scores = reranker.score("lamp".to_owned(), passages).await.unwrap();
    let relative: Vec<f32> = scores.iter().map(|score| score - scores[0]).collect();
    let expected: Vec<f32> = (0..20).map(|count| (count % 5) as f32).collect();
    assert_eq!(relative, expected);
}

#[tokio::test]
async fn a_configured_reranker_that_is_missing_or_no_reranker_ends_the_start() {
    let runtimes = [built("onnxruntime")];
    let error = Reranker::load(&built("models"), &runtimes).err().unwrap();
    assert!(matches!(error, EmbedError::ModelMissing { .. }), "{error}");
    let error = Reranker::load(&built("models/minilm-int8"), &runtimes).err().unwrap();
    assert!(matches!(error, EmbedError::ModelDamaged { .. }), "{error}");

    let folder = TempDir::new().unwrap();
    let config = config_of(folder.path(), &[("PALOMPY_RERANKER_MODEL", "not-installed")]);
    let data = DataFolder::lock(&config.data_dir).unwrap();
    let token = Secret::new("a-token".to_owned());
    let started = App::start(&config, data, Mode::Product, Clock::System, token).await;
    let error = started.err().unwrap();
    assert!(error.to_string().contains("not-installed"), "{error:#}");
}
