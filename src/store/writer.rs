//! The one writer: a thread that gathers waiting changes and commits them together (group commit).

use crate::store::connection::BUSY_TIMEOUT;
use crate::store::error::StoreError;
use crate::store::error::StoreResult;
use rusqlite::Connection;
use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;
use std::thread;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::sync::oneshot;

/// Changes waiting beyond this are refused as busy: the disk does not keep up, and memory must not grow.
const QUEUE_CHANGES: usize = 1024;
/// Changes in one commit; enough to share an fsync, few enough that the first does not wait long for the last.
const GROUP_CHANGES: usize = 64;
/// How long emptying the log waits for queries that still read from it; most take less than a millisecond.
const READER_PATIENCE: Duration = Duration::from_millis(250);

/// Runs a change inside the open transaction, or takes the error that kept it from opening, and gives back what to tell its
/// caller once the commit is known.
struct Change {
    run: Run,
    lasting: Lasting,
    /// It shares its transaction with no other.
    is_alone: bool,
}
type Run = Box<dyn FnOnce(StoreResult<&mut Connection>) -> Report + Send>;
type Report = Box<dyn FnOnce(StoreResult<()>) + Send>;

/// When a committed change has to survive a power cut. A killed program loses neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Lasting {
    /// With the next change that lasts at once: what nobody sees before that.
    Later,
    /// When its caller hears of it.
    AtOnce,
    /// The same; and what it deleted is in no file of the database any more.
    WithoutTrace,
}

pub(super) struct Writer {
    queue: mpsc::Sender<Change>,
}

impl Writer {
    /// Takes over the connection. The thread ends when the writer is dropped.
    pub(super) fn start(conn: Connection) -> StoreResult<Writer> {
        let (queue, changes) = mpsc::channel(QUEUE_CHANGES);
        let thread = thread::Builder::new().name("store-writer".to_owned());
        thread
            .spawn(move || write_until_closed(conn, changes))
            .map_err(StoreError::internal)?;
        Ok(Writer { queue })
    }

    pub(super) fn backlog(&self) -> usize {
        QUEUE_CHANGES - self.queue.capacity()
    }

    pub(super) async fn run<T: Send + 'static>(
        &self,
        lasting: Lasting,
        change: impl FnOnce(&Connection) -> StoreResult<T> + Send + 'static,
    ) -> StoreResult<T> {
        self.send(lasting, false, |conn| in_savepoint(conn, change)).await
    }

    /// As `run`, for a change of very many rows. A savepoint keeps the pages of all of them in memory as they were; so this has none,
    /// and a transaction of its own.
    pub(super) async fn run_alone<T: Send + 'static>(
        &self,
        lasting: Lasting,
        change: impl FnOnce(&Connection) -> StoreResult<T> + Send + 'static,
    ) -> StoreResult<T> {
        self.send(lasting, true, |conn| or_roll_back(conn, change)).await
    }

    async fn send<T: Send + 'static>(
        &self,
        lasting: Lasting,
        is_alone: bool,
        change: impl FnOnce(&mut Connection) -> StoreResult<T> + Send + 'static,
    ) -> StoreResult<T> {
        let (reply, answer) = oneshot::channel();
        let run = Box::new(move |conn: StoreResult<&mut Connection>| {
            let result = conn.and_then(change);
            let report: Report = Box::new(move |committed| {
                // A caller that went away does not need the answer.
                let _ = reply.send(result.and_then(|value| committed.map(|()| value)));
            });
            report
        });
        let change = Change { run, lasting, is_alone };
        self.queue.try_send(change).map_err(|_| StoreError::Busy)?;
        answer
            .await
            .map_err(|_| StoreError::Internal("the writer thread has ended".to_owned()))?
    }
}

/// An error or a panic undoes the change and nothing else: dropping the savepoint without commit rolls it back.
fn in_savepoint<T>(conn: &mut Connection, change: impl FnOnce(&Connection) -> StoreResult<T>) -> StoreResult<T> {
    let work = AssertUnwindSafe(|| {
        let savepoint = conn.savepoint()?;
        let value = change(&savepoint)?;
        savepoint.commit()?;
        Ok(value)
    });
    catch_unwind(work).unwrap_or_else(|_| Err(StoreError::Internal("a change panicked".to_owned())))
}

