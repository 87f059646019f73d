//! The composition root: opens the data folder, starts the ports, builds the features and their routes.

pub mod demo;
mod documentation;
pub mod health;
pub mod lock;
pub mod models;
pub mod reading;
pub mod router;
pub mod serve;

use crate::analytics::Analytics;
use crate::app::demo::DemoStorefront;
use crate::app::health::Health;
use crate::app::lock::DataFolder;
use crate::app::models::runtime::runtime_places;
use crate::app::router::Parts;
use crate::chat::Chat;
use crate::chat::claims;
use crate::config::Config;
use crate::domain::clock::Clock;
use crate::domain::embedding::ModelSource;
use crate::domain::secret::Secret;
use crate::embed::registry::ModelRegistry;
use crate::embed::reranker::Reranker;
use crate::http::address::TrustedProxies;
use crate::http::auth::Guard;
use crate::http::auth::new_token;
use crate::http::limits::Limits;
use crate::http::limits::PerMinute;
use crate::http::protection::WidgetGuard;
use crate::http::visitor::VISITOR_KEY;
use crate::http::visitor::VisitorTokens;
use crate::jobs::Jobs;
use crate::knowledge::Knowledge;
use crate::knowledge::parsing::isolated::IsolatedParser;
use crate::leads::Leads;
use crate::llm::Generator;
use crate::llm::openai::OpenAi;
use crate::llm::openai::OpenAiOptions;
use crate::net::Fetcher;
use crate::net::guard::PrivateHosts;
use crate::notify::Webhooks;
use crate::retrieval::Retriever;
use crate::retrieval::models::ShopModels;
use crate::retrieval::reranking::SecondLook;
use crate::shops::Shops;
use crate::store::Store;
use crate::store::error::StoreError;
use crate::surveys::Surveys;
use crate::text::contacts::contacts_of;
use anyhow::Context;
use axum::Router;
use std::sync::Arc;
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 3600);
const OPENAI_URL: &str = "https://api.openai.com/v1";
/// Prices, terms and stock leave no room for invention.
const TEMPERATURE: f32 = 0.2;

