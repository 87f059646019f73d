//! The exchange of 1C with a site, from the site's side: 1C sends the files of a catalogue by itself and asks for their import. The protocol:
//! v8.1c.ru/tekhnologii/obmen-dannymi-i-integratsiya/standarty-i-formaty/protokol-obmena-s-saytom.
//!
//! An older 1C does not say when it has sent everything. Each of its imports therefore reads all that the exchange has sent so far, and a
//! catalogue that says to be whole is taken for whole. From version 3 of the schema on, goods come in packets and the end is told: an
//! import reads what is new and removes nothing, and the end compares everything that was sent with everything that the source has.

pub mod answer;
pub mod gathering;
pub mod guard;
pub mod importing;
pub mod name;
pub mod routes;
pub mod session;

use crate::domain::id::ShopId;
use crate::domain::id::SourceId;
use crate::domain::source::Format;
use crate::domain::source::Location;
use crate::knowledge::Knowledge;
use crate::knowledge::exchange::answer::Answer;
use crate::knowledge::exchange::name::Kind;
use crate::knowledge::exchange::name::base_name;
use crate::knowledge::exchange::name::kind_of;
use crate::knowledge::exchange::session::ExchangeFolder;
use crate::knowledge::exchange::session::MAX_FILES;
use crate::knowledge::exchange::session::Session;
use crate::knowledge::exchange::session::SessionName;
use crate::knowledge::exchange::session::SessionToken;
use crate::store::error::StoreError;
use anyhow::Context;
use std::collections::HashMap;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use tokio::sync::OwnedMutexGuard;

/// Of one file name; 1C's are far shorter.
const MAX_NAME_CHARS: usize = 255;

/// Exchanges of all sources. Cheap to clone.
#[derive(Clone)]
pub struct Exchanges {
    folder: ExchangeFolder,
    locks: Arc<Mutex<HashMap<SourceId, Arc<tokio::sync::Mutex<()>>>>>,
}

/// An exchange that somebody may go on with.
#[derive(Debug, Clone)]
pub struct Exchanging {
    pub shop: ShopId,
    pub source: SourceId,
    pub session: SessionName,
}

impl Exchanges {
    pub fn new(data_dir: &Path) -> Exchanges {
        Exchanges {
            folder: ExchangeFolder::new(data_dir),
            locks: Arc::default(),
        }
    }

    /// Sources that have some.
    pub fn sources(&self) -> Vec<SourceId> {
        self.folder.sources()
    }

    pub fn remove_source(&self, source: SourceId) {
        self.folder.remove_source(source);
    }

    /// The right to change the exchanges of a source.
    async fn lock(&self, source: SourceId) -> OwnedMutexGuard<()> {
        let lock = {
            let mut locks = self.locks.lock().unwrap_or_else(PoisonError::into_inner);
            locks.entry(source).or_default().clone()
        };
        lock.lock_owned().await
    }
}

impl Knowledge {
    /// Begins an exchange with a source that takes one. `key`: the hash of the token that allows it.
    pub async fn begin_exchange(
        &self,
        shop: ShopId,
        source: SourceId,
        key: String,
    ) -> anyhow::Result<(Exchanging, SessionToken)> {
        self.store.source(shop, source).await?;
        let token = SessionToken::fresh();
        let _lock = self.exchanges.lock(source).await;
        let session = token.name();
        let (folder, now, name) = (self.exchanges.folder.clone(), self.clock.now(), session.clone());
        tokio::task::spawn_blocking(move || folder.begin(source, &name, key, now))
            .await
            .context("beginning an exchange panicked")??;
        Ok((Exchanging { shop, source, session }, token))
    }

    /// The exchange that was used last, for a 1C that shows its password and no cookie.
    pub async fn latest_exchange(&self, shop: ShopId, source: SourceId) -> anyhow::Result<Option<Exchanging>> {
        self.store.source(shop, source).await?;
        let (folder, now) = (self.exchanges.folder.clone(), self.clock.now());
        let latest = tokio::task::spawn_blocking(move || folder.latest(source, now)).await;
        let latest = latest.context("looking for an exchange panicked")?;
        Ok(latest.map(|session| Exchanging { shop, source, session }))
    }

