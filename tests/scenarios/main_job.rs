use ambit_tests::{Ambit, shown};
use serde_json::Value;

/// A small library of several formats about things that have nothing to do with each other.
pub(crate) fn fill(ambit: &Ambit) {
    ambit.write(
        "garden/tomatoes.md",
        "---\ntitle: Tomatoes\nauthors: [Ada Example]\ntags: [vegetables]\n---\n# Tomatoes\n\n## Watering\n\nTomato plants want \
         water at the root, early in the morning, and never on the leaves, or blight follows within days.\n\n## Pruning\n\n\
         Side shoots are pinched out weekly, so that the plant puts its strength into fruit. See [the beds](beds.html).\n",
    );
    ambit.write(
        "garden/beds.html",
        "<!doctype html><html lang=en><head><title>Raised beds</title></head><body><nav>Home Contact</nav><main>\
         <h1 id=beds>Raised beds</h1><p>A raised bed warms earlier in spring and drains faster after rain.</p>\
         <h2 id=soil>Soil</h2><p>Fill it with two parts compost and one part sand.</p></main></body></html>",
    );
    ambit.write(
        "code/queue.rs",
        "//! A bounded queue.\n\n/// Holds at most `capacity` items.\npub struct BoundedQueue<T> {\n    items: Vec<T>,\n    \
         capacity: usize,\n}\n\nimpl<T> BoundedQueue<T> {\n    /// Refuses an item when the queue is full.\n    \
         pub fn try_enqueue(&mut self, item: T) -> Result<(), T> {\n        if self.items.len() == self.capacity {\n            \
         return Err(item);\n        }\n        self.items.push(item);\n        Ok(())\n    }\n}\n",
    );
    ambit.write("notes/meeting.txt", "The quarterly budget review was moved from Tuesday to Friday at ten.\n");
    ambit.write(
        "notes/analysis.ipynb",
        r##"{"cells":[{"cell_type":"markdown","metadata":{},"source":["# Rainfall\n","March was the wettest month on record."]},
            {"cell_type":"code","metadata":{},"execution_count":1,"outputs":[],"source":["total = sum(rainfall)"]}],
            "metadata":{},"nbformat":4,"nbformat_minor":5}"##,
    );
    ambit.write("notes/japanese.txt", "東京都の図書館は月曜日に休館します。\n");
}

#[test]
fn make_run_without_a_terminal_asks_one_question_and_stops() {
    let ambit = Ambit::new();
    fill(&ambit);
    let script = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/run");
    let run = |question: &str| {
        let template = ambit.command(&[]);
        let mut command = std::process::Command::new(&script);
        command
            .arg(ambit_tests::binary().parent().unwrap())
            .arg(ambit.files())
            .arg(ambit_tests::model_folder())
            .arg(question);
        command.stdin(std::process::Stdio::null()).env_clear();
        for (name, value) in template.get_envs() {
            if let Some(value) = value {
                command.env(name, value);
            }
        }
        let output = command.env("PATH", std::env::var_os("PATH").unwrap()).output().unwrap();
        assert!(output.status.success(), "{}", shown(&output));
        assert_eq!(ambit.host(), None, "the host was stopped");
        String::from_utf8(output.stdout).unwrap()
    };
    let said = run("");
    assert!(said.contains("? What is said about ") && said.contains("[1]"), "{said}");
    let said = run("How should I water my tomato plants?");
    assert!(said.contains("early in the morning") && said.contains("tomatoes.md"), "{said}");
    run("Who won the chess championship of 1972?");
}

fn ask(ambit: &Ambit, question: &str) -> (Vec<Value>, Value) {
    let output = ambit.run(&["--json", "ask", question]);
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let events: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let Some(last) = events.last().cloned() else { panic!("ask {question}: {}", shown(&output)) };
    assert_eq!(last["event"], "finished", "ask {question}: {}", shown(&output));
    (events, last["turn"].clone())
}

