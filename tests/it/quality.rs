//! How well the two demo shops' questions are answered. A figure below its floor is a defect: something made search worse.

use crate::support::TestApp;
use serde_json::Value;
use serde_json::json;

/// The least that each set may score, in total. Raise a floor when the figure has risen for good.
struct Floors {
    language: &'static str,
    hit_at_1: f64,
    hit_at_5: f64,
    mrr: f64,
    ndcg_at_10: f64,
    refusal_recall: f64,
    /// A ceiling: the share of answerable questions that are refused.
    refused_wrongly: f64,
}

/// To be set anew with every change of retrieval: the measured figure, rounded down.
const FLOORS: [Floors; 2] = [
    Floors {
        language: "ru",
        hit_at_1: 0.73,
        hit_at_5: 0.91,
        mrr: 0.80,
        ndcg_at_10: 0.81,
        refusal_recall: 0.33,
        refused_wrongly: 0.12,
    },
    Floors {
        language: "en",
        hit_at_1: 0.69,
        hit_at_5: 0.92,
        mrr: 0.79,
        ndcg_at_10: 0.82,
        refusal_recall: 0.72,
        refused_wrongly: 0.09,
    },
];

async fn report(language: &str) -> Value {
    let app = TestApp::start().await;
    let shop = app.demo_shop(language).await;
    let path = format!("{}/data/demo/eval-dev-{language}.jsonl", env!("CARGO_MANIFEST_DIR"));
    let lines = std::fs::read_to_string(path).unwrap();
    let questions: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(questions.len() > 50);
    let path = format!("/api/shops/{}/evaluate", shop.id);
    app.post(&path, json!({ "questions": questions })).await.json_with(200)
}

#[tokio::test]
async fn the_demo_shops_questions_are_found_as_well_as_before() {
    for floors in FLOORS {
        let report = report(floors.language).await;
        let refusal_recall = report["refusal_recall"].as_f64().unwrap();
        let refused_wrongly = report["total"]["refused_wrongly"].as_f64().unwrap();
        assert!(
            refusal_recall >= floors.refusal_recall,
            "{}: {refusal_recall:.3}",
            floors.language
        );
        assert!(
            refused_wrongly <= floors.refused_wrongly,
            "{}: {refused_wrongly:.3}",
            floors.language
        );
        for (figure, floor) in [
            ("hit_at_1", floors.hit_at_1),
            ("hit_at_5", floors.hit_at_5),
            ("mrr", floors.mrr),
            ("ndcg_at_10", floors.ndcg_at_10),
        ] {
            let measured = report["total"][figure].as_f64().unwrap();
            assert!(
                measured >= floor,
                "{figure} in {} is {measured:.3}, below {floor}:\n{report:#}",
                floors.language
            );
        }
    }
}