    /// The hash of the token by which this exchange of the source began; `None` unless it is still open. Not found when the shop has
    /// no such source.
    pub async fn exchange_key(
        &self,
        shop: ShopId,
        source: SourceId,
        session: &SessionName,
    ) -> anyhow::Result<Option<String>> {
        self.store.source(shop, source).await?;
        let found = self.find_session(source, session).await?;
        Ok(found.map(|session| session.state.key))
    }

    /// Why the source takes no exchange, if it does not.
    pub async fn exchange_obstacle(&self, shop: ShopId, source: SourceId) -> anyhow::Result<Option<Answer>> {
        let draft = self.store.source(shop, source).await?.draft;
        let is_fit = draft.format == Some(Format::CommerceMl) && draft.location == (Location::Upload {});
        Ok((!is_fit).then(|| Answer::failure("exchange_source")))
    }

    /// Forgets what this exchange has sent so far.
    pub async fn restart_exchange(&self, exchanging: &Exchanging, version: Option<String>) -> anyhow::Result<()> {
        let _lock = self.exchanges.lock(exchanging.source).await;
        let mut session = self.session(exchanging).await?;
        let now = self.clock.now();
        tokio::task::spawn_blocking(move || session.restart(version, now))
            .await
            .context("beginning an exchange anew panicked")?
    }

    /// Where to receive a part of a file; `None` for a file that is not kept, and a failure for one that is refused.
    pub async fn expect_part(
        &self,
        exchanging: &Exchanging,
        name: &str,
    ) -> anyhow::Result<Result<Option<PathBuf>, Answer>> {
        let base = base_name(name);
        if base.is_empty() || base.chars().count() > MAX_NAME_CHARS {
            return Ok(Err(Answer::failure("exchange_name")));
        }
        if kind_of(&base) == Kind::Other {
            return Ok(Ok(None));
        }
        let session = self.session(exchanging).await?;
        let is_known = session.state.files.iter().any(|file| file.name == base);
        if !is_known && session.state.files.len() >= MAX_FILES {
            return Ok(Err(Answer::failure("exchange_too_many_files").with("limit", MAX_FILES)));
        }
        Ok(Ok(Some(session.incoming())))
    }

    /// Adds a part that was received whole. A failure when the exchange grows over `max_bytes`.
    pub async fn take_part(
        &self,
        exchanging: &Exchanging,
        name: &str,
        part: PathBuf,
        max_bytes: u64,
    ) -> anyhow::Result<Answer> {
        let _lock = self.exchanges.lock(exchanging.source).await;
        let mut session = self.session(exchanging).await?;
        let (name, now) = (name.to_owned(), self.clock.now());
        let work = move || -> anyhow::Result<Answer> {
            let size = std::fs::metadata(&part)?.len();
            if session.size().saturating_add(size) > max_bytes {
                return Ok(Answer::failure("exchange_too_large").with("limit", max_bytes));
            }
            session.append(&name, &part, now)?;
            Ok(Answer::Success(None))
        };
        tokio::task::spawn_blocking(work)
            .await
            .context("keeping a part of an exchange panicked")?
    }

    /// Not found when it was ended meanwhile.
    async fn session(&self, exchanging: &Exchanging) -> anyhow::Result<Session> {
        let found = self.find_session(exchanging.source, &exchanging.session).await?;
        found.ok_or_else(|| StoreError::NotFound.into())
    }

    async fn find_session(&self, source: SourceId, session: &SessionName) -> anyhow::Result<Option<Session>> {
        let (folder, now, name) = (self.exchanges.folder.clone(), self.clock.now(), session.clone());
        tokio::task::spawn_blocking(move || folder.find(source, &name, now))
            .await
            .context("looking for an exchange panicked")?
    }
}
