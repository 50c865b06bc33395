//! Texts that wait for memory, and those for whom others have to.

use ambit_domain::ErrorCode;
use ambit_domain::port::GenerationPriority;

use super::*;
use crate::MemoryNeeds;

/// A scheduler with room for one text of 60 tokens and 20 more, and for so many bytes of beginnings.
fn for_one(model: &Model, prefixes: usize) -> Scheduler {
    let bytes = (model.decoder.overhead() / PAGE + 3) * model.decoder.layout().bytes();
    Scheduler::new(&model.decoder, prefixes, bytes, true, Age::default(), None)
}

fn ended(told: &[Told]) -> Vec<u64> {
    let ids = told.iter().map(|told| if let Told::Ended { id, .. } = told { Some(*id) } else { None });
    ids.flatten().collect()
}

#[test]
fn who_is_more_urgent_does_not_wait_for_memory_and_who_has_to_goes_on_later() {
    for name in ["qwen2", "qwen3.5"] {
        for prefixes in [0, 1 << 20] {
            let model = Model::new(name);
            let (mut scheduler, mut told) = (for_one(&model, prefixes), Vec::new());
            let background = || Job { priority: GenerationPriority::Background, ..job(1, 60, warm(20)) };
            model.admit(&mut scheduler, background(), &mut told);
            while scheduler.sequences[0].written() < 5 {
                scheduler.step(&model.decoder, &model.vocabulary, &|| true, &mut |event| told.push(event));
            }
            let completion = || Job { priority: GenerationPriority::Completion, ..job(2, 50, greedy(10)) };
            model.admit(&mut scheduler, completion(), &mut told);
            let writing: Vec<u64> = scheduler.sequences.iter().map(|text| text.id).collect();
            assert_eq!((writing, scheduler.waiting.len()), (vec![2], 1), "{name}: the completion is written");
            // Who is as urgent waits, and comes after who had begun.
            model.admit(
                &mut scheduler,
                Job { priority: GenerationPriority::Completion, ..job(3, 50, greedy(10)) },
                &mut told,
            );
            model.admit(
                &mut scheduler,
                Job { priority: GenerationPriority::Background, ..job(4, 50, greedy(10)) },
                &mut told,
            );
            assert_eq!(scheduler.sequences[0].id, 2, "{name}");
            model.run(&mut scheduler, &mut told);
            assert_eq!(ended(&told), [2, 3, 1, 4], "{name}");
            let (text, ending) = of(1, told);
            let (wanted, alone) = model.write(background());
            assert_eq!((text, counts(ending.unwrap())), (wanted, counts(alone.unwrap())), "{name}: the same text");
        }
    }
}

#[test]
fn nobody_has_to_wait_for_who_finds_no_room_all_the_same() {
    let model = Model::new("qwen2");
    let bytes = 8 * model.decoder.layout().bytes();
    let (mut scheduler, mut told) = (Scheduler::new(&model.decoder, 0, bytes, true, Age::default(), None), Vec::new());
    let of = |id, length, priority| Job { priority, ..job(id, length, greedy(20)) };
    model.admit(&mut scheduler, of(1, 60, GenerationPriority::Completion), &mut told);
    model.admit(&mut scheduler, of(2, 60, GenerationPriority::Background), &mut told);
    // With what the first has, it does not fit, whatever the second does.
    model.admit(&mut scheduler, of(3, 120, GenerationPriority::Chat), &mut told);
    let writing: Vec<u64> = scheduler.sequences.iter().map(|text| text.id).collect();
    assert_eq!(writing, [1, 2]);
    model.run(&mut scheduler, &mut told);
    assert_eq!(ended(&told), [1, 3, 2], "once the first has ended, it does");
}

#[test]
fn memory_that_something_else_needs_is_not_promised_again() {
    let model = Model::new("qwen2");
    let (mut scheduler, mut told) = (model.scheduler(), Vec::new());
    for id in 1..=2 {
        model.admit(&mut scheduler, job(id, 60, greedy(20)), &mut told);
    }
    let (held, promised) = scheduler.memory(&model.decoder);
    assert_eq!((held, promised), (0, model.decoder.layout().bytes_for(2 * (60 + 20 + PAGE))));
    scheduler.most_texts = 2;
    model.admit(&mut scheduler, job(3, 60, greedy(20)), &mut told);
    scheduler.set_memory(&model.decoder, 0);
    model.run(&mut scheduler, &mut told);
    let (kept, promised) = scheduler.memory(&model.decoder);
    assert_eq!((kept, promised), (0, 0), "nothing is kept, and nothing promised");
    let results = told
        .into_iter()
        .filter_map(|told| if let Told::Ended { id, result } = told { Some((id, result)) } else { None });
    for (id, result) in results {
        match result {
            Ok(ending) => assert!(id < 3 && ending.written == 20, "{id}: who had begun has what was promised"),
            Err(error) => assert!(id == 3 && matches!(error, Error::NoMemory { .. }), "{id}: {error}"),
        }
    }
}

