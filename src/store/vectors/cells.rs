//! Divides vectors into cells of neighbours, so that a search looks into the nearest cells only (an inverted file, Sivic and
//! Zisserman 2003, "Video Google"; with one level above it, so that dividing a million vectors takes a second).

use crate::store::vectors::quantized::length;
use pulp::Arch;
use pulp::Simd;
use pulp::WithSimd;
use std::ops::Range;

/// Vectors in a cell, on average.
const CELL_VECTORS: usize = 108;
const MAX_CELLS: usize = 16_384;
/// Fewer vectors than this are all looked at: that takes a third of a millisecond.
const MIN_VECTORS: usize = 24_576;
/// Vectors from which a center is learned, and how often it is moved to their middle.
const GROUP_SAMPLE: usize = 128;
const GROUP_ROUNDS: usize = 6;
const CELL_SAMPLE: usize = 24;
const CELL_ROUNDS: usize = 4;
/// One of so many vectors is a stray. Most of what near cells missed were vectors that are alike to nothing, like one label that
/// thousands of products share.
const STRAY_SHARE: usize = 50;

/// Centers of cells and what to expect in them. The vectors of cell n are those from `starts[n]` to `starts[n + 1]`; what comes
/// after the last cell are strays, far from every center.
#[derive(Default)]
pub struct Cells {
    dimensions: usize,
    pub centers: Vec<i8>,
    pub lengths: Vec<f32>,
    starts: Vec<u32>,
    /// The mean cosine between a cell's vectors and its center, and the root mean square of the sine.
    cosines: Vec<f32>,
    sines: Vec<f32>,
}

impl Cells {
    pub fn size_bytes(&self) -> usize {
        self.centers.len() + 4 * (self.lengths.len() + self.starts.len() + self.cosines.len() + self.sines.len())
    }

    pub fn count(&self) -> usize {
        self.lengths.len()
    }

    /// The vectors of a cell.
    pub fn range(&self, cell: usize) -> Range<usize> {
        match (self.starts.get(cell), self.starts.get(cell + 1)) {
            (Some(start), Some(end)) => *start as usize..*end as usize,
            _ => 0..0,
        }
    }

    /// What lies in no cell.
    pub fn strays(&self, vectors: usize) -> Range<usize> {
        self.starts.last().map_or(0, |end| *end as usize)..vectors
    }

    /// Mean cosine and spread of a cell.
    pub fn expected(&self, cell: usize) -> (f32, f32) {
        let of = |values: &[f32]| values.get(cell).copied().unwrap_or(0.0);
        (of(&self.cosines), of(&self.sines))
    }

    /// Divides the vectors and returns the place of each in the order of the cells.
    pub fn divide(values: &[i8], dimensions: usize) -> (Cells, Vec<u32>) {
        let vectors = Vectors { values, dimensions };
        let mut cells = Cells {
            dimensions,
            ..Cells::default()
        };
        let members = cells.learn(vectors);
        let mut cosines = vec![0.0; vectors.count()];
        for (cell, members) in members.iter().enumerate() {
            let (center, center_length) = cells.center(cell);
            for member in members {
                if let Some(cosine) = cosines.get_mut(*member as usize) {
                    *cosine = vectors.cosine(*member, &center, center_length);
                }
            }
        }
        let least = stray_limit(&cosines);
        let cosine_of = |vector: u32| cosines.get(vector as usize).copied().unwrap_or(0.0);
        let mut order: Vec<u32> = Vec::with_capacity(vectors.count());
        let mut strays = Vec::new();
        cells.starts.push(0);
        for members in members {
            let (mut sum, mut squares, start) = (0.0, 0.0, order.len());
            for member in members {
                let cosine = cosine_of(member);
                if cosine < least {
                    strays.push(member);
                } else {
                    order.push(member);
                    sum += cosine;
                    squares += 1.0 - cosine * cosine;
                }
            }
            let count = (order.len() - start).max(1) as f32;
            cells.starts.push(order.len() as u32);
            cells.cosines.push(sum / count);
            cells.sines.push((squares / count).max(0.0).sqrt());
        }
        order.extend(strays);
        if cells.count() == 0 {
            // Few vectors are strays all of them.
            order = (0..vectors.count() as u32).collect();
        }
        (cells, places(&order))
    }

    /// Makes the centers. Returns the members of each cell.
    fn learn(&mut self, vectors: Vectors<'_>) -> Vec<Vec<u32>> {
        let count = vectors.count();
        if count < MIN_VECTORS {
            return Vec::new();
        }
        let wanted = (count / CELL_VECTORS).min(MAX_CELLS);
        let groups = wanted.isqrt().max(1);
        let all: Vec<u32> = (0..count as u32).collect();
        let mut cells = Vec::new();
        for group in vectors.divided(&all, groups, GROUP_SAMPLE, GROUP_ROUNDS).1 {
            let wanted = (group.len() * wanted / count).max(1);
            let (centers, members) = vectors.divided(&group, wanted, CELL_SAMPLE, CELL_ROUNDS);
            self.lengths
                .extend(centers.chunks_exact(vectors.dimensions).map(length));
            self.centers.extend(centers);
            cells.extend(members);
        }
        cells
    }

    fn center(&self, cell: usize) -> (Vec<i16>, f32) {
        let start = cell * self.dimensions;
        let values = self.centers.get(start..start + self.dimensions).unwrap_or_default();
        (
            values.iter().map(|value| i16::from(*value)).collect(),
            self.lengths.get(cell).copied().unwrap_or(0.0),
        )
    }
}

