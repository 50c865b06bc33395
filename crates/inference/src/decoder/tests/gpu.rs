//! What is special about the GPU: small bindings, long windows, and devices that fail.

use std::path::Path;

use ambit_domain::ErrorCode;

use super::super::{Asked, Cache, Decoder, GpuDecoder, Need, Processor, Room, Scratch, Segment, Source};
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

/// A decoder on a device that is opened in some way, where nobody else has anything that could make room.
fn load_on(path: &Path, choice: DeviceChoice, open: impl Fn() -> Result<Gpu>) -> Result<Decoder> {
    let room_for = |need| if need == Need::Gpu { Room::Refused { free: 0 } } else { Room::Made };
    load_with(path, choice, open, room_for).map(|loaded| loaded.expect("nobody is to be waited for"))
}

fn load_with(
    path: &Path,
    choice: DeviceChoice,
    open: impl Fn() -> Result<Gpu>,
    mut room_for: impl FnMut(Need) -> Room,
) -> Result<Option<Decoder>> {
    let (source, configuration) = Source::open(path).unwrap();
    let processor = Processor { device: choice, threads: std::num::NonZeroUsize::MIN };
    Decoder::on(Some((found().0, open)), source, configuration, processor, &mut room_for)
}

fn on_gpu(decoder: &Decoder) -> &GpuDecoder {
    let Decoder::Gpu(on) = decoder else { unreachable!("it was loaded on the GPU") };
    &on.decoder
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
        decoder.lose();
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

/// A device with so many bytes of memory.
fn small(bytes: u64) -> impl Fn() -> Result<Gpu> {
    move || Ok(Gpu::open(&found().1)?.with_memory(bytes))
}

/// A model that remembers, in a folder, and the text that it goes on from.
fn remembering(folder: &Path) -> Vec<u32> {
    let model = Fixtures::model("qwen3.5");
    model.write_folder(folder);
    model.prompt
}

#[test]
fn where_the_memory_of_a_device_is_full_who_wants_it_is_told_and_auto_takes_the_cpu() {
    let folder = tempfile::tempdir().unwrap();
    remembering(folder.path());
    for bytes in [0, 100 << 10] {
        let Err(error) = load_on(folder.path(), DeviceChoice::SoftwareGpu, small(bytes)) else {
            unreachable!("there is no memory for it")
        };
        assert!(matches!(error, Error::DeviceFull) && error.code() == ErrorCode::Unavailable, "{error}");
        assert!(error.to_string().contains("memory") && error.hint().is_some(), "{error}");
    }
    let decoder = load_on(folder.path(), DeviceChoice::Auto, small(0)).unwrap();
    assert!(matches!(decoder, Decoder::Cpu(_)), "the CPU takes its place");
}

#[test]
fn where_the_memory_of_a_device_is_short_texts_have_less_of_it() {
    for name in ["llama", "qwen3.5"] {
        let (mut model, folder) = (Fixtures::model(name), tempfile::tempdir().unwrap());
        // So many pages that they weigh more than what is joined.
        model.config["max_position_embeddings"] = 8192.into();
        model.write_folder(folder.path());
        let whole = load(folder.path(), DeviceChoice::SoftwareGpu);
        let wanted = read(&whole, &mut Cache::default(), &model.prompt);
        let (pages, states) = (on_gpu(&whole).pages(), on_gpu(&whole).states());
        let bytes = (pages * whole.layout().bytes()) as u64;
        // Some of the pages, and what is joined while the parts are still there: so little that nothing may be taken by texts
        // before all else has its own.
        let memory = on_gpu(&whole).used() - bytes / 2;
        let less = load_on(folder.path(), DeviceChoice::SoftwareGpu, small(memory)).unwrap();
        assert!(on_gpu(&less).pages() < pages && on_gpu(&less).pages() >= 8, "{name}: {}", on_gpu(&less).pages());
        assert_eq!(on_gpu(&less).states(), states, "{name}");
        assert!(read(&less, &mut Cache::default(), &model.prompt) == wanted, "{name}: other bits with fewer pages");
    }
}

#[test]
fn who_wants_the_memory_of_a_device_waits_for_it_or_gets_what_others_let_go() {
    let folder = tempfile::tempdir().unwrap();
    remembering(folder.path());
    // Others let go twice, and then there is room.
    let opened = std::cell::Cell::new(0);
    let open = || {
        opened.set(opened.get() + 1);
        if opened.get() < 3 { small(0)() } else { Gpu::open(&found().1) }
    };
    let mut asked = Vec::new();
    let made = |need| {
        asked.push(need);
        Room::Made
    };
    let decoder = load_with(folder.path(), DeviceChoice::Auto, open, made).unwrap().unwrap();
    assert!(matches!(decoder, Decoder::Gpu(_)), "the CPU takes its place only where no GPU can be had");
    assert_eq!(asked, [Need::Gpu, Need::Gpu]);
    for choice in [DeviceChoice::Auto, DeviceChoice::SoftwareGpu] {
        let loaded = load_with(folder.path(), choice, small(0), |_| Room::Later).unwrap();
        assert!(loaded.is_none(), "{choice:?}: it waits for what others use");
    }
    // The CPU that takes its place has to have room as well.
    let refused = |need| match need {
        Need::Gpu => Room::Refused { free: 0 },
        Need::Cpu(needed) => Room::Refused { free: needed - 1 },
    };
    let refused = load_with(folder.path(), DeviceChoice::Auto, small(0), refused);
    let Err(Error::NoMemory { needed, free }) = refused else { unreachable!("there is no room") };
    assert_eq!(free, needed - 1);
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
