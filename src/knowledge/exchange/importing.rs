//! Importing what an exchange has sent. 1C asks again as long as the answer is `progress`, so that an answer comes after some seconds at
//! most and says `success` only when the shop knows what the files say.

use crate::domain::id::ImportId;
use crate::domain::import::Import;
use crate::domain::import::ImportMode;
use crate::domain::import::ImportStatus;
use crate::knowledge::Knowledge;
use crate::knowledge::exchange::Exchanging;
use crate::knowledge::exchange::answer::Answer;
use crate::knowledge::exchange::answer::Sentence;
use crate::knowledge::exchange::gathering::gather;
use crate::knowledge::exchange::name::Kind;
use crate::knowledge::exchange::name::base_name;
use crate::knowledge::exchange::name::kind_of;
use crate::knowledge::exchange::session::SentFile;
use crate::knowledge::exchange::session::Session;
use crate::knowledge::exchange::session::Work;
use crate::knowledge::feed::Refused;
use crate::knowledge::progress::Phase;
use crate::knowledge::snapshot::Snapshot;
use crate::knowledge::sync::SyncRequest;
use crate::store::error::StoreError;
use anyhow::Context;
use std::time::Duration;
use tokio::time::Instant;

/// 1C asks again at once, so that waiting here spares both sides. Its own patience is a minute at least.
const LONGEST_ANSWER: Duration = Duration::from_secs(15);
const LOOK_EVERY: Duration = Duration::from_millis(100);
const ACTOR: &str = "1C";
const ARCHIVE_NAME: &str = "1c-exchange.zip";
/// From this version on, 1C tells the end of an exchange.
const TELLS_END: u32 = 3;
/// Of the names that the journal shows.
const MAX_ORIGIN_CHARS: usize = 200;

/// What 1C asks for.
enum Wanted {
    File(String),
    /// Everything has been sent.
    End,
}

/// How far it is.
enum Step {
    Answer(Answer),
    Later(Sentence),
}

impl Knowledge {
    /// Imports a file that was sent, with what was sent beside it. A picture is done as it is.
    pub async fn import_file(&self, exchanging: &Exchanging, name: &str) -> anyhow::Result<Answer> {
        let name = base_name(name);
        match kind_of(&name) {
            Kind::Other => Ok(Answer::Success(None)),
            Kind::Xml | Kind::Archive => self.work_towards(exchanging, &Wanted::File(name)).await,
        }
    }

    /// Ends the exchange: goods that it has not sent go, if it has sent a whole catalogue.
    pub async fn end_exchange(&self, exchanging: &Exchanging) -> anyhow::Result<Answer> {
        self.work_towards(exchanging, &Wanted::End).await
    }

    async fn work_towards(&self, exchanging: &Exchanging, wanted: &Wanted) -> anyhow::Result<Answer> {
        let deadline = Instant::now() + LONGEST_ANSWER;
        loop {
            let step = {
                let _lock = self.exchanges.lock(exchanging.source).await;
                let session = self.session(exchanging).await?;
                self.step(exchanging, session, wanted).await?
            };
            match step {
                Step::Answer(answer) => return Ok(answer),
                Step::Later(sentence) if Instant::now() >= deadline => return Ok(Answer::Progress(sentence)),
                Step::Later(_) => tokio::time::sleep(LOOK_EVERY).await,
            }
        }
    }

    async fn step(&self, exchanging: &Exchanging, mut session: Session, wanted: &Wanted) -> anyhow::Result<Step> {
        let mut result = None;
        if let Some(work) = session.state.work.clone() {
            let import = self.store.import(exchanging.shop, work.import).await?;
            match import.status {
                ImportStatus::Queued | ImportStatus::Running => return Ok(Step::Later(self.progress_of(work.import))),
                ImportStatus::Waiting => return Ok(Step::Answer(waiting(&import))),
                ImportStatus::Done => {
                    result = Some(outcome(&import));
                    session.note_imported(&work);
                }
                ImportStatus::Failed | ImportStatus::Cancelled => session.state.work = None,
            }
            session = self.saved(session).await?;
            let is_meant = match wanted {
                Wanted::File(name) => work.files.contains(name),
                Wanted::End => work.is_end,
            };
            if import.status != ImportStatus::Done && is_meant {
                return Ok(Step::Answer(failure(&import)));
            }
        }
        if is_done(&session, wanted) {
            return Ok(Step::Answer(Answer::Success(result)));
        }
        self.begin_import(exchanging, session, wanted).await
    }

