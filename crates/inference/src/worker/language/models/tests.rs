#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use ambit_domain::port::Prompt;
use ambit_domain::{Cancellation, ErrorCode, SamplingOptions, Tools};

use super::*;
use crate::LanguageModelFacts;

/// A folder with a small model.
fn model() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/language_model.gguf");
    std::fs::copy(fixture, folder.path().join("model.gguf")).unwrap();
    folder
}

fn writing(id: u64, folder: &tempfile::TempDir, priority: GenerationPriority, most: u32) -> Writing {
    Writing {
        id,
        folder: folder.path().to_path_buf(),
        device: DeviceChoice::Cpu,
        prompt: Prompt::Text("A harbour is a place on the coast where ships and boats may lie at anchor. ".repeat(3)),
        sampling: SamplingOptions { max_tokens: most, ..SamplingOptions::default() },
        priority,
        tools: Tools::default(),
        draft: None,
        now: "2026-11-26T09:30:00".to_owned(),
        cancellation: Cancellation::new(),
    }
}

fn options(shelf: Option<Arc<Shelf>>, forgotten: Age) -> ModelOptions {
    ModelOptions { threads: NonZeroUsize::MIN, guesses: true, spare_memory: None, shelf, forgotten }
}

/// Models on a machine whose memory a test sets.
struct Machine {
    models: LoadedModels,
    free: Rc<Cell<u64>>,
    ended: Vec<(u64, Result<()>)>,
}

impl Machine {
    fn new(options: ModelOptions) -> Self {
        Self::allowing(options, None)
    }

    /// One on which models may hold so many bytes.
    fn allowing(options: ModelOptions, limit: Option<u64>) -> Self {
        let free = Rc::new(Cell::new(8 << 30));
        let told = Rc::clone(&free);
        let models = LoadedModels::new(options, MemoryBudget::new(move || Some(told.get()), limit));
        Self { models, free, ended: Vec::new() }
    }

    /// Takes a text in, and loads what is to be loaded for it.
    fn admit(&mut self, writing: Writing) {
        self.models.admit(writing, &mut |told| tell(&mut self.ended, told));
        self.settle();
    }

    /// Loads what is being loaded, while nothing else is done.
    fn settle(&mut self) {
        while self.models.loading.is_some() {
            self.models.look_at_loading(Duration::from_secs(1), &mut |told| tell(&mut self.ended, told));
        }
    }

    fn step(&mut self) {
        self.models.step(&|_| true, &mut |told| tell(&mut self.ended, told));
    }

    fn run(&mut self) {
        while !self.models.is_idle() {
            self.step();
        }
    }

    fn waiting(&self) -> Vec<u64> {
        self.models.waiting.iter().map(|waiting| waiting.writing.id).collect()
    }

    fn ids(&self) -> Vec<u64> {
        self.ended.iter().map(|(id, _)| *id).collect()
    }
}

fn tell(ended: &mut Vec<(u64, Result<()>)>, told: Told) {
    if let Told::Ended { id, result } = told {
        ended.push((id, result.map(drop)));
    }
}

#[test]
fn who_waits_for_the_memory_of_a_model_is_not_passed_by_all_who_come_later() {
    use GenerationPriority::{Chat, Completion};
    let (first, second) = (model(), model());
    let mut machine = Machine::new(options(None, Age::default()));
    machine.admit(writing(1, &first, Chat, 30));
    machine.free.set(0);
    machine.admit(writing(2, &second, Chat, 5));
    machine.admit(writing(3, &first, Chat, 5));
    machine.admit(writing(4, &first, Completion, 5));
    assert_eq!(machine.waiting(), [2, 3], "who is more urgent does not wait");
    while !machine.ids().contains(&1) {
        assert_eq!(machine.waiting(), [2, 3]);
        machine.step();
    }
    // The first model has left, but there is still no more memory: it is told.
    machine.run();
    assert_eq!(machine.ids()[..3], [4, 1, 2]);
    let error = machine.ended[2].1.as_ref().unwrap_err();
    assert_eq!(error.code(), ErrorCode::TooLarge, "{error}");

    machine.free.set(8 << 30);
    machine.ended.clear();
    machine.admit(writing(5, &first, Chat, 30));
    machine.free.set(0);
    machine.admit(writing(6, &second, Chat, 5));
    machine.admit(writing(7, &first, Chat, 5));
    assert_eq!(machine.waiting(), [6, 7]);
    machine.models.waiting[0].writing.cancellation.cancel();
    machine.step();
    assert_eq!(machine.waiting(), [0; 0], "nobody waits for that memory any more");
    assert!(matches!(machine.ended[..], [(6, Err(Error::Cancelled))]), "{:?}", machine.ended);
    machine.run();
    assert_eq!(machine.ended.iter().filter(|(_, result)| result.is_ok()).count(), 2);
}

