//! The constants of an embedding space that ranking and refusing need. They belong together, because they were learned together.

/// The constants of one embedding model, learned on the development sets.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    /// A cosine similarity that unrelated texts reach; it counts as 0.
    pub similarity_floor: f64,
    /// A cosine similarity that near-equal texts reach; it counts as 1.
    pub similarity_ceiling: f64,
    pub weights: Weights,
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
}

impl Calibration {
    pub fn for_model(model: &str) -> Calibration {
        match model {
            "builtin" => Calibration {
                similarity_floor: 0.1,
                similarity_ceiling: 0.9,
                weights: Weights {
                    lexical: 0.12,
                    vector: 0.15,
                    second_vector: 0.13,
                    whole_vector: 0.1,
                    coverage: 0.22,
                    name_coverage: 0.16,
                    name_precision: 0.12,
                },
                answer_threshold: 0.33,
            },
            // The model's card says that its cosines lie between 0.7 and 1. The rest is as for other models; none of it was measured.
            name if name.starts_with("multilingual-e5") => Calibration {
                similarity_floor: 0.7,
                similarity_ceiling: 1.0,
                ..Calibration::for_model("")
            },
            // Learned with all-MiniLM-L6-v2; sentence models of its kind spread their similarities alike.
            _ => Calibration {
                similarity_floor: 0.1,
                similarity_ceiling: 0.9,
                weights: Weights {
                    lexical: 0.12,
                    vector: 0.15,
                    second_vector: 0.13,
                    whole_vector: 0.1,
                    coverage: 0.22,
                    name_coverage: 0.16,
                    name_precision: 0.12,
                },
                answer_threshold: 0.33,
            },
        }
    }

    /// A cosine similarity on the scale from unrelated, 0, to near-equal, 1.
    pub fn calibrated_similarity(&self, similarity: f64) -> f64 {
        let span = self.similarity_ceiling - self.similarity_floor;
        ((similarity - self.similarity_floor) / span).clamp(0.0, 1.0)
    }
}
