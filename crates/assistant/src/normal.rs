//! What Gaussian processes need of linear algebra.

/// A lower triangular matrix `L` with `L Lᵀ = A`, row by row.
#[derive(Debug)]
pub(crate) struct Cholesky {
    size: usize,
    /// Row `i` has `i + 1` entries.
    rows: Vec<Vec<f64>>,
}

impl Cholesky {
    /// Factors the symmetric, positive definite matrix with `entry(i, j)` for `j <= i`.
    ///
    /// A pivot that rounding made too small is lifted, so that points which say the same do no
    /// harm.
    pub(crate) fn new(size: usize, entry: impl Fn(usize, usize) -> f64) -> Self {
        const SMALLEST: f64 = 1e-9;
        let mut rows: Vec<Vec<f64>> = Vec::with_capacity(size);
        for i in 0..size {
            let mut row = Vec::with_capacity(i + 1);
            for j in 0..i {
                let above: &[f64] = &rows[j];
                let value = entry(i, j) - dot(&row[..j], &above[..j]);
                row.push(value / above[j]);
            }
            let pivot = entry(i, i) - dot(&row, &row);
            row.push(pivot.max(SMALLEST).sqrt());
            rows.push(row);
        }
        Self { size, rows }
    }

    /// Solves `L x = b` in place.
    pub(crate) fn forward(&self, b: &mut [f64]) {
        for i in 0..self.size {
            let row = &self.rows[i];
            b[i] = (b[i] - dot(&row[..i], &b[..i])) / row[i];
        }
    }
}

pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_solves_what_it_factored() {
        let a = [[4.0, 2.0, 0.6], [2.0, 5.0, 1.0], [0.6, 1.0, 3.0]];
        let factor = Cholesky::new(3, |i, j| a[i][j]);
        let x = [1.0, -2.0, 0.5];
        let b: Vec<f64> = a.iter().map(|row| dot(row, &x)).collect();
        // xᵀ A x = |L⁻¹ A x|²
        let mut half = b.clone();
        factor.forward(&mut half);
        assert!((dot(&half, &half) - dot(&x, &b)).abs() < 1e-12);
    }

    #[test]
    fn a_point_that_says_the_same_twice_breaks_nothing() {
        let factor = Cholesky::new(2, |_, _| 1.0);
        let mut b = [1.0, 1.0];
        factor.forward(&mut b);
        assert!(b.iter().all(|v| v.is_finite()));
    }
}
