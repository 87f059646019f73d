//! A cross-encoder: reads the question and a passage together and says how well one answers the other. Slower and better than
//! comparing vectors, so that it judges a few candidates only.

use crate::embed::error::EmbedError;
use crate::embed::onnx::MODEL_FILE;
use crate::embed::onnx::guarded;
use crate::embed::onnx::read_tokenizer;
use crate::embed::runtime::find_runtime;
use crate::embed::runtime::load_runtime;
use fastembed::OnnxSource;
use fastembed::RerankInitOptionsUserDefined;
use fastembed::TextRerank;
use fastembed::UserDefinedRerankingModel;
use std::path::Path;
use std::path::PathBuf;
use std::thread::available_parallelism;
use tokio::sync::mpsc;
use tokio::sync::oneshot;

/// A question and its passages together, in tokens; what is longer is cut.
const MAX_LENGTH: usize = 256;
/// Passages in one run.
const BATCH: usize = 8;
/// Questions that wait; more are refused as busy, and answered without it.
const QUEUE: usize = 16;

type Reply = oneshot::Sender<Result<Vec<f32>, EmbedError>>;

struct Request {
    question: String,
    passages: Vec<String>,
    reply: Reply,
}

/// A handle to the thread that owns the model. When the last one is dropped the thread ends.
#[derive(Clone)]
pub struct Reranker {
    queue: mpsc::Sender<Request>,
}

impl Reranker {
    /// The model in `folder`, which holds `model.onnx` with an output `logits` and its tokenizer, run by the first library among
    /// `runtimes` that exists. Takes as long as the model needs to load: call it on a blocking thread.
    pub fn load(folder: &Path, runtimes: &[PathBuf]) -> Result<Reranker, EmbedError> {
        let file = folder.join(MODEL_FILE);
        if !file.is_file() {
            return Err(EmbedError::ModelMissing { path: file });
        }
        let tokenizer = read_tokenizer(folder)?;
        load_runtime(&find_runtime(runtimes)?)?;
        let threads = available_parallelism().map_or(1, |count| count.get());
        let options = RerankInitOptionsUserDefined::new()
            .with_max_length(MAX_LENGTH)
            .with_intra_threads(threads);
        let model = UserDefinedRerankingModel::new(OnnxSource::File(file.clone()), tokenizer);
        let damaged = |reason: String| EmbedError::ModelDamaged {
            path: file.clone(),
            reason,
        };
        let mut model = guarded(|| TextRerank::try_new_from_user_defined(model, options)).map_err(damaged)?;
        // The first run proves that inputs and outputs fit.
        scores(&mut model, "palompy", &["palompy".to_owned()]).map_err(|error| damaged(error.to_string()))?;
        let (queue, mut requests) = mpsc::channel::<Request>(QUEUE);
        let work = move || {
            while let Some(request) = requests.blocking_recv() {
                // Who asked may have stopped waiting.
                if !request.reply.is_closed() {
                    let _ = request
                        .reply
                        .send(scores(&mut model, &request.question, &request.passages));
                }
            }
        };
        std::thread::Builder::new()
            .name("reranker".to_owned())
            .spawn(work)
            .map_err(|error| EmbedError::Internal(format!("could not start the reranking thread: {error}")))?;
        tracing::info!(folder = %folder.display(), "reranker loaded");
        Ok(Reranker { queue })
    }

    /// How well each passage answers the question, in the order of the passages: any number, higher is better. A caller that
    /// stops waiting frees its place, after the run that is at work.
    pub async fn score(&self, question: String, passages: Vec<String>) -> Result<Vec<f32>, EmbedError> {
        let (reply, answer) = oneshot::channel();
        let request = Request {
            question,
            passages,
            reply,
        };
        self.queue.try_send(request).map_err(|_| EmbedError::Busy)?;
        answer.await.unwrap_or(Err(EmbedError::Closed))
    }
}

fn scores(model: &mut TextRerank, question: &str, passages: &[String]) -> Result<Vec<f32>, EmbedError> {
    let passages: Vec<&str> = passages.iter().map(String::as_str).collect();
    let ranked = guarded(|| model.rerank(question, &passages, false, Some(BATCH))).map_err(EmbedError::Internal)?;
    let mut scores = vec![0.0; passages.len()];
    for result in ranked {
        if let Some(score) = scores.get_mut(result.index) {
            *score = result.score;
        }
    }
    Ok(scores)
}
