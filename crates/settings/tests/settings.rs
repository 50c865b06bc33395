#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "a test stops at the first surprise")]

use std::os::unix::fs::PermissionsExt;

use ambit_settings::{DataDirectory, Origin, Settings, SettingsError, definition, definitions, key};
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
    settings.overlay(key::LOG_LEVEL, json!("shout"));
    assert_eq!(settings.integer(key::INDEX_THREADS), 7);
    assert_eq!(settings.text(key::LOG_LEVEL), "info", "a value that does not fit is left out");
}

#[test]
fn a_wrong_file_says_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("settings.toml");
    std::fs::write(&file, "[index]\nthraeds = 3\n").unwrap();
    let error = Settings::load(Some(&file), []).unwrap_err();
    assert!(matches!(&error, SettingsError::UnknownKey { similar: Some("index.threads"), .. }), "{error:?}");
    std::fs::write(&file, "[index\n").unwrap();
    assert!(matches!(Settings::load(Some(&file), []).unwrap_err(), SettingsError::UnreadableFile { .. }));
    let error = Settings::load(None, environment(&[("AMBIT_INDEX_THREADS", "many")])).unwrap_err();
    assert_eq!(error.to_string(), "`index.threads` takes a whole number from 0 to 256, not `many`");
    assert!(Settings::load(Some(&folder.path().join("none.toml")), []).is_ok(), "a missing file is an empty one");
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
