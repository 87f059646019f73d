//! The thread that owns the model, and its queue: queries first, then passages batch by batch, all requests in turn.

use crate::domain::embedding::Embedding;
use crate::embed::error::EmbedError;
use crate::embed::model::Model;
use std::collections::VecDeque;
use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;
use std::sync::Arc;
use std::sync::Condvar;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::Semaphore;
use tokio::sync::oneshot;

/// More visitors than this never wait at once; past it a query is refused and the answer goes on without vectors.
const MAX_QUERIES: usize = 512;
/// Past this many waiting passages the next request waits outside the queue.
const MAX_PASSAGES: u32 = 4096;

type Reply<T> = oneshot::Sender<Result<T, EmbedError>>;

pub struct Worker {
    queue: Arc<Queue>,
    room: Arc<Semaphore>,
}

struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    queries: VecDeque<QueryJob>,
    passages: VecDeque<PassagesJob>,
    backlog: usize,
    is_closed: bool,
}

struct QueryJob {
    text: String,
    reply: Reply<Embedding>,
}

struct PassagesJob {
    texts: Vec<String>,
    /// Batches still to do, the next one last. `None` until the job's first turn.
    batches: Option<Vec<Vec<usize>>>,
    vectors: Vec<Embedding>,
    /// Passages of this job that the backlog still counts.
    waiting: usize,
    reply: Reply<Vec<Embedding>>,
    _room: OwnedSemaphorePermit,
}

enum Turn {
    Query(QueryJob),
    Passages(PassagesJob),
    Closed,
}

impl Worker {
    pub fn start(model: Model) -> Result<Worker, EmbedError> {
        let queue = Arc::new(Queue {
            state: Mutex::default(),
            changed: Condvar::new(),
        });
        let for_thread = queue.clone();
        std::thread::Builder::new()
            .name("embedder".to_owned())
            .spawn(move || serve(&for_thread, model))
            .map_err(|error| EmbedError::Internal(format!("could not start the embedding thread: {error}")))?;
        Ok(Worker {
            queue,
            room: Arc::new(Semaphore::new(MAX_PASSAGES as usize)),
        })
    }

    pub async fn embed_query(&self, text: String) -> Result<Embedding, EmbedError> {
        let (reply, answer) = oneshot::channel();
        {
            let mut state = self.queue.lock();
            state.queries.retain(|job| !job.reply.is_closed());
            if state.queries.len() >= MAX_QUERIES {
                return Err(EmbedError::Busy);
            }
            state.queries.push_back(QueryJob { text, reply });
        }
        self.queue.changed.notify_one();
        answer.await.unwrap_or(Err(EmbedError::Closed))
    }

    pub async fn embed_passages(&self, texts: Vec<String>) -> Result<Vec<Embedding>, EmbedError> {
        if texts.is_empty() {
            return Ok(Vec::new());
        }
        // A request larger than the queue takes all of it.
        let wanted = u32::try_from(texts.len()).unwrap_or(MAX_PASSAGES).min(MAX_PASSAGES);
        let room = self
            .room
            .clone()
            .acquire_many_owned(wanted)
            .await
            .map_err(|_| EmbedError::Closed)?;
        let (reply, answer) = oneshot::channel();
        let waiting = texts.len();
        let vectors = vec![Embedding::new(); waiting];
        {
            let mut state = self.queue.lock();
            state.backlog += waiting;
            state.passages.push_back(PassagesJob {
                texts,
                batches: None,
                vectors,
                waiting,
                reply,
                _room: room,
            });
        }
        self.queue.changed.notify_one();
        answer.await.unwrap_or(Err(EmbedError::Closed))
    }

    pub fn backlog(&self) -> usize {
        self.queue.lock().backlog
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.queue.lock().is_closed = true;
        self.queue.changed.notify_one();
    }
}

