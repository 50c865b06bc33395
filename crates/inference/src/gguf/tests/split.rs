//! Models in several files, and files of which only the beginning is there.

use std::path::PathBuf;

use super::*;

const UINT16: u32 = 2;
const INT32: u32 = 5;

/// A part of a model with one tensor of its own.
fn part(number: u16, count: u16, tensors: i32) -> Draft {
    let draft = Draft::default()
        .setting("split.no", UINT16, &number.to_le_bytes())
        .setting("split.count", UINT16, &count.to_le_bytes())
        .setting("split.tensors.count", INT32, &tensors.to_le_bytes());
    let draft = if number == 0 { draft.setting("general.name", TEXT, &text("whole")) } else { draft };
    draft.tensor(&format!("blk.{number}.weight"), &[8], 0, 0).data(32)
}

/// A folder with a model in three parts.
fn model() -> (tempfile::TempDir, Vec<PathBuf>) {
    let folder = tempfile::tempdir().unwrap();
    let paths: Vec<PathBuf> =
        (1..=3).map(|number| folder.path().join(format!("small-{number:05}-of-00003.gguf"))).collect();
    for (number, path) in (0..).zip(&paths) {
        std::fs::write(path, part(number, 3, 3).bytes()).unwrap();
    }
    (folder, paths)
}

fn refusal(path: &Path) -> String {
    Gguf::open(path).err().unwrap().to_string()
}

#[test]
fn all_parts_are_one_model_whichever_is_named() {
    let (_folder, paths) = model();
    for path in &paths {
        let whole = Gguf::open(path).unwrap();
        assert_eq!(whole.text("general.name"), Some("whole"));
        let names: Vec<&str> = whole.announced().map(|(name, ..)| name).collect();
        assert_eq!(names, ["blk.0.weight", "blk.1.weight", "blk.2.weight"]);
        assert!(names.iter().all(|name| whole.tensor(name).unwrap().bytes.len() == 32));
    }
}

#[test]
fn a_part_that_is_missing_or_another_is_named() {
    let (_folder, paths) = model();
    let second = std::fs::read(&paths[1]).unwrap();
    for path in &paths {
        let aside = path.with_extension("aside");
        std::fs::rename(path, &aside).unwrap();
        let other = if *path == paths[0] { &paths[2] } else { &paths[0] };
        let name = path.file_name().unwrap().to_str().unwrap();
        assert!(refusal(other).contains(name), "{}", refusal(other));
        std::fs::rename(&aside, path).unwrap();
    }
    std::fs::copy(&paths[2], &paths[1]).unwrap();
    let told = refusal(&paths[0]);
    assert!(told.contains("00002-of-00003") && told.contains("which part"), "{told}");
    std::fs::write(&paths[1], part(1, 3, 3).tensor("blk.0.weight", &[8], 0, 32).data(64).bytes()).unwrap();
    assert!(refusal(&paths[0]).contains("`blk.0.weight`, which an earlier part has"));
    std::fs::write(&paths[1], part(1, 3, 3).tensor("more", &[8], 0, 32).data(64).bytes()).unwrap();
    assert!(refusal(&paths[0]).contains("4 tensors, and 3 were announced"));
    std::fs::write(&paths[1], second).unwrap();
    // A part under another name does not tell where the others are.
    let alone = paths[0].with_file_name("alone.gguf");
    std::fs::copy(&paths[0], &alone).unwrap();
    assert!(refusal(&alone).contains("model-00001-of-00003.gguf"), "{}", refusal(&alone));
}

#[test]
fn names_of_parts_are_read_and_written() {
    let name = SplitName::parse("small-Q4_K_M-00002-of-00012.gguf").unwrap();
    assert_eq!((name.stem.as_str(), name.number, name.count), ("small-Q4_K_M", 2, 12));
    assert_eq!(name.part(11), "small-Q4_K_M-00011-of-00012.gguf");
    for other in [
        "small.gguf",
        "small-2-of-3.gguf",
        "small-00004-of-00003.gguf",
        "small-00000-of-00003.gguf",
        "small-00001-of-00001.gguf",
        "small-00001-of-00003.safetensors",
        "small-+0001-of-00003.gguf",
    ] {
        assert_eq!(SplitName::parse(other), None, "{other}");
    }
}

#[test]
fn the_beginning_of_a_file_tells_its_settings_once_its_header_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.gguf.part");
    let whole = std::fs::read(MODEL).unwrap();
    let open = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        Gguf::open_beginning(&path, whole.len() as u64)
    };
    assert!(open(&whole[..10]).unwrap().is_none());
    assert!(open(&whole[..1000]).unwrap().is_none());
    let begun = open(&whole[..1900]).unwrap().unwrap();
    assert_eq!(begun.text("general.architecture"), Some("test"));
    let all = Gguf::open(MODEL.as_ref()).unwrap();
    assert_eq!(begun.announced().collect::<Vec<_>>(), all.announced().collect::<Vec<_>>());
    let unreadable = Draft::default().tensor("x", &[32], 20, 0).data(18).bytes();
    let error = open(&unreadable[..unreadable.len() - 18]).err().unwrap();
    assert!(error.to_string().contains("IQ4_NL"), "{error}");
}
