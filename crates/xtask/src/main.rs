//! `cargo xtask`: benchmarks, fixtures and packaging.
#![expect(clippy::print_stdout, reason = "the report of a tool goes to standard output")]

use std::path::PathBuf;

use clap::{Parser, Subcommand};

/// Benchmarks, fixtures and packaging of Ambit.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Regenerate the committed fixtures with sentence-transformers.
    Fixtures {
        /// Folder with the embedder's files; default: the installed model.
        #[arg(long, value_name = "DIR")]
        model: Option<PathBuf>,
    },
    /// Build the shipped binaries with full optimisation and pack them into `dist/`.
    Package,
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().task {
        Task::Fixtures { model } => xtask::fixtures::fixtures(model.as_deref()),
        Task::Package => {
            let package = xtask::package::package()?;
            for binary in &package.binaries {
                println!("{:<12} {:>7.1} MB", binary.name, binary.bytes as f64 / 1e6);
            }
            println!("{:<12} {:>7.1} MB  {}", "archive", package.archive_bytes as f64 / 1e6, package.archive.display());
            Ok(())
        }
    }
}
