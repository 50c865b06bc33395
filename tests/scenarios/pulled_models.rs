//! Language models from a hub, in one file or several, and whether they fit.

use std::path::{Path, PathBuf};
use std::process::Output;

use ambit_tests::{Ambit, shown};
use serde_json::{Value, json};

use crate::hub::{Content, Fault, Hub};
use crate::tiny::{Tiny, header, vocabulary};

const REPOSITORY: &str = "someone/Small-GGUF";

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/inference/tests/fixtures").canonicalize().unwrap()
}

/// The model of `crates/xtask/fixtures/language_model.py`, which writes nonsense.
fn model() -> Vec<u8> {
    std::fs::read(fixtures().join("language_model.gguf")).unwrap()
}

/// An installation with a models' folder of its own that fetches from a hub.
fn installation() -> (Hub, tempfile::TempDir, Ambit) {
    let hub = Hub::start();
    let models = tempfile::tempdir().unwrap();
    let ambit =
        Ambit::with(&[("AMBIT_MODELS_FOLDER", models.path().to_str().unwrap()), ("AMBIT_MODELS_HUB", &hub.address)]);
    (hub, models, ambit)
}

/// What a command that must fail says.
fn refused(ambit: &Ambit, arguments: &[&str]) -> String {
    let output: Output = ambit.run(arguments);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {}", shown(&output));
    String::from_utf8(output.stderr).unwrap()
}

/// The language models that are installed.
fn installed(ambit: &Ambit) -> Vec<String> {
    let listed = ambit.json(&["models", "list"]);
    let models = listed["models"].as_array().unwrap().iter().filter(|model| model["role"] == "language");
    models.map(|model| model["id"].as_str().unwrap().to_owned()).collect()
}

/// What the files of a models' folder are called, those that are hidden as well.
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = entries.collect();
    names.sort();
    names
}

