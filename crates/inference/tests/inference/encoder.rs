use std::sync::OnceLock;
use std::time::{Duration, Instant};

use ambit_domain::Cancellation;
use ambit_domain::port::EmbedPriority;
use ambit_inference::{AdapterKind, DeviceChoice, Encoder, EncoderOptions, Error, devices};

use crate::model::{self, cosine, difference};

/// One encoder on the CPU for all tests of a process.
fn encoder() -> &'static Encoder {
    static ENCODER: OnceLock<Encoder> = OnceLock::new();
    ENCODER.get_or_init(|| Encoder::load(&model::folder(), DeviceChoice::Cpu).unwrap())
}

fn embed(texts: &[String]) -> Vec<Vec<f32>> {
    encoder().embed(texts, &Cancellation::new()).unwrap()
}

#[test]
fn vectors_on_the_cpu_are_those_of_sentence_transformers() {
    let expected = model::expected();
    assert_eq!(expected.len(), 200);
    let texts: Vec<String> = expected.iter().map(|expected| expected.text.clone()).collect();
    for (expected, vector) in expected.iter().zip(embed(&texts)) {
        let cosine = cosine(&vector, &expected.vector);
        assert!(cosine >= 0.9999, "cosine {cosine} for {:?}", expected.text);
        assert!(difference(&vector, &expected.vector) < 1e-5, "{:?} is further off than rounding", expected.text);
        let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
        assert!((length - 1.0).abs() < 1e-5, "length {length} for {:?}", expected.text);
    }
}

#[test]
fn vectors_through_wgsl_are_those_of_sentence_transformers() {
    let expected = model::expected();
    assert_eq!(expected.len(), 200);
    let texts: Vec<String> = expected.iter().map(|expected| expected.text.clone()).collect();
    let cache = tempfile::tempdir().unwrap();
    let options = EncoderOptions {
        device: DeviceChoice::SoftwareGpu,
        cache: Some(cache.path().to_path_buf()),
        ..EncoderOptions::default()
    };
    let encoder = Encoder::load_with(&model::folder(), &options)
        .expect("a software Vulkan driver must be there: install mesa-vulkan-drivers");
    assert_eq!(encoder.device().kind, AdapterKind::SoftwareGpu);
    for (expected, vector) in expected.iter().zip(encoder.embed(&texts, &Cancellation::new()).unwrap()) {
        let cosine = cosine(&vector, &expected.vector);
        assert!(cosine >= 0.9999, "cosine {cosine} for {:?}", expected.text);
    }
}

#[test]
fn a_vector_does_not_depend_on_the_texts_beside_it() {
    let texts: Vec<String> = model::expected().into_iter().map(|expected| expected.text).step_by(3).collect();
    let together = embed(&texts);
    let backwards = embed(&texts.iter().rev().cloned().collect::<Vec<_>>());
    let triples: Vec<_> = texts.chunks(3).flat_map(embed).collect();
    for (index, text) in texts.iter().enumerate() {
        let alone = &embed(std::slice::from_ref(text))[0];
        let urgent = &encoder()
            .embed_as(EmbedPriority::Interactive, std::slice::from_ref(text), &Cancellation::new())
            .unwrap()[0];
        for other in [&together[index], &backwards[texts.len() - 1 - index], &triples[index]] {
            assert!(difference(alone, other) < 1e-5, "{text:?} depends on its batch");
        }
        let turned = 1.0 - cosine(alone, urgent);
        assert!(turned < 1e-6, "an urgent {text:?} points elsewhere by {turned}");
    }
}

