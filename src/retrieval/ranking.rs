//! The part of a search that only computes: candidates that were gathered and read become ordered documents, and signs of whether
//! they answer the question.

use crate::retrieval::attributes::evidence::AttributeEvidence;
use crate::retrieval::calibration::Calibration;
use crate::retrieval::evidence::Candidate;
use crate::retrieval::evidence::Found;
use crate::retrieval::fusion::FusedCandidate;
use crate::retrieval::fusion::fuse;
use crate::retrieval::passage::Comparison;
use crate::retrieval::question::ReadQuestion;
use crate::retrieval::shortlist::read_closely;
use crate::retrieval::signs::Signs;
use crate::store::Passage;

/// All that ranking looks at.
pub struct Ranking<'a> {
    pub question: &'a ReadQuestion,
    pub found: &'a Found,
    /// Of the shortlisted candidates.
    pub passages: &'a [Passage],
    pub attributes: Option<&'a AttributeEvidence>,
    pub calibration: &'a Calibration,
}

impl Ranking<'_> {
    /// The best candidate of each document, best first; ties by document id. It takes up to a millisecond, so call it off the async
    /// runtime.
    pub fn rank(&self, mut candidates: Vec<Candidate>) -> (Vec<FusedCandidate>, Signs) {
        let mut comparison = Comparison::new(&self.question.words, &self.found.lexical);
        read_closely(&mut candidates, self.passages, &mut comparison, self.calibration);
        let fused = fuse(&candidates, self.calibration, self.attributes, candidates.len());
        let signs = Signs::of(self.question, &fused, &candidates, self.passages, &comparison);
        (fused, signs)
    }
}
