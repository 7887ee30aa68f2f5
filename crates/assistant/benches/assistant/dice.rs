//! Random numbers from a seed, in the distributions that the worlds are made of.

use std::f64::consts::TAU;

/// A stream of numbers (splitmix64): the same for the same seed, on every machine.
#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    /// Streams of different names do not hang together.
    pub(crate) fn new(name: &str, seed: u64) -> Self {
        let start = name
            .bytes()
            .fold(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15), |state, byte| {
                (state ^ u64::from(byte))
                    .wrapping_mul(0x0000_0100_0000_01B3)
                    .rotate_left(23)
            });
        let mut dice = Self(start);
        dice.next();
        dice
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// From 0 up to, not including, 1.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    pub(crate) fn below(&mut self, n: usize) -> usize {
        (self.unit() * n as f64) as usize
    }

    /// Both ends are possible.
    pub(crate) fn whole(&mut self, low: i64, high: i64) -> i64 {
        low + self.below((high - low + 1) as usize) as i64
    }

    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    pub(crate) fn shuffle<T>(&mut self, all: &mut [T]) {
        for i in (1..all.len()).rev() {
            all.swap(i, self.below(i + 1));
        }
    }

    /// A place, with probabilities in proportion to weights.
    pub(crate) fn weighted(&mut self, weights: &[f64]) -> usize {
        let mut left = self.unit() * weights.iter().sum::<f64>();
        for (i, weight) in weights.iter().enumerate() {
            left -= weight;
            if left < 0.0 {
                return i;
            }
        }
        weights.len() - 1
    }

    /// Mean 0, standard deviation 1.
    pub(crate) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        radius * (TAU * self.unit()).cos()
    }

    /// Student's t with three degrees of freedom, scaled to standard deviation 1.
    pub(crate) fn heavy(&mut self) -> f64 {
        let chi: f64 = (0..3).map(|_| self.normal()).map(|x| x * x).sum();
        self.normal() / (chi / 3.0).sqrt() / 3.0_f64.sqrt()
    }

    /// Mean `shape`, scale 1 (Marsaglia and Tsang 2000).
    pub(crate) fn gamma(&mut self, shape: f64) -> f64 {
        if shape < 1.0 {
            let lifted = self.gamma(shape + 1.0);
            return lifted * (1.0 - self.unit()).powf(1.0 / shape);
        }
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let x = self.normal();
            let v = (1.0 + c * x).powi(3);
            if v > 0.0 && (1.0 - self.unit()).ln() < 0.5 * x * x + d - d * v + d * v.ln() {
                return d * v;
            }
        }
    }

    pub(crate) fn poisson(&mut self, mean: f64) -> u64 {
        if mean > 30.0 {
            return (mean + mean.sqrt() * self.normal()).round().max(0.0) as u64;
        }
        let (mut product, mut count) = (1.0, 0);
        let limit = (-mean).exp();
        loop {
            product *= 1.0 - self.unit();
            if product <= limit {
                return count;
            }
            count += 1;
        }
    }

    /// Poisson with a mean that varies by itself: the smaller `size`, the more.
    pub(crate) fn negative_binomial(&mut self, mean: f64, size: f64) -> u64 {
        let luck = self.gamma(size) / size;
        self.poisson(mean * luck)
    }

    /// Clicks among impressions.
    pub(crate) fn binomial(&mut self, n: u64, p: f64) -> u64 {
        let mean = n as f64 * p;
        if mean > 30.0 && (n as f64 - mean) > 30.0 {
            let drawn = mean + (mean * (1.0 - p)).sqrt() * self.normal();
            return drawn.round().clamp(0.0, n as f64) as u64;
        }
        (0..n).filter(|_| self.chance(p)).count() as u64
    }
}
