//! The embedder through its public handle: both kinds of model, what they rank, and what they say when something is missing.

use palompy::domain::embedding::Embedding;
use palompy::embed::Embedder;
use palompy::embed::error::EmbedError;
use palompy::embed::runtime::find_runtime;
use palompy::text::sentence::sentences;
use serde_json::Value;
use std::path::Path;
use std::path::PathBuf;

fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn built(path: &str) -> PathBuf {
    let found = project(".build").join(path);
    assert!(
        found.exists(),
        "{} is missing: run `make test`, which prepares the test models",
        found.display()
    );
    found
}

fn onnx(model: &str) -> Embedder {
    Embedder::onnx(&built(&format!("models/{model}")), &[built("onnxruntime")]).unwrap()
}

fn similarity(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// The lowest and the mean cosine against the second implementation of the model.
async fn agreement(model: &str) -> (f32, f32) {
    let reference: Vec<Value> =
        serde_json::from_slice(&std::fs::read(built("models/reference.json")).unwrap()).unwrap();
    let texts = reference
        .iter()
        .map(|entry| entry["text"].as_str().unwrap().to_owned())
        .collect();
    let vectors = onnx(model).embed_passages(texts).await.unwrap();
    let mut cosines = Vec::new();
    for (entry, vector) in reference.iter().zip(vectors) {
        let expected: Vec<f32> = serde_json::from_value(entry["vector"].clone()).unwrap();
        cosines.push(similarity(&expected, &vector));
    }
    let lowest = cosines.iter().copied().fold(1.0, f32::min);
    (lowest, cosines.iter().sum::<f32>() / cosines.len() as f32)
}

#[tokio::test]
async fn f32_vectors_agree_with_a_second_implementation() {
    let (lowest, _) = agreement("minilm-f32").await;
    assert!(lowest >= 0.9999, "lowest cosine {lowest}");
}

#[tokio::test]
async fn int8_vectors_stay_near_the_second_implementation() {
    let (lowest, mean) = agreement("minilm-int8").await;
    assert!(lowest >= 0.98 && mean >= 0.99, "lowest cosine {lowest}, mean {mean}");
}

#[tokio::test]
async fn a_vector_does_not_depend_on_its_neighbors() {
    let texts = strings(&[
        "gift cards",
        "a much longer passage about cast iron pans and how to season them",
        "returns",
    ]);
    for model in ["minilm-f32", "minilm-int8"] {
        let embedder = onnx(model);
        let together = embedder.embed_passages(texts.clone()).await.unwrap();
        for (text, vector) in texts.iter().zip(together) {
            let alone = embedder.embed_query(text.clone()).await.unwrap();
            assert!(similarity(&alone, &vector) > 0.99999, "{model}: {text}");
        }
    }
}

#[tokio::test]
async fn builtin_vectors_are_normalized_ordered_and_repeatable() {
    let embedder = Embedder::builtin().unwrap();
    let texts: Vec<String> = (0..100).map(|n| format!("рюкзак backpack {n} зюзюблик-{n}")).collect();
    let vectors = embedder.embed_passages(texts.clone()).await.unwrap();
    let again = Embedder::builtin()
        .unwrap()
        .embed_passages(texts[40..].to_vec())
        .await
        .unwrap();
    assert_eq!(vectors[40..], again);
    for vector in &vectors {
        assert_eq!(vector.len(), embedder.space_key().dimensions);
        assert!((similarity(vector, vector) - 1.0).abs() < 1e-5);
    }
    assert_eq!(embedder.backlog(), 0);
    assert!(embedder.embed_passages(Vec::new()).await.unwrap().is_empty());
}

#[test]
fn tokens_are_counted_without_special_ones_and_beyond_the_models_limit() {
    assert_eq!(Embedder::builtin().unwrap().count_tokens("Ёлка, 2 шт."), 3);
    let embedder = onnx("minilm-f32");
    assert_eq!(embedder.count_tokens("gift cards"), 2);
    assert_eq!(embedder.max_tokens(), Some(254));
    assert_eq!(embedder.count_tokens(&"gift ".repeat(1000)), 1000);
}

#[tokio::test]
async fn a_model_folder_tells_its_space() {
    let embedder = onnx("minilm-int8");
    let key = embedder.space_key();
    assert_eq!((key.model.as_str(), key.dimensions), ("all-MiniLM-L6-v2", 384));
    assert!(key.revision.starts_with("int8"));
    assert_eq!(Embedder::builtin().unwrap().space_key().model, "builtin");
}

#[test]
fn missing_and_damaged_files_are_named() {
    let runtimes = [built("onnxruntime/libonnxruntime.so")];
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path();
    let absent = Embedder::onnx(&copy.join("none"), &runtimes).err().unwrap();
    assert!(
        matches!(&absent, EmbedError::ModelMissing { path } if path.ends_with("none")),
        "{absent}"
    );

    for name in [
        "model.onnx",
        "tokenizer.json",
        "config.json",
        "special_tokens_map.json",
        "tokenizer_config.json",
    ] {
        let error = Embedder::onnx(copy, &runtimes).err().unwrap();
        assert!(
            matches!(&error, EmbedError::ModelMissing { path } if path.ends_with(name)),
            "{error}"
        );
        std::fs::copy(built("models/minilm-int8").join(name), copy.join(name)).unwrap();
    }
    std::fs::write(copy.join("model.onnx"), b"not a model").unwrap();
    let damaged = Embedder::onnx(copy, &runtimes).err().unwrap();
    assert!(
        matches!(&damaged, EmbedError::ModelDamaged { path, .. } if path.ends_with("model.onnx")),
        "{damaged}"
    );
    std::fs::write(copy.join("palompy-model.toml"), "pooling = \"best\"").unwrap();
    let damaged = Embedder::onnx(copy, &runtimes).err().unwrap();
    assert!(matches!(&damaged, EmbedError::ModelDamaged { path, .. } if path.ends_with("palompy-model.toml")));
}

#[test]
fn a_missing_runtime_is_an_error_that_names_the_places() {
    let folder = tempfile::tempdir().unwrap();
    let places = [folder.path().to_path_buf(), folder.path().join("libonnxruntime.so")];
    let error = Embedder::onnx(&built("models/minilm-int8"), &places).err().unwrap();
    assert!(matches!(error, EmbedError::RuntimeMissing { .. }));
    let message = error.to_string();
    assert!(
        message.contains(&folder.path().display().to_string()) && message.contains("libonnxruntime"),
        "{message}"
    );
    assert_eq!(
        find_runtime(&[places[0].clone(), built("onnxruntime")]).unwrap(),
        built("onnxruntime/libonnxruntime.so")
    );
}

struct Score {
    questions: usize,
    hit_at_1: f32,
    hit_at_5: f32,
    mrr: f32,
}

/// The places of the first acceptable source, per answerable question with its kind, ranked by vectors alone: a source counts
/// by the best of its units.
async fn demo_places(embedder: &Embedder, language: &str) -> Vec<(String, usize)> {
    let file = project(&format!("data/demo/demo-shop-{language}.json"));
    let shop: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let (owners, texts) = units(&shop);
    let passages = embedder.embed_passages(texts).await.unwrap();
    let lines = std::fs::read_to_string(project(&format!("data/demo/eval-dev-{language}.jsonl"))).unwrap();
    let mut places = Vec::new();
    for line in lines.lines() {
        let question: Value = serde_json::from_str(line).unwrap();
        let expected: Vec<&str> = question["expect"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(Value::as_str)
            .collect();
        if !expected.is_empty() {
            let query = embedder
                .embed_query(question["question"].as_str().unwrap().to_owned())
                .await
                .unwrap();
            let kind = question["kind"].as_str().unwrap().to_owned();
            places.push((kind, place_of(&query, &owners, &passages, &expected)));
        }
    }
    places
}

fn score(places: &[(String, usize)], kind: &str) -> Score {
    let chosen: Vec<usize> = places
        .iter()
        .filter(|place| kind == "all" || place.0 == kind)
        .map(|place| place.1)
        .collect();
    let count = chosen.len() as f32;
    let share = |limit: usize| chosen.iter().filter(|place| **place <= limit).count() as f32 / count;
    let reciprocal: f32 = chosen
        .iter()
        .filter(|place| **place <= 10)
        .map(|place| 1.0 / *place as f32)
        .sum();
    Score {
        questions: chosen.len(),
        hit_at_1: share(1),
        hit_at_5: share(5),
        mrr: reciprocal / count,
    }
}

/// Sentence-sized units of every source, each with its owner's id; a question with its answer is one more unit.
fn units(shop: &Value) -> (Vec<String>, Vec<String>) {
    let mut found: Vec<(String, String)> = Vec::new();
    for entry in shop["faq"].as_array().unwrap() {
        let whole = format!(
            "{} {}",
            entry["question"].as_str().unwrap(),
            entry["answer"].as_str().unwrap()
        );
        found.push((entry["id"].as_str().unwrap().to_owned(), whole));
    }
    let mut add = |source: &Value, text: String| {
        let id = source["id"].as_str().unwrap();
        found.extend(
            sentences(&text)
                .into_iter()
                .map(|sentence| (id.to_owned(), sentence.to_owned())),
        );
    };
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    for product in shop["products"].as_array().unwrap() {
        add(product, text(&product["name"]));
        add(
            product,
            format!("{} {}", text(&product["category"]), text(&product["name"])),
        );
        add(product, text(&product["description"]));
        for (name, value) in product["attributes"].as_object().unwrap() {
            add(product, format!("{name}: {}", text(value)));
        }
    }
    for entry in shop["faq"].as_array().unwrap() {
        add(entry, text(&entry["question"]));
        add(entry, text(&entry["answer"]));
    }
    for policy in shop["policies"].as_array().unwrap() {
        add(policy, text(&policy["title"]));
        add(policy, text(&policy["content"]));
    }
    found.into_iter().unzip()
}

fn place_of(query: &[f32], owners: &[String], passages: &[Embedding], expected: &[&str]) -> usize {
    let mut ranked: Vec<(f32, &str)> = owners
        .iter()
        .zip(passages)
        .map(|(owner, passage)| (similarity(query, passage), owner.as_str()))
        .collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    let mut seen: Vec<&str> = Vec::new();
    for (_, owner) in ranked {
        if expected.contains(&owner) {
            return seen.len() + 1;
        }
        if !seen.contains(&owner) {
            seen.push(owner);
        }
    }
    usize::MAX
}

/// Fails where hit@5 or MRR@10 of a kind is below its floor.
async fn hold_floors(embedder: &Embedder, language: &str, floors: &[(&str, f32, f32)]) {
    let places = demo_places(embedder, language).await;
    let mut below = Vec::new();
    for (kind, hit_at_5, mrr) in floors {
        let found = score(&places, kind);
        let line = format!(
            "{language} {kind} ({}): hit@1 {:.2} hit@5 {:.2} MRR {:.3}",
            found.questions, found.hit_at_1, found.hit_at_5, found.mrr
        );
        println!("{line}");
        if found.hit_at_5 < *hit_at_5 || found.mrr < *mrr {
            below.push(line);
        }
    }
    assert!(below.is_empty(), "below the floor: {below:#?}");
}

// Floors lie about one question under what `models/README.md` reports.

#[tokio::test]
async fn the_builtin_model_ranks_russian_questions_as_measured() {
    let floors = [
        ("plain", 0.93, 0.88),
        ("paraphrase", 0.81, 0.56),
        ("short", 0.95, 0.84),
        ("typo", 0.71, 0.55),
        ("attribute", 0.66, 0.45),
        ("crosslang", 0.86, 0.80),
        ("all", 0.67, 0.54),
    ];
    hold_floors(&Embedder::builtin().unwrap(), "ru", &floors).await;
}

#[tokio::test]
async fn the_builtin_model_ranks_english_questions_as_measured() {
    let floors = [
        ("plain", 0.93, 0.79),
        ("paraphrase", 0.61, 0.49),
        ("short", 0.90, 0.85),
        ("typo", 0.70, 0.54),
        ("attribute", 0.54, 0.40),
        ("all", 0.74, 0.60),
    ];
    hold_floors(&Embedder::builtin().unwrap(), "en", &floors).await;
}

#[tokio::test]
async fn minilm_ranks_english_questions_as_measured() {
    let floors = [("plain", 1.0, 0.95), ("paraphrase", 0.94, 0.66), ("all", 0.83, 0.73)];
    hold_floors(&onnx("minilm-int8"), "en", &floors).await;
}