#[test]
fn what_texts_were_promised_is_no_room_for_weights() {
    let (first, second) = (model(), model());
    let mut machine = Machine::new(options(None, Age::default()));
    machine.admit(writing(1, &first, GenerationPriority::Chat, 3000));
    let (held, promised) = machine.models.models[0].model.memory();
    assert!(held == 0 && promised > 100_000, "{promised} bytes for 3000 tokens");
    let needed = LanguageModelFacts::read(second.path()).unwrap().bytes;
    machine.free.set(needed + promised as u64 - 1);
    machine.admit(writing(2, &second, GenerationPriority::Completion, 5));
    assert_eq!(machine.waiting(), [2]);
    machine.free.set(needed + promised as u64);
    machine.admit(writing(3, &second, GenerationPriority::Completion, 5));
    assert_eq!(machine.waiting(), [2, 3], "it does not pass who came first");
    machine.models.waiting[0].writing.cancellation.cancel();
    machine.step();
    machine.settle();
    assert_eq!((machine.waiting().len(), machine.models.models.len()), (0, 2));
}

#[test]
fn memory_is_shared_out_once() {
    assert_eq!(share(Some(8 << 30), 0, 1, LEAST_MEMORY), 4 << 30);
    assert_eq!(share(Some(6 << 30), 2 << 30, 2, LEAST_MEMORY), 2 << 30, "what texts have already is counted");
    assert_eq!(share(None, 0, 2, LEAST_MEMORY), 1 << 30);
    assert_eq!(share(Some(0), 0, 4, LEAST_MEMORY), 64 << 20, "each has some");
    assert_eq!(share(Some(0), 0, 4, 1 << 20), 1 << 20, "less of a small limit");
    assert_eq!(share(Some(8 << 30), 0, 0, LEAST_MEMORY), 4 << 30);
}

#[test]
fn a_model_that_was_replaced_ends_what_it_writes_and_the_new_one_begins() {
    let folder = model();
    let replace = || {
        let other = model();
        std::fs::rename(other.path().join("model.gguf"), folder.path().join("model.gguf")).unwrap();
    };
    let mut machine = Machine::new(options(None, Age::default()));
    machine.admit(writing(1, &folder, GenerationPriority::Chat, 40));
    machine.step();
    replace();
    machine.admit(writing(2, &folder, GenerationPriority::Chat, 5));
    let replaced =
        |machine: &Machine| -> Vec<bool> { machine.models.models.iter().map(|loaded| loaded.is_replaced).collect() };
    assert_eq!(replaced(&machine), [true, false], "both are there while the old one writes");
    machine.run();
    assert!(machine.ended.iter().all(|(_, result)| result.is_ok()), "{:?}", machine.ended);
    assert_eq!(replaced(&machine), [false], "and then the old one is gone");
    // One that has nothing to write goes before the new one comes.
    replace();
    machine.admit(writing(3, &folder, GenerationPriority::Chat, 5));
    assert_eq!(replaced(&machine), [false]);
}

/// Held while no model may be loaded to its end.
static GATE: Mutex<()> = Mutex::new(());
/// How many models have come to it.
static CAME: AtomicUsize = AtomicUsize::new(0);

fn pass_gate() {
    CAME.fetch_add(1, Ordering::SeqCst);
    drop(GATE.lock().unwrap());
}