#[test]
fn a_text_is_cut_at_256_tokens() {
    let words = |count: usize| vec!["stone"; count].join(" ");
    let encoder = encoder();
    assert_eq!(encoder.tokens(&words(253)).unwrap(), 255);
    assert_eq!(encoder.tokens(&words(254)).unwrap(), 256);
    assert_eq!(encoder.tokens(&words(255)).unwrap(), 256);
    // Long enough that only its beginning is tokenised.
    assert_eq!(encoder.tokens(&words(1_000_000)).unwrap(), 256);
    // White space alone fills no sequence, however long it is.
    assert_eq!(encoder.tokens(&format!("{}end", " ".repeat(100_000))).unwrap(), 3);
    let vectors = embed(&[words(254), words(255), words(100_000), format!("{} and more", words(254)), words(253)]);
    for other in &vectors[1..4] {
        assert!(difference(&vectors[0], other) < 1e-5, "what stands after the 254th word must not count");
    }
    assert!(difference(&vectors[0], &vectors[4]) > 1e-5, "the 254th word must count");
}

#[test]
fn no_texts_give_no_vectors_and_an_empty_text_gives_one() {
    assert!(embed(&[]).is_empty());
    let vectors = embed(&[String::new()]);
    assert_eq!(vectors.len(), 1);
    assert_eq!(vectors[0].len(), 384);
    assert_eq!(encoder().dimensions(), 384);
    assert_eq!(encoder().tokens("").unwrap(), 2);
}

#[test]
fn cancelling_ends_a_call_within_its_batch() {
    let text = "a passage that is long enough to keep the kernels busy for a while ".repeat(20);
    let texts = vec![text; 400];
    let cancellation = Cancellation::new();
    let (ended, waited) = std::thread::scope(|scope| {
        let call = scope.spawn(|| (encoder().embed(&texts, &cancellation), Instant::now()));
        std::thread::sleep(Duration::from_millis(300));
        let cancelled = Instant::now();
        cancellation.cancel();
        let (result, ended) = call.join().unwrap();
        (result, ended.duration_since(cancelled))
    });
    assert!(matches!(ended, Err(Error::Cancelled)), "400 long texts take longer than 300 ms");
    assert!(waited < Duration::from_secs(2), "it took {waited:?} to give up");
}

#[test]
fn an_interactive_call_passes_a_background_one() {
    let text = "a passage that is long enough to keep the kernels busy for a while ".repeat(20);
    let texts = vec![text; 300];
    let query = vec!["what keeps the kernels busy".to_owned()];
    let urgent = || encoder().embed_as(EmbedPriority::Interactive, &query, &Cancellation::new()).unwrap();
    let alone = urgent();
    let cancellation = Cancellation::new();
    std::thread::scope(|scope| {
        let background = scope.spawn(|| encoder().embed(&texts, &cancellation));
        std::thread::sleep(Duration::from_millis(200));
        for _ in 0..5 {
            assert!(difference(&alone[0], &urgent()[0]) < 1e-5);
        }
        assert!(!background.is_finished(), "the five urgent calls must not have waited for 300 long texts");
        cancellation.cancel();
        assert!(background.join().unwrap().is_err());
    });
}

#[test]
fn devices_end_with_imitated_ones_and_a_user_never_gets_one() {
    let devices = devices();
    assert!(devices.iter().any(|device| device.kind == AdapterKind::Cpu));
    let first_software = devices.iter().position(|device| device.kind == AdapterKind::SoftwareGpu);
    let cpu = devices.iter().position(|device| device.kind == AdapterKind::Cpu).unwrap();
    assert!(first_software.is_none_or(|software| software > cpu), "{devices:?}");

    let chosen = Encoder::load(&model::folder(), DeviceChoice::Auto).unwrap();
    assert_ne!(chosen.device().kind, AdapterKind::SoftwareGpu);
    let real = devices.iter().any(|device| device.is_gpu() && device.kind != AdapterKind::SoftwareGpu);
    match Encoder::load(&model::folder(), DeviceChoice::Gpu) {
        Ok(encoder) => assert!(real && encoder.device().kind != AdapterKind::SoftwareGpu),
        Err(error) => assert!(!real && matches!(error, Error::NoDevice(_)), "{error}"),
    }
}