#[test]
fn a_folder_is_indexed_and_a_question_gets_an_answer_with_its_source() {
    let ambit = Ambit::new();
    fill(&ambit);
    ambit.index();

    let (events, turn) = ask(&ambit, "How should I water my tomato plants?");
    let order: Vec<&str> = events.iter().map(|event| event["event"].as_str().unwrap()).collect();
    assert_eq!(order[..2], ["started", "recalled"], "{order:?}");
    assert!(order[2..order.len() - 1].iter().all(|name| *name == "text") && order.len() > 3, "{order:?}");
    let answer = &turn["answer"];
    assert_eq!(answer["origin"]["kind"], "extractive");
    assert_eq!(answer["bytes_sent"], 0);
    let text = answer["text"].as_str().unwrap();
    assert!(text.contains("early in the morning") && text.contains("[1]"), "{text}");
    assert!(text.to_lowercase().contains("no language model"), "{text}");
    let citation = &answer["citations"][0];
    assert!(citation["path"].as_str().unwrap().ends_with("garden/tomatoes.md"), "{citation}");
    assert_eq!(citation["hash"].as_str().unwrap().len(), 64);
    assert!(citation["span"]["start"].as_u64().unwrap() >= 7, "{citation}");
    assert!(answer["embedder"].as_str().unwrap().starts_with("all-MiniLM-L6-v2@"));

    // The person at the terminal sees the same.
    let shown = ambit.text(&["ask", "How", "should", "I", "water", "tomatoes?"]);
    assert!(
        shown.contains("Sources") && shown.contains("tomatoes.md:") && shown.contains("nothing left this machine"),
        "{shown}"
    );

    // The turn is kept with its provenance.
    let sessions = ambit.json(&["sessions", "list"]);
    let id = sessions["sessions"][1]["id"].as_str().unwrap().to_owned();
    let session = ambit.json(&["sessions", "show", &id]);
    assert_eq!(session["turns"][0]["answer"]["citations"][0]["hash"], citation["hash"]);

    // It is found again by what it says.
    let found = ambit.json(&["sessions", "search", "WATER", "tomatoes"]);
    assert!(found["turns"].as_array().unwrap().iter().any(|turn| turn["session"] == id.as_str()), "{found}");
    assert!(ambit.text(&["sessions", "search", "tomatoes"]).to_lowercase().contains("tomato"));
    assert_eq!(ambit.json(&["sessions", "search", "hovercraft"])["turns"].as_array().unwrap().len(), 0);
}

#[test]
fn what_the_sources_do_not_answer_is_not_answered() {
    let ambit = Ambit::new();
    fill(&ambit);
    ambit.index();
    let output = ambit.run(&["--json", "ask", "Who won the football world cup in 1990?"]);
    assert_eq!(output.status.code(), Some(3), "{}", shown(&output));
    let text = String::from_utf8(output.stdout).unwrap();
    let last: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    let answer = &last["turn"]["answer"];
    assert_eq!(answer["origin"]["kind"], "nothing-found", "{answer}");
    assert_eq!(answer["citations"].as_array().unwrap().len(), 0);
}

#[test]
fn a_search_finds_by_meaning_by_word_and_by_part_of_a_word() {
    let ambit = Ambit::new();
    fill(&ambit);
    ambit.index();
    for (query, expected) in [
        ("keeping vegetables from drying out", "garden/tomatoes.md"),
        ("blight", "garden/tomatoes.md"),
        ("try_enqueue", "code/queue.rs"),
        ("enqueue", "code/queue.rs"),
        ("BoundedQueue", "code/queue.rs"),
        ("which day is the finance discussion", "notes/meeting.txt"),
        ("wettest month", "notes/analysis.ipynb"),
        ("図書館", "notes/japanese.txt"),
        ("compost and sand", "garden/beds.html"),
    ] {
        let found = ambit.search(query);
        let best = found.first().unwrap_or_else(|| panic!("`{query}` found nothing"));
        assert!(best.ends_with(expected), "`{query}` found {found:?}");
    }
    let inside = ambit.json(&["search", "plants", "--in", ambit.files().join("garden").to_str().unwrap()]);
    for passage in inside["passages"].as_array().unwrap() {
        assert!(passage["path"].as_str().unwrap().contains("/garden/"), "{passage}");
    }
    let code = ambit.json(&["search", "--kind", "code", "queue"]);
    assert!(code["passages"].as_array().unwrap().iter().all(|passage| passage["kind"] == "code"), "{code}");
}

