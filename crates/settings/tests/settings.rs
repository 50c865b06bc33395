#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "a test stops at the first surprise")]

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use ambit_settings::{DataDirectory, Origin, Settings, definition, definitions, key, settings_set_aside};
use serde_json::json;

fn environment(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn a_higher_layer_wins_over_a_lower_one() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("settings.toml");
    std::fs::write(&file, "[index]\nthreads = 3\nexclude = [\"*.log\"]\n\n[network]\noffline = true\n").unwrap();
    let settings = Settings::load(Some(&file), environment(&[("AMBIT_INDEX_THREADS", "5")])).unwrap();
    assert_eq!(settings.integer(key::INDEX_THREADS), 5);
    assert_eq!(settings.list(key::INDEX_EXCLUDE), ["*.log"]);
    assert!(settings.boolean(key::NETWORK_OFFLINE));
    assert_eq!(settings.value(key::NETWORK_OFFLINE).unwrap().1, &Origin::File(file));
    assert_eq!(settings.value(key::LOG_LEVEL).unwrap().1, &Origin::Default);

    let mut settings = settings;
    settings.overlay(key::INDEX_THREADS, json!(7));
    settings.overlay(key::NETWORK_OFFLINE, json!(false));
    assert_eq!(settings.integer(key::INDEX_THREADS), 5, "the environment has the last word");
    assert!(!settings.boolean(key::NETWORK_OFFLINE), "a preference counts before the file");
    assert_eq!(settings.problems(), [""; 0]);
    settings.overlay(key::LOG_LEVEL, json!("shout"));
    settings.overlay("providers", json!([]));
    assert_eq!(settings.text(key::LOG_LEVEL), "info", "a value that does not fit is left out");
    assert!(settings.problems()[0].contains("`log.level` takes one of"), "{:?}", settings.problems());
    assert_eq!(settings.problems().len(), 1, "what is no setting is none of ours");
}

#[test]
fn an_entry_that_is_wrong_is_left_out_and_told_and_all_others_count() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("settings.toml");
    std::fs::write(&file, "[index]\nthraeds = 3\nthreads = \"many\"\n[answer]\npassages = 5\n").unwrap();
    let mut settings = Settings::load(Some(&file), []).unwrap();
    assert_eq!((settings.integer(key::ANSWER_PASSAGES), settings.integer(key::INDEX_THREADS)), (5, 0));
    let told = settings.problems().join("\n");
    assert_eq!(settings.problems().len(), 2, "{told}");
    let path = file.display().to_string();
    assert!(told.contains(&format!("{path}: `index.thraeds` is left out")), "{told}");
    assert!(told.contains("did you mean `index.threads`?"), "{told}");
    assert!(told.contains("`index.threads` takes a whole number from 0 to 256, not \"many\""), "{told}");
    settings.set_unreadable_file_aside();
    assert!(file.exists(), "the file can be read, so it stays");

    let error = Settings::load(None, environment(&[("AMBIT_INDEX_THREADS", "many")])).unwrap_err();
    assert_eq!(
        error.to_string(),
        "AMBIT_INDEX_THREADS: `index.threads` takes a whole number from 0 to 256, not `many`"
    );
    let none = Settings::load(Some(&folder.path().join("none.toml")), []).unwrap();
    assert_eq!(none.problems(), [""; 0], "a missing file is an empty one");
}

#[test]
fn a_file_that_is_no_toml_is_set_aside_and_replaces_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("settings.toml");
    let first = folder.path().join("settings.toml.unreadable-1");
    std::fs::write(&first, "older").unwrap();
    for (number, broken) in [(2, &b"[answer]\npassages = 5\n[index\n"[..]), (3, b"\xff\xfe")] {
        std::fs::write(&file, broken).unwrap();
        let mut settings = Settings::load(Some(&file), []).unwrap();
        assert_eq!(settings.integer(key::ANSWER_PASSAGES), 8, "the default holds");
        assert!(file.exists(), "to read is not to change");
        settings.set_unreadable_file_aside();
        let aside = folder.path().join(format!("settings.toml.unreadable-{number}"));
        assert_eq!(std::fs::read(&aside).unwrap(), broken);
        assert!(!file.exists());
        let told = settings.problems().join("\n");
        assert!(told.contains("is no TOML") && told.contains(&aside.display().to_string()), "{told}");
        assert!(number != 2 || told.contains("line 3"), "{told}");
    }
    assert_eq!(std::fs::read(&first).unwrap(), b"older");
    assert_eq!(settings_set_aside(&file).len(), 3);
    // Until there are settings again, every start tells of it.
    let again = Settings::load(Some(&file), []).unwrap();
    assert!(again.problems()[0].contains("settings.toml.unreadable-3"), "{:?}", again.problems());
    std::fs::write(&file, "").unwrap();
    assert_eq!(Settings::load(Some(&file), []).unwrap().problems(), [""; 0]);

    // What cannot be read at all may be somebody else's, and stays.
    let closed = folder.path().join("folder.toml");
    std::fs::create_dir(&closed).unwrap();
    let mut settings = Settings::load(Some(&closed), []).unwrap();
    settings.set_unreadable_file_aside();
    assert!(settings.problems()[0].contains("cannot be read"), "{:?}", settings.problems());
    assert!(closed.exists());
}

#[test]
fn folders_are_whole_paths() {
    let folder = definition(key::MODELS_FOLDER).unwrap();
    for path in ["", "/srv/models", "~", "~/models"] {
        assert!(folder.parse(path).is_ok(), "{path}");
    }
    for path in ["models", "./models", "../models", "~other/models"] {
        let error = folder.parse(path).unwrap_err().to_string();
        assert!(error.contains("a whole path"), "{error}");
    }
    let at = |path: &str| {
        let settings = Settings::load(None, environment(&[("AMBIT_MODELS_FOLDER", path)])).unwrap();
        settings.folder(key::MODELS_FOLDER)
    };
    let home = PathBuf::from(std::env::var_os("HOME").unwrap());
    assert_eq!(at(""), None);
    assert_eq!(at("/srv/models"), Some(PathBuf::from("/srv/models")));
    assert_eq!(at("~/models"), Some(home.join("models")));
}

#[test]
fn every_default_fits_its_own_setting() {
    let all = definitions();
    for setting in &all {
        setting.validate(&setting.default).unwrap();
        assert!(setting.description.ends_with('.'), "{}", setting.key);
    }
    let mut keys: Vec<_> = all.iter().map(|setting| setting.key).collect();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), all.len());
    let hub = definition("models.hub").unwrap();
    for address in ["https://mirror.example", "http://127.0.0.1:8080/models", "https://[::1]:8443"] {
        assert!(hub.parse(address).is_ok(), "{address}");
    }
    for wrong in ["mirror.example", "https://", "ftp://mirror.example", "https://a b"] {
        let error = hub.parse(wrong).unwrap_err().to_string();
        assert!(error.contains("an address like https://host"), "{error}");
    }
    assert_eq!(definition("network.offline").unwrap().parse("on").unwrap(), json!(true));
    assert_eq!(definition("index.exclude").unwrap().parse("*.log, *.tmp").unwrap(), json!(["*.log", "*.tmp"]));
}

#[test]
fn the_data_directory_is_closed_to_others() {
    let folder = tempfile::tempdir().unwrap();
    let directory = DataDirectory::locate(Some(folder.path().join("deep/ambit"))).unwrap();
    directory.create().unwrap();
    std::fs::set_permissions(directory.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    directory.create().unwrap();
    for path in [directory.path().to_owned(), directory.run(), directory.logs()] {
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700, "{}", path.display());
    }
}
