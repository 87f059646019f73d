//! Durable jobs: work that outlives the request that asked for it.

use crate::domain::embedding::ModelSource;
use crate::domain::id::JobId;
use crate::domain::id::ShopId;
use crate::domain::id::SpaceId;
use jiff::Timestamp;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobStatus {
    Queued,
    Running,
    Done,
    Failed,
    Cancelled,
}

impl JobStatus {
    pub const ALL: [JobStatus; 5] = [
        JobStatus::Queued,
        JobStatus::Running,
        JobStatus::Done,
        JobStatus::Failed,
        JobStatus::Cancelled,
    ];

    pub fn name(self) -> &'static str {
        match self {
            JobStatus::Queued => "queued",
            JobStatus::Running => "running",
            JobStatus::Done => "done",
            JobStatus::Failed => "failed",
            JobStatus::Cancelled => "cancelled",
        }
    }

    /// Whether nothing more happens to the job.
    pub fn has_ended(self) -> bool {
        !matches!(self, JobStatus::Queued | JobStatus::Running)
    }
}

/// What a job is to do. There is one kind so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobKind {
    /// Fill a shop's space of this model beside the one that answers, then switch to it.
    Reindex {
        model: ModelSource,
        /// The space being filled; `None` before the first turn.
        space: Option<SpaceId>,
        /// All documents up to this id are done.
        cursor: i64,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    pub id: JobId,
    pub shop: ShopId,
    pub kind: JobKind,
    pub status: JobStatus,
    /// In documents.
    pub done_units: usize,
    /// `None` before the job has counted them.
    pub total_units: Option<usize>,
    /// How often it was taken up since it last got on.
    pub attempts: u32,
    pub error: Option<String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}
