//! The same numbers as PyTorch transformers gives for the same weights.

use super::files::{Fixtures, Model, Stored};
use super::{Cache, DEVICES, Decoder, largest, load, read, try_load};
use crate::{DeviceChoice, Error};

/// The largest difference of a logit, by the norm of all.
fn distance(decoder: &Decoder, model: &Model) -> f32 {
    let found = read(decoder, &mut Cache::default(), &model.prompt);
    let rows = model.asked.iter().zip(model.logits());
    rows.map(|(asked, wanted)| {
        let norm = wanted.iter().map(|logit| logit * logit).sum::<f32>().sqrt();
        let differences = found[*asked].iter().zip(&wanted).map(|(found, wanted)| (found - wanted).abs());
        differences.fold(0.0, f32::max) / norm
    })
    .fold(0.0, f32::max)
}

/// Every family on every device that can run it.
fn each_family(work: impl Fn(&Model, &Decoder)) {
    for model in Fixtures::read().models {
        let folder = tempfile::tempdir().unwrap();
        model.write_folder(folder.path());
        for device in DEVICES {
            match try_load(folder.path(), device) {
                Ok(decoder) => work(&model, &decoder),
                // Mixtures of experts stay on the CPU.
                Err(Error::NoDevice(reason)) if device != DeviceChoice::Cpu && model.has_experts() => {
                    assert!(reason.contains("mixtures"), "{}: {reason}", model.name);
                }
                Err(error) => panic!("{} on {device:?}: {error}", model.name),
            }
        }
    }
}

#[test]
fn every_family_gives_the_logits_of_transformers() {
    each_family(|model, decoder| {
        let distance = distance(decoder, model);
        assert!(distance < 1e-3, "{}: the logits are off by {distance} of their norm", model.name);
    });
}

#[test]
fn every_family_writes_what_transformers_writes() {
    each_family(|model, decoder| {
        let mut cache = Cache::default();
        let mut logits = read(decoder, &mut cache, &model.prompt).pop().unwrap();
        for (step, (wanted, gap)) in model.greedy.iter().zip(&model.gaps).enumerate() {
            let token = largest(&logits);
            if token != *wanted {
                assert!(*gap < 1e-3, "{}: token {step} is {token}, not {wanted}, which was {gap} better", model.name);
                break;
            }
            logits = read(decoder, &mut cache, &[token]).pop().unwrap();
        }
    });
}

#[test]
fn files_of_llama_cpp_give_the_same_within_their_precision() {
    for name in ["llama", "qwen2", "qwen3"] {
        let model = Fixtures::model(name);
        let folder = tempfile::tempdir().unwrap();
        // The weights have 24 bits here; in 4 of them little is left, and the numbers only tell that nothing is mixed up.
        for (stored, most) in [(Stored::Single, 1e-3), (Stored::Half, 1e-3), (Stored::Q8_0, 1e-2), (Stored::Q4_0, 0.12)]
        {
            let file = model.write_gguf(folder.path(), stored);
            for device in DEVICES {
                let distance = distance(&load(&file, device), &model);
                assert!(distance < most, "{name} as {stored:?} on {device:?}: off by {distance} of the logits' norm");
            }
        }
    }
}
