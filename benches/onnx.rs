//! Passages per second through `Embedder` against the bare ONNX Runtime on the same texts, and the built-in model's speed.
//!
//! Needs `.build/` (see `models/prepare_onnx.py`). Run by `cargo bench --bench onnx`.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench ends at the first surprise and prints its result"
)]

use ort::session::Session;
use ort::value::Value;
use palompy::embed::Embedder;
use std::path::Path;
use std::path::PathBuf;
use std::time::Instant;
use tokenizers::Tokenizer;

const PASSAGES: usize = 64;
const WORDS: usize = 90;
const ROUNDS: usize = 3;

fn main() {
    let runtime = built("onnxruntime/libonnxruntime.so");
    let tokio = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let passages = texts();
    let arguments: Vec<String> = std::env::args().collect();
    if let Some([_, model]) = arguments
        .iter()
        .position(|word| word == "bare")
        .and_then(|at| arguments.get(at..at + 2))
    {
        println!(
            "{}",
            bare_runtime(&built(&format!("models/{model}")), &runtime, &passages)
        );
        return;
    }
    for model in ["minilm-f32", "minilm-int8"] {
        let folder = built(&format!("models/{model}"));
        // A process has one ONNX Runtime environment and the embedder's is its own, so the bare runs need another process.
        let bare = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["bare", model])
            .output()
            .unwrap();
        let bare: f64 = String::from_utf8(bare.stdout).unwrap().trim().parse().unwrap();
        let embedder = Embedder::onnx(&folder, std::slice::from_ref(&runtime)).unwrap();
        let own = best_rate(|| drop(tokio.block_on(embedder.embed_passages(passages.clone())).unwrap()));
        println!(
            "{model}: bare runtime {bare:.1} passages/s, embedder {own:.1} ({:.0} %)",
            own / bare * 100.0
        );
    }
    let builtin = Embedder::builtin().unwrap();
    let rate = best_rate(|| drop(tokio.block_on(builtin.embed_passages(passages.clone())).unwrap()));
    println!("builtin: {rate:.0} passages/s");
    for question in ["сколько стоит доставка в Казань", "скольок стоит доствка в Казнаь"]
    {
        let start = Instant::now();
        for _ in 0..200 {
            drop(tokio.block_on(builtin.embed_query(question.to_owned())).unwrap());
        }
        println!(
            "builtin: {:.0} µs for «{question}»",
            start.elapsed().as_secs_f64() * 1e6 / 200.0
        );
    }
}

fn built(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(".build").join(path)
}

/// Passages of about 120 tokens out of the English demo shop.
fn texts() -> Vec<String> {
    let shop =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("data/demo/demo-shop-en.json")).unwrap();
    let words: Vec<&str> = shop
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.len() > 2)
        .collect();
    (0..PASSAGES)
        .map(|n| {
            words
                .iter()
                .cycle()
                .skip(n * 37)
                .take(WORDS)
                .copied()
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect()
}

/// The best rate over batch sizes, tokenization not counted.
fn bare_runtime(folder: &Path, runtime: &Path, passages: &[String]) -> f64 {
    let environment = ort::init_from(runtime).unwrap().build().unwrap();
    let mut session = Session::builder(&environment)
        .unwrap()
        .with_intra_threads(std::thread::available_parallelism().unwrap().get())
        .unwrap()
        .commit_from_file(folder.join("model.onnx"))
        .unwrap();
    let tokenizer = Tokenizer::from_file(folder.join("tokenizer.json")).unwrap();
    let mut ids: Vec<Vec<i64>> = passages
        .iter()
        .map(|text| {
            tokenizer
                .encode_fast(text.as_str(), true)
                .unwrap()
                .get_ids()
                .iter()
                .map(|id| i64::from(*id))
                .collect()
        })
        .collect();
    ids.sort_by_key(Vec::len);
    [1, 4, 16]
        .into_iter()
        .map(|batch| best_rate(|| ids.chunks(batch).for_each(|chunk| run(&mut session, chunk))))
        .fold(0.0, f64::max)
}

fn run(session: &mut Session, chunk: &[Vec<i64>]) {
    let length = chunk.iter().map(Vec::len).max().unwrap();
    let mut ids = Vec::new();
    let mut mask = Vec::new();
    for row in chunk {
        ids.extend(row.iter().copied().chain(std::iter::repeat_n(0, length - row.len())));
        mask.extend((0..length).map(|place| i64::from(place < row.len())));
    }
    let shape = [chunk.len(), length];
    let kinds = vec![0_i64; ids.len()];
    let inputs = ort::inputs![
        "input_ids" => Value::from_array((shape, ids)).unwrap(),
        "attention_mask" => Value::from_array((shape, mask)).unwrap(),
        "token_type_ids" => Value::from_array((shape, kinds)).unwrap(),
    ];
    drop(session.run(inputs).unwrap());
}

fn best_rate(mut round: impl FnMut()) -> f64 {
    let mut best = f64::MAX;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        round();
        best = best.min(start.elapsed().as_secs_f64());
    }
    PASSAGES as f64 / best
}