impl Queue {
    /// Each change under the lock is complete in itself, so a poisoned lock is still good.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next_turn(&self) -> Turn {
        let mut state = self.lock();
        loop {
            if state.is_closed {
                return Turn::Closed;
            }
            if let Some(job) = state.queries.pop_front() {
                return Turn::Query(job);
            }
            if let Some(job) = state.passages.pop_front() {
                return Turn::Passages(job);
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Counts `done` passages of the job as finished.
    fn progress(&self, job: &mut PassagesJob, done: usize) {
        let done = done.min(job.waiting);
        job.waiting -= done;
        let mut state = self.lock();
        state.backlog = state.backlog.saturating_sub(done);
    }
}

fn serve(queue: &Queue, mut model: Model) {
    loop {
        match queue.next_turn() {
            Turn::Query(job) => {
                if !job.reply.is_closed() {
                    let result = guarded(|| model.embed_query(&job.text));
                    // The asker may have left meanwhile.
                    let _ = job.reply.send(result);
                }
            }
            Turn::Passages(job) => serve_batch(queue, &mut model, job),
            Turn::Closed => return,
        }
    }
}

/// Does one batch of the job, then answers it or puts it back behind the other requests.
fn serve_batch(queue: &Queue, model: &mut Model, mut job: PassagesJob) {
    let waiting = job.waiting;
    if job.reply.is_closed() {
        queue.progress(&mut job, waiting);
        return;
    }
    let mut batches = job.batches.take().unwrap_or_else(|| {
        let mut planned = model.plan_batches(&job.texts);
        planned.reverse();
        planned
    });
    let batch = batches.pop().unwrap_or_default();
    let texts: Vec<&str> = batch
        .iter()
        .filter_map(|index| job.texts.get(*index))
        .map(String::as_str)
        .collect();
    match guarded(|| model.embed_batch(&texts)) {
        Ok(found) => {
            for (index, vector) in batch.iter().zip(found) {
                if let Some(slot) = job.vectors.get_mut(*index) {
                    *slot = vector;
                }
            }
        }
        Err(error) => {
            queue.progress(&mut job, waiting);
            let _ = job.reply.send(Err(error));
            return;
        }
    }
    queue.progress(&mut job, batch.len());
    if batches.is_empty() {
        let _ = job.reply.send(Ok(job.vectors));
        return;
    }
    job.batches = Some(batches);
    queue.lock().passages.push_back(job);
}

fn guarded<T>(work: impl FnOnce() -> Result<T, EmbedError>) -> Result<T, EmbedError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(EmbedError::Internal("the model panicked".to_owned())))
}

#[cfg(test)]
mod tests {
    use super::Worker;
    use crate::embed::error::EmbedError;
    use crate::embed::model::Model;
    use std::sync::mpsc;
    use std::time::Duration;

    const PATIENCE: Duration = Duration::from_secs(20);

    fn texts(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_query_goes_ahead_of_waiting_passages() {
        let (seen, order) = mpsc::channel();
        let (allow, allowed) = mpsc::channel::<()>();
        let worker = Worker::start(Model::Scripted(Box::new(move |texts| {
            seen.send(texts.join(" ")).unwrap();
            allowed.recv_timeout(PATIENCE).unwrap();
            Ok(texts.iter().map(|_| vec![1.0]).collect())
        })))
        .unwrap();
        let passages = worker.embed_passages(texts(&["a", "b", "c", "d", "e"]));
        let question = async {
            // The first batch is at work and held there, so the query surely comes while passages wait.
            let first = tokio::task::block_in_place(|| order.recv_timeout(PATIENCE).unwrap());
            assert_eq!(first, "a b");
            assert_eq!(worker.backlog(), 5);
            let ask = worker.embed_query("question".to_owned());
            let release = async { (0..4).for_each(|_| allow.send(()).unwrap()) };
            tokio::join!(biased; ask, release).0.unwrap();
        };
        let (vectors, ()) = tokio::join!(passages, question);
        assert_eq!(vectors.unwrap().len(), 5);
        assert_eq!(order.iter().take(3).collect::<Vec<_>>(), ["question", "c d", "e"]);
        assert_eq!(worker.backlog(), 0);
    }

    #[tokio::test]
    async fn a_panic_or_an_error_fails_one_request_only() {
        let worker = Worker::start(Model::Scripted(Box::new(|texts| match texts {
            ["panic", ..] => panic!("as asked"),
            ["error", ..] => Err(EmbedError::Internal("as asked".to_owned())),
            _ => Ok(texts.iter().map(|text| vec![text.len() as f32]).collect()),
        })))
        .unwrap();
        assert!(matches!(
            worker.embed_query("panic".to_owned()).await,
            Err(EmbedError::Internal(_))
        ));
        assert!(matches!(
            worker.embed_passages(texts(&["error", "b"])).await,
            Err(EmbedError::Internal(_))
        ));
        assert_eq!(worker.backlog(), 0);
        let vectors = worker.embed_passages(texts(&["a", "bb", "ccc"])).await.unwrap();
        assert_eq!(vectors, [[1.0], [2.0], [3.0]]);
    }

    #[test]
    fn the_thread_ends_with_its_last_handle() {
        let (alive, ended) = mpsc::channel::<()>();
        let worker = Worker::start(Model::Scripted(Box::new(move |_| {
            let _ = &alive;
            Ok(Vec::new())
        })))
        .unwrap();
        drop(worker);
        assert_eq!(ended.recv_timeout(PATIENCE), Err(mpsc::RecvTimeoutError::Disconnected));
    }
}
