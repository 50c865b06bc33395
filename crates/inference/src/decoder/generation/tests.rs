#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops at the first surprise")]

mod gpu;
mod recall;
mod room;

use std::path::Path;

use ambit_domain::{Constraint, ErrorCode};

use super::super::tests::files::Fixtures;
use super::super::tests::{largest, load, read};
use super::*;
use crate::DeviceChoice;
use crate::constraint::Constraints;
use crate::decoder::Cache;
use crate::kernels::PAGE;

/// Tokens of the vocabulary, and more.
const TOKENS: usize = 1120;

struct Model {
    decoder: Decoder,
    vocabulary: Vocabulary,
    _folder: tempfile::TempDir,
}

impl Model {
    fn new(name: &str) -> Self {
        Self::on(name, DeviceChoice::Cpu)
    }

    fn on(name: &str, device: DeviceChoice) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Fixtures::model(name).with_vocabulary(TOKENS).write_folder(folder.path());
        let decoder = load(folder.path(), device);
        let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/vocabulary/qwen2");
        Self { decoder, vocabulary: Vocabulary::open(&files).unwrap(), _folder: folder }
    }

    fn scheduler(&self) -> Scheduler {
        let (bytes, prefixes) = self.decoder.memory(1 << 26);
        Scheduler::new(&self.decoder, prefixes, bytes, true, Age::default(), None)
    }

    /// Runs a scheduler until nothing is left to do, and returns the passes that this took.
    fn run(&self, scheduler: &mut Scheduler, told: &mut Vec<Told>) -> usize {
        let mut passes = 0;
        while !scheduler.is_idle() {
            scheduler.step(&self.decoder, &self.vocabulary, &|| true, &mut |event| told.push(event));
            passes += 1;
            assert!(passes < 5000, "it does not end");
        }
        passes
    }

    fn admit(&self, scheduler: &mut Scheduler, job: Job, told: &mut Vec<Told>) {
        scheduler.admit(&self.decoder, &self.vocabulary, job, &mut |event| told.push(event));
    }

    /// The text and the ending of one job alone.
    fn write(&self, job: Job) -> (String, Result<Ending>) {
        let (mut scheduler, mut told) = (self.scheduler(), Vec::new());
        let id = job.id;
        self.admit(&mut scheduler, job, &mut told);
        self.run(&mut scheduler, &mut told);
        of(id, told)
    }
}

/// What became of a job.
fn of(id: u64, told: impl IntoIterator<Item = Told>) -> (String, Result<Ending>) {
    let (mut text, mut end) = (String::new(), None);
    for event in told {
        match event {
            Told::Text { id: of, text: more } if of == id => {
                assert!(end.is_none(), "text after the end");
                text.push_str(&more);
            }
            Told::Ended { id: of, result } if of == id => assert!(end.replace(result).is_none(), "two ends"),
            _ => {}
        }
    }
    (text, end.expect("no end"))
}

fn job(id: u64, length: usize, sampling: SamplingOptions) -> Job {
    Job {
        id,
        prompt: (0..length as u32).map(|place| (place * 31 + place * place + id as u32) % 1000 + 50).collect(),
        sampling,
        seed: id,
        priority: GenerationPriority::Chat,
        is_continuation: true,
        draft: Vec::new(),
        form: None,
        calls: None,
        cancellation: Cancellation::new(),
    }
}

fn greedy(most: u32) -> SamplingOptions {
    SamplingOptions { max_tokens: most, ..SamplingOptions::default() }
}

fn warm(most: u32) -> SamplingOptions {
    SamplingOptions { max_tokens: most, temperature: 0.4, top_p: 0.95, seed: Some(11), ..SamplingOptions::default() }
}

