//! The same numbers as PyTorch transformers gives for the same weights.

use super::files::{Fixtures, Model, Stored};
use super::{Cache, DEVICES, Decoder, largest, load, read};

/// The largest difference of a logit to those of some positions, by the norm of all.
fn distance(decoder: &Decoder, model: &Model, wanted: &[(usize, Vec<f32>)]) -> f32 {
    let found = read(decoder, &mut Cache::default(), &model.prompt);
    let rows = wanted.iter().map(|(position, wanted)| {
        let norm = wanted.iter().map(|logit| logit * logit).sum::<f32>().sqrt();
        let differences = found[*position].iter().zip(wanted).map(|(found, wanted)| (found - wanted).abs());
        differences.fold(0.0, f32::max) / norm
    });
    rows.fold(0.0, f32::max)
}

/// Every family on every device.
fn each_family(work: impl Fn(&Model, &Decoder)) {
    for model in Fixtures::read().models {
        let folder = tempfile::tempdir().unwrap();
        model.write_folder(folder.path());
        for device in DEVICES {
            work(&model, &load(folder.path(), device));
        }
    }
}

#[test]
fn every_family_gives_the_logits_of_transformers() {
    each_family(|model, decoder| {
        let distance = distance(decoder, model, &model.logits());
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

/// What a file may be off, of the norm of the logits, from what transformers gives for the very weights that it holds.
fn precision(stored: Stored) -> f32 {
    match stored {
        Stored::Single | Stored::Half => 1e-3,
        // What is multiplied with weights of 8 and 4 bits is rounded to 8 bits itself.
        Stored::Q8_0 | Stored::Q4_0 => 1e-2,
    }
}

#[test]
fn files_of_llama_cpp_give_the_logits_of_the_weights_that_they_hold() {
    let mut off = Vec::new();
    for name in [
        "llama",
        "mixtral",
        "qwen2",
        "qwen3",
        "qwen3-moe",
        "qwen3.5",
        "qwen3.5-moe",
        "gemma3",
        "gemma4",
        "gemma4-values-are-keys",
        "gemma4-experts",
        "starcoder2",
    ] {
        let model = Fixtures::model(name);
        let folder = tempfile::tempdir().unwrap();
        let rounded = [Stored::Half, Stored::Q8_0, Stored::Q4_0].map(|stored| (stored, model.rounded_logits(stored)));
        let whole = (Stored::Single, Some(model.logits()));
        for (stored, wanted) in rounded.into_iter().chain([whole]) {
            // Rounded weights may choose other experts; where there is little else, nothing was computed for them.
            let Some(wanted) = wanted else { continue };
            let file = model.write_gguf(folder.path(), stored);
            for device in DEVICES {
                let distance = distance(&load(&file, device), &model, &wanted);
                if distance >= precision(stored) {
                    off.push(format!("{name} as {stored:?} on {device:?}: off by {distance} of the logits' norm"));
                }
            }
        }
    }
    assert!(off.is_empty(), "{off:#?}");
}

#[test]
fn what_sees_and_hears_writes_like_its_part_that_writes() {
    for name in ["qwen3.5", "qwen3.5-moe", "gemma4"] {
        let model = Fixtures::model(name);
        let folder = tempfile::tempdir().unwrap();
        model.write_multimodal_folder(folder.path());
        for device in DEVICES {
            let distance = distance(&load(folder.path(), device), &model, &model.logits());
            assert!(distance < 1e-3, "{name} on {device:?}: the logits are off by {distance} of their norm");
        }
    }
}