#[test]
fn texts_go_on_and_can_be_given_up_while_another_model_is_loaded() {
    let (first, second) = (model(), model());
    let mut machine = Machine::new(ModelOptions { spare_memory: Some(pass_gate), ..options(None, Age::default()) });
    machine.admit(writing(1, &first, GenerationPriority::Chat, 20));
    let gate = GATE.lock().unwrap();
    let given_up = writing(2, &second, GenerationPriority::Completion, 5);
    let cancellation = given_up.cancellation.clone();
    let mut ended = Vec::new();
    machine.models.admit(given_up, &mut |told| tell(&mut ended, told));
    machine.models.admit(writing(3, &second, GenerationPriority::Chat, 5), &mut |told| tell(&mut ended, told));
    assert_eq!(machine.waiting(), [2, 3]);
    while !machine.ids().contains(&1) {
        machine.step();
    }
    assert!(machine.ended[0].1.is_ok() && machine.models.loading.is_some(), "{:?}", machine.ended);
    cancellation.cancel();
    machine.step();
    assert!(matches!(machine.ended[1..], [(2, Err(Error::Cancelled))]), "{:?}", machine.ended);
    assert!(machine.models.loading.is_some() && !machine.models.is_idle(), "the other one still needs it");
    drop(gate);
    machine.run();
    assert!(matches!(machine.ended[2..], [(3, Ok(()))]) && ended.is_empty(), "{:?}", machine.ended);
    assert_eq!(machine.models.models.len(), 2);

    // One that nobody waits for any more is given up when others wait for another.
    let (third, fourth) = (self::model(), self::model());
    let (gate, came) = (GATE.lock().unwrap(), CAME.load(Ordering::SeqCst));
    let given_up = writing(4, &third, GenerationPriority::Chat, 5);
    let cancellation = given_up.cancellation.clone();
    machine.models.admit(given_up, &mut |_| {});
    while CAME.load(Ordering::SeqCst) == came {
        machine.step();
    }
    cancellation.cancel();
    machine.step();
    machine.models.admit(writing(5, &fourth, GenerationPriority::Chat, 5), &mut |_| {});
    machine.step();
    drop(gate);
    machine.run();
    assert!(matches!(machine.ended[3..], [(4, Err(Error::Cancelled)), (5, Ok(()))]), "{:?}", machine.ended);
    let loaded =
        |folder: &tempfile::TempDir| machine.models.models.iter().any(|loaded| loaded.identity.folder == folder.path());
    assert!(!loaded(&third) && loaded(&fourth), "what was given up did not come");
}

#[test]
fn a_model_that_cannot_be_loaded_is_told_to_each_who_waits_for_it() {
    let folder = model();
    let file = folder.path().join("model.gguf");
    let bytes = std::fs::read(&file).unwrap();
    std::fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
    let mut machine = Machine::new(options(None, Age::default()));
    let mut ended = Vec::new();
    for id in [1, 2] {
        machine.models.admit(writing(id, &folder, GenerationPriority::Chat, 5), &mut |told| tell(&mut ended, told));
    }
    machine.run();
    assert_eq!((machine.ids(), ended.len()), (vec![1, 2], 0));
    assert!(
        machine.ended.iter().all(|(_, result)| matches!(result, Err(Error::ModelDamaged { .. }))),
        "{:?}",
        machine.ended
    );
}

#[test]
fn no_model_leaves_the_memory_in_vain() {
    let (first, second) = (model(), model());
    let mut machine = Machine::new(options(None, Age::default()));
    machine.admit(writing(1, &first, GenerationPriority::Chat, 5));
    machine.run();
    let needed = LanguageModelFacts::read(second.path()).unwrap().bytes;
    let model = &machine.models.models[0];
    let others = model.bytes() - needed;
    assert_eq!(model.model.bytes(), needed);
    // Its own weights and what it has read come free, and what is needed beside them is not there.
    let mut models = std::mem::take(&mut machine.models.models);
    let room = |models: &mut Vec<Loaded>, more: u64| {
        make_room(models, &MemoryBudget::new(|| Some(0), None), Need::Cpu(needed + others + more))
    };
    assert_eq!((room(&mut models, 1), models.len()), (Room::Refused { free: 0 }, 1));
    assert_eq!((room(&mut models, 0), models.len()), (Room::Refused { free: 0 }, 0), "more did not come free");
}