/// Schedules go by minutes.
const LOOK_AT_SCHEDULES_EVERY: Duration = Duration::from_secs(20);

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
    retriever: Retriever,
    leads: Leads,
    analytics: Analytics,
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
        let registry = ModelRegistry::new(config.models_dir(), runtime_places(config), clock.clone());
        let models = ShopModels::start(store.clone(), registry, config.embedding_model.clone(), clock.clone()).await?;
        let generator = generator(config)?;
        let retriever = Retriever::new(store.clone(), models.clone(), second_look(config).await?);
        let jobs = Jobs::new(store.clone(), clock.clone());
        let visitor_key = store.ensure_secret(VISITOR_KEY, Secret::new(new_token())).await?;
        let knowledge = Knowledge::new(
            store.clone(),
            models.clone(),
            jobs,
            retriever.clone(),
            clock.clone(),
            &config.data_dir,
            Fetcher::new(PrivateHosts::parse(
                config.source_private_hosts.as_deref().unwrap_or_default(),
            ))?,
        )
        .with_parser(IsolatedParser::new(config.program.clone()));
        let chat = Chat::new(
            store.clone(),
            retriever.clone(),
            generator,
            VisitorTokens::new(&visitor_key)?,
            clock.clone(),
            config.session_ttl,
            config.llm_rewrite_budget,
        );
        let retention = DAY * config.event_retention_days;
        let analytics = Analytics::new(store.clone(), clock.clone(), retention);
        let tokens: Vec<_> = config.admin_token.iter().cloned().chain([local_token]).collect();
        let health = Health::new(store.clone(), models, chat.generator_name().to_owned());
        let surveys = Surveys::new(store.clone(), clock.clone());
        let private_hosts = PrivateHosts::parse(config.webhook_private_hosts.as_deref().unwrap_or_default());
        let leads = Leads::new(store.clone(), Webhooks::new(private_hosts)?, clock.clone());
        let widget_guard = widget_guard(config, store.clone());
        let router = router::build(Parts {
            guard: Arc::new(Guard::new(store.clone(), clock.clone(), &tokens)),
            shops: Arc::new(Shops::new(store.clone(), clock.clone())),
            knowledge: knowledge.clone(),
            demo: (mode == Mode::Demo)
                .then(|| DemoStorefront::new(store, chat.generator_name(), config.public_url.as_deref())),
            chat,
            surveys,
            leads: leads.clone(),
            clock,
            analytics: analytics.clone(),
            widget_guard,
            trusted_proxies: TrustedProxies::new(config.trusted_proxies.clone()),
            health: health.clone(),
            max_body_bytes: config.max_body_bytes,
            max_upload_bytes: config.max_upload_bytes,
        });
        Ok(App {
            router,
            health,
            folder,
            knowledge,
            retriever,
            leads,
            analytics,
        })
    }

    /// Reads the sources whose time has come, beside the caller.
    pub async fn sync_due(&self) -> anyhow::Result<()> {
        self.knowledge.sync_due().await
    }

    /// Tells owners of sources that have become stale or are not any more.
    pub async fn tell_stale_sources(&self) -> anyhow::Result<()> {
        self.knowledge.tell_stale_sources().await
    }

    /// Clears what earlier runs left, takes up their jobs, makes shops ready to be asked, sends notifications and looks at the schedules
    /// of sources, beside the work of this one.
    pub fn resume_in_background(&self) {
        tokio::spawn(self.leads.clone().deliver_forever());
        // Patterns take some milliseconds to be made ready; no visitor should wait for that.
        tokio::task::spawn_blocking(|| {
            contacts_of("заказ № 12, тел. 8 916 123-45-67");
            claims::prepare();
        });
        let retriever = self.retriever.clone();
        tokio::spawn(async move {
            if let Err(error) = retriever.warm_up().await {
                tracing::warn!("could not make all shops ready: {error:#}");
            }
        });
        let knowledge = self.knowledge.clone();
        tokio::spawn(async move {
            // What was begun goes before what is due.
            if let Err(error) = knowledge.resume_imports().await {
                tracing::warn!("could not take up imports: {error:#}");
            }
            loop {
                if let Err(error) = knowledge.clear_gone_sources().await {
                    tracing::warn!("could not clear what deleted sources left: {error:#}");
                }
                if let Err(error) = knowledge.sync_due().await {
                    tracing::warn!("could not look at the schedules of sources: {error:#}");
                }
                if let Err(error) = knowledge.tell_stale_sources().await {
                    tracing::warn!("could not tell of stale sources: {error:#}");
                }
                tokio::time::sleep(LOOK_AT_SCHEDULES_EVERY).await;
            }
        });
        let knowledge = self.knowledge.clone();
        tokio::spawn(async move {
            if let Err(error) = knowledge.resume_jobs().await {
                tracing::warn!("could not take up jobs: {error:#}");
            }
            if let Err(error) = knowledge.sweep_all().await {
                tracing::warn!("could not clear replaced documents: {error:#}");
            }
        });
        let analytics = self.analytics.clone();
        tokio::spawn(async move {
            loop {
                if let Err(error) = analytics.forget_old().await {
                    tracing::warn!("could not delete old events: {error:#}");
                }
                tokio::time::sleep(DAY).await;
            }
        });
    }
}

fn widget_guard(config: &Config, store: Store) -> WidgetGuard {
    let limits = Limits::new(
        PerMinute {
            address: config.chats_per_minute,
            visitor: config.visitor_chats_per_minute,
            shop: config.shop_chats_per_minute,
        },
        PerMinute {
            address: config.events_per_minute,
            visitor: config.visitor_events_per_minute,
            shop: config.shop_events_per_minute,
        },
        PerMinute {
            address: config.forms_per_minute,
            visitor: config.visitor_forms_per_minute,
            shop: config.shop_forms_per_minute,
        },
        PerMinute {
            address: config.reads_per_minute,
            visitor: config.visitor_reads_per_minute,
            shop: config.shop_reads_per_minute,
        },
    );
    WidgetGuard {
        store,
        limits,
        budget_of: router::budget_of,
        public_url: config.public_url.clone(),
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

/// The configured reranker. One that cannot be loaded is a wrong configuration, told at the start.
async fn second_look(config: &Config) -> anyhow::Result<Option<SecondLook>> {
    let folder = match &config.reranker_model {
        None | Some(ModelSource::Builtin) => return Ok(None),
        Some(ModelSource::Folder(folder)) => folder.clone(),
        Some(ModelSource::Installed(name)) => config.models_dir().join(name),
    };
    let places = runtime_places(config);
    let loaded = tokio::task::spawn_blocking(move || Reranker::load(&folder, &places)).await;
    let reranker = loaded.context("loading the reranker panicked")??;
    Ok(Some(SecondLook {
        reranker,
        budget: config.reranker_budget,
    }))
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
