//! The table that is printed, and the statistics in it.

use std::fmt::{Display, Formatter, Result};
use std::time::Duration;

/// What was measured so far.
#[derive(Default)]
pub struct Table {
    rows: Vec<Row>,
}

struct Row {
    what: String,
    target: String,
    value: String,
    missed: bool,
}

impl Table {
    /// A figure with a target: at most so much.
    pub fn at_most<T: PartialOrd>(&mut self, what: impl Into<String>, target: T, value: T, show: fn(&T) -> String) {
        let missed = value > target;
        let (target, value) = (format!("<= {}", show(&target)), show(&value));
        self.rows.push(Row { what: what.into(), target, value, missed });
    }

    /// A figure that has no target.
    pub fn note(&mut self, what: impl Into<String>, value: impl Into<String>) {
        self.rows.push(Row { what: what.into(), target: String::new(), value: value.into(), missed: false });
    }
}

impl Display for Table {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let width = |of: fn(&Row) -> &String| self.rows.iter().map(|row| of(row).chars().count()).max().unwrap_or(0);
        let (what, target) = (width(|row| &row.what), width(|row| &row.target).max(6));
        writeln!(f, "\n{:<what$}  {:>target$}  measured", "", "target")?;
        for row in &self.rows {
            let mark = if row.missed { "   MISSED" } else { "" };
            writeln!(f, "{:<what$}  {:>target$}  {}{mark}", row.what, row.target, row.value)?;
        }
        Ok(())
    }
}

/// Measured values, sorted.
pub struct Sample<T>(Vec<T>);

impl<T: Copy + PartialOrd> Sample<T> {
    pub fn new(mut values: Vec<T>) -> Sample<T> {
        assert!(!values.is_empty(), "nothing was measured");
        values.sort_by(|a, b| a.partial_cmp(b).expect("no value is without order"));
        Sample(values)
    }

    /// The value that so many of a hundred do not exceed.
    pub fn percentile(&self, percent: usize) -> T {
        self.0[(self.0.len() * percent).div_ceil(100).clamp(1, self.0.len()) - 1]
    }

    pub fn median(&self) -> T {
        self.percentile(50)
    }

    pub fn most(&self) -> T {
        self.0[self.0.len() - 1]
    }
}

pub fn nanoseconds(value: &f64) -> String {
    format!("{value:.0} ns")
}

pub fn microseconds(value: &Duration) -> String {
    format!("{:.1} us", value.as_secs_f64() * 1e6)
}

pub fn milliseconds(value: &u64) -> String {
    format!("{value} ms")
}
