//! Read-only connections, lent one query at a time.

use crate::store::connection::open_reader;
use crate::store::error::StoreError;
use crate::store::error::StoreResult;
use crate::store::memory::give_back;
use rusqlite::Connection;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use tokio::sync::Semaphore;

/// More than the cores of a small machine, and more than the three that making the indexes of one shop holds for seconds.
const READERS: usize = 6;

pub(super) struct Readers {
    path: PathBuf,
    idle: Arc<Mutex<Vec<Connection>>>,
    permits: Arc<Semaphore>,
}

impl Readers {
    pub(super) fn new(path: &Path) -> Readers {
        Readers {
            path: path.to_owned(),
            idle: Arc::default(),
            permits: Arc::new(Semaphore::new(READERS)),
        }
    }

    pub(super) async fn run<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> StoreResult<T> + Send + 'static,
    ) -> StoreResult<T> {
        let permit = self
            .permits
            .clone()
            .acquire_owned()
            .await
            .map_err(StoreError::internal)?;
        let (path, idle) = (self.path.clone(), self.idle.clone());
        let work = move || {
            let _permit = permit;
            let lent = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let mut conn = match lent {
                Some(conn) => conn,
                None => open_reader(&path)?,
            };
            let snapshot = conn.transaction()?;
            let result = query(&snapshot);
            snapshot.finish()?;
            idle.lock().unwrap_or_else(PoisonError::into_inner).push(conn);
            result
        };
        tokio::task::spawn_blocking(work).await.map_err(StoreError::internal)?
    }

    /// Empties the page caches of connections that nobody uses, and gives free memory back to the system.
    pub(super) async fn shrink(&self) -> StoreResult<()> {
        let idle = self.idle.clone();
        let work = move || {
            let resting = std::mem::take(&mut *idle.lock().unwrap_or_else(PoisonError::into_inner));
            for conn in &resting {
                conn.execute_batch("pragma shrink_memory")?;
            }
            idle.lock().unwrap_or_else(PoisonError::into_inner).extend(resting);
            give_back();
            Ok(())
        };
        tokio::task::spawn_blocking(work).await.map_err(StoreError::internal)?
    }
}