#[test]
fn the_graph_knows_documents_links_symbols_and_people() {
    let ambit = Ambit::new();
    fill(&ambit);
    ambit.index();
    let ask = "SELECT ?name WHERE { ?document schema:author ?person . ?person schema:name ?name }";
    let people = ambit.json(&["graph", "query", ask]);
    assert_eq!(people["rows"][0][0]["value"], "Ada Example", "{people}");
    let facts =
        |pattern: &str| ambit.json(&["graph", "query", &format!("SELECT ?value WHERE {{ {pattern} }}")]).to_string();
    let links = facts("?document schema:name 'Tomatoes' ; ambit:linksTo ?value");
    assert!(links.contains("garden/beds.html"), "{links}");
    let symbols = facts("?document ambit:defines ?symbol . ?symbol schema:name ?value");
    assert!(symbols.contains("BoundedQueue") && symbols.contains("try_enqueue"), "{symbols}");
    let sections = facts("?section a ambit:Section ; schema:name ?value");
    assert!(sections.contains("Watering") && sections.contains("Soil"), "{sections}");
    let communities = ambit.json(&["graph", "communities"])["communities"].clone();
    assert_eq!(communities[0]["size"], 2, "{communities}");
    let members = communities[0]["members"].to_string();
    assert!(members.contains("tomatoes.md") && members.contains("beds.html"), "{members}");
    assert!(ambit.text(&["graph", "communities"]).starts_with("2 documents\n"));
    let refused = ambit.run(&["graph", "query", "DELETE WHERE { ?s ?p ?o }"]);
    assert_eq!(refused.status.code(), Some(1), "{}", shown(&refused));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("hint:"), "{}", shown(&refused));
}

#[test]
fn memories_are_kept_edited_and_scoped() {
    let ambit = Ambit::new();
    fill(&ambit);
    let memory = ambit.json(&["memory", "add", "--preference", "Answer", "in", "metric", "units"]);
    assert_eq!(memory["kind"], "preference");
    let id = memory["id"].as_str().unwrap();
    let files = ambit.files();
    ambit.text(&["memory", "edit", id, "Answer in imperial units", "--folder", files.to_str().unwrap()]);
    let moved = ambit.json(&["memory", "edit", id, "--kind", "fact"]);
    assert_eq!((&moved["kind"], &moved["scope"]["scope"]), (&"fact".into(), &"folder".into()), "{moved}");
    let back = ambit.json(&["memory", "edit", id, "--everywhere"]);
    assert_eq!(back["text"], "Answer in imperial units", "what is not named stays: {back}");
    let nothing = ambit.run(&["memory", "edit", id]);
    assert_eq!(nothing.status.code(), Some(2), "{}", shown(&nothing));
    ambit.text(&["memory", "add", "--folder", ambit.files().to_str().unwrap(), "The garden is in zone 7"]);
    let all = ambit.json(&["memory", "list"]);
    assert_eq!(all.as_array().unwrap().len(), 2);
    ambit.index();
    let (events, _) = ask(&ambit, "How should I water my tomato plants?");
    let recalled = events.iter().find(|event| event["event"] == "recalled").unwrap();
    let texts: Vec<&str> =
        recalled["memories"].as_array().unwrap().iter().map(|memory| memory["text"].as_str().unwrap()).collect();
    assert!(texts.contains(&"Answer in imperial units"), "{texts:?}");
    assert!(!texts.contains(&"The garden is in zone 7"), "asked from another folder: {texts:?}");
    ambit.text(&["memory", "remove", id]);
    assert_eq!(ambit.json(&["memory", "list"]).as_array().unwrap().len(), 1);
}

