//! The models that are in memory: each is loaded when it is first asked for, on a thread of its own, and freed when nobody
//! names it any more.

use crate::domain::clock::Clock;
use crate::domain::embedding::ModelSource;
use crate::embed::Embedder;
use crate::embed::error::EmbedError;
use jiff::SignedDuration;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

/// A model that could not be loaded is tried again after this long, so that a search does not read damaged files each time.
const RETRY_AFTER: SignedDuration = SignedDuration::from_secs(30);

/// Cheap to clone.
#[derive(Clone)]
pub struct ModelRegistry {
    shared: Arc<Shared>,
}

struct Shared {
    models_folder: PathBuf,
    runtimes: Vec<PathBuf>,
    clock: Clock,
    slots: Mutex<BTreeMap<ModelSource, Slot>>,
}

/// Held by those who load the model, so that others wait for it instead of loading it too.
type Slot = Arc<tokio::sync::Mutex<State>>;

#[derive(Default)]
enum State {
    #[default]
    Unloaded,
    Loaded(Embedder),
    Failed(EmbedError, Timestamp),
}

impl ModelRegistry {
    /// `models_folder` holds installed models, a folder each; `runtimes` are the places of ONNX Runtime, see
    /// `runtime::find_runtime`.
    pub fn new(models_folder: PathBuf, runtimes: Vec<PathBuf>, clock: Clock) -> ModelRegistry {
        ModelRegistry {
            shared: Arc::new(Shared {
                models_folder,
                runtimes,
                clock,
                slots: Mutex::default(),
            }),
        }
    }

    /// The model, loaded when it is not in memory yet. An ONNX model takes about a second for each 200 MB.
    pub async fn load(&self, source: &ModelSource) -> Result<Embedder, EmbedError> {
        let slot = self.slots().entry(source.clone()).or_default().clone();
        let mut state = slot.lock().await;
        match &*state {
            State::Loaded(embedder) => return Ok(embedder.clone()),
            State::Failed(error, at) if self.shared.clock.now().duration_since(*at) < RETRY_AFTER => {
                return Err(error.clone());
            }
            State::Failed(..) | State::Unloaded => {}
        }
        let (registry, wanted) = (self.clone(), source.clone());
        let loaded = tokio::task::spawn_blocking(move || registry.load_blocking(&wanted))
            .await
            .unwrap_or_else(|_| Err(EmbedError::Internal("loading the model panicked".to_owned())));
        match loaded {
            Ok(embedder) => {
                *state = State::Loaded(embedder.clone());
                Ok(embedder)
            }
            Err(error) => {
                tracing::warn!(%error, model = %source, "could not load an embedding model");
                *state = State::Failed(error.clone(), self.shared.clock.now());
                Err(error)
            }
        }
    }

    fn load_blocking(&self, source: &ModelSource) -> Result<Embedder, EmbedError> {
        match source {
            ModelSource::Builtin => Embedder::builtin(),
            ModelSource::Folder(folder) => Embedder::onnx(folder, &self.shared.runtimes),
            ModelSource::Installed(name) => {
                Embedder::onnx(&self.shared.models_folder.join(name), &self.shared.runtimes)
            }
        }
    }

    /// Frees every model that is not among `used`. Its memory goes when those who work with it have finished.
    pub fn keep_only(&self, used: &BTreeSet<ModelSource>) {
        self.slots().retain(|source, _| used.contains(source));
    }

    /// Forgets that a model could not be loaded, because its files may have changed.
    pub fn forget_failure(&self, source: &ModelSource) {
        let mut slots = self.slots();
        let has_failed = |slot: &Slot| slot.try_lock().is_ok_and(|state| matches!(*state, State::Failed(..)));
        if slots.get(source).is_some_and(has_failed) {
            slots.remove(source);
        }
    }

    /// Those in memory now, with their handles, in the order of their names.
    pub fn loaded(&self) -> Vec<(ModelSource, Embedder)> {
        let slots = self.slots();
        let loaded = slots.iter().filter_map(|(source, slot)| match &*slot.try_lock().ok()? {
            State::Loaded(embedder) => Some((source.clone(), embedder.clone())),
            State::Unloaded | State::Failed(..) => None,
        });
        loaded.collect()
    }

    /// The folder that holds installed models.
    pub fn models_folder(&self) -> &std::path::Path {
        &self.shared.models_folder
    }

    /// Each change under the lock is complete in itself, so a poisoned lock is still good.
    fn slots(&self) -> MutexGuard<'_, BTreeMap<ModelSource, Slot>> {
        self.shared.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