#[test]
fn models_hold_no_more_than_they_are_allowed_however_much_is_free() {
    let (first, second) = (model(), model());
    let weights = LanguageModelFacts::read(first.path()).unwrap().bytes;
    // One and what it reads have room, two have not.
    let limit = weights + weights / 10 * 9;
    let short = |id, folder| Writing {
        prompt: Prompt::Text("The harbour".to_owned()),
        ..writing(id, folder, GenerationPriority::Chat, 5)
    };
    let mut machine = Machine::allowing(options(None, Age::default()), Some(limit));
    machine.admit(short(1, &first));
    let told = machine.models.memory();
    assert_eq!((told.len(), told[0].state, told[0].weights), (1, ModelState::Working, weights));
    machine.run();
    machine.admit(short(2, &second));
    machine.run();
    assert!(machine.ended.iter().all(|(_, result)| result.is_ok()), "{:?}", machine.ended);
    let told = machine.models.memory();
    assert_eq!(told.iter().map(|model| model.folder.as_path()).collect::<Vec<_>>(), [second.path()]);
    assert_eq!((told[0].state, told[0].is_on_gpu), (ModelState::Resting, false));
    assert!(told[0].weights + told[0].texts <= limit, "{told:?}");

    let mut machine = Machine::allowing(options(None, Age::default()), Some(weights - 1));
    machine.admit(short(1, &first));
    let (_, result) = &machine.ended[0];
    let error = result.as_ref().unwrap_err();
    assert!(
        matches!(error, Error::NoMemory { needed, free } if *needed == weights && *free == weights - 1),
        "{error:?}"
    );
    assert!(error.hint().unwrap().contains("inference.memory-megabytes"));
    assert!(machine.models.memory().is_empty());
}

/// A file that is changed while a model is loaded.
static CHANGED: Mutex<Option<PathBuf>> = Mutex::new(None);

fn change() {
    if let Some(path) = CHANGED.lock().unwrap().as_ref() {
        let file = std::fs::File::options().write(true).open(path).unwrap();
        file.set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
    }
}

#[test]
fn what_a_model_has_read_is_not_kept_under_the_name_of_another() {
    let (folder, place) = (model(), tempfile::tempdir().unwrap());
    let kept = || std::fs::read_dir(place.path()).unwrap().count();
    for changes in [true, false] {
        let age = Age::default();
        let shelf = Arc::new(Shelf::open(place.path(), 1 << 24, age.clone()).unwrap());
        let options = ModelOptions { spare_memory: Some(change), ..options(Some(shelf), age) };
        *CHANGED.lock().unwrap() = changes.then(|| folder.path().join("model.gguf"));
        let mut machine = Machine::new(options);
        machine.admit(writing(1, &folder, GenerationPriority::Chat, 40));
        machine.run();
        assert!(machine.ended[0].1.is_ok());
        drop(machine);
        assert_eq!(kept() > 0, !changes, "{} pages are kept", kept());
    }
}

#[test]
fn a_gpu_that_is_lost_costs_who_had_begun_and_the_others_are_written_on_the_next() {
    let folder = model();
    let mut machine = Machine::new(options(None, Age::default()));
    let on_gpu = |id, priority| Writing { device: DeviceChoice::SoftwareGpu, ..writing(id, &folder, priority, 5) };
    machine.admit(Writing {
        sampling: SamplingOptions { max_tokens: 3000, ..SamplingOptions::default() },
        ..on_gpu(1, GenerationPriority::Chat)
    });
    // It reads, and writes a token or more.
    (0..3).for_each(|_| machine.step());
    machine.admit(on_gpu(2, GenerationPriority::Background));
    machine.models.models[0].model.lose();
    machine.step();
    assert!(matches!(machine.ended[..], [(1, Err(Error::Device(_)))]), "{:?}", machine.ended);
    assert!(machine.models.models.len() == 1 && !machine.models.models[0].model.has_failed(), "it is loaded anew");
    machine.run();
    assert!(matches!(machine.ended[..], [_, (2, Ok(()))]), "{:?}", machine.ended);
    // When the model is another one by then, its texts cannot be gone on with.
    machine.admit(on_gpu(3, GenerationPriority::Chat));
    let other = model();
    std::fs::rename(other.path().join("model.gguf"), folder.path().join("model.gguf")).unwrap();
    machine.models.models[0].model.lose();
    machine.run();
    let (3, Err(error)) = &machine.ended[2] else { panic!("{:?}", machine.ended) };
    assert!(error.to_string().contains("replaced"), "{error}");
}