#[test]
fn the_text_is_that_of_the_likeliest_tokens() {
    let model = Model::new("qwen3");
    let prompt = job(1, 45, greedy(1)).prompt;
    let mut cache = Cache::default();
    let mut logits = read(&model.decoder, &mut cache, &prompt).pop().unwrap();
    let mut tokens = Vec::new();
    for _ in 0..40 {
        tokens.push(largest(&logits));
        if model.vocabulary.is_end(tokens[tokens.len() - 1]) {
            break;
        }
        logits = read(&model.decoder, &mut cache, &tokens[tokens.len() - 1..]).pop().unwrap();
    }
    let (text, ending) = model.write(job(1, 45, greedy(40)));
    assert_eq!(text, model.vocabulary.decode(&tokens));
    assert_eq!(counts(ending.unwrap()), (FinishReason::Length, 45, 40));
}

/// What an ending says beside how it came about.
fn counts(ending: Ending) -> (FinishReason, usize, usize) {
    (ending.reason, ending.read, ending.written)
}

#[test]
fn guesses_save_passes_and_change_nothing() {
    let mut saved = 0;
    for name in ["qwen2", "llama", "gemma3", "qwen3.5", "gemma4"] {
        let model = Model::new(name);
        for sampling in [greedy(120), warm(120), SamplingOptions { repetition_penalty: 1.3, ..warm(60) }] {
            let mut results = Vec::new();
            for guesses in [false, true] {
                let (mut scheduler, mut told) = (model.scheduler(), Vec::new());
                scheduler.guesses = guesses;
                model.admit(&mut scheduler, job(3, 20, sampling.clone()), &mut told);
                let passes = model.run(&mut scheduler, &mut told);
                let (text, ending) = of(3, told);
                results.push((text, ending.unwrap(), passes));
            }
            let (without, with) = (&results[0], &results[1]);
            assert_eq!((&without.0, counts(without.1)), (&with.0, counts(with.1)), "{name}, {sampling:?}");
            assert_eq!(without.1.guessed, 0);
            assert!(with.1.agreed <= with.1.guessed && with.1.agreed < with.1.written, "{:?}", with.1);
            saved += without.2 - with.2;
        }
    }
    assert!(saved > 50, "guesses were never right: they saved {saved} passes");
}

#[test]
fn whoever_writes_beside_it_a_text_is_the_same() {
    for name in ["qwen2", "qwen3.5", "gemma4"] {
        let model = Model::new(name);
        let jobs =
            || (0..6_u64).map(|id| job(id, 3 + 37 * id as usize, if id % 2 == 0 { greedy(30) } else { warm(25) }));
        let (mut scheduler, mut told) = (model.scheduler(), Vec::new());
        for (number, job) in jobs().enumerate() {
            model.admit(&mut scheduler, job, &mut told);
            // They come one after the other.
            for _ in 0..number {
                scheduler.step(&model.decoder, &model.vocabulary, &|| true, &mut |event| told.push(event));
            }
        }
        model.run(&mut scheduler, &mut told);
        let mut texts = std::collections::HashMap::<u64, String>::new();
        for event in told {
            match event {
                Told::Text { id, text } => texts.entry(id).or_default().push_str(&text),
                Told::Ended { id, result } => assert!(result.is_ok(), "{id}: {result:?}"),
                other => panic!("nobody asked for {other:?}"),
            }
        }
        for job in jobs() {
            let id = job.id;
            assert_eq!(texts.remove(&id).unwrap_or_default(), model.write(job).0, "{name}: text {id}");
        }
    }
}

#[test]
fn a_beginning_that_was_read_before_is_not_read_again() {
    for name in ["qwen2", "qwen3.5"] {
        let model = Model::new(name);
        let (mut scheduler, mut told) = (model.scheduler(), Vec::new());
        model.admit(&mut scheduler, job(1, 300, greedy(20)), &mut told);
        let first = model.run(&mut scheduler, &mut told);
        let wanted = of(1, told.drain(..)).0;
        model.admit(&mut scheduler, job(1, 300, greedy(20)), &mut told);
        let second = model.run(&mut scheduler, &mut told);
        assert_eq!(of(1, told).0, wanted);
        assert!(second < first, "{name}: {second} passes, {first} at first");
    }
}

