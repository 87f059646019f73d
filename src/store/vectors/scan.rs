//! The loops over many vectors. A closure would be compiled for the oldest processor; these are compiled for each kind.

use crate::store::vectors::quantized::Query;
use pulp::Simd;
use pulp::WithSimd;

/// The vectors that are at least as similar as `floor`, with their numbers.
pub struct Scan<'a> {
    pub query: &'a Query,
    /// The number of the first vector.
    pub first: u32,
    pub values: &'a [i8],
    pub lengths: &'a [f32],
    pub floor: f32,
    pub scored: &'a mut Vec<(f32, u32)>,
}

impl WithSimd for Scan<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) {
        let vectors = self.values.chunks_exact(self.query.coarse.len()).zip(self.lengths);
        for ((values, length), vector) in vectors.zip(self.first..) {
            let similarity = self.query.similarity(values, *length);
            // A vector without length has no direction: the model knew nothing of its text.
            if similarity >= self.floor && *length > 0.0 {
                self.scored.push((similarity, vector));
            }
        }
    }
}

/// The cosine of each center.
pub struct Centers<'a> {
    pub query: &'a Query,
    pub values: &'a [i8],
    pub lengths: &'a [f32],
    pub cosines: &'a mut Vec<f32>,
}

impl WithSimd for Centers<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) {
        let centers = self.values.chunks_exact(self.query.coarse.len()).zip(self.lengths);
        for (values, length) in centers {
            self.cosines.push(self.query.similarity(values, length.max(1.0)));
        }
    }
}
