//! Vectors as they are stored: one signed byte for each value, the largest made 127. Direction is all that counts.

use crate::domain::embedding::Embedding;

/// Small enough that a sum over 16,000 dimensions fits in 32 bits.
const FINE_LARGEST: f32 = 1023.0;

/// The greatest error of a cosine similarity is about 0.001; four times less to read, write and keep than f32.
pub fn quantized(embedding: &Embedding) -> Vec<i8> {
    // A conversion from f32 saturates, so that no value wraps around.
    scaled(embedding, 127.0).map(|value| value as i8).collect()
}

pub fn to_bytes(values: &[i8]) -> Vec<u8> {
    values.iter().map(|value| value.cast_unsigned()).collect()
}

/// A question's vector: coarse as stored ones are, to find candidates, and finer to score them.
pub struct Query {
    pub coarse: Vec<i8>,
    fine: Vec<i16>,
    length: f32,
}

impl Query {
    pub fn new(embedding: &Embedding) -> Query {
        let fine: Vec<i16> = scaled(embedding, FINE_LARGEST).map(|value| value as i16).collect();
        let squares: f32 = fine.iter().map(|value| f32::from(*value).powi(2)).sum();
        Query {
            coarse: quantized(embedding),
            length: squares.sqrt(),
            fine,
        }
    }

    /// Whether it points anywhere.
    pub fn has_direction(&self) -> bool {
        self.length > 0.0
    }

    /// The cosine similarity to a stored vector of this length.
    #[inline(always)]
    pub fn similarity(&self, values: &[i8], length: f32) -> f32 {
        let mut sum = 0;
        for (x, y) in values.iter().zip(&self.fine) {
            sum += i32::from(i16::from(*x)) * i32::from(*y);
        }
        sum as f32 / (length * self.length)
    }
}

pub fn length(values: &[i8]) -> f32 {
    let squares: i32 = values.iter().map(|value| i32::from(*value).pow(2)).sum();
    (squares as f32).sqrt()
}

/// The values with the largest made `to`; all zero when there is none.
fn scaled(embedding: &Embedding, to: f32) -> impl Iterator<Item = f32> {
    let largest = embedding
        .iter()
        .fold(0.0_f32, |largest, value| largest.max(value.abs()));
    let factor = if largest > 0.0 && largest.is_finite() {
        to / largest
    } else {
        0.0
    };
    embedding.iter().map(move |value| (value * factor).round())
}