/// The events of a pull or an import.
fn events(ambit: &Ambit, arguments: &[&str]) -> Vec<Value> {
    let arguments: Vec<&str> = std::iter::once("--json").chain(arguments.iter().copied()).collect();
    ambit.text(&arguments).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_model_is_chosen_fetched_in_pieces_and_remembered() {
    let (hub, models, ambit) = installation();
    hub.serve(
        REPOSITORY,
        [
            ("README.md", Content::Bytes(b"# Small".to_vec())),
            ("small-Q2_K.gguf", Content::Bytes(b"not asked for".to_vec())),
            ("small-q8_0.gguf", Content::Bytes(model())),
            ("small-F16.gguf", Content::Claimed(1 << 50)),
        ],
    );

    // Which one is not said, so that all are told that can be read, with what fits.
    let told = refused(&ambit, &["models", "pull", REPOSITORY]);
    assert!(told.contains("2 models") && !told.contains("Q2_K"), "{told}");
    let row = |label: &str| told.lines().find(|line| line.trim().starts_with(label)).unwrap_or_default().to_owned();
    assert!(row("F16").ends_with("won't fit") && row("Q8_0").ends_with("fits"), "{told}");
    assert!(told.contains("ambit models pull someone/Small-GGUF:Q8_0"), "{told}");
    let told = refused(&ambit, &["models", "pull", "someone/Small-GGUF:F16"]);
    assert!(told.contains("won't fit") && told.contains("--force") && told.contains("GB"), "{told}");
    assert!(refused(&ambit, &["models", "pull", "someone/Small-GGUF:Q2_K"]).contains("cannot be read here"));
    assert!(refused(&ambit, &["models", "pull", "someone/Small-GGUF:Q5_K_M"]).contains("no model `Q5_K_M`"));
    // There is no disk of a petabyte either.
    let told = refused(&ambit, &["models", "pull", "someone/Small-GGUF:F16", "--force"]);
    assert!(told.contains("are free there"), "{told}");
    assert_eq!(hub.files_asked(), [""; 0], "nothing was fetched");

    let pull = ["models", "pull", "someone/Small-GGUF:q8_0", "--as", "small"];
    hub.set(Fault::BreaksOff(100_000));
    assert!(refused(&ambit, &pull).contains("goes on where it stopped"));
    assert_eq!(hub.asked().last().unwrap().1, 0);
    assert_eq!(installed(&ambit), [""; 0]);
    // It goes on, across hosts; a last byte that is wrong costs all of it.
    ambit.text(&["stop"]);
    hub.set(Fault::Damaged);
    let told = refused(&ambit, &pull);
    assert!(told.contains("SHA-256"), "{told}");
    assert_eq!(hub.asked().last().unwrap().1, 100_000);
    hub.set(Fault::BreaksOff(50_000));
    refused(&ambit, &pull);
    hub.set(Fault::Whole);
    hub.asked();
    let told = events(&ambit, &pull);
    assert_eq!(hub.asked().last().unwrap().1, 50_000);
    let kinds: Vec<&str> = told.iter().map(|event| event["event"].as_str().unwrap()).collect();
    assert_eq!((kinds[0], kinds[kinds.len() - 2], kinds[kinds.len() - 1]), ("planned", "verified", "finished"));
    assert_eq!((&told[0]["model"], &told[0]["fit"]["verdict"]), (&json!("small"), &json!("fits")), "{}", told[0]);
    assert!(!kinds[1..].contains(&"planned"), "the files tell what their sizes told: {kinds:?}");

    let commit = hub.commit(REPOSITORY);
    let shown = ambit.json(&["models", "show", "small"]);
    assert_eq!(
        shown["origin"],
        json!({ "from": "hub", "repository": REPOSITORY, "revision": commit, "files": ["small-q8_0.gguf"] })
    );
    let language = &shown["language"];
    assert_eq!(language["architecture"], "qwen2");
    assert_eq!((&language["layers"], &language["context_tokens"]), (&json!(2), &json!(4096)));
    assert_eq!((&language["quantisation"], &language["has_chat_template"]), (&json!("Q8_0"), &json!(true)));
    assert!(language["parameters"].as_u64().unwrap() > 100_000, "{language}");
    assert_eq!((&shown["license"], &shown["active"]), (&json!("apache-2.0"), &json!(true)));
    assert!(shown["fit"]["needed"].as_u64().unwrap() > shown["size"].as_u64().unwrap(), "{shown}");
    let text = ambit.text(&["models", "show", "small"]);
    assert!(text.contains(&commit) && text.contains("apache-2.0") && text.contains("fits"), "{text}");
    let list = ambit.text(&["models", "list"]);
    assert!(list.lines().any(|line| line.contains("small") && line.contains("language") && line.contains("fits")));
    assert_eq!(ambit.json(&["status"])["language_model"], "small");
    assert_eq!(names(models.path()), ["small"], "what was gathered is gone");

    // What is here is not fetched again, not even when the repository has a newer commit with the same file.
    hub.asked();
    events(&ambit, &pull);
    hub.serve(REPOSITORY, [("README.md", Content::Bytes(b"# Small, but new".to_vec()))]);
    events(&ambit, &pull);
    assert_eq!(hub.files_asked(), [""; 0]);
    assert_eq!(ambit.json(&["models", "show", "small"])["origin"]["revision"], hub.commit(REPOSITORY));
    // A newer file takes the place of the older one.
    let mut newer = model();
    *newer.last_mut().unwrap() ^= 1;
    hub.serve(REPOSITORY, [("small-q8_0.gguf", Content::Bytes(newer.clone()))]);
    events(&ambit, &pull);
    assert_eq!(std::fs::read(models.path().join("small/model.gguf")).unwrap(), newer);

    hub.serve("other/Small-GGUF", [("small-q8_0.gguf", Content::Bytes(model()))]);
    let told = refused(&ambit, &["models", "pull", "other/Small-GGUF", "--as", "small"]);
    assert!(told.contains("another model is called `small`") && told.contains("--as"), "{told}");
    events(&ambit, &["models", "pull", "other/Small-GGUF"]);
    assert_eq!(installed(&ambit), ["Small-Q8_0", "small"]);
    ambit.text(&["models", "remove", "small"]);
    ambit.text(&["models", "remove", "Small-Q8_0"]);
    assert_eq!(names(models.path()), [""; 0]);
    assert!(refused(&ambit, &["models", "show", "small"]).contains("no model called `small`"));
}

/// A model in two files with zeros for weights, and a file that does not belong to it.
fn safetensors() -> Vec<(&'static str, Content)> {
    let tiny = Tiny { tokens: 1024, between: 64 };
    let tensors = tiny.tensors();
    // The embedding is the first.
    let (first, second) = tensors.split_at(1);
    let shards = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"];
    let places = first.iter().map(|tensor| (tensor, shards[0])).chain(second.iter().map(|tensor| (tensor, shards[1])));
    let places: serde_json::Map<String, Value> =
        places.map(|((name, _), shard)| (name.clone(), json!(shard))).collect();
    vec![
        ("config.json", Content::Bytes(tiny.config().to_string().into_bytes())),
        ("tokenizer.json", Content::Bytes(vocabulary())),
        ("tokenizer_config.json", Content::Bytes(br#"{"chat_template": "{{ messages[0].content }}"}"#.to_vec())),
        ("model.safetensors.index.json", Content::Bytes(json!({ "weight_map": places }).to_string().into_bytes())),
        (shards[0], Content::Bytes(whole(first))),
        (shards[1], Content::Bytes(whole(second))),
        ("onnx/model.onnx", Content::Claimed(5 << 30)),
    ]
}

/// A file with all of its zeros.
fn whole(tensors: &[(String, Vec<usize>)]) -> Vec<u8> {
    let (mut bytes, size) = header(tensors);
    bytes.resize(size, 0);
    bytes
}

#[test]
fn safetensors_are_fetched_and_what_cannot_be_run_is_refused_before_its_weights_come() {
    let (hub, models, ambit) = installation();
    hub.serve("someone/Tiny", safetensors());
    hub.set(Fault::SmallDamaged);
    let told = refused(&ambit, &["models", "pull", "someone/Tiny"]);
    assert!(told.contains("config.json") && told.contains("damaged") && told.contains("git blob id"), "{told}");
    assert_eq!(hub.files_asked(), ["config.json"]);
    hub.set(Fault::None);
    let told = events(&ambit, &["models", "pull", "someone/Tiny"]);
    assert_eq!(told[0]["model"], "Tiny");
    let expected = [
        "config.json",
        "tokenizer.json",
        "tokenizer_config.json",
        "model.safetensors.index.json",
        "model-00001-of-00002.safetensors",
        "model-00002-of-00002.safetensors",
    ];
    assert_eq!(hub.files_asked(), expected);
    let shown = ambit.json(&["models", "show", "Tiny"]);
    let language = &shown["language"];
    assert_eq!((&language["architecture"], &language["quantisation"]), (&json!("qwen2"), &json!("BF16")));
    assert_eq!((&language["layers"], &language["has_chat_template"]), (&json!(1), &json!(true)));
    assert_eq!(shown["origin"]["files"].as_array().unwrap().len(), 6);

    let unknown = Content::Bytes(br#"{"model_type": "something-new"}"#.to_vec());
    hub.serve("someone/New", safetensors());
    hub.serve("someone/New", [("config.json", unknown)]);
    let told = refused(&ambit, &["models", "pull", "someone/New"]);
    assert!(told.contains("something-new"), "{told}");
    assert_eq!(hub.files_asked(), ["config.json"]);

    // A GGUF file tells in its first bytes what it is, whatever its name says; the rest is not fetched.
    let mut unreadable = model();
    let place = unreadable.windows(5).position(|window| window == b"qwen2").unwrap();
    unreadable[place..place + 5].copy_from_slice(b"qwen9");
    unreadable.resize(8 << 20, 0);
    hub.serve("someone/New-GGUF", [("new-Q8_0.gguf", Content::Bytes(unreadable))]);
    let told = refused(&ambit, &["models", "pull", "someone/New-GGUF"]);
    assert!(told.contains("qwen9") && !told.contains("damaged"), "{told}");
    assert_eq!(names(models.path()), ["Tiny"], "nothing is left of what cannot be run");
}

#[test]
fn a_hub_that_refuses_is_explained() {
    let (hub, _models, ambit) = installation();
    hub.serve(REPOSITORY, [("small-q8_0.gguf", Content::Bytes(model()))]);
    let pull = |id: &str| refused(&ambit, &["models", "pull", id]);
    let told = pull("someone/Nothing");
    assert!(told.contains("may not exist") && told.contains("models import"), "{told}");
    assert!(pull("../x/y").contains("does not name a model of a hub"));
    assert!(pull("small").contains("no model is known as `small`"));
    hub.set(Fault::Gated);
    let told = pull(REPOSITORY);
    let page = format!("{}/{REPOSITORY}", hub.address);
    assert!(told.contains("is gated") && told.contains(&page) && told.contains("ambit models import"), "{told}");
    hub.set(Fault::Missing);
    assert!(pull(REPOSITORY).contains("no repository someone/Small-GGUF"));
    hub.set(Fault::TooMany);
    let told = pull(REPOSITORY);
    assert!(told.contains("429") && told.contains("try again later"), "{told}");

    // The real hub, and no way there.
    let offline = Ambit::with(&[("AMBIT_NETWORK_OFFLINE", "true")]);
    let told = refused(&offline, &["models", "pull", REPOSITORY]);
    assert!(told.contains("offline mode is on") && told.contains("models import"), "{told}");
}

/// A GGUF file taken apart: its settings as they are in the file, and its tensors.
struct Parts {
    count: u64,
    settings: Vec<u8>,
    /// What the header says of a tensor up to its offset, and its bytes.
    tensors: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Parts {
    fn of(file: &[u8]) -> Self {
        let long = |place: usize| u64::from_le_bytes(file[place..place + 8].try_into().unwrap());
        let word = |place: usize| u32::from_le_bytes(file[place..place + 4].try_into().unwrap());
        let text = |place: usize| place + 8 + usize::try_from(long(place)).unwrap();
        let fixed = |kind: u32| match kind {
            0 | 1 | 7 => 1,
            2 | 3 => 2,
            10..=12 => 8,
            _ => 4,
        };
        let (tensors, count) = (long(8), long(16));
        let mut place = 24;
        for _ in 0..count {
            place = text(place);
            let kind = word(place);
            place += 4;
            place = match kind {
                8 => text(place),
                9 => {
                    let (kind, length) = (word(place), usize::try_from(long(place + 4)).unwrap());
                    place += 12;
                    match kind {
                        8 => (0..length).fold(place, |place, _| text(place)),
                        kind => place + length * fixed(kind),
                    }
                }
                kind => place + fixed(kind),
            };
        }
        let settings = file[24..place].to_vec();
        let mut heads = Vec::new();
        for _ in 0..tensors {
            let from = place;
            place = text(place);
            place += 4 + 8 * usize::try_from(word(place)).unwrap() + 4;
            heads.push((file[from..place].to_vec(), usize::try_from(long(place)).unwrap()));
            place += 8;
        }
        let data = &file[place.next_multiple_of(32)..];
        let mut ends: Vec<usize> = heads.iter().map(|(_, offset)| *offset).chain([data.len()]).collect();
        ends.sort_unstable();
        let tensors = heads.into_iter().map(|(head, from)| {
            let end = ends.iter().copied().find(|end| *end > from).unwrap();
            let mut bytes = data[from..end].to_vec();
            bytes.resize(bytes.len().next_multiple_of(32), 0);
            (head, bytes)
        });
        Self { count, settings, tensors: tensors.collect() }
    }

    /// A file of some of the tensors, with settings before those that there are.
    fn file(&self, more: &[(&str, u32, Vec<u8>)], tensors: &[(Vec<u8>, Vec<u8>)], is_first: bool) -> Vec<u8> {
        let settings = more.len() as u64 + if is_first { self.count } else { 0 };
        let mut file =
            [&b"GGUF\x03\0\0\0"[..], &(tensors.len() as u64).to_le_bytes(), &settings.to_le_bytes()].concat();
        for (key, kind, value) in more {
            file.extend([&(key.len() as u64).to_le_bytes(), key.as_bytes(), &kind.to_le_bytes(), &value[..]].concat());
        }
        if is_first {
            file.extend(&self.settings);
        }
        let mut offset = 0;
        for (head, bytes) in tensors {
            file.extend(head);
            file.extend((offset as u64).to_le_bytes());
            offset += bytes.len();
        }
        file.resize(file.len().next_multiple_of(32), 0);
        tensors.iter().for_each(|(_, bytes)| file.extend(bytes));
        file
    }

    /// The model in so many files, as llama.cpp splits it.
    fn split(&self, count: u16) -> Vec<Vec<u8>> {
        let total = i32::try_from(self.tensors.len()).unwrap();
        let size = self.tensors.len().div_ceil(usize::from(count));
        (0..count)
            .zip(self.tensors.chunks(size))
            .map(|(number, tensors)| {
                let more = [
                    ("split.no", 2, number.to_le_bytes().to_vec()),
                    ("split.count", 2, count.to_le_bytes().to_vec()),
                    ("split.tensors.count", 5, total.to_le_bytes().to_vec()),
                ];
                self.file(&more, tensors, number == 0)
            })
            .collect()
    }
}

/// What the model writes after a text.
fn written(ambit: &Ambit, model: &str) -> String {
    let mut curl = std::process::Command::new("curl");
    curl.arg("-s").arg("--unix-socket").arg(ambit.data().join("run/host.sock"));
    let body = json!({ "model": model, "prompt": "on and on", "max_tokens": 8, "temperature": 0 });
    let output = curl.args(["http://localhost/v1/completions", "--json", &body.to_string()]).output().unwrap();
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", shown(&output)));
    answer["choices"][0]["text"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
}

#[test]
fn a_model_in_several_files_is_one() {
    let (hub, models, ambit) = installation();
    let parts = Parts::of(&model()).split(3);
    let names_of = |number: usize| format!("small-Q8_0-{number:05}-of-00003.gguf");
    let paths: Vec<PathBuf> =
        parts.iter().enumerate().map(|(number, part)| ambit.write(&names_of(number + 1), part)).collect();
    let whole = ambit.write("whole.gguf", model());
    ambit.text(&["models", "import", "whole", whole.to_str().unwrap()]);
    ambit.text(&["models", "import", "parts", paths[0].to_str().unwrap()]);
    let folder = ambit.files().join("folder");
    std::fs::create_dir(&folder).unwrap();
    for path in &paths {
        std::fs::copy(path, folder.join(path.file_name().unwrap())).unwrap();
    }
    ambit.text(&["models", "import", "folder", folder.to_str().unwrap()]);
    let remote = names_of(1);
    let served: Vec<(String, Content)> = (1..)
        .zip(&parts)
        .map(|(number, part)| (format!("Q8_0/{}", names_of(number)), Content::Bytes(part.clone())))
        .collect();
    hub.serve(REPOSITORY, served.iter().map(|(name, content)| (name.as_str(), content.clone())));
    events(&ambit, &["models", "pull", &format!("{REPOSITORY}:{remote}"), "--as", "pulled"]);
    assert_eq!(names(&models.path().join("pulled")), names(&models.path().join("parts")));

    let expected = written(&ambit, "whole");
    assert!(!expected.is_empty());
    let about = |id: &str| ambit.json(&["models", "show", id]);
    for id in ["parts", "folder", "pulled"] {
        assert_eq!(written(&ambit, id), expected, "{id} writes something else");
        assert_eq!(about(id)["language"], about("whole")["language"], "{id}");
    }
    assert_eq!(about("parts")["origin"], json!({ "from": "local", "path": paths[0].to_str().unwrap() }));

    std::fs::remove_file(&paths[1]).unwrap();
    let told = refused(&ambit, &["models", "import", "less", paths[0].to_str().unwrap()]);
    assert!(told.contains(&names_of(2)), "{told}");
    assert!(!models.path().join("less").exists());
}

#[test]
fn an_import_that_will_not_fit_is_refused_and_what_is_left_of_others_goes() {
    let (_hub, models, ambit) = installation();
    // Processes have no such number.
    std::fs::create_dir(models.path().join(".small.2147483647-0.part")).unwrap();
    std::fs::create_dir(models.path().join(".lost.2147483647-0.old")).unwrap();
    let parts = Parts::of(&model());
    let values = 1_u64 << 41;
    let name = b"extra.weight";
    let head = [
        &(name.len() as u64).to_le_bytes(),
        &name[..],
        &1_u32.to_le_bytes(),
        &values.to_le_bytes(),
        &0_u32.to_le_bytes(),
    ];
    let mut tensors = parts.tensors.clone();
    tensors.push((head.concat(), Vec::new()));
    let file = parts.file(&[], &tensors, true);
    let path = ambit.write("large.gguf", &file);
    // Terabytes of nothing, which take no place.
    let sparse = std::fs::File::options().write(true).open(&path).unwrap();
    sparse.set_len(file.len() as u64 + values * 4).unwrap();
    let told = refused(&ambit, &["models", "import", "large", path.to_str().unwrap()]);
    assert!(told.contains("large won't fit") && told.contains("8796.") && told.contains("--force"), "{told}");
    // What a crash took from its place is back; it is no model, but that is not known by its name.
    assert_eq!(names(models.path()), ["lost"]);
}
