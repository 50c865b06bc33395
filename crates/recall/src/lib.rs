//! One question over passages, vectors, graph and memory; and the pipeline that fills them.

pub mod index;