#[test]
fn what_remembers_is_read_once_where_texts_part() {
    let model = Model::new("qwen3.5");
    let (mut scheduler, mut told) = (model.scheduler(), Vec::new());
    // All begin with the same 256 tokens, and go on differently.
    let text = |id: u64| {
        let mut job = job(id, 400, greedy(4));
        job.prompt[..256].iter_mut().enumerate().for_each(|(place, token)| *token = place as u32 % 900 + 60);
        job
    };
    let mut known = Vec::new();
    for id in 1..=3 {
        model.admit(&mut scheduler, text(id), &mut told);
        known.push(scheduler.sequences[0].cache.len());
        model.run(&mut scheduler, &mut told);
        assert_eq!(of(id, told.drain(..)).0, model.write(text(id)).0, "text {id}");
    }
    assert_eq!(known, [0, 0, 256], "the second shows where they part, the third goes on from there");
    // A conversation goes on: what was read and written, and more.
    let mut longer = text(3);
    longer.prompt.extend([77, 78, 79]);
    model.admit(&mut scheduler, longer, &mut told);
    assert_eq!(scheduler.sequences[0].cache.len(), 384);
}

#[test]
fn who_reads_again_what_was_guessed_right_does_not_wait_for_a_long_text() {
    let model = Model::new("qwen3.5");
    let (mut scheduler, mut told) = (model.scheduler(), Vec::new());
    scheduler.rows = 16;
    model.admit(&mut scheduler, job(1, 40, greedy(100)), &mut told);
    while scheduler.sequences[0].written() < 5 {
        scheduler.step(&model.decoder, &model.vocabulary, &|| true, &mut |event| told.push(event));
    }
    model.admit(&mut scheduler, job(2, 400, greedy(1)), &mut told);
    // The long text comes first in the order of places.
    scheduler.sequences.swap(0, 1);
    while scheduler.sequences.len() == 2 && scheduler.sequences[0].unread() > 1 {
        // As after a guess that went wrong.
        let sequence = &mut scheduler.sequences[1];
        let (before, length) = (sequence.written(), sequence.cache.len());
        sequence.cache.truncate(length - 1);
        assert!(sequence.unread() > 1);
        for pass in 1..=2 {
            scheduler.step(&model.decoder, &model.vocabulary, &|| true, &mut |event| told.push(event));
            let sequence = scheduler.sequences.iter().find(|sequence| sequence.id == 1).unwrap();
            assert!(sequence.written() >= before + pass, "it waits for who reads");
        }
    }
    model.run(&mut scheduler, &mut told);
    assert_eq!(of(1, told).0, model.write(job(1, 40, greedy(100))).0);
}

#[test]
fn what_a_text_remembers_counts_as_memory() {
    let model = Model::new("qwen3.5");
    let layout = model.decoder.layout();
    assert!(3 * layout.state_bytes() > 2 * layout.bytes(), "states weigh more than the page that was begun");
    // Room for the states of two, and for 80 tokens each.
    let bytes = 2 * (3 * layout.state_bytes() + 5 * layout.bytes());
    let (mut scheduler, mut told) = (Scheduler::new(&model.decoder, 0, bytes, true, Age::default(), None), Vec::new());
    for id in 1..=3 {
        model.admit(&mut scheduler, job(id, 60, greedy(20)), &mut told);
    }
    assert_eq!((scheduler.sequences.len(), scheduler.waiting.len()), (2, 1));
    model.run(&mut scheduler, &mut told);
    assert_eq!(of(3, told).0, model.write(job(3, 60, greedy(20))).0);
    let mut told = Vec::new();
    let mut small = Scheduler::new(&model.decoder, 0, 3 * layout.state_bytes(), true, Age::default(), None);
    model.admit(&mut small, job(4, 10, greedy(5)), &mut told);
    let error = of(4, told).1.unwrap_err();
    assert!(matches!(error, Error::NoMemory { .. }), "{error}");
}