#[test]
fn what_layers_remember_counts_for_whether_a_model_fits() {
    let model = Model::new("qwen3.5");
    let (configuration, layout) = (model.decoder.configuration(), model.decoder.layout());
    let pages = layout.bytes_for(configuration.context);
    let needs = MemoryNeeds::of(configuration, 1000, 0);
    assert_eq!(needs.conversation, (pages + 3 * layout.state_bytes()) as u64);
}

#[test]
fn a_text_that_the_memory_of_the_gpu_has_no_room_for_says_so() {
    let model = Model::on("llama", DeviceChoice::SoftwareGpu);
    let (mut scheduler, mut told) = (model.scheduler(), Vec::new());
    scheduler.tokens = 96;
    model.admit(&mut scheduler, job(1, 90, greedy(5)), &mut told);
    let error = of(1, told).1.unwrap_err();
    assert!(matches!(error, Error::DeviceTooSmall { tokens: 90, room: 64 }), "{error}");
    assert_eq!(error.code(), ErrorCode::TooLarge);
    assert!(error.to_string().contains("GPU") && error.hint().is_some(), "{error}");
}

#[test]
fn a_device_that_is_lost_costs_those_who_had_begun_and_the_others_go_on_elsewhere() {
    let model = Model::on("llama", DeviceChoice::SoftwareGpu);
    let (mut scheduler, mut told) = (model.scheduler(), Vec::new());
    let background = |id| Job { priority: GenerationPriority::Background, ..job(id, 50, greedy(20)) };
    model.admit(&mut scheduler, background(2), &mut told);
    while scheduler.sequences[0].written() < 3 {
        scheduler.step(&model.decoder, &model.vocabulary, &|| true, &mut |event| told.push(event));
    }
    model.admit(&mut scheduler, job(1, 40, greedy(50)), &mut told);
    while scheduler.sequences[1].written() < 3 {
        scheduler.step(&model.decoder, &model.vocabulary, &|| true, &mut |event| told.push(event));
    }
    scheduler.most_texts = 3;
    model.admit(&mut scheduler, job(3, 200, greedy(20)), &mut told);
    model.admit(&mut scheduler, background(4), &mut told);
    assert_eq!((scheduler.sequences.len(), scheduler.waiting.len()), (3, 1));
    model.decoder.lose();
    scheduler.step(&model.decoder, &model.vocabulary, &|| true, &mut |event| told.push(event));
    assert!(model.decoder.has_failed());
    assert_eq!(ended(&told), [1], "it had told a part of its text, and was in the pass");
    let texts = scheduler.interrupt();
    assert!(scheduler.is_idle());

    let next = Model::on("llama", DeviceChoice::SoftwareGpu);
    let mut scheduler = next.scheduler();
    scheduler.resume(&next.decoder, texts, &mut |event| told.push(event));
    next.run(&mut scheduler, &mut told);
    let mut texts = vec![String::new(); 5];
    for event in told {
        match event {
            Told::Text { id, text } => texts[id as usize].push_str(&text),
            Told::Ended { id, result } => assert_eq!(result.is_ok(), id > 1, "{id}: {result:?}"),
            other => panic!("nobody asked for {other:?}"),
        }
    }
    for wanted in [background(2), job(3, 200, greedy(20)), background(4)] {
        let id = wanted.id;
        assert_eq!(texts[id as usize], next.write(wanted).0, "text {id}");
    }

    // Who was in a pass when a device was lost before is not tried on a third.
    let (mut scheduler, mut told) = (next.scheduler(), Vec::new());
    next.admit(&mut scheduler, job(5, 200, greedy(20)), &mut told);
    scheduler.sequences[0].is_second_try = true;
    next.decoder.lose();
    scheduler.step(&next.decoder, &next.vocabulary, &|| true, &mut |event| told.push(event));
    assert!(of(5, told).1.is_err() && scheduler.is_idle());
}
