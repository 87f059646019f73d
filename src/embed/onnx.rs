//! An ONNX model from a folder, run by fastembed.

use crate::domain::embedding::Embedding;
use crate::domain::embedding::SpaceKey;
use crate::embed::error::EmbedError;
use crate::embed::manifest::Manifest;
use crate::embed::manifest::OutputKind;
use crate::embed::manifest::PoolingKind;
use crate::embed::manifest::read_manifest;
use crate::embed::runtime::find_runtime;
use crate::embed::runtime::load_runtime;
use fastembed::InitOptionsUserDefined;
use fastembed::OutputKey;
use fastembed::Pooling;
use fastembed::TextEmbedding;
use fastembed::TokenizerFiles;
use fastembed::UserDefinedEmbeddingModel;
use std::io::ErrorKind;
use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;
use std::path::Path;
use std::path::PathBuf;
use std::thread::available_parallelism;
use tokenizers::Tokenizer;

pub const MODEL_FILE: &str = "model.onnx";
const DEFAULT_MAX_LENGTH: usize = 512;
/// Special tokens that a tokenizer adds around a text.
const SPECIAL_TOKENS: usize = 2;
const MAX_BATCH: usize = 16;
/// Short texts share a run until they fill this much with padding. Longer runs are slower per passage on two cores
/// (their activations leave the cache) and keep queries waiting.
const BATCH_BYTES: usize = 768;

pub struct OnnxModel {
    inner: TextEmbedding,
    manifest: Manifest,
    max_length: usize,
    space_key: SpaceKey,
}

impl OnnxModel {
    pub fn load(folder: &Path, runtimes: &[PathBuf]) -> Result<OnnxModel, EmbedError> {
        if !folder.is_dir() {
            return Err(EmbedError::ModelMissing {
                path: folder.to_path_buf(),
            });
        }
        let manifest = read_manifest(folder)?;
        let files = ModelFiles::read(folder, &manifest)?;
        load_runtime(&find_runtime(runtimes)?)?;

        let name = manifest.name.clone().unwrap_or_else(|| folder_name(folder));
        let revision = manifest
            .revision
            .clone()
            .unwrap_or_else(|| files.content_hash(&manifest));
        let max_length = manifest.max_length.unwrap_or(DEFAULT_MAX_LENGTH);
        let threads = available_parallelism().map_or(1, |count| count.get());
        let options = InitOptionsUserDefined::new()
            .with_max_length(max_length)
            .with_intra_threads(threads);
        let model = files.into_model(&manifest);
        let damaged = |reason: String| EmbedError::ModelDamaged {
            path: folder.join(MODEL_FILE),
            reason,
        };
        let inner = guarded(|| TextEmbedding::try_new_from_user_defined(model, options)).map_err(damaged)?;

        let space_key = SpaceKey {
            model: name,
            revision,
            dimensions: 0,
        };
        let mut loaded = OnnxModel {
            inner,
            manifest,
            max_length,
            space_key,
        };
        // The first run proves that inputs and outputs fit, and tells the dimensions.
        let probe = loaded
            .run(&["palompy".to_owned()])
            .map_err(|error| damaged(error.to_string()))?;
        loaded.space_key.dimensions = probe.first().map_or(0, Vec::len);
        Ok(loaded)
    }

    pub fn space_key(&self) -> &SpaceKey {
        &self.space_key
    }

    pub fn max_tokens(&self) -> usize {
        self.max_length.saturating_sub(SPECIAL_TOKENS)
    }

    /// The model's tokenizer, counting all of a text however long.
    pub fn untruncated_tokenizer(&self) -> Result<Tokenizer, EmbedError> {
        let mut tokenizer = self.inner.tokenizer.clone();
        tokenizer.with_padding(None);
        tokenizer
            .with_truncation(None)
            .map_err(|error| EmbedError::Internal(error.to_string()))?;
        Ok(tokenizer)
    }

    pub fn embed_query(&mut self, text: &str) -> Result<Embedding, EmbedError> {
        let prefixed = format!("{}{text}", self.manifest.query_prefix);
        let missing = || EmbedError::Internal("the model gave no vector for a query".to_owned());
        self.run(&[prefixed])?.pop().ok_or_else(missing)
    }

    pub fn embed_batch(&mut self, texts: &[&str]) -> Result<Vec<Embedding>, EmbedError> {
        let prefixed: Vec<String> = texts
            .iter()
            .map(|text| format!("{}{text}", self.manifest.passage_prefix))
            .collect();
        let vectors = self.run(&prefixed)?;
        if vectors.len() != texts.len() {
            let reason = format!("the model gave {} vectors for {} passages", vectors.len(), texts.len());
            return Err(EmbedError::Internal(reason));
        }
        Ok(vectors)
    }

    /// Texts of like length share a batch, so that little of it is padding.
    pub fn plan_batches(&self, texts: &[String]) -> Vec<Vec<usize>> {
        let lengths: Vec<usize> = texts.iter().map(String::len).collect();
        plan_by_length(
            &lengths,
            self.manifest.batch_size.unwrap_or(MAX_BATCH).clamp(1, MAX_BATCH),
        )
    }