#[test]
fn a_text_ends_before_a_stop_string() {
    let model = Model::new("qwen3");
    let whole = model.write(job(1, 45, greedy(60))).0;
    let middle = whole.char_indices().nth(whole.chars().count() / 2).unwrap().0;
    let stop: String = whole[middle..].chars().take(3).collect();
    let found = whole.find(&stop).unwrap();
    let (text, ending) = model.write(job(1, 45, SamplingOptions { stop: vec![stop], ..greedy(60) }));
    assert_eq!(text, whole[..found]);
    assert_eq!(ending.unwrap().reason, FinishReason::Stop);
}

#[test]
fn a_cancelled_text_ends_and_the_others_go_on() {
    let model = Model::new("llama");
    let (mut scheduler, mut told) = (model.scheduler(), Vec::new());
    let cancelled = job(1, 400, greedy(50));
    let cancellation = cancelled.cancellation.clone();
    model.admit(&mut scheduler, cancelled, &mut told);
    model.admit(&mut scheduler, job(2, 30, greedy(50)), &mut told);
    scheduler.step(&model.decoder, &model.vocabulary, &|| true, &mut |event| told.push(event));
    // In the middle of a pass.
    scheduler.step(
        &model.decoder,
        &model.vocabulary,
        &|| {
            cancellation.cancel();
            true
        },
        &mut |event| told.push(event),
    );
    let ended = told.iter().any(|event| matches!(event, Told::Ended { id: 1, result: Err(Error::Cancelled) }));
    assert!(ended, "{told:?}");
    model.run(&mut scheduler, &mut told);
    assert_eq!(of(2, told).0, model.write(job(2, 30, greedy(50))).0);
}

#[test]
fn who_types_goes_before_who_reads() {
    let model = Model::new("llama");
    let (mut scheduler, mut told) = (model.scheduler(), Vec::new());
    for (id, priority) in
        [(1, GenerationPriority::Background), (2, GenerationPriority::Chat), (3, GenerationPriority::Completion)]
    {
        model.admit(&mut scheduler, Job { priority, ..job(id, 40, greedy(20)) }, &mut told);
        scheduler.step(&model.decoder, &model.vocabulary, &|| true, &mut |event| told.push(event));
    }
    model.run(&mut scheduler, &mut told);
    let order: Vec<u64> = told
        .iter()
        .filter_map(|event| match event {
            Told::Ended { id, .. } => Some(*id),
            _ => None,
        })
        .collect();
    assert_eq!(order, [3, 2, 1]);
}

#[test]
fn what_does_not_fit_is_refused_and_what_just_fits_is_cut() {
    let model = Model::new("llama");
    for (length, wanted) in [(0, ErrorCode::InvalidInput), (512, ErrorCode::TooLarge), (600, ErrorCode::TooLarge)] {
        let error = model.write(job(1, length, greedy(5))).1.unwrap_err();
        assert_eq!(error.code(), wanted, "{error}");
    }
    let ending = model.write(job(1, 508, greedy(50))).1.unwrap();
    assert_eq!(counts(ending), (FinishReason::Length, 508, 4));
    let ending = model.write(job(1, 20, greedy(0))).1.unwrap();
    assert_eq!(counts(ending), (FinishReason::Length, 20, 0));
}