    /// Begins the import that the wish needs, unless another one of the source is at work.
    async fn begin_import(&self, exchanging: &Exchanging, session: Session, wanted: &Wanted) -> anyhow::Result<Step> {
        let (shop, source) = (exchanging.shop, exchanging.source);
        let last = self.store.list_source_imports(shop, source, 1).await?;
        if let Some(other) = last.iter().find(|import| is_at_work(import)) {
            return Ok(Step::Later(self.progress_of(other.id)));
        }
        let is_end = matches!(wanted, Wanted::End);
        let takes_all = is_end || !tells_end(&session);
        let files = session
            .state
            .files
            .iter()
            .filter(|file| takes_all || !session.is_imported(&file.name));
        let files: Vec<SentFile> = files.cloned().collect();
        let (session, snapshot, names) = match self.gather(session, files).await {
            Ok(gathered) => gathered,
            Err(error) => {
                return match error.downcast::<Refused>() {
                    Ok(Refused(problem)) => Ok(Step::Answer(Answer::Refused(problem))),
                    Err(error) => Err(error),
                };
            }
        };
        if let Wanted::File(name) = wanted
            && !names.contains(name)
        {
            return Ok(Step::Answer(
                Answer::failure("exchange_file_missing").with("name", name),
            ));
        }
        let origin = names.join(", ").chars().take(MAX_ORIGIN_CHARS).collect();
        let request = SyncRequest {
            actor: ACTOR.to_owned(),
            is_preview: false,
            is_forced: true,
            mode: if takes_all {
                ImportMode::Replace
            } else {
                ImportMode::Merge
            },
            files: Some((snapshot, origin)),
        };
        match self.queue_sync(shop, source, request).await {
            Ok(import) => {
                let mut session = session;
                session.state.work = Some(Work {
                    import: import.id,
                    files: names,
                    is_end,
                });
                self.saved(session).await?;
                Ok(Step::Later(self.progress_of(import.id)))
            }
            Err(error) => match error.downcast_ref() {
                Some(StoreError::Conflict("import_running")) => Ok(Step::Later(Sentence::new("exchange_queued"))),
                _ => Err(error),
            },
        }
    }

    async fn gather(&self, session: Session, files: Vec<SentFile>) -> anyhow::Result<(Session, Snapshot, Vec<String>)> {
        let mut builder = self.begin_snapshot().await?;
        let work = move || -> anyhow::Result<_> {
            let (archive, _) = builder.create_file()?;
            let names = gather(&session, &files, archive)?;
            builder.finish_file(ARCHIVE_NAME, None)?;
            Ok((session, builder, names))
        };
        let (session, builder, names) = tokio::task::spawn_blocking(work)
            .await
            .context("gathering files panicked")??;
        let (snapshot, _) = self.finish_snapshot(builder, String::new()).await?;
        Ok((session, snapshot, names))
    }

    async fn saved(&self, session: Session) -> anyhow::Result<Session> {
        let now = self.clock.now();
        tokio::task::spawn_blocking(move || {
            let mut session = session;
            session.save(now).map(|()| session)
        })
        .await
        .context("noting how far an exchange is panicked")?
    }

    fn progress_of(&self, import: ImportId) -> Sentence {
        match self.running.progress_of(import) {
            Some(progress) if progress.total > 0 => Sentence::new("exchange_progress")
                .with("done", progress.done)
                .with("total", progress.total),
            Some(progress) if progress.phase == Phase::Reading => {
                Sentence::new("exchange_reading").with("done", progress.done)
            }
            _ => Sentence::new("exchange_queued"),
        }
    }
}

fn is_at_work(import: &Import) -> bool {
    matches!(import.status, ImportStatus::Queued | ImportStatus::Running)
}

/// Whether nothing is left to do. An exchange without an end of its own has none to be imported, nor has one that sent nothing.
fn is_done(session: &Session, wanted: &Wanted) -> bool {
    let state = &session.state;
    match wanted {
        Wanted::File(name) => session.is_imported(name),
        Wanted::End => state.is_closed || state.files.is_empty() || !tells_end(session),
    }
}

fn tells_end(session: &Session) -> bool {
    let version = session.state.version.as_deref().unwrap_or_default();
    let major = version.split('.').next().and_then(|major| major.parse::<u32>().ok());
    major.is_some_and(|major| major >= TELLS_END)
}

fn outcome(import: &Import) -> Sentence {
    let counts = import.counts;
    Sentence::new("exchange_done")
        .with("added", counts.added)
        .with("changed", counts.changed)
        .with("removed", counts.removed)
        .with("problems", import.problem_count)
}

fn waiting(import: &Import) -> Answer {
    Answer::failure("exchange_waiting")
        .with("import", import.id)
        .with("removed", import.counts.removed)
}

fn failure(import: &Import) -> Answer {
    match (&import.refusal, import.status) {
        (Some(problem), _) => Answer::Refused(problem.clone()),
        (None, ImportStatus::Cancelled) => Answer::failure("exchange_cancelled").with("import", import.id),
        (None, _) => Answer::failure("exchange_failed").with("import", import.id),
    }
}
