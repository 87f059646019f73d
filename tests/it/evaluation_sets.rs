//! The evaluation sets are well-formed: a line that names a source the shop does not have would count as a miss for ever.

use serde_json::Value;
use std::collections::BTreeSet;
use std::path::PathBuf;

const SETS: [(&str, &[&str]); 4] = [
    (
        "demo/demo-shop-ru.json",
        &[
            "demo/eval-dev-ru.jsonl",
            "demo/eval-more-ru.jsonl",
            "demo/eval-holdout-ru.jsonl",
        ],
    ),
    (
        "demo/demo-shop-en.json",
        &[
            "demo/eval-dev-en.jsonl",
            "demo/eval-more-en.jsonl",
            "demo/eval-holdout-en.jsonl",
        ],
    ),
    ("eval/gadgets-ru.json", &["eval/gadgets-ru.jsonl"]),
    ("eval/pets-en.json", &["eval/pets-en.jsonl"]),
];
const KINDS: [&str; 11] = [
    "plain",
    "paraphrase",
    "typo",
    "translit",
    "layout",
    "sku",
    "short",
    "attribute",
    "follow_up",
    "crosslang",
    "unanswerable",
];

fn read(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("data").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn source_ids(shop: &Value) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    for section in ["products", "faq", "policies"] {
        for item in shop[section].as_array().unwrap() {
            let id = item["id"].as_str().unwrap();
            assert!(ids.insert(id.to_owned()), "{id} is there twice");
        }
    }
    ids
}

/// The line's question together with what was said before it, as it must not occur twice in one shop's sets.
fn checked_line(place: &str, line: &str, ids: &BTreeSet<String>) -> String {
    let line: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{place}: {error}"));
    let fields: Vec<&str> = line.as_object().unwrap().keys().map(String::as_str).collect();
    let kind = line["kind"].as_str().unwrap();
    assert!(KINDS.contains(&kind), "{place}: kind {kind}");
    let question = line["question"].as_str().unwrap();
    assert!(!question.trim().is_empty(), "{place}: no question");
    let expect: Vec<&str> = line["expect"]
        .as_array()
        .unwrap()
        .iter()
        .map(|id| id.as_str().unwrap())
        .collect();
    assert_eq!(kind == "unanswerable", expect.is_empty(), "{place}: {question}");
    let once: BTreeSet<&str> = expect.iter().copied().collect();
    assert_eq!(once.len(), expect.len(), "{place}: a source is there twice");
    for id in expect {
        assert!(ids.contains(id), "{place}: no source {id}");
    }
    let known = ["question", "expect", "kind", "history"];
    assert!(fields.iter().all(|field| known.contains(field)), "{place}: {fields:?}");
    let history: Vec<&str> = line.get("history").map_or_else(Vec::new, |history| {
        history
            .as_array()
            .unwrap()
            .iter()
            .map(|said| said.as_str().unwrap())
            .collect()
    });
    assert_eq!(kind == "follow_up", !history.is_empty(), "{place}: {question}");
    format!("{} {question}", history.join(" ")).to_lowercase()
}

#[test]
fn every_line_of_every_evaluation_set_names_sources_that_its_shop_has() {
    for (shop, sets) in SETS {
        let ids = source_ids(&serde_json::from_str(&read(shop)).unwrap());
        let mut asked = BTreeSet::new();
        for set in sets {
            for (index, line) in read(set).lines().enumerate() {
                let place = format!("{set}:{}", index + 1);
                let question = checked_line(&place, line, &ids);
                assert!(asked.insert(question.clone()), "{place}: asked before: {question}");
            }
        }
        assert!(asked.len() > 50, "{shop}: {}", asked.len());
    }
}