#[test]
fn texts_wait_for_memory_and_come_to_the_same() {
    let model = Model::new("qwen2");
    // Room for one text of 60 tokens and 20 more, and for nothing beside it.
    let bytes = 4 * model.decoder.layout().bytes();
    let (mut scheduler, mut told) = (Scheduler::new(&model.decoder, 0, bytes, true, Age::default(), None), Vec::new());
    for id in 1..=3 {
        model.admit(&mut scheduler, job(id, 60, greedy(20)), &mut told);
    }
    assert_eq!((scheduler.sequences.len(), scheduler.waiting.len()), (1, 2));
    model.run(&mut scheduler, &mut told);
    let mut texts: Vec<String> = vec![String::new(); 4];
    for event in told {
        match event {
            Told::Text { id, text } => texts[id as usize].push_str(&text),
            Told::Ended { id, result } => assert!(result.is_ok(), "{id}: {result:?}"),
            other => panic!("nobody asked for {other:?}"),
        }
    }
    for id in 1..=3 {
        assert_eq!(texts[id as usize], model.write(job(id, 60, greedy(20))).0);
    }
    let mut told = Vec::new();
    model.admit(&mut scheduler, job(9, 120, greedy(5)), &mut told);
    let error = of(9, told).1.unwrap_err();
    assert!(matches!(error, Error::NoMemory { .. }), "{error}");
    let mut told = Vec::new();
    model.admit(&mut scheduler, job(10, 60, greedy(4000)), &mut told);
    model.run(&mut scheduler, &mut told);
    assert_eq!(of(10, told).1.unwrap().reason, FinishReason::Length, "it ends where the memory does");
}

#[test]
fn many_that_write_leave_room_for_who_reads() {
    let model = Model::new("llama");
    let (mut scheduler, mut told) = (model.scheduler(), Vec::new());
    scheduler.rows = 16;
    for id in 1..=40 {
        model.admit(&mut scheduler, job(id, 3, greedy(100)), &mut told);
    }
    for _ in 0..30 {
        scheduler.step(&model.decoder, &model.vocabulary, &|| true, &mut |event| told.push(event));
    }
    model.admit(&mut scheduler, job(77, 40, greedy(1)), &mut told);
    for _ in 0..14 {
        scheduler.step(&model.decoder, &model.vocabulary, &|| true, &mut |event| told.push(event));
    }
    assert!(told.iter().any(|event| matches!(event, Told::Ended { id: 77, .. })), "40 tokens, 4 in each pass at least");
    model.run(&mut scheduler, &mut told);
}

#[test]
fn a_pass_is_given_up_once_for_who_is_more_urgent() {
    let model = Model::new("llama");
    let (mut scheduler, mut told) = (model.scheduler(), Vec::new());
    model.admit(&mut scheduler, job(1, 50, greedy(1)), &mut told);
    let mut step = || scheduler.step(&model.decoder, &model.vocabulary, &|| false, &mut |event| told.push(event));
    step();
    step();
    assert!(
        told.iter().any(|event| matches!(event, Told::Ended { id: 1, result: Ok(_) })),
        "the second time it is read"
    );
}

#[test]
fn a_text_with_a_form_has_it_and_guesses_change_nothing() {
    let model = Model::new("qwen3");
    let constraints = Constraints::new(&model.vocabulary).unwrap();
    let animal = serde_json::json!({
        "type": "object",
        "properties": { "kind": { "enum": ["cat", "dog"] }, "legs": { "const": 4 } },
        "required": ["kind", "legs"],
        "additionalProperties": false,
    });
    let mut schema = serde_json::json!({ "type": "array", "items": animal, "minItems": 4, "maxItems": 4 });
    // Without the white space that a model without sense writes at any place.
    schema["x-guidance"] = serde_json::json!({ "whitespace_flexible": false });
    let constraint = Constraint::Grammar(format!("start: %json {schema}\n"));
    for sampling in [greedy(400), warm(400)] {
        let [(with, guessed), (without, alone)] = [true, false].map(|guesses| {
            let mut scheduler = Scheduler::new(&model.decoder, 1 << 20, 1 << 26, guesses, Age::default(), None);
            let mut told = Vec::new();
            let form = Some(constraints.compile(&constraint).unwrap());
            model.admit(&mut scheduler, Job { form, ..job(1, 45, sampling.clone()) }, &mut told);
            // Others write without one at the same time.
            model.admit(&mut scheduler, job(2, 20, sampling.clone()), &mut told);
            let passes = model.run(&mut scheduler, &mut told);
            let told =
                told.into_iter().filter(|told| !matches!(told, Told::Text { id: 2, .. } | Told::Ended { id: 2, .. }));
            (of(1, told), passes)
        });
        assert_eq!(with.0, without.0, "guesses may not change a text");
        assert_eq!(with.1.as_ref().unwrap().reason, FinishReason::Stop, "{}", with.0);
        let animals: serde_json::Value = serde_json::from_str(&with.0).unwrap();
        assert_eq!(animals.as_array().unwrap().len(), 4, "{animals}");
        assert!(animals.as_array().unwrap().iter().all(|animal| animal["legs"] == 4), "{animals}");
        assert!(guessed <= alone, "{guessed} passes with guesses, {alone} without");
    }
}

