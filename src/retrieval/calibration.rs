//! The constants of an embedding space that ranking and refusing need. They belong together, because they were learned together.

/// The constants of one embedding model, learned on the development sets.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    /// A cosine similarity that unrelated texts reach; it counts as 0.
    pub similarity_floor: f64,
    /// A cosine similarity that near-equal texts reach; it counts as 1.
    pub similarity_ceiling: f64,
    pub weights: Weights,
    pub confidence: ConfidenceWeights,
    /// How sure an answer must be; see `confidence`.
    pub answer_threshold: f64,
}

/// What each kind of evidence counts in the fused score. They add up to 1, so that the score stays from 0 to 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Weights {
    pub lexical: f64,
    pub vector: f64,
    pub second_vector: f64,
    pub whole_vector: f64,
    pub coverage: f64,
    pub name_coverage: f64,
    pub name_precision: f64,
    pub kinship: f64,
}

/// What each sign counts for confidence, in the logistic model's own unit (see `signs`).
#[derive(Debug, Clone, PartialEq)]
pub struct ConfidenceWeights {
    pub constant: f64,
    pub score: f64,
    pub whole_vector: f64,
    pub unsold: f64,
    pub unnamed: f64,
    pub bare_unnamed: f64,
}

/// Learned with the built-in model on the development sets of `data/demo` by `scripts/fit_ranking.py`: the weights by likelihood (kinship
/// at half of it, which sets that nothing was learned from bear better), the threshold a little below where one in twenty of the
/// answerable questions is refused, because questions of other people are refused more often.
const LEARNED: Calibration = Calibration {
    similarity_floor: 0.1,
    similarity_ceiling: 0.9,
    weights: Weights {
        lexical: 0.13,
        vector: 0.13,
        second_vector: 0.12,
        whole_vector: 0.09,
        coverage: 0.18,
        name_coverage: 0.15,
        name_precision: 0.12,
        kinship: 0.08,
    },
    confidence: ConfidenceWeights {
        constant: -0.76,
        score: 4.9,
        whole_vector: 1.87,
        unsold: -3.06,
        unnamed: -3.32,
        bare_unnamed: -0.7,
    },
    answer_threshold: 0.65,
};

impl Calibration {
    /// Sentence models spread their similarities as the built-in model does, as far as all-MiniLM-L6-v2 showed; what was learned with the
    /// built-in model, which is weaker, errs on the side of words.
    pub fn for_model(model: &str) -> Calibration {
        // The model's card says that its cosines lie between 0.7 and 1; that was not measured.
        if model.starts_with("multilingual-e5") {
            return Calibration {
                similarity_floor: 0.7,
                similarity_ceiling: 1.0,
                ..LEARNED
            };
        }
        LEARNED
    }

    /// A cosine similarity on the scale from unrelated, 0, to near-equal, 1.
    pub fn calibrated_similarity(&self, similarity: f64) -> f64 {
        let span = self.similarity_ceiling - self.similarity_floor;
        ((similarity - self.similarity_floor) / span).clamp(0.0, 1.0)
    }
}
