#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops at the first surprise")]

pub(super) mod files;
mod gpu;
mod parity;
mod passes;

use std::num::NonZeroUsize;
use std::path::Path;

use super::{Asked, Cache, Decoder, Processor, Scratch, Segment};
use crate::DeviceChoice;

/// What every test of a decoder runs on. A GPU that a program imitates computes what a real one does, by the same programs.
pub(super) const DEVICES: [DeviceChoice; 2] = [DeviceChoice::Cpu, DeviceChoice::SoftwareGpu];

pub(super) fn load(path: &Path, device: DeviceChoice) -> Decoder {
    let decoder = Decoder::load(path, Processor { device, threads: NonZeroUsize::new(2).unwrap() });
    decoder.expect("a model and a device for it: for the GPU, install mesa-vulkan-drivers")
}

/// The logits of all tokens, read after what is in the cache.
pub(super) fn read(decoder: &Decoder, cache: &mut Cache, tokens: &[u32]) -> Vec<Vec<f32>> {
    let mut segments = [Segment { tokens, cache, asked: Asked::All }];
    let logits = decoder.forward(&mut segments, &mut Scratch::default(), &|| true).unwrap();
    logits.rows().map(<[f32]>::to_vec).collect()
}

pub(super) fn largest(logits: &[f32]) -> u32 {
    let best = logits.iter().enumerate().max_by(|(_, left), (_, right)| left.total_cmp(right));
    u32::try_from(best.unwrap().0).unwrap()
}
