//! How well the two demo shops' questions are answered. A figure below its floor is a defect: something made search worse.

use crate::support::TestApp;
use serde_json::Value;
use serde_json::json;

/// hit@1, hit@5 and MRR@10.
type Least = [f64; 3];

/// The least that each set may score. Raise a floor when the figure has risen for good.
struct Floors {
    language: &'static str,
    total: Least,
    kinds: &'static [(&'static str, Least)],
    ndcg_at_10: f64,
    refusal_recall: f64,
    /// A ceiling: the share of answerable questions that are refused.
    refused_wrongly: f64,
}

/// To be set anew with every change of retrieval: the measured figure, rounded down. A tie counts as a miss.
const FLOORS: [Floors; 2] = [
    Floors {
        language: "ru",
        total: [0.88, 0.94, 0.91],
        kinds: &[
            ("paraphrase", [0.52, 0.76, 0.62]),
            ("sku", [1.0, 1.0, 1.0]),
            ("layout", [0.93, 1.0, 0.96]),
            ("translit", [0.93, 1.0, 0.96]),
            ("typo", [0.95, 1.0, 0.97]),
            ("attribute", [0.95, 1.0, 0.97]),
            ("crosslang", [0.93, 1.0, 0.96]),
        ],
        ndcg_at_10: 0.90,
        refusal_recall: 0.64,
        refused_wrongly: 0.03,
    },
    Floors {
        language: "en",
        total: [0.83, 0.96, 0.89],
        kinds: &[
            ("paraphrase", [0.55, 0.88, 0.70]),
            ("sku", [1.0, 1.0, 1.0]),
            ("typo", [0.90, 1.0, 0.95]),
            ("attribute", [0.90, 1.0, 0.95]),
        ],
        ndcg_at_10: 0.91,
        refusal_recall: 0.67,
        refused_wrongly: 0.02,
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
        let ndcg_at_10 = report["total"]["ndcg_at_10"].as_f64().unwrap();
        assert!(
            ndcg_at_10 >= floors.ndcg_at_10,
            "{}: nDCG@10 {ndcg_at_10:.3}",
            floors.language
        );
        let kinds = floors
            .kinds
            .iter()
            .map(|(kind, least)| (*kind, &report["kinds"][kind], least));
        for (kind, figures, least) in kinds.chain([("total", &report["total"], &floors.total)]) {
            for (figure, floor) in ["hit_at_1", "hit_at_5", "mrr"].into_iter().zip(least) {
                let measured = figures[figure].as_f64().unwrap();
                assert!(
                    measured >= *floor,
                    "{figure} of {kind} in {} is {measured:.3}, below {floor}:\n{report:#}",
                    floors.language
                );
            }
        }
    }
}
