use std::process::Output;

fn xtask(arguments: &[&str]) -> Output {
    xtask::peers::command(env!("CARGO_BIN_EXE_xtask")).args(arguments).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn help_names_every_benchmark() {
    let help = said(&xtask(&["bench", "--help"]));
    for name in ["embed", "index", "search", "idle", "desktop", "recall-quality", "complete-overhead", "lsp-memory"] {
        assert!(help.contains(name), "`{name}` is missing:\n{help}");
    }
    let search = said(&xtask(&["bench", "search", "--help"]));
    assert!(search.contains("--rebuild") && search.contains("cache"), "nothing says how to clear the data:\n{search}");
}

#[test]
fn a_set_of_ones_own_needs_folder_and_questions() {
    let output = xtask(&["bench", "recall-quality", "--folder", "/tmp"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("--questions"), "{}", said(&output));
}

#[test]
fn an_incomplete_model_is_named_with_what_to_do() {
    let empty = tempfile::tempdir().unwrap();
    let output = xtask(&["bench", "embed", "--json", "--model", empty.path().to_str().unwrap()]);
    assert!(!output.status.success());
    let said = said(&output);
    assert!(said.contains(empty.path().to_str().unwrap()) && said.contains("ambit models pull"), "{said}");
    assert!(output.stdout.is_empty(), "a failed benchmark must not print a report");
}
