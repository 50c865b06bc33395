//! The same numbers as PyTorch transformers gives for the same weights.

use super::files::{Fixtures, Model, Stored};
use super::{Cache, DEVICES, Decoder, largest, load, read};

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

/// What a file may be off, of the norm of the logits, by how its matrices are stored: as they are, and in 16, 8 and 4 bits.
fn precision(name: &str) -> Vec<(Stored, f32)> {
    let (half, eight, four) = match name {
        // What remembers divides small answers by their size, and so makes more of what rounding leaves: transformers itself is
        // off by 0.0012 and 0.075 when it is given the rounded weights of this Qwen 3.5.
        name if name.starts_with("qwen3.5") => (2e-3, 0.1, 0.5),
        // Each part of a layer is normalised once more before it is added, which makes more of it as well.
        name if name.starts_with("gemma") => (3e-3, 0.1, 0.5),
        _ => (1e-3, 1e-2, 0.12),
    };
    // The weights have 24 bits here; in 4 of them little is left, and the numbers only tell that nothing is mixed up.
    let all = [(Stored::Single, 1e-3), (Stored::Half, half), (Stored::Q8_0, eight), (Stored::Q4_0, four)];
    // Rounded weights may choose other experts, and what these say has nothing to do with what the first would have said.
    let has_experts = ["mixtral", "qwen3-moe", "gemma4-experts"].contains(&name);
    all.into_iter().take(if has_experts { 1 } else { 4 }).collect()
}

#[test]
fn files_of_llama_cpp_give_the_same_within_their_precision() {
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
        for (stored, most) in precision(name) {
            let file = model.write_gguf(folder.path(), stored);
            for device in DEVICES {
                let distance = distance(&load(&file, device), &model);
                if distance >= most {
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
            let distance = distance(&load(folder.path(), device), &model);
            assert!(distance < 1e-3, "{name} on {device:?}: the logits are off by {distance} of their norm");
        }
    }
}
