#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

use std::path::PathBuf;

use proptest::prelude::*;
use serde_json::json;
use tempfile::TempDir;

use super::*;
use crate::weight_format::WeightFormat;

/// A folder of a model in the making.
struct Draft(TempDir);

impl Draft {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn file(self, name: &str, bytes: impl AsRef<[u8]>) -> Self {
        std::fs::write(self.path(name), bytes).unwrap();
        self
    }

    fn index(self, places: &[(&str, &str)]) -> Self {
        let places: serde_json::Map<_, _> =
            places.iter().map(|(name, file)| ((*name).to_owned(), json!(file))).collect();
        let index = json!({"metadata": {"total_size": 1}, "weight_map": places});
        self.file(INDEX, index.to_string())
    }

    fn open(&self) -> Result<WeightsFolder> {
        WeightsFolder::open(self.0.path())
    }

    /// What the user is told, which names the file.
    fn damage(&self, file: &str) -> String {
        match self.open().err() {
            Some(Error::ModelDamaged { path, reason }) if path == self.path(file) => reason,
            other => panic!("{file} should be called damaged: {other:?}"),
        }
    }
}

/// A safetensors file with these tensors: name, type, shape and bytes.
fn safetensors(tensors: &[(&str, &str, &[usize], &[u8])]) -> Vec<u8> {
    let mut data = Vec::new();
    let entries = tensors.iter().map(|(name, kind, shape, bytes)| {
        let from = data.len();
        data.extend_from_slice(bytes);
        format!("{}:{}", json!(name), json!({"dtype": kind, "shape": shape, "data_offsets": [from, data.len()]}))
    });
    let header = format!("{{{}}}", entries.collect::<Vec<_>>().join(","));
    [&(header.len() as u64).to_le_bytes(), header.as_bytes(), &data].concat()
}

