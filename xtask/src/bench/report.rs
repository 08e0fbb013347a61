//! What a benchmark found: a table with targets on the terminal, and the same as JSON in the target folder.

use std::fs;

use anyhow::{Result, bail};
use serde_json::json;

use crate::process;

/// What a value has to be.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Target {
    AtLeast(f64),
    AtMost(f64),
    /// Shown for the reader; nothing to reach.
    None,
}

impl Target {
    fn holds(self, value: f64) -> bool {
        match self {
            Self::AtLeast(bound) => value >= bound,
            Self::AtMost(bound) => value <= bound,
            Self::None => true,
        }
    }

    fn text(self) -> String {
        match self {
            Self::AtLeast(bound) => format!(">= {bound}"),
            Self::AtMost(bound) => format!("<= {bound}"),
            Self::None => String::new(),
        }
    }

    fn verdict(self, value: f64) -> &'static str {
        match self {
            Self::None => "",
            _ if self.holds(value) => "PASS",
            _ => "FAIL",
        }
    }
}

/// One measured value.
struct Row {
    measure: String,
    value: f64,
    unit: &'static str,
    target: Target,
}

/// A benchmark's results.
pub(crate) struct Report {
    name: &'static str,
    rows: Vec<Row>,
}

impl Report {
    pub(crate) fn new(name: &'static str) -> Self {
        Self { name, rows: Vec::new() }
    }

    pub(crate) fn row(&mut self, measure: impl Into<String>, value: f64, unit: &'static str, target: Target) {
        self.rows.push(Row { measure: measure.into(), value, unit, target });
    }

    /// Prints the table and writes the JSON; a missed target is an error when `enforce` says so.
    pub(crate) fn finish(&self, enforce: bool) -> Result<()> {
        println!("\n{}\n{:<44} {:>12} {:<8} {:>10}", self.name, "measure", "value", "unit", "target");
        for row in &self.rows {
            let (target, verdict) = (row.target.text(), row.target.verdict(row.value));
            println!("{:<44} {:>12} {:<8} {target:>10} {verdict}", row.measure, round(row.value), row.unit);
        }
        self.write_json()?;
        let missed = self.rows.iter().filter(|row| !row.target.holds(row.value)).count();
        if enforce && missed > 0 {
            bail!("bench {}: {missed} targets missed", self.name);
        }
        Ok(())
    }

    fn write_json(&self) -> Result<()> {
        let folder = process::target_dir().join("bench");
        fs::create_dir_all(&folder)?;
        let rows: Vec<_> = self
            .rows
            .iter()
            .map(|row| {
                json!({
                    "measure": row.measure,
                    "value": row.value,
                    "unit": row.unit,
                    "target": row.target.text(),
                    "verdict": row.target.verdict(row.value),
                })
            })
            .collect();
        let path = folder.join(format!("{}.json", self.name));
        fs::write(&path, serde_json::to_string_pretty(&json!({ "benchmark": self.name, "rows": rows }))?)?;
        println!("written to {}", path.display());
        Ok(())
    }
}

/// Three significant digits are all that a benchmark knows.
fn round(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

/// The median; 0 of nothing.
pub(crate) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    match sorted.len() {
        0 => 0.0,
        count if count % 2 == 1 => sorted[count / 2],
        count => f64::midpoint(sorted[count / 2 - 1], sorted[count / 2]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians() {
        assert_eq!(median(&[]), 0.0);
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), 2.5);
    }

    #[test]
    fn targets_are_weighed() {
        let cases = [
            (Target::AtLeast(0.5), 0.5, "PASS"),
            (Target::AtLeast(0.5), 0.49, "FAIL"),
            (Target::AtMost(15.0), 15.1, "FAIL"),
            (Target::None, 0.0, ""),
        ];
        for (target, value, expected) in cases {
            assert_eq!(target.verdict(value), expected, "{target:?} of {value}");
        }
    }

    #[test]
    fn an_enforced_target_that_is_missed_is_an_error() {
        let mut report = Report::new("report-test");
        report.row("ready", 16.0, "ms", Target::AtMost(15.0));
        assert!(report.finish(true).is_err());
        assert!(report.finish(false).is_ok());
    }
}
