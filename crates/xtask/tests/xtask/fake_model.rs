use std::time::Duration;

use xtask::fake_model::{FakeModel, Heard};

fn request(path: &str, body: &str) -> Heard {
    Heard { path: path.to_owned(), body: body.to_owned() }
}

#[test]
fn a_fake_model_takes_its_time_and_holds_connections_open() {
    let model = FakeModel::start(Duration::from_millis(30)).unwrap();
    let asked = request("/v1/completions", "{\"prompt\":\"é\",\"suffix\":\"\",\"stream\":true}");
    let times = model.bare(&asked, 3).unwrap();
    assert!(times.iter().all(|time| (30.0..200.0).contains(time)), "{times:?}");
    assert_eq!(model.last("/completions"), Some(asked), "it tells what came");
    model.take(Duration::ZERO);
    let times = model.bare(&request("/v1/chat/completions", "{\"messages\":[]}"), 5).unwrap();
    assert!(times.iter().any(|time| *time < 20.0), "{times:?}");
    model.forget();
    assert_eq!(model.last("/completions"), None);
    assert!(model.bare(&request("/api/show", "{}"), 1).is_err(), "it is no Ollama");
}

#[test]
fn its_texts_are_told_apart_by_their_numbers() {
    assert_eq!(FakeModel::number("let x = told_42();"), Some(42));
    assert_eq!((FakeModel::number("told_"), FakeModel::number("old_7")), (None, None));
}
