//! Which model answers for a shop: the one that its vectors were made with, as long as it can be loaded.

use crate::domain::clock::Clock;
use crate::domain::embedding::AssignedModel;
use crate::domain::embedding::Embedding;
use crate::domain::embedding::EmbeddingSpace;
use crate::domain::embedding::ModelSource;
use crate::domain::id::ShopId;
use crate::domain::id::SpaceId;
use crate::embed::Embedder;
use crate::embed::error::EmbedError;
use crate::embed::registry::ModelRegistry;
use crate::retrieval::calibration::Calibration;
use crate::store::Store;
use crate::store::VectorCandidate;
use crate::store::error::StoreResult;
use anyhow::Context;
use std::collections::BTreeSet;

/// Cheap to clone.
#[derive(Clone)]
pub struct ShopModels {
    store: Store,
    registry: ModelRegistry,
    fallback: AssignedModel,
    clock: Clock,
}

/// What searches a shop's vectors.
#[derive(Clone)]
pub struct ActiveModel {
    pub source: ModelSource,
    pub space: EmbeddingSpace,
    /// `None` when the model that made the vectors cannot be had: its files are gone or have changed. Then words alone search.
    pub embedder: Option<Embedder>,
    pub calibration: Calibration,
}

/// What a model makes of a question.
#[derive(Debug, Clone)]
pub struct Nearest {
    /// Where the vectors are.
    pub space: SpaceId,
    /// `None` when the model cannot tell what the question means.
    pub query: Option<Embedding>,
    /// The chunks near it, best first.
    pub vectors: Vec<VectorCandidate>,
}

impl ShopModels {
    /// `default` is the model of shops that have none yet. It is loaded at once, so that a wrong configuration is told at the
    /// start.
    pub async fn start(
        store: Store,
        registry: ModelRegistry,
        default: ModelSource,
        clock: Clock,
    ) -> anyhow::Result<ShopModels> {
        let embedder = registry.load(&default).await?;
        let space = store.ensure_space(embedder.space_key().clone(), clock.now()).await?;
        let fallback = AssignedModel { source: default, space };
        let models = ShopModels {
            store,
            registry,
            fallback,
            clock,
        };
        models.adopt_shops().await.context("could not assign models to shops")?;
        Ok(models)
    }

    /// The model that answers for the shop now.
    pub async fn of(&self, shop: ShopId) -> StoreResult<ActiveModel> {
        Ok(self.active(self.store.shop_model(shop).await?).await)
    }

    /// The model that answers for a shop which has this one, or none yet.
    pub async fn active(&self, assigned: Option<AssignedModel>) -> ActiveModel {
        let assigned = assigned.unwrap_or_else(|| self.fallback.clone());
        let loaded = self.registry.load(&assigned.source).await.ok();
        let embedder = loaded.filter(|embedder| *embedder.space_key() == assigned.space.key);
        let calibration = Calibration::for_model(&assigned.space.key.model);
        ActiveModel {
            source: assigned.source,
            space: assigned.space,
            embedder,
            calibration,
        }
    }

    /// Makes what `nearest` looks into for this version of the shop's knowledge, unless it is there.
    pub async fn prepare(&self, shop: ShopId, model: &ActiveModel, version: i64) -> anyhow::Result<()> {
        if model.embedder.is_none() {
            return Ok(());
        }
        let prepared = self.store.prepare_vectors(shop, &model.space, version).await;
        prepared.context("could not read the shop's vectors")
    }

    /// The question's vector by `model`, and the chunks of the `limit` units nearest to it; neither when it cannot be embedded.
    pub async fn nearest(
        &self,
        shop: ShopId,
        model: &ActiveModel,
        question: &str,
        limit: u32,
    ) -> anyhow::Result<Nearest> {
        let found = self.nearest_in(shop, model, question, limit).await?;
        if !found.vectors.is_empty() {
            return Ok(found);
        }
        // The shop may have changed its space since its model was read.
        let now = self.of(shop).await.context("could not read the shop's model")?;
        if now.space.id == model.space.id {
            return Ok(found);
        }
        self.nearest_in(shop, &now, question, limit).await
    }

