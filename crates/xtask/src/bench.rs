//! The benchmarks, one module each. All print the same form: see [`crate::report`].

mod browser;
mod complete;
mod decode;
mod desktop;
mod embed;
mod idle;
mod index;
mod lsp_memory;
mod recall_quality;
mod search;

mod query_embedder;

pub use browser::{BrowserOptions, run as browser};
pub use complete::{
    CompleteLatencyOptions, CompleteOverheadOptions, CompleteQualityOptions, latency as complete_latency,
    overhead as complete_overhead, quality as complete_quality,
};
pub use decode::{DecodeOptions, batch, decode, load, prefill, speculate};
pub use desktop::{DesktopOptions, run as desktop};
pub use embed::{EmbedOptions, run as embed};
pub use idle::{IdleOptions, run as idle};
pub use index::{IndexOptions, run as index};
pub use lsp_memory::{LspMemoryOptions, run as lsp_memory};
pub use recall_quality::{RecallQualityOptions, run as recall_quality};
pub use search::{Passages, SearchOptions, run as search};
