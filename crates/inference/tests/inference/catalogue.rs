use ambit_domain::Cancellation;
use ambit_inference::catalogue::{ALL_MINILM_L6_V2, Checksum, find, installed, verify};
use ambit_inference::{DeviceChoice, Encoder, Error, WordPieceCounter};

use crate::model;

#[test]
fn the_installed_model_is_the_one_that_the_catalogue_names() {
    let folder = model::folder();
    for file in ALL_MINILM_L6_V2.files {
        let mut seen = 0;
        let checksum = Checksum::Sha256(file.sha256.to_owned());
        let path = folder.join(file.name);
        verify(&path, file.size, Some(&checksum), &mut |done| seen = done, &Cancellation::new()).unwrap();
        assert_eq!(seen, file.size, "progress must reach the size of {}", file.name);
    }
    assert_eq!(ALL_MINILM_L6_V2.versioned_id(), "all-MiniLM-L6-v2@c9745ed1");
    assert_eq!(find("all-MiniLM-L6-v2"), Some(&ALL_MINILM_L6_V2));
    assert_eq!(find("no-such-model"), None);
}

#[test]
fn a_changed_byte_a_missing_byte_and_a_missing_file_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let file = &ALL_MINILM_L6_V2.files[0];
    let path = folder.path().join(file.name);
    let checksum = Checksum::Sha256(file.sha256.to_owned());
    let check = || verify(&path, file.size, Some(&checksum), &mut |_| {}, &Cancellation::new());
    assert!(matches!(check(), Err(Error::ModelMissing { .. })));

    let mut bytes = std::fs::read(model::folder().join(file.name)).unwrap();
    std::fs::write(&path, &bytes).unwrap();
    check().unwrap();
    bytes[100] ^= 1;
    std::fs::write(&path, &bytes).unwrap();
    assert!(check().unwrap_err().to_string().contains("SHA-256"));
    bytes.pop();
    std::fs::write(&path, &bytes).unwrap();
    assert!(check().unwrap_err().to_string().contains("611 bytes where 612 were expected"));

    let cancellation = Cancellation::new();
    cancellation.cancel();
    std::fs::copy(model::folder().join(file.name), &path).unwrap();
    assert!(matches!(verify(&path, file.size, Some(&checksum), &mut |_| {}, &cancellation), Err(Error::Cancelled)));
    assert!(!installed(folder.path(), &ALL_MINILM_L6_V2), "two files are still missing");
}

#[test]
fn a_file_of_git_is_known_by_its_blob() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.json");
    std::fs::write(&path, "hello\n").unwrap();
    // What `git hash-object` says.
    let check = |id: &str| verify(&path, 6, Some(&Checksum::GitBlob(id.to_owned())), &mut |_| {}, &Cancellation::new());
    check("ce013625030ba8dba906f756967f9e9ca394464a").unwrap();
    std::fs::write(&path, "hallo\n").unwrap();
    let error = check("ce013625030ba8dba906f756967f9e9ca394464a").unwrap_err();
    assert!(error.to_string().contains("git blob id") && matches!(error, Error::ModelDamaged { .. }), "{error}");
}

#[test]
fn a_folder_without_a_sound_model_says_what_is_wrong_and_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let load = || Encoder::load(folder.path(), DeviceChoice::Cpu).map(|_| ()).map_err(ambit_domain::Error::from);

    let error = load().unwrap_err();
    assert_eq!(error.code(), ambit_domain::ErrorCode::ModelMissing);
    assert!(error.message().contains("config.json"));
    assert!(error.hint().unwrap().contains("ambit models pull"));
    assert!(matches!(WordPieceCounter::open(folder.path()), Err(Error::ModelMissing { .. })));

    for file in ALL_MINILM_L6_V2.files {
        std::fs::copy(model::folder().join(file.name), folder.path().join(file.name)).unwrap();
    }
    load().unwrap();

    let weights = folder.path().join("model.safetensors");
    let length = std::fs::metadata(&weights).unwrap().len();
    let file = std::fs::OpenOptions::new().write(true).open(&weights).unwrap();
    file.set_len(length - 4).unwrap();
    let error = load().unwrap_err();
    assert_eq!(error.code(), ambit_domain::ErrorCode::Corrupt, "{error}");
    file.set_len(3).unwrap();
    assert_eq!(load().unwrap_err().code(), ambit_domain::ErrorCode::Corrupt);
    std::fs::write(&weights, [0xff; 64]).unwrap();
    assert_eq!(load().unwrap_err().code(), ambit_domain::ErrorCode::Corrupt);

    let config = std::fs::read_to_string(folder.path().join("config.json")).unwrap();
    std::fs::write(folder.path().join("config.json"), config.replace("\"bert\"", "\"llama\"")).unwrap();
    let error = load().unwrap_err();
    assert_eq!(error.code(), ambit_domain::ErrorCode::Unsupported);
    assert!(error.message().contains("`llama`"), "{error}");
    std::fs::write(folder.path().join("config.json"), "{").unwrap();
    assert_eq!(load().unwrap_err().code(), ambit_domain::ErrorCode::Corrupt);

    std::fs::write(folder.path().join("tokenizer.json"), "[]").unwrap();
    assert!(matches!(WordPieceCounter::open(folder.path()), Err(Error::ModelDamaged { .. })));
}