    async fn nearest_in(
        &self,
        shop: ShopId,
        model: &ActiveModel,
        question: &str,
        limit: u32,
    ) -> anyhow::Result<Nearest> {
        let embedded = match model.embedder() {
            Ok(embedder) => embedder.embed_query(question.to_owned()).await,
            Err(error) => Err(error),
        };
        let mut nearest = Nearest {
            space: model.space.id,
            query: None,
            vectors: Vec::new(),
        };
        let query = match embedded {
            Ok(query) => query,
            Err(error) => {
                tracing::warn!(%error, shop = shop.0, "could not embed a question; searching by words only");
                return Ok(nearest);
            }
        };
        // A question of which the model knows no word has no direction to search in.
        if query.iter().any(|value| *value != 0.0) {
            let found = self.store.search_vectors(shop, nearest.space, query.clone(), limit);
            nearest.vectors = found.await.context("could not search by vector")?;
            nearest.query = Some(query);
        }
        Ok(nearest)
    }

    /// The shop's model; one that has none gets the configured one for good.
    pub async fn assigned(&self, shop: ShopId) -> StoreResult<AssignedModel> {
        match self.store.shop_model(shop).await? {
            Some(assigned) => Ok(assigned),
            None => self.store.assign_model(shop, self.fallback.clone()).await,
        }
    }

    /// The model and the space that its files give today.
    pub async fn load(&self, source: &ModelSource) -> anyhow::Result<(Embedder, EmbeddingSpace)> {
        self.registry.forget_failure(source);
        let embedder = self.registry.load(source).await?;
        let key = embedder.space_key().clone();
        let space = self.store.ensure_space(key, self.clock.now()).await?;
        Ok((embedder, space))
    }

    /// Shops whose vectors are of another revision of their model than its files give, by id: after an update of the program or
    /// of a model's files.
    pub async fn outdated_shops(&self) -> StoreResult<Vec<(ShopId, ModelSource)>> {
        let mut outdated = Vec::new();
        for (shop, assigned) in self.store.list_shop_models().await? {
            let current = self.registry.load(&assigned.source).await;
            if current.is_ok_and(|embedder| *embedder.space_key() != assigned.space.key) {
                outdated.push((shop, assigned.source));
            }
        }
        Ok(outdated)
    }

    /// Frees the models that no shop uses.
    pub async fn free_unused(&self) -> StoreResult<()> {
        let assigned = self.store.list_shop_models().await?;
        let used: BTreeSet<ModelSource> = assigned
            .into_iter()
            .map(|(_, model)| model.source)
            .chain([self.fallback.source.clone()])
            .collect();
        self.registry.keep_only(&used);
        Ok(())
    }

    /// The shops that use each model, by id.
    pub async fn uses(&self) -> StoreResult<Vec<(ShopId, AssignedModel)>> {
        self.store.list_shop_models().await
    }

    /// The model of shops that have none yet.
    pub fn fallback(&self) -> &AssignedModel {
        &self.fallback
    }

    pub fn registry(&self) -> &ModelRegistry {
        &self.registry
    }

    /// Gives shops of before models were assigned the model that made most of their vectors, by its name.
    async fn adopt_shops(&self) -> StoreResult<()> {
        for (shop, space) in self.store.list_unassigned_shops().await? {
            let source = if space.key == self.fallback.space.key {
                self.fallback.source.clone()
            } else {
                ModelSource::parse(&space.key.model).unwrap_or_else(|| self.fallback.source.clone())
            };
            self.store.assign_model(shop, AssignedModel { source, space }).await?;
        }
        Ok(())
    }
}

impl ActiveModel {
    /// The embedder, or why there is none to embed with.
    pub fn embedder(&self) -> Result<&Embedder, EmbedError> {
        let reason = || EmbedError::Internal(format!("the model {} is not loaded", self.source));
        self.embedder.as_ref().ok_or_else(reason)
    }
}
