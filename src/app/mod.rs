//! The composition root: opens the data folder, starts the ports, builds the features and their routes.

pub mod demo;
mod documentation;
pub mod health;
pub mod lock;
pub mod router;
pub mod serve;

use crate::app::demo::DemoStorefront;
use crate::app::health::Health;
use crate::app::lock::DataFolder;
use crate::app::router::Parts;
use crate::chat::Chat;
use crate::config::Config;
use crate::config::value::EmbeddingModel;
use crate::domain::clock::Clock;
use crate::domain::secret::Secret;
use crate::embed::Embedder;
use crate::http::auth::Guard;
use crate::http::auth::new_token;
use crate::http::limits::VisitorLimit;
use crate::knowledge::Knowledge;
use crate::llm::Generator;
use crate::llm::openai::OpenAi;
use crate::llm::openai::OpenAiOptions;
use crate::retrieval::Retriever;
use crate::shops::Shops;
use crate::store::Store;
use crate::store::error::StoreError;
use anyhow::Context;
use axum::Router;
use std::num::NonZeroU32;
use std::sync::Arc;

const OPENAI_URL: &str = "https://api.openai.com/v1";
/// Prices, terms and stock leave no room for invention.
const TEMPERATURE: f32 = 0.2;

/// What is mounted besides the product's own routes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Product,
    /// The storefront at `/demo` as well.
    Demo,
}

/// The whole program without its listening socket. Holds the data folder until it is dropped.
pub struct App {
    pub router: Router,
    pub health: Health,
    pub folder: DataFolder,
    knowledge: Knowledge,
}

impl App {
    /// Opens the data folder and builds everything on it. `local_token` opens the administration API for this run.
    pub async fn start(
        config: &Config,
        folder: DataFolder,
        mode: Mode,
        clock: Clock,
        local_token: Secret<String>,
    ) -> anyhow::Result<App> {
        let store = Store::open(&config.database).await?;
        let embedder = embedder(config).await?;
        let generator = generator(config)?;
        let space = store.ensure_space(embedder.space_key().clone(), clock.now()).await?;
        let strangers = store.count_documents_outside(space.id).await?;
        if strangers > 0 {
            tracing::warn!(
                documents = strangers,
                "embedded with another model and found by words only: import them again"
            );
        }
        let retriever = Retriever::new(store.clone(), embedder.clone(), space.clone());
        let knowledge = Knowledge::new(store.clone(), embedder.clone(), space, retriever.clone(), clock.clone());
        let chat = Chat::new(store.clone(), retriever, generator, clock.clone(), config.session_ttl);
        let tokens: Vec<_> = config.admin_token.iter().cloned().chain([local_token]).collect();
        let health = Health::new(store.clone(), embedder, chat.generator_name().to_owned());
        let per_minute = NonZeroU32::new(config.chats_per_minute).unwrap_or(NonZeroU32::MIN);
        let router = router::build(Parts {
            guard: Arc::new(Guard::new(store.clone(), clock.clone(), &tokens)),
            shops: Arc::new(Shops::new(store.clone(), clock)),
            knowledge: knowledge.clone(),
            demo: (mode == Mode::Demo)
                .then(|| DemoStorefront::new(store, chat.generator_name(), config.public_url.as_deref())),
            chat,
            limit: VisitorLimit::per_minute(per_minute),
            health: health.clone(),
            max_body_bytes: config.max_body_bytes,
        });
        Ok(App {
            router,
            health,
            folder,
            knowledge,
        })
    }

    /// Clears what earlier runs left, beside the work of this one.
    pub fn sweep_in_background(&self) {
        let knowledge = self.knowledge.clone();
        tokio::spawn(async move {
            if let Err(error) = knowledge.sweep_all().await {
                tracing::warn!("could not clear replaced documents: {error:#}");
            }
        });
    }
}

/// A token that opens the administration API for one run of the program.
pub fn local_token() -> String {
    new_token()
}

/// Whether a start failed because of the database's file, so that the same start fails again.
pub fn is_unusable(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref::<StoreError>(), Some(StoreError::Unusable(_)))
}

async fn embedder(config: &Config) -> anyhow::Result<Embedder> {
    let model = config.embedding_model.clone();
    // Beside the program is where a package puts it; an unknown place of the program is no place to look in.
    let beside_program = std::env::current_exe()
        .ok()
        .and_then(|program| Some(program.parent()?.to_owned()));
    let named = config.ort_dylib_path.iter().cloned();
    let runtime: Vec<_> = named.chain(beside_program).chain([config.data_dir.clone()]).collect();
    let start = move || match model {
        EmbeddingModel::Builtin => Embedder::builtin(),
        EmbeddingModel::Folder(folder) => Embedder::onnx(&folder, &runtime),
    };
    let started = tokio::task::spawn_blocking(start)
        .await
        .context("loading the embedding model panicked")?;
    Ok(started?)
}

fn generator(config: &Config) -> anyhow::Result<Generator> {
    // A service of one's own often wants no key.
    let own_service = (config.openai_base_url != OPENAI_URL).then(|| Secret::new(String::new()));
    let Some(api_key) = config.openai_api_key.clone().or(own_service) else {
        return Ok(Generator::Extractive);
    };
    let options = OpenAiOptions {
        api_key,
        base_url: config.openai_base_url.clone(),
        model: config.openai_model.clone(),
        proxy: config.llm_proxy.as_ref().map(|proxy| proxy.expose().clone()),
        connect_timeout: config.llm_connect_timeout,
        first_token_timeout: config.llm_first_token_timeout,
        idle_timeout: config.llm_idle_timeout,
        total_timeout: config.llm_total_timeout,
        max_retries: config.llm_max_retries,
        max_answer_tokens: config.llm_max_answer_tokens,
        temperature: TEMPERATURE,
    };
    Ok(Generator::OpenAi(OpenAi::new(options)?))
}
