//! Fetching models from a hub that misbehaves.

use ambit_tests::{Ambit, model_folder, shown};

use crate::hub::{Content, Fault, Hub};

#[test]
fn a_pull_goes_on_where_it_broke_off_and_takes_nothing_wrong() {
    let hub = Hub::start();
    let files = ["config.json", "tokenizer.json", "model.safetensors"];
    let files = files.map(|name| (name, Content::File(model_folder().join(name))));
    hub.serve("sentence-transformers/all-MiniLM-L6-v2", files);
    let models = tempfile::tempdir().unwrap();
    let ambit = Ambit::with(&[
        ("AMBIT_MODELS_FOLDER", models.path().to_str().unwrap()),
        ("AMBIT_MODELS_HUB", &format!("{}/", hub.address)),
    ]);
    let refused = |hint: &str| {
        let output = ambit.run(&["models", "pull"]);
        assert_eq!(output.status.code(), Some(1), "{}", shown(&output));
        assert!(String::from_utf8_lossy(&output.stderr).contains(hint), "{}", shown(&output));
        assert_eq!(ambit.json(&["models", "list"])["models"][0]["installed"], false);
    };
    hub.set(Fault::Missing);
    refused("models import all-MiniLM-L6-v2 PATH");
    hub.asked();

    hub.set(Fault::BreaksOff(30 << 20));
    refused("goes on where it stopped");
    let names: Vec<String> = hub.asked().into_iter().map(|(path, _)| path).collect();
    assert_eq!(names.len(), 3, "{names:?}");
    assert!(names.iter().all(|path| path.starts_with("/sentence-transformers/all-MiniLM-L6-v2/resolve/")), "{names:?}");

    // What came is kept; its last byte is wrong this time, so that all of it goes.
    hub.set(Fault::Damaged);
    refused("model.safetensors");
    let asked = hub.asked();
    assert_eq!(asked.len(), 1, "the small files are there: {asked:?}");
    assert!(asked[0].1 > 20 << 20, "it went on at {}", asked[0].1);

    // A hub that heeds no ranges sends the whole file, which replaces what was there.
    hub.set(Fault::BreaksOff(10 << 20));
    refused("goes on where it stopped");
    assert_eq!(hub.asked()[0].1, 0, "nothing wrong was kept");
    hub.set(Fault::Whole);
    ambit.text(&["models", "pull"]);
    assert!(hub.asked()[0].1 > 5 << 20);
    assert_eq!(ambit.json(&["models", "list"])["models"][0]["installed"], true);

    ambit.text(&["models", "pull"]);
    assert_eq!(hub.asked(), [], "nothing is fetched twice");
    ambit.write("tomatoes.md", "Water tomatoes early in the morning.\n");
    ambit.index();
    assert!(!ambit.search("keeping vegetables from drying out").is_empty());
}