fn singles(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

fn sample() -> Vec<u8> {
    safetensors(&[
        ("b.weight", "F32", &[2, 3], &singles(&[1.0, 2.0, 3.0, 4.0, 5.0, -6.5])),
        // One, two and minus a half.
        ("a.weight", "F16", &[3], &[0x00, 0x3c, 0x00, 0x40, 0x00, 0xb8]),
        ("c.weight", "BF16", &[1, 2], &[0x80, 0x3f, 0x00, 0xc0]),
        ("positions", "I64", &[1], &[0; 8]),
    ])
}

#[test]
fn a_single_file_gives_its_tensors() {
    let folder = Draft::new().file(SINGLE, sample()).open().unwrap();
    assert_eq!(folder.names().collect::<Vec<_>>(), ["a.weight", "b.weight", "c.weight", "positions"]);
    let tensor = folder.tensor("b.weight").unwrap().unwrap();
    assert_eq!((tensor.format, tensor.shape), (WeightFormat::F32, &[2, 3][..]));
    assert_eq!(tensor.dequantised(), [1.0, 2.0, 3.0, 4.0, 5.0, -6.5]);
    assert_eq!(tensor.row(1).unwrap(), singles(&[4.0, 5.0, -6.5]));
    let tensor = folder.tensor("a.weight").unwrap().unwrap();
    assert_eq!((tensor.format, tensor.dequantised()), (WeightFormat::F16, vec![1.0, 2.0, -0.5]));
    let tensor = folder.tensor("c.weight").unwrap().unwrap();
    assert_eq!((tensor.format, tensor.dequantised()), (WeightFormat::Bf16, vec![1.0, -2.0]));
    assert!(folder.tensor("d.weight").unwrap().is_none());
}

#[test]
fn a_tensor_that_cannot_be_read_matters_only_when_it_is_asked_for() {
    let draft = Draft::new().file(SINGLE, sample());
    let error = draft.open().unwrap().tensor("positions").unwrap_err();
    assert!(matches!(&error, Error::ModelUnsupported { path, .. } if *path == draft.path(SINGLE)), "{error}");
    assert!(error.to_string().contains("`positions`") && error.to_string().contains("I64"), "{error}");
}

#[test]
fn shards_give_their_tensors_together() {
    let draft = Draft::new()
        .file("model-00001-of-00002.safetensors", safetensors(&[("x", "F32", &[1], &singles(&[1.5]))]))
        .file("model-00002-of-00002.safetensors", sample())
        .index(&[
            ("x", "model-00001-of-00002.safetensors"),
            ("a.weight", "model-00002-of-00002.safetensors"),
            ("b.weight", "model-00002-of-00002.safetensors"),
        ]);
    let folder = draft.open().unwrap();
    assert_eq!(folder.names().collect::<Vec<_>>(), ["a.weight", "b.weight", "x"]);
    assert_eq!(folder.tensor("x").unwrap().unwrap().dequantised(), [1.5]);
    assert_eq!(folder.tensor("a.weight").unwrap().unwrap().dequantised(), [1.0, 2.0, -0.5]);
    assert!(folder.tensor("c.weight").unwrap().is_none(), "the index does not name it");
}

#[test]
fn a_folder_without_weights_misses_the_single_file() {
    let draft = Draft::new();
    let error = draft.open().err().unwrap();
    assert!(matches!(&error, Error::ModelMissing { path } if *path == draft.path(SINGLE)), "{error}");
}

#[test]
fn a_shard_that_is_missing_is_named() {
    let draft = Draft::new().index(&[("x", "model-00001-of-00001.safetensors")]);
    let error = draft.open().err().unwrap();
    let missing = draft.path("model-00001-of-00001.safetensors");
    assert!(matches!(&error, Error::ModelMissing { path } if *path == missing), "{error}");
}

#[test]
fn an_index_leads_to_files_beside_it_alone() {
    for name in [
        "../other.safetensors",
        "/etc/other.safetensors",
        "folder/other.safetensors",
        "folder\\other.safetensors",
        "C:other.safetensors",
        "./other.safetensors",
        "other.safetensors/",
        "other\0.safetensors",
        "..",
        ".",
        "",
        "config.json",
    ] {
        let reason = Draft::new().index(&[("x", name)]).damage(INDEX);
        assert!(reason.contains("beside it"), "{name:?}: {reason}");
    }
}

#[test]
fn an_index_that_makes_no_sense_is_refused() {
    for (index, reason) in [
        ("", "EOF"),
        ("3", "an object with `weight_map`"),
        ("{\"weight_map\": 3}", "an object"),
        ("{\"weight_map\": {\"x\": 3}}", "string"),
        ("{\"metadata\": {}}", "weight_map"),
        ("{\"weight_map\": {\"x\": \"a.safetensors\", \"x\": \"b.safetensors\"}}", "\"x\" is in it twice"),
    ] {
        let said = Draft::new().file(INDEX, index).damage(INDEX);
        assert!(said.contains(reason), "{index}: {said}");
    }
    let long = vec![b' '; usize::try_from(INDEX_LIMIT).unwrap() + 1];
    assert!(Draft::new().file(INDEX, long).damage(INDEX).contains("larger"));
}

#[test]
fn the_index_and_the_shards_agree() {
    let shard = safetensors(&[("x", "F32", &[1], &singles(&[1.0]))]);
    let draft = Draft::new().file("a.safetensors", &shard).index(&[("x", "a.safetensors"), ("y", "a.safetensors")]);
    assert!(draft.damage("a.safetensors").contains("no `y`"));
    let other = safetensors(&[("x", "F32", &[1], &singles(&[2.0])), ("y", "F32", &[1], &singles(&[2.0]))]);
    let draft = Draft::new()
        .file("a.safetensors", &shard)
        .file("b.safetensors", other)
        .index(&[("x", "a.safetensors"), ("y", "b.safetensors")]);
    assert!(draft.damage("b.safetensors").contains("`x`"));
}

#[test]
fn a_file_that_is_not_there_in_full_is_named() {
    let whole = sample();
    for length in [0, 7, 8, 60, whole.len() - 1] {
        let reason = Draft::new().file(SINGLE, &whole[..length]).damage(SINGLE);
        assert!(reason.contains("cut off"), "{length} bytes: {reason}");
        let reason = Draft::new().file("a.safetensors", &whole[..length]).index(&[("x", "a.safetensors")]);
        assert!(reason.damage("a.safetensors").contains("cut off"), "{length} bytes");
    }
    let longer = [&whole[..], b"x"].concat();
    assert!(Draft::new().file(SINGLE, longer).damage(SINGLE).contains("more bytes"));
}

#[test]
fn two_tensors_of_one_name_are_refused() {
    let twice = safetensors(&[("x", "F32", &[0], &[]), ("x", "F32", &[0], &[])]);
    assert!(Draft::new().file(SINGLE, twice).damage(SINGLE).contains("\"x\" is in it twice"));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn a_file_with_changed_bytes_never_panics(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut file = sample();
        for (at, to) in changes {
            let at = at.index(file.len());
            file[at] = to;
        }
        let draft = Draft::new().file(SINGLE, file);
        if let Ok(folder) = draft.open() {
            for name in folder.names() {
                if let Ok(Some(tensor)) = folder.tensor(name) {
                    prop_assert_eq!(tensor.values(), tensor.shape.iter().product::<usize>());
                    prop_assert_eq!(tensor.dequantised().len(), tensor.values());
                }
            }
        }
    }

    #[test]
    fn any_index_gives_a_folder_or_an_error(index in ".{0,60}", name in ".{0,20}", file in ".{0,20}") {
        prop_assert!(Draft::new().file(INDEX, index).open().is_err());
        prop_assert!(Draft::new().index(&[(name.as_str(), file.as_str())]).open().is_err());
    }
}
