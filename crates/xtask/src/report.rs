//! The form in which all benchmarks report.

use std::fmt::Write as _;

use serde::Serialize;

/// The machine that a benchmark ran on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Machine {
    /// Cores that the process may use.
    pub cores: usize,
    /// The processor's name as the system gives it.
    pub cpu: String,
}

impl Machine {
    /// This machine.
    #[must_use]
    pub fn here() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let cpu = std::fs::read_to_string("/proc/cpuinfo").ok().and_then(|text| cpu_name(&text));
        Self { cores, cpu: cpu.unwrap_or_else(|| std::env::consts::ARCH.to_owned()) }
    }
}

/// The first processor's name in the text of `/proc/cpuinfo`.
#[must_use]
pub fn cpu_name(cpuinfo: &str) -> Option<String> {
    cpuinfo
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(key, _)| key.trim() == "model name")
        .map(|(_, value)| value.trim().to_owned())
}

/// What a figure should reach.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Aim {
    /// This much or more.
    AtLeast(f64),
    /// This much or less.
    AtMost(f64),
    /// Less than this.
    Below(f64),
    /// More than this.
    Above(f64),
    /// The first or more, and more than the second.
    AtLeastAndAbove(f64, f64),
}

impl Aim {
    /// Whether a value reaches it.
    #[must_use]
    pub fn met(self, value: f64) -> bool {
        match self {
            Self::AtLeast(bound) => value >= bound,
            Self::AtMost(bound) => value <= bound,
            Self::Below(bound) => value < bound,
            Self::Above(bound) => value > bound,
            Self::AtLeastAndAbove(least, other) => value >= least && value > other,
        }
    }
}

impl std::fmt::Display for Aim {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (sign, bound) = match self {
            Self::AtLeast(bound) => ("≥", bound),
            Self::AtMost(bound) => ("≤", bound),
            Self::Below(bound) => ("<", bound),
            Self::Above(bound) => (">", bound),
            Self::AtLeastAndAbove(least, other) => {
                return write!(formatter, "≥ {}, > {}", rounded(*least), rounded(*other));
            }
        };
        write!(formatter, "{sign} {}", rounded(*bound))
    }
}

/// One measured number.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figure {
    /// What was measured.
    pub name: String,
    /// How much.
    pub value: f64,
    /// In which unit.
    pub unit: &'static str,
    /// What it should reach, `≥ 1.5`; absent where there is no aim.
    pub aim: Option<String>,
    /// What the peer reached in the same run.
    pub peer: Option<f64>,
    /// Whether the aim is reached; absent where there is none.
    pub met: Option<bool>,
}

impl Figure {
    /// A figure without aim and peer.
    #[must_use]
    pub fn new(name: impl Into<String>, value: f64, unit: &'static str) -> Self {
        Self { name: name.into(), value: rounded(value), unit, aim: None, peer: None, met: None }
    }

    /// Adds the aim. The value is judged as it is shown, after rounding.
    #[must_use]
    pub fn with_aim(mut self, aim: Aim) -> Self {
        self.met = Some(aim.met(self.value));
        self.aim = Some(aim.to_string());
        self
    }

    /// Adds what the peer reached.
    #[must_use]
    pub fn with_peer(mut self, peer: f64) -> Self {
        self.peer = Some(rounded(peer));
        self
    }
}

/// What a benchmark found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// The benchmark.
    pub bench: &'static str,
    /// Where it ran.
    pub machine: Machine,
    /// The figures.
    pub figures: Vec<Figure>,
}

impl Report {
    /// A report of this machine.
    #[must_use]
    pub fn new(bench: &'static str, figures: Vec<Figure>) -> Self {
        Self { bench, machine: Machine::here(), figures }
    }

    /// One JSON object on one line.
    ///
    /// # Errors
    /// When a value is not a finite number.
    pub fn json(&self) -> anyhow::Result<String> {
        if let Some(figure) = self.figures.iter().find(|figure| !figure.value.is_finite()) {
            anyhow::bail!("`{}` was not measured: {}", figure.name, figure.value);
        }
        Ok(serde_json::to_string(self)?)
    }

    /// A table for people, with a heading line for benchmark and machine.
    #[must_use]
    pub fn table(&self) -> String {
        let mut rows = vec![["figure", "value", "unit", "aim", "peer", ""].map(str::to_owned)];
        rows.extend(self.figures.iter().map(|figure| {
            [
                figure.name.clone(),
                figure.value.to_string(),
                figure.unit.to_owned(),
                figure.aim.clone().unwrap_or_default(),
                figure.peer.map(|peer| peer.to_string()).unwrap_or_default(),
                figure.met.map_or("", |met| if met { "met" } else { "MISSED" }).to_owned(),
            ]
        }));
        let widths: Vec<usize> =
            (0..6).map(|column| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0)).collect();
        let mut table = format!("{} on {} cores of {}\n", self.bench, self.machine.cores, self.machine.cpu);
        for row in &rows {
            let mut line = String::new();
            for (column, cell) in row.iter().enumerate() {
                let pad = " ".repeat(widths[column] - cell.chars().count());
                // Numbers stand right, words left.
                let right = matches!(column, 1 | 4);
                if right {
                    line += &pad
                }
                line += cell;
                if !right {
                    line += &pad
                }
                line += "  ";
            }
            // Writing to a string cannot fail.
            writeln!(table, "{}", line.trim_end()).ok();
        }
        table
    }
}

/// Four significant digits: more would pretend to a precision that no benchmark has.
#[must_use]
pub fn rounded(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    format!("{value:.3e}").parse().unwrap_or(value)
}
