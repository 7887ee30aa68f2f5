//! Means with their 95 % intervals, in rows, beside what they should reach.

/// What a figure should be.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Goal {
    AtLeast(f64),
    AtMost(f64),
    Within(f64, f64),
}

impl Goal {
    fn is_reached(self, mean: f64) -> bool {
        match self {
            Self::AtLeast(least) => mean >= least,
            Self::AtMost(most) => mean <= most,
            Self::Within(least, most) => (least..=most).contains(&mean),
        }
    }
}

impl std::fmt::Display for Goal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::AtLeast(least) => write!(f, ">= {least}"),
            Self::AtMost(most) => write!(f, "<= {most}"),
            Self::Within(least, most) => write!(f, "{least} to {most}"),
        }
    }
}

/// One table of a method and the plain ways beside it.
pub(crate) struct Table {
    columns: Vec<&'static str>,
    rows: Vec<(String, Vec<String>)>,
    goals: Vec<(usize, Goal)>,
    missed: usize,
}

impl Table {
    pub(crate) fn new(title: &str, columns: &[&'static str]) -> Self {
        println!("\n## {title}\n");
        Self {
            columns: columns.to_vec(),
            rows: vec![],
            goals: vec![],
            missed: 0,
        }
    }

    /// What the chosen way should reach in a column.
    pub(crate) fn goal(&mut self, column: &str, goal: Goal) {
        if let Some(at) = self.columns.iter().position(|c| *c == column) {
            self.goals.push((at, goal));
        }
    }

    /// A plain way: one list of values (one of each seed) for each column.
    pub(crate) fn beside(&mut self, name: &str, values: &[Vec<f64>]) {
        self.rows
            .push((name.to_owned(), values.iter().map(|v| figure(v)).collect()));
    }

    /// The chosen way.
    pub(crate) fn ours(&mut self, name: &str, values: &[Vec<f64>]) {
        self.beside(&format!("**{name}**"), values);
        let mut verdicts = vec![String::new(); values.len()];
        for (at, goal) in &self.goals {
            let reached = goal.is_reached(mean(&values[*at]));
            self.missed += usize::from(!reached);
            let word = if reached { "ok" } else { "MISSED" };
            verdicts[*at].push_str(&format!("{goal}: {word} "));
        }
        self.rows.push(("goal".to_owned(), verdicts));
    }

    /// Prints it; returns how many goals were missed.
    pub(crate) fn print(self) -> usize {
        println!("| | {} |", self.columns.join(" | "));
        println!("|---|{}", "---|".repeat(self.columns.len()));
        for (name, cells) in &self.rows {
            let cells: Vec<&str> = cells.iter().map(|c| c.trim()).collect();
            println!("| {name} | {} |", cells.join(" | "));
        }
        self.missed
    }
}

pub(crate) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// The mean and half of its 95 % interval.
fn figure(values: &[f64]) -> String {
    let known: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
    if known.is_empty() {
        return String::new();
    }
    let middle = mean(&known);
    let count = known.len() as f64;
    if known.len() == 1 {
        return format!("{middle:.3}");
    }
    let variance = known
        .iter()
        .map(|v| (v - middle) * (v - middle))
        .sum::<f64>()
        / (count - 1.0);
    format!("{middle:.3} ± {:.3}", 1.96 * (variance / count).sqrt())
}

/// Discounted gain of an order against the best possible one, of the first `k`.
pub(crate) fn ndcg(gains: &[f64], ideal: &[f64], k: usize) -> f64 {
    let sum = |gains: &[f64]| -> f64 {
        gains
            .iter()
            .take(k)
            .enumerate()
            .map(|(i, g)| g / (i as f64 + 2.0).log2())
            .sum()
    };
    let mut best = ideal.to_vec();
    best.sort_by(|a, b| b.total_cmp(a));
    let best = sum(&best);
    if best > 0.0 {
        sum(gains) / best
    } else {
        f64::NAN
    }
}
