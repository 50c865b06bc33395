//! Texts on the GPU, where what layers remember has places of its own.

use std::collections::HashMap;

use super::{Model, Told, greedy, job, warm};
use crate::DeviceChoice;

#[test]
fn texts_that_are_remembered_wait_for_a_place_and_come_to_the_same() {
    let model = Model::on("qwen3.5", DeviceChoice::SoftwareGpu);
    let most = model.decoder.most_texts();
    assert!((1..64).contains(&most), "there are places for {most} texts");
    let (mut scheduler, mut told) = (model.scheduler(), Vec::new());
    scheduler.most_texts = 2;
    let sampling = |id: u64| if id.is_multiple_of(2) { greedy(12) } else { warm(14) };
    let mut wanted = Vec::new();
    // So many passes that places which are not given back would run out; the texts of each round begin like those before.
    for round in 0..2 {
        for id in 1..=4 {
            model.admit(&mut scheduler, job(id, 40 + 8 * id as usize, sampling(id)), &mut told);
        }
        assert_eq!((scheduler.sequences.len(), scheduler.waiting.len()), (2, 2), "the others wait for a place");
        model.run(&mut scheduler, &mut told);
        let mut texts = HashMap::<u64, String>::new();
        for event in told.drain(..) {
            match event {
                Told::Text { id, text } => texts.entry(id).or_default().push_str(&text),
                Told::Ended { id, result } => assert!(result.is_ok(), "{id}: {result:?}"),
                _ => {}
            }
        }
        for id in 1..=4 {
            let found = texts.remove(&id).unwrap_or_default();
            if round == 0 {
                wanted.push(model.write(job(id, 40 + 8 * id as usize, sampling(id))).0);
            }
            assert_eq!(found, wanted[id as usize - 1], "round {round}, text {id}");
        }
    }
}
