//! What was measured, beside its limit; and figures over many samples.

use std::fmt::{self, Display};

/// Prints each figure, and remembers whether one was over its limit.
#[derive(Debug, Default)]
pub struct Report {
    over: bool,
}

impl Report {
    /// A headline.
    pub fn chapter(&self, title: &str) {
        println!("\n{title}");
    }

    /// How something was measured, or a figure without a limit.
    pub fn note(&self, text: impl Display) {
        println!("        {text}");
    }

    /// A figure that must not be over `limit`.
    pub fn at_most(&mut self, what: &str, measured: f64, limit: f64, unit: &str) {
        let within = measured <= limit;
        self.over |= !within;
        let word = if within { "within" } else { "OVER  " };
        println!("{word}  {what}: {measured:.2} {unit} (limit {limit} {unit})");
    }

    /// A figure that must not be below `limit`.
    pub fn at_least(&mut self, what: &str, measured: f64, limit: f64, unit: &str) {
        let within = measured >= limit;
        self.over |= !within;
        let word = if within { "within" } else { "BELOW " };
        println!("{word}  {what}: {measured:.2} {unit} (at least {limit} {unit})");
    }

    /// Something that must be so.
    pub fn must(&mut self, what: &str, so: bool) {
        self.over |= !so;
        println!("{}  {what}", if so { "within" } else { "OVER  " });
    }

    /// Whether a figure was over its limit.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.over
    }
}

/// Samples in the order of their size.
#[derive(Debug, Clone)]
pub struct Figures(Vec<f64>);

impl Figures {
    /// Samples; at least one.
    #[must_use]
    pub fn of(samples: impl IntoIterator<Item = f64>) -> Self {
        let mut sorted: Vec<f64> = samples.into_iter().collect();
        assert!(!sorted.is_empty(), "nothing was measured");
        sorted.sort_by(f64::total_cmp);
        Self(sorted)
    }

    /// The smallest sample that `percent` of all samples do not exceed.
    #[must_use]
    pub fn percentile(&self, percent: usize) -> f64 {
        let rank = (self.0.len() * percent).div_ceil(100).max(1);
        self.0[rank - 1]
    }

    /// The middle one.
    #[must_use]
    pub fn median(&self) -> f64 {
        self.percentile(50)
    }

    /// The largest one.
    #[must_use]
    pub fn largest(&self) -> f64 {
        self.percentile(100)
    }

    /// How many samples there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.len()
    }
}

impl Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = |percent| self.percentile(percent);
        write!(f, "p50 {:.2}, p95 {:.2}, {:.2} to {:.2}, n {}", at(50), at(95), self.0[0], self.largest(), self.count())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_the_smallest_sample_that_so_many_do_not_exceed() {
        let hundred = Figures::of((1..=100).rev().map(f64::from));
        assert_eq!([hundred.percentile(50), hundred.percentile(95), hundred.largest()], [50.0, 95.0, 100.0]);
        let three = Figures::of([3.0, 1.0, 2.0]);
        assert_eq!([three.median(), three.percentile(95)], [2.0, 3.0]);
    }

    #[test]
    fn one_figure_over_its_limit_is_remembered() {
        let mut report = Report::default();
        report.at_most("a", 1.0, 1.0, "ms");
        assert!(!report.is_over());
        report.at_most("b", 1.1, 1.0, "ms");
        report.at_most("c", 0.1, 1.0, "ms");
        assert!(report.is_over());
    }

    #[test]
    fn one_figure_below_its_limit_is_remembered() {
        let mut report = Report::default();
        report.at_least("a", 1.0, 1.0, "a second");
        assert!(!report.is_over());
        report.at_least("b", 0.9, 1.0, "a second");
        assert!(report.is_over());
    }
}