/// An error or a panic ends the whole transaction, of which the change is all.
fn or_roll_back<T>(conn: &Connection, change: impl FnOnce(&Connection) -> StoreResult<T>) -> StoreResult<T> {
    let result = catch_unwind(AssertUnwindSafe(|| change(conn)));
    let result = result.unwrap_or_else(|_| Err(StoreError::Internal("a change panicked".to_owned())));
    if result.is_err()
        && !conn.is_autocommit()
        && let Err(error) = conn.execute_batch("rollback")
    {
        tracing::error!(%error, "could not roll back");
    }
    result
}

fn write_until_closed(mut conn: Connection, mut changes: mpsc::Receiver<Change>) {
    let mut has_traces = false;
    let mut next = None;
    while let Some(first) = next.take().or_else(|| changes.blocking_recv()) {
        let mut group = vec![first];
        while group.len() < GROUP_CHANGES
            && !group.iter().any(|change| change.is_alone)
            && let Ok(change) = changes.try_recv()
        {
            if change.is_alone {
                next = Some(change);
                break;
            }
            group.push(change);
        }
        commit_group(&mut conn, group, &mut has_traces);
    }
}

/// All changes of the group commit together or none does. A change that fails by itself undoes only itself.
///
/// `has_traces` is kept from one group to the next: a log that could not be emptied is emptied after a later one.
fn commit_group(conn: &mut Connection, group: Vec<Change>, has_traces: &mut bool) {
    let lasting = group
        .iter()
        .map(|change| change.lasting)
        .max()
        .unwrap_or(Lasting::AtOnce);
    if let Err(error) = begin(conn, lasting) {
        for change in group {
            (change.run)(Err(error.clone()))(Ok(()));
        }
        return;
    }
    let mut reports: Vec<Report> = Vec::with_capacity(group.len());
    for change in group {
        // A full disk makes SQLite roll back the whole transaction by itself: nothing of the group is stored, and what comes
        // after must not run outside of it.
        let is_open = !conn.is_autocommit();
        reports.push((change.run)(if is_open {
            Ok(&mut *conn)
        } else {
            Err(StoreError::Full)
        }));
    }
    let outcome = if conn.is_autocommit() {
        Err(StoreError::Full)
    } else {
        commit(conn)
    };
    *has_traces |= lasting == Lasting::WithoutTrace;
    if *has_traces && outcome.is_ok() {
        *has_traces = !empty_log(conn);
    }
    for report in reports {
        report(outcome.clone());
    }
}

/// A WAL that is not synchronized keeps its order: a later commit that is takes all before it to the disk.
///
/// What a visitor or an owner deletes or changes is overwritten with zeros. What an import replaced is no secret, and there is
/// much of it.
fn begin(conn: &Connection, lasting: Lasting) -> StoreResult<()> {
    let (synchronous, is_overwritten) = match lasting {
        Lasting::Later => ("normal", false),
        Lasting::AtOnce | Lasting::WithoutTrace => ("full", true),
    };
    conn.pragma_update(None, "synchronous", synchronous)?;
    conn.pragma_update(None, "secure_delete", is_overwritten)?;
    conn.execute_batch("begin immediate")?;
    Ok(())
}

fn commit(conn: &Connection) -> StoreResult<()> {
    conn.execute_batch("commit").map_err(|error| {
        if let Err(rollback) = conn.execute_batch("rollback") {
            tracing::error!(%rollback, "could not roll back");
        }
        StoreError::from(error)
    })
}

/// Writes the log into the database and cuts it to nothing; it holds pages as they were. Returns whether it could: a query that
/// reads from an old snapshot keeps it.
fn empty_log(conn: &Connection) -> bool {
    let emptied = conn.busy_timeout(READER_PATIENCE).and_then(|()| {
        let is_busy: bool = conn.query_row("pragma wal_checkpoint(truncate)", [], |row| row.get(0))?;
        conn.busy_timeout(BUSY_TIMEOUT)?;
        Ok(!is_busy)
    });
    emptied.unwrap_or_else(|error| {
        tracing::warn!(%error, "could not empty the database's log");
        false
    })
}