#[test]
fn a_backup_brings_everything_back() {
    let ambit = Ambit::new();
    fill(&ambit);
    ambit.index();
    ambit.text(&["memory", "add", "The key is under the mat"]);
    let file = ambit.files().parent().unwrap().join("backup.db");
    ambit.text(&["backup", file.to_str().unwrap()]);
    ambit.text(&["memory", "add", "Something later"]);
    ambit.text(&["index", "remove", ambit.files().to_str().unwrap()]);
    assert!(ambit.search("blight").is_empty());
    let refused = ambit.run(&["restore", file.to_str().unwrap()]);
    assert_eq!(refused.status.code(), Some(1), "restoring needs consent: {}", shown(&refused));
    ambit.text(&["restore", "--yes", file.to_str().unwrap()]);
    assert!(ambit.search("blight")[0].ends_with("tomatoes.md"));
    let exported = ambit.json(&["export"]);
    assert!(exported.to_string().contains("The key is under the mat"), "{exported}");
    assert!(!exported.to_string().contains("Something later"), "{exported}");
}

#[test]
fn settings_are_checked_and_take_effect() {
    let ambit = Ambit::new();
    let set = ambit.json(&["settings", "set", "network.offline", "yes"]);
    assert_eq!(set["value"], true);
    assert!(ambit.text(&["status"]).contains("closed"));
    let pulled = ambit.text(&["models", "pull"]);
    assert_eq!(pulled, "", "the model is there, so that nothing has to be fetched");
    let wrong = ambit.run(&["settings", "set", "network.ofline", "yes"]);
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("did you mean `network.offline`?"), "{}", shown(&wrong));
    ambit.text(&["settings", "unset", "network.offline"]);
    assert_eq!(ambit.json(&["settings", "get", "network.offline"])["value"], false);
}

#[test]
fn without_a_model_search_works_by_word_and_says_what_is_missing() {
    let empty = tempfile::tempdir().unwrap();
    let ambit = Ambit::with(&[("AMBIT_MODELS_FOLDER", empty.path().to_str().unwrap())]);
    fill(&ambit);
    ambit.index();
    assert!(ambit.search("blight")[0].ends_with("tomatoes.md"));
    let doctor = ambit.run(&["doctor"]);
    assert_eq!(doctor.status.code(), Some(1));
    let said = String::from_utf8_lossy(&doctor.stdout).into_owned();
    assert!(said.contains("ambit models pull"), "{said}");
    let complaint = String::from_utf8_lossy(&doctor.stderr).into_owned();
    assert_eq!(complaint, "error: 1 thing to be mended\n", "no driver writes to the terminal");

    ambit.text(&["settings", "set", "network.offline", "true"]);
    let refused = ambit.run(&["models", "pull"]);
    assert_eq!(refused.status.code(), Some(1), "{}", shown(&refused));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("offline mode is on"), "{}", shown(&refused));

    ambit.text(&["models", "import", "all-MiniLM-L6-v2", ambit_tests::model_folder().to_str().unwrap()]);
    ambit.text(&["index", "status", "--wait"]);
    let found = ambit.search("keeping vegetables from drying out");
    assert!(found[0].ends_with("tomatoes.md"), "{found:?}");
}

#[test]
fn the_command_line_explains_itself() {
    let ambit = Ambit::new();
    assert_eq!(ambit.run(&["frobnicate"]).status.code(), Some(2));
    let help = ambit.text(&["--help"]);
    assert!(help.contains("Exit codes:"), "{help}");
    assert!(ambit.text(&["completions", "bash"]).contains("ambit"));
    let missing = ambit.run(&["index", "add", "/no/such/folder"]);
    assert_eq!(missing.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&missing.stderr).contains("/no/such/folder"), "{}", shown(&missing));
    let empty = ambit.run(&["ask", " "]);
    assert_eq!(empty.status.code(), Some(1), "{}", shown(&empty));
}
