//! Texts whose beginning is on the disk.

use std::sync::Arc;

use super::*;
use crate::decoder::{PageName, Shelf};

/// Pages of a text that was read before, one of them taken from the disk at a time.
fn recalling(model: &Model, folder: &Path) -> Scheduler {
    let age = Age::default();
    let shelf = Arc::new(Shelf::open(folder, 1 << 24, age.clone()).unwrap());
    let root = PageName::root(model._folder.path()).unwrap();
    let (bytes, prefixes) = model.decoder.memory(1 << 26);
    let shelved = Some(Shelved { shelf, root });
    let mut scheduler = Scheduler::new(&model.decoder, prefixes, bytes, true, age, shelved);
    scheduler.prefixes.set_at_once(1);
    scheduler
}

#[test]
fn others_write_and_can_stop_while_a_beginning_comes_from_the_disk() {
    for name in ["qwen2", "qwen3.5"] {
        let model = Model::new(name);
        let place = tempfile::tempdir().unwrap();
        let pages = 9;
        let known = || job(1, pages * PAGE + 5, greedy(6));
        let (mut scheduler, mut told) = (recalling(&model, place.path()), Vec::new());
        model.admit(&mut scheduler, known(), &mut told);
        model.run(&mut scheduler, &mut told);
        drop(scheduler);
        let (wanted, _) = of(1, told);

        let (mut scheduler, mut told) = (recalling(&model, place.path()), Vec::new());
        model.admit(&mut scheduler, job(2, 3, greedy(100)), &mut told);
        model.admit(&mut scheduler, known(), &mut told);
        model.admit(&mut scheduler, Job { id: 3, ..known() }, &mut told);
        let mut steps = 0;
        while scheduler.sequences.iter().any(|text| text.id == 1 && text.is_recalling) {
            if steps == 3 {
                let third = scheduler.sequences.iter().find(|text| text.id == 3).unwrap();
                third.cancellation.cancel();
            }
            scheduler.step(&model.decoder, &model.vocabulary, &|| true, &mut |event| told.push(event));
            steps += 1;
        }
        assert!(steps >= pages - 2, "{name}: {steps} steps");
        let other = scheduler.sequences.iter().find(|text| text.id == 2).unwrap();
        assert!(other.written() + 2 >= steps, "{name}: {} tokens in {steps} steps", other.written());
        assert!(scheduler.sequences.iter().all(|text| text.id != 3), "{name}: who was given up is gone");
        model.run(&mut scheduler, &mut told);
        let gone = told.iter().position(|told| matches!(told, Told::Ended { id: 3, .. })).unwrap();
        assert!(matches!(told.remove(gone), Told::Ended { result: Err(Error::Cancelled), .. }), "{name}");
        let (text, ending) = of(1, told);
        let ending = ending.unwrap();
        assert_eq!(text, wanted, "{name}");
        // What layers remember is kept where a text was read to, or at the page before.
        assert!(ending.known >= (pages - 1) * PAGE, "{name}: {} tokens were known", ending.known);
    }
}
