//! What is special about the GPU: small bindings, long windows, and devices that fail.

use std::path::Path;

use ambit_domain::ErrorCode;

use super::super::{Asked, Cache, Decoder, Processor, Scratch, Segment, Source};
use super::files::{Fixtures, Stored};
use super::{load, read};
use crate::device::{ComputeDevice, adapter};
use crate::gpu::Gpu;
use crate::{DeviceChoice, Error, Result};

fn text(length: u32) -> Vec<u32> {
    (0..length).map(|place| (place * 37 + place * place) % 253 + 3).collect()
}

fn found() -> (ComputeDevice, wgpu::Adapter) {
    adapter(DeviceChoice::SoftwareGpu).unwrap().unwrap()
}

/// A decoder on a device that is opened in some way.
fn load_on(path: &Path, choice: DeviceChoice, open: impl FnOnce() -> Result<Gpu>) -> Result<Decoder> {
    let (source, configuration) = Source::open(path).unwrap();
    let processor = Processor { device: choice, threads: std::num::NonZeroUsize::MIN };
    Decoder::on(Some((found().0, open)), source, configuration, processor)
}

#[test]
fn where_a_program_can_bind_little_matrices_and_rows_are_split_and_the_bits_are_the_same() {
    let model = Fixtures::model("llama").with_vocabulary(2000);
    let folder = tempfile::tempdir().unwrap();
    for stored in [Stored::Single, Stored::Q8_0] {
        let path = model.write_gguf(folder.path(), stored);
        let whole = load(&path, DeviceChoice::SoftwareGpu);
        // The head is some times as large, and attention finds more in a pass of 200 rows and 500 tokens.
        let small = load_on(&path, DeviceChoice::SoftwareGpu, || Gpu::open_small(&found().1, 128 << 10)).unwrap();
        let text = text(500);
        let (mut first, mut second) = (Cache::default(), Cache::default());
        for part in text.chunks(250) {
            assert!(
                read(&small, &mut first, part) == read(&whole, &mut second, part),
                "{stored:?}: other bits on a device that binds little"
            );
        }
    }
}

#[test]
fn a_window_that_begins_in_one_group_of_tokens_and_ends_in_another_sees_what_it_should() {
    let mut model = Fixtures::model("mistral");
    model.config["sliding_window"] = 280.into();
    let folder = tempfile::tempdir().unwrap();
    model.write_folder(folder.path());
    let text = text(510);
    let logits = |device| -> Vec<Vec<f32>> {
        let (decoder, mut cache) = (load(folder.path(), device), Cache::default());
        text.chunks(200).flat_map(|part| read(&decoder, &mut cache, part)).collect()
    };
    let (wanted, found) = (logits(DeviceChoice::Cpu), logits(DeviceChoice::SoftwareGpu));
    for (place, (wanted, found)) in wanted.iter().zip(&found).enumerate() {
        let norm = wanted.iter().map(|logit| logit * logit).sum::<f32>().sqrt();
        let off = wanted.iter().zip(found).map(|(wanted, found)| (wanted - found).abs()).fold(0.0, f32::max) / norm;
        assert!(off < 1e-3, "token {place} is off by {off} of the norm of its logits");
    }
}

#[test]
fn a_device_that_is_lost_fails_the_text_and_nothing_else() {
    for (name, stored) in [("llama", Some(Stored::Q8_0)), ("qwen3.5", None)] {
        let model = Fixtures::model(name);
        let folder = tempfile::tempdir().unwrap();
        let path = match stored {
            Some(stored) => model.write_gguf(folder.path(), stored),
            None => {
                model.write_folder(folder.path());
                folder.path().to_path_buf()
            }
        };
        let decoder = load(&path, DeviceChoice::SoftwareGpu);
        let mut cache = Cache::default();
        let wanted = read(&decoder, &mut cache, &model.prompt);
        assert!(!decoder.has_failed());
        let Decoder::Gpu(on) = &decoder else { unreachable!("it was loaded on the GPU") };
        on.decoder.lose();
        // A pass of few rows and one of many.
        for tokens in [&[5_u32][..], &[5; 40]] {
            let mut segments = [Segment { tokens, cache: &mut cache, asked: Asked::Last }];
            let error = decoder.forward(&mut segments, &mut Scratch::default(), &|| true).unwrap_err();
            assert_eq!(error.code(), ErrorCode::Unavailable, "{name}: {error}");
            assert!(error.to_string().contains("it was lost"), "{name}: {error}");
            assert_eq!(cache.len(), model.prompt.len(), "{name}: the text has what it had");
        }
        assert!(decoder.has_failed(), "{name}: who asks next must load it anew");
        // What a text holds of a lost device goes without harm, before or after it.
        drop(decoder);
        drop(cache);
        let again = load(&path, DeviceChoice::SoftwareGpu);
        assert!(read(&again, &mut Cache::default(), &model.prompt) == wanted, "{name}: other bits on the next device");
    }
}

/// A device whose memory is full.
fn full() -> Result<Gpu> {
    Gpu::open(&found().1).inspect(Gpu::fill)
}

#[test]
fn where_the_memory_of_a_device_is_full_who_wants_it_is_told_and_auto_takes_the_cpu() {
    let model = Fixtures::model("qwen3.5");
    let folder = tempfile::tempdir().unwrap();
    model.write_folder(folder.path());
    let Err(error) = load_on(folder.path(), DeviceChoice::SoftwareGpu, full) else {
        unreachable!("there is no memory for it")
    };
    assert_eq!(error.code(), ErrorCode::Unavailable, "{error}");
    assert!(error.to_string().contains("memory"), "{error}");
    let decoder = load_on(folder.path(), DeviceChoice::Auto, full).unwrap();
    assert!(matches!(decoder, Decoder::Cpu(_)), "the CPU takes its place");
}

#[test]
fn what_the_programs_cannot_compute_is_told_and_auto_takes_the_cpu() {
    let mut model = Fixtures::model("llama");
    // 4 numbers each, where the programs read 8 at once.
    model.config["num_attention_heads"] = 16.into();
    model.config["num_key_value_heads"] = 8.into();
    model.config["head_dim"] = 4.into();
    let folder = tempfile::tempdir().unwrap();
    model.write_folder(folder.path());
    let open = || Gpu::open(&found().1);
    let Err(error) = load_on(folder.path(), DeviceChoice::SoftwareGpu, open) else {
        unreachable!("its heads are too narrow")
    };
    assert!(matches!(&error, Error::NoDevice(reason) if reason.contains("heads of 4 numbers")), "{error}");
    let decoder = load_on(folder.path(), DeviceChoice::Auto, open).unwrap();
    assert!(matches!(decoder, Decoder::Cpu(_)), "the CPU takes its place");
}