#[test]
fn a_form_that_the_length_cuts_says_so_and_one_beyond_the_limits_fails() {
    let model = Model::new("qwen3");
    let constraints = Constraints::new(&model.vocabulary).unwrap();
    let form = |constraint| Some(constraints.compile(&constraint).unwrap());
    let (text, end) = model.write(Job { form: form(Constraint::JsonObject), ..job(1, 45, greedy(3)) });
    assert_eq!(end.unwrap().reason, FinishReason::Length);
    assert!(text.starts_with('{'), "{text}");
    // Each of forty letters at least can be a part of any of so many rules, which may have begun at any letter before.
    let rules: String = (0..100).map(|rule| format!("r{rule}: r{rule} r{rule} | \"a\"\n")).collect();
    let names: Vec<String> = (0..100).map(|rule| format!("r{rule}")).collect();
    let ambiguous =
        Constraint::Grammar(format!("start: {} \"b\"\nany: {}\n{rules}", "any ".repeat(40), names.join(" | ")));
    let (text, end) = model.write(Job { form: form(ambiguous), ..job(2, 45, greedy(200)) });
    let Err(Error::Constraint(told)) = end else { panic!("{text:?} was written within the limits: {end:?}") };
    assert!(!told.is_empty());
}

#[test]
fn the_probabilities_of_tokens_are_those_of_the_model() {
    let model = Model::new("qwen3");
    let prompt = job(1, 45, greedy(1)).prompt;
    let logits = read(&model.decoder, &mut Cache::default(), &prompt).pop().unwrap();
    let sum: f64 = logits.iter().map(|logit| f64::from(*logit).exp()).sum();
    // Neither the temperature nor a penalty changes what is told.
    for sampling in [greedy(5), SamplingOptions { repetition_penalty: 1.5, ..warm(5) }] {
        let (mut scheduler, mut told) = (model.scheduler(), Vec::new());
        let sampling = SamplingOptions { logprobs: Some(4), ..sampling };
        model.admit(&mut scheduler, job(1, 45, sampling), &mut told);
        model.run(&mut scheduler, &mut told);
        let tokens: Vec<_> = told
            .iter()
            .filter_map(|told| if let Told::Token { token, .. } = told { Some(token) } else { None })
            .collect();
        assert_eq!(tokens.len(), 5);
        let best = tokens[0].likeliest[0].logprob;
        let wanted = f64::from(logits[largest(&logits) as usize]) - sum.ln();
        assert!((f64::from(best) - wanted).abs() < 1e-4, "{best} instead of {wanted}");
        for token in &tokens {
            let likely: Vec<f32> = token.likeliest.iter().map(|token| token.logprob).collect();
            assert!(likely.len() == 4 && likely.is_sorted_by(|one, other| one >= other), "{likely:?}");
            assert!(token.token.logprob <= likely[0] && likely.iter().map(|it| it.exp()).sum::<f32>() <= 1.0 + 1e-5);
        }
        let bytes: Vec<u8> = tokens.iter().flat_map(|token| token.token.bytes.clone()).collect();
        let (text, _) = of(1, told);
        let plain = |text: &str| text.replace(char::REPLACEMENT_CHARACTER, "");
        assert_eq!(plain(&String::from_utf8_lossy(&bytes)), plain(&text));
    }
}