/// The cosine below which a vector is a stray.
fn stray_limit(cosines: &[f32]) -> f32 {
    let mut sorted = cosines.to_vec();
    let index = sorted.len() / STRAY_SHARE;
    if index == 0 {
        return f32::NEG_INFINITY;
    }
    *sorted.select_nth_unstable_by(index, f32::total_cmp).1
}

/// For each vector where it stands in the order.
fn places(order: &[u32]) -> Vec<u32> {
    let mut places = vec![0; order.len()];
    for (vector, place) in order.iter().zip(0..) {
        if let Some(slot) = places.get_mut(*vector as usize) {
            *slot = place;
        }
    }
    places
}

#[derive(Clone, Copy)]
struct Vectors<'a> {
    values: &'a [i8],
    dimensions: usize,
}

impl Vectors<'_> {
    fn count(self) -> usize {
        self.values.len() / self.dimensions.max(1)
    }

    #[inline(always)]
    fn vector(&self, number: u32) -> &[i8] {
        let start = number as usize * self.dimensions;
        self.values.get(start..start + self.dimensions).unwrap_or_default()
    }

    fn cosine(&self, number: u32, center: &[i16], center_length: f32) -> f32 {
        let vector = self.vector(number);
        let lengths = length(vector) * center_length;
        if lengths > 0.0 {
            dot(vector, center) as f32 / lengths
        } else {
            0.0
        }
    }

    /// Spherical k-means with evenly spaced first centers, learned from a sample: the same vectors always divide alike. Returns
    /// the centers, and the members of each in order.
    fn divided(&self, members: &[u32], count: usize, sample: usize, rounds: usize) -> (Vec<i8>, Vec<Vec<u32>>) {
        let count = count.min(members.len()).max(1);
        let step = (members.len() / (count * sample)).max(1);
        let sample: Vec<u32> = members.iter().copied().step_by(step).collect();
        let firsts = (0..count).filter_map(|center| sample.get(center * sample.len() / count));
        let mut centers: Vec<i8> = firsts.flat_map(|vector| self.vector(*vector).iter().copied()).collect();
        for _ in 0..rounds {
            let nearest = self.nearest(&sample, &centers);
            self.move_centers(&mut centers, &sample, &nearest);
        }
        let mut cells = vec![Vec::new(); count];
        for (member, cell) in members.iter().zip(self.nearest(members, &centers)) {
            if let Some(cell) = cells.get_mut(cell as usize) {
                cell.push(*member);
            }
        }
        (centers, cells)
    }

    /// The center nearest to each vector; of equals the first.
    fn nearest(&self, members: &[u32], centers: &[i8]) -> Vec<u32> {
        let lengths = centers.chunks_exact(self.dimensions.max(1)).map(length);
        Arch::new().dispatch(Nearest {
            vectors: self,
            members,
            centers,
            shares: &lengths.map(|length| 1.0 / length.max(1.0)).collect::<Vec<_>>(),
        })
    }

    /// Moves each center into the middle of its vectors' directions; one without vectors stays.
    fn move_centers(&self, centers: &mut [i8], members: &[u32], nearest: &[u32]) {
        let mut sums = vec![0.0_f32; centers.len()];
        for (member, center) in members.iter().zip(nearest) {
            let vector = self.vector(*member);
            let share = 1.0 / length(vector).max(1.0);
            let start = *center as usize * self.dimensions;
            for (sum, value) in sums.iter_mut().skip(start).zip(vector) {
                *sum += f32::from(*value) * share;
            }
        }
        let moved = centers.chunks_exact_mut(self.dimensions.max(1));
        for (center, sums) in moved.zip(sums.chunks_exact(self.dimensions.max(1))) {
            let largest = sums.iter().fold(0.0_f32, |largest, sum| largest.max(sum.abs()));
            if largest > 0.0 {
                for (value, sum) in center.iter_mut().zip(sums) {
                    *value = (sum * 127.0 / largest).round() as i8;
                }
            }
        }
    }
}

#[inline(always)]
fn dot(values: &[i8], other: &[i16]) -> i32 {
    let mut sum = 0;
    for (x, y) in values.iter().zip(other) {
        sum += i32::from(i16::from(*x)) * i32::from(*y);
    }
    sum
}

/// Compiled for each kind of processor, which a closure is not.
struct Nearest<'a> {
    vectors: &'a Vectors<'a>,
    members: &'a [u32],
    centers: &'a [i8],
    shares: &'a [f32],
}

impl WithSimd for Nearest<'_> {
    type Output = Vec<u32>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) -> Vec<u32> {
        let dimensions = self.vectors.dimensions;
        let mut wide = vec![0_i16; dimensions];
        let mut found = Vec::with_capacity(self.members.len());
        for member in self.members {
            for (wide, value) in wide.iter_mut().zip(self.vectors.vector(*member)) {
                *wide = i16::from(*value);
            }
            let (mut best, mut nearest) = (f32::NEG_INFINITY, 0);
            let centers = self.centers.chunks_exact(dimensions.max(1)).zip(self.shares);
            for ((center, share), number) in centers.zip(0..) {
                let cosine = dot(center, &wide) as f32 * share;
                if cosine > best {
                    (best, nearest) = (cosine, number);
                }
            }
            found.push(nearest);
        }
        found
    }
}