    fn run(&mut self, texts: &[String]) -> Result<Vec<Embedding>, EmbedError> {
        let inner = &mut self.inner;
        guarded(|| inner.embed(texts, Some(texts.len().max(1)))).map_err(EmbedError::Internal)
    }
}

/// The files of a model's folder.
struct ModelFiles {
    onnx: Vec<u8>,
    tokenizer: TokenizerFiles,
    /// Names and contents.
    external: Vec<(String, Vec<u8>)>,
}

impl ModelFiles {
    fn read(folder: &Path, manifest: &Manifest) -> Result<ModelFiles, EmbedError> {
        let external = manifest.external_files.iter();
        Ok(ModelFiles {
            onnx: read_file(folder, MODEL_FILE)?,
            tokenizer: read_tokenizer(folder)?,
            external: external
                .map(|name| Ok((name.clone(), read_file(folder, name)?)))
                .collect::<Result<_, EmbedError>>()?,
        })
    }

    fn content_hash(&self, manifest: &Manifest) -> String {
        let mut files = vec![self.onnx.as_slice(), self.tokenizer.tokenizer_file.as_slice()];
        files.extend(self.external.iter().map(|(_, bytes)| bytes.as_slice()));
        content_hash(&files, manifest)
    }

    fn into_model(self, manifest: &Manifest) -> UserDefinedEmbeddingModel {
        let pooling = match manifest.pooling {
            PoolingKind::Mean => Pooling::Mean,
            PoolingKind::Cls => Pooling::Cls,
        };
        let mut model = UserDefinedEmbeddingModel::new(self.onnx, self.tokenizer).with_pooling(pooling);
        for (name, bytes) in self.external {
            model = model.with_external_initializer(name, bytes);
        }
        if manifest.output == OutputKind::SentenceEmbedding {
            model.output_key = Some(OutputKey::ByName("sentence_embedding"));
        }
        model
    }
}

/// The tokenizer's files of a model's folder.
pub fn read_tokenizer(folder: &Path) -> Result<TokenizerFiles, EmbedError> {
    Ok(TokenizerFiles {
        tokenizer_file: read_file(folder, "tokenizer.json")?,
        config_file: read_file(folder, "config.json")?,
        special_tokens_map_file: read_file(folder, "special_tokens_map.json")?,
        tokenizer_config_file: read_file(folder, "tokenizer_config.json")?,
    })
}

fn plan_by_length(lengths: &[usize], max_batch: usize) -> Vec<Vec<usize>> {
    let mut order: Vec<(usize, usize)> = lengths
        .iter()
        .copied()
        .enumerate()
        .map(|(index, len)| (len, index))
        .collect();
    order.sort_unstable();
    let mut batches: Vec<Vec<usize>> = Vec::new();
    for (length, index) in order {
        match batches.last_mut() {
            // Lengths grow, so the newcomer is the longest and sets the padded size.
            Some(batch) if batch.len() < max_batch && (batch.len() + 1) * length <= BATCH_BYTES => batch.push(index),
            _ => batches.push(vec![index]),
        }
    }
    batches
}

fn read_file(folder: &Path, name: &str) -> Result<Vec<u8>, EmbedError> {
    let path = folder.join(name);
    std::fs::read(&path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => EmbedError::ModelMissing { path },
        _ => EmbedError::ModelDamaged {
            path,
            reason: error.to_string(),
        },
    })
}

fn folder_name(folder: &Path) -> String {
    folder
        .file_name()
        .map_or_else(|| "onnx".to_owned(), |name| name.to_string_lossy().into_owned())
}

/// FNV-1a over words of eight bytes: it tells files apart and needs a tenth of a second for 100 MB.
fn content_hash(files: &[&[u8]], manifest: &Manifest) -> String {
    let settings = format!("{manifest:?}");
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    let files = files.iter().flat_map(|file| file.chunks(8));
    for bytes in files.chain(settings.as_bytes().chunks(8)) {
        let word = bytes.iter().fold(0_u64, |word, byte| (word << 8) | u64::from(*byte));
        hash = (hash ^ word).wrapping_mul(0x0100_0000_01b3);
    }
    format!("{hash:016x}")
}

/// The runtime's bindings panic on some damaged files; a panic must not end the program.
pub fn guarded<T>(work: impl FnOnce() -> fastembed::Result<T>) -> Result<T, String> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("the runtime panicked".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::plan_by_length;

    #[test]
    fn short_texts_share_a_batch_and_long_ones_run_alone() {
        assert_eq!(
            plan_by_length(&[900, 40, 700, 30, 50], 16),
            [vec![3, 1, 4], vec![2], vec![0]]
        );
        assert_eq!(plan_by_length(&[10, 10, 10], 1), [vec![0], vec![1], vec![2]]);
        assert_eq!(plan_by_length(&[10; 20], 16).len(), 2);
    }
}
