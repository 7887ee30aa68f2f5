//! How often terms that are no longer remembered came up, roughly and in little room.

use crate::text::Key;

const ROWS: usize = 4;
const WIDTH: usize = 8_192;
/// Powers of two that are taken out of all cells at once before they grow out of a number.
const REBASE: f64 = 512.0;

/// A count-min sketch (Cormode and Muthukrishnan 2005) whose counts halve with time. The mean of the
/// other cells is taken off, since many terms that came once would otherwise add up to one that came
/// often.
#[derive(Debug)]
pub(super) struct Sketch {
    cells: Vec<f64>,
    /// The sum of a row.
    total: f64,
    half_life: f64,
    /// The hour at which a count of 1 is stored as 1.
    base: i64,
}

impl Sketch {
    /// Of counts that halve in so many hours.
    pub(super) fn new(half_life: f64) -> Self {
        Self {
            cells: vec![0.0; ROWS * WIDTH],
            total: 0.0,
            half_life,
            base: 0,
        }
    }

    /// Adds a count as it is at an hour (or takes one off).
    pub(super) fn add(&mut self, key: Key, count: f64, hour: i64) {
        if self.total == 0.0 {
            self.cells.fill(0.0);
            self.base = hour;
        } else if self.exponent(hour) > REBASE {
            self.rebase(hour);
        }
        let count = count * self.exponent(hour).exp2();
        let mut added = 0.0;
        for row in 0..ROWS {
            let cell = &mut self.cells[place(key, row)];
            let before = *cell;
            *cell = (*cell + count).max(0.0);
            added += *cell - before;
        }
        self.total = (self.total + added / ROWS as f64).max(0.0);
    }

    /// What a term's count is at an hour.
    pub(super) fn estimate(&self, key: Key, hour: i64) -> f64 {
        let least = (0..ROWS)
            .map(|row| self.cells[place(key, row)])
            .fold(f64::INFINITY, f64::min);
        let others = (self.total - least) / (WIDTH - 1) as f64;
        (least - others).max(0.0) * (-self.exponent(hour).max(0.0)).exp2()
    }

    fn exponent(&self, hour: i64) -> f64 {
        hour.saturating_sub(self.base) as f64 / self.half_life
    }

    fn rebase(&mut self, hour: i64) {
        let factor = (-self.exponent(hour)).exp2();
        self.cells.iter_mut().for_each(|cell| *cell *= factor);
        self.total *= factor;
        self.base = hour;
    }
}

fn place(key: Key, row: usize) -> usize {
    // splitmix64's mixing, with a start of its own for each row.
    let mut z = key
        .0
        .wrapping_add((row as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    row * WIDTH + (z ^ (z >> 31)) as usize % WIDTH
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_comes_back_halved_after_its_half_life() {
        let mut sketch = Sketch::new(240.0);
        sketch.add(Key(7), 8.0, 500_000);
        assert!((sketch.estimate(Key(7), 500_000) - 8.0).abs() < 1e-6);
        assert!((sketch.estimate(Key(7), 500_240) - 4.0).abs() < 1e-6);
        sketch.add(Key(7), -4.0, 500_240);
        assert!(sketch.estimate(Key(7), 500_240) < 1e-6);
    }

    #[test]
    fn many_strangers_do_not_add_up_to_one_that_came_often() {
        let mut sketch = Sketch::new(240.0);
        for key in 0..50_000 {
            sketch.add(Key(key), 1.0, 0);
        }
        sketch.add(Key(99_999), 40.0, 0);
        assert!((sketch.estimate(Key(99_999), 0) - 40.0).abs() < 6.0);
        let strangers = (100_000..101_000).map(|key| sketch.estimate(Key(key), 0));
        assert!(strangers.sum::<f64>() / 1_000.0 < 1.0);
    }

    #[test]
    fn after_years_it_still_counts() {
        let mut sketch = Sketch::new(240.0);
        for year in 0..30 {
            sketch.add(Key(1), 1.0, year * 8_760);
        }
        let estimate = sketch.estimate(Key(1), 29 * 8_760);
        assert!((0.9..1.1).contains(&estimate), "{estimate}");
    }
}
