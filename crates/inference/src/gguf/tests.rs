#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use serde_json::Value as Json;

use super::value::NumberType;
use super::*;
use crate::weight_format::WeightFormat;

mod split;

/// A file that the package `gguf` wrote, and what is in it: `xtask/fixtures/quantised_blocks.py` makes both.
const MODEL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/small_model.gguf");
const CONTENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/small_model.json");

const TEXT: u32 = 8;
const ARRAY: u32 = 9;

/// A file in the making: settings, then tensors, each a piece that may be as wrong as the test wants it.
#[derive(Default)]
struct Draft {
    version: Option<u32>,
    settings: Vec<Vec<u8>>,
    tensors: Vec<Vec<u8>>,
    data: Vec<u8>,
}

impl Draft {
    fn setting(mut self, key: &str, kind: u32, value: &[u8]) -> Self {
        self.settings.push([text(key), kind.to_le_bytes().to_vec(), value.to_vec()].concat());
        self
    }

    /// A tensor with its dimensions in the file's order, innermost first.
    fn tensor(mut self, name: &str, dimensions: &[u64], format: u32, offset: u64) -> Self {
        let count = u32::try_from(dimensions.len()).unwrap().to_le_bytes().to_vec();
        let dimensions = dimensions.iter().flat_map(|size| size.to_le_bytes()).collect();
        let tail = [format.to_le_bytes().to_vec(), offset.to_le_bytes().to_vec()].concat();
        self.tensors.push([text(name), count, dimensions, tail].concat());
        self
    }

    fn data(mut self, bytes: usize) -> Self {
        self.data = vec![1; bytes];
        self
    }

    fn bytes(&self) -> Vec<u8> {
        self.counted(self.tensors.len() as u64, self.settings.len() as u64)
    }

    fn counted(&self, tensors: u64, settings: u64) -> Vec<u8> {
        let version = self.version.unwrap_or(3).to_le_bytes();
        let mut bytes = [b"GGUF", &version[..], &tensors.to_le_bytes(), &settings.to_le_bytes()].concat();
        bytes.extend(self.settings.concat());
        bytes.extend(self.tensors.concat());
        bytes.resize(bytes.len().next_multiple_of(32), 0);
        bytes.extend(&self.data);
        bytes
    }

    fn damage(&self) -> String {
        damage(&self.bytes())
    }

    fn obstacle(&self) -> String {
        match parse(&self.bytes()).unwrap_err() {
            Refusal::Unsupported(reason) => reason,
            Refusal::Damaged(reason) => panic!("it is said to be damaged: {reason}"),
        }
    }
}

fn text(text: &str) -> Vec<u8> {
    [&(text.len() as u64).to_le_bytes(), text.as_bytes()].concat()
}

fn list(kind: u32, count: u64, elements: &[u8]) -> Vec<u8> {
    [&kind.to_le_bytes(), &count.to_le_bytes()[..], elements].concat()
}

fn damage(bytes: &[u8]) -> String {
    match parse(bytes).unwrap_err() {
        Refusal::Damaged(reason) => reason,
        Refusal::Unsupported(reason) => panic!("it is said to be sound: {reason}"),
    }
}

/// What the expected content says a value is.
fn expected(value: &Json) -> Value {
    let inner = &value["value"];
    match value["type"].as_str().unwrap() {
        "UINT8" | "UINT16" | "UINT32" | "UINT64" => Value::Number(Number::Unsigned(inner.as_u64().unwrap())),
        "INT8" | "INT16" | "INT32" | "INT64" => Value::Number(Number::Signed(inner.as_i64().unwrap())),
        "FLOAT32" => {
            let bits = u32::try_from(inner.as_u64().unwrap()).unwrap();
            Value::Number(Number::Float(f64::from(f32::from_bits(bits))))
        }
        "FLOAT64" => Value::Number(Number::Float(f64::from_bits(inner.as_u64().unwrap()))),
        "BOOL" => Value::Boolean(inner.as_bool().unwrap()),
        "STRING" => Value::Text(inner.as_str().unwrap().to_owned()),
        other => panic!("{other}"),
    }
}

/// The elements of a list, as they would be on their own.
fn elements(array: &Array) -> Vec<Value> {
    match array {
        Array::Numbers(numbers) => numbers.iter().map(Value::Number).collect(),
        Array::Booleans(values) => values.iter().copied().map(Value::Boolean).collect(),
        Array::Texts(texts) => texts.iter().cloned().map(Value::Text).collect(),
        Array::Arrays(arrays) => arrays.iter().cloned().map(Value::Array).collect(),
    }
}

fn assert_same(key: &str, value: &Value, json: &Json) {
    let Value::Array(array) = value else {
        assert_eq!(*value, expected(json), "{key}");
        return;
    };
    let (values, jsons) = (elements(array), json["value"].as_array().unwrap());
    assert_eq!(values.len(), jsons.len(), "{key}");
    for (value, json) in values.iter().zip(jsons) {
        assert_same(key, value, json);
    }
}

fn content() -> Json {
    serde_json::from_slice(&std::fs::read(CONTENT).unwrap()).unwrap()
}

#[test]
fn settings_of_every_type_are_read_as_they_were_written() {
    let (model, content) = (Gguf::open(MODEL.as_ref()).unwrap(), content());
    let settings = content["settings"].as_object().unwrap();
    assert_eq!(model.values.len(), settings.len());
    for (key, json) in settings {
        assert_same(key, model.value(key).unwrap_or_else(|| panic!("it has no {key}")), json);
    }
}

#[test]
fn tensors_are_read_as_they_were_written() {
    let (model, content) = (Gguf::open(MODEL.as_ref()).unwrap(), content());
    let tensors = content["tensors"].as_array().unwrap();
    let names: Vec<&str> = model.announced().map(|(name, ..)| name).collect();
    assert_eq!(names.len(), tensors.len(), "{names:?}");
    for json in tensors {
        let name = json["name"].as_str().unwrap();
        let tensor = model.tensor(name).unwrap_or_else(|| panic!("it has no {name}"));
        assert_eq!(tensor.format.name(), json["format"], "{name}");
        assert_eq!(serde_json::to_value(tensor.shape).unwrap(), json["shape"], "{name}");
        let values: Vec<u8> = tensor.dequantised().iter().flat_map(|value| value.to_le_bytes()).collect();
        assert!(values == STANDARD.decode(json["values"].as_str().unwrap()).unwrap(), "{name} has other values");
    }
    assert!(model.tensor("blk.1.attn_q.weight").is_none());
}

#[test]
fn a_setting_is_given_as_what_it_is_and_as_nothing_else() {
    let model = Gguf::open(MODEL.as_ref()).unwrap();
    assert_eq!(model.text("general.architecture"), Some("test"));
    assert_eq!(model.unsigned("test.uint64"), Some(u64::MAX));
    assert_eq!(model.unsigned("general.alignment"), Some(64));
    assert_eq!(model.unsigned("test.int32"), None, "it is negative");
    assert_eq!(model.float("test.float32"), Some(1e-5));
    assert_eq!(model.float("test.float64"), Some(0.1));
    assert_eq!(model.boolean("test.true"), Some(true));
    assert_eq!(model.boolean("test.false"), Some(false));
    assert_eq!(model.booleans("test.bools"), Some(&[true, false, true][..]));
    assert_eq!(model.texts("tokenizer.ggml.tokens").unwrap()[2], "Ġthe");
    assert_eq!(model.numbers("test.int8s"), Some(vec![-128, -1, 127]));
    assert_eq!(model.numbers("test.uint64s"), Some(vec![0, i64::MAX]));
    assert_eq!(model.floats("test.float32s"), Some(vec![0.0, -1.5, 3.4e38]));
    for key in ["test.uint8", "test.float32", "test.true", "test.text", "test.int8s", "test.float32s", "none"] {
        let kinds = [
            model.text(key).is_some(),
            model.unsigned(key).is_some(),
            model.float(key).is_some(),
            model.boolean(key).is_some(),
            model.texts(key).is_some(),
            model.numbers(key).is_some(),
            model.floats(key).is_some(),
            model.booleans(key).is_some(),
        ];
        let count = kinds.into_iter().filter(|kind| *kind).count();
        assert_eq!(count, usize::from(key != "none"), "{key} is {kinds:?}");
    }
}

#[test]
fn a_row_of_a_tensor_is_found() {
    let model = Gguf::open(MODEL.as_ref()).unwrap();
    let tensor = model.tensor("blk.0.ffn_gate_exps.weight").unwrap();
    assert_eq!((tensor.shape, tensor.values()), (&[2, 3, 32][..], 192));
    let rows: Vec<&[u8]> = (0..6).map(|row| tensor.row(row).unwrap()).collect();
    assert_eq!(rows.concat(), tensor.bytes);
    assert_eq!(tensor.row(6), None);
    assert_eq!(tensor.row(usize::MAX), None);
}

#[test]
fn versions_2_and_3_are_read_and_others_are_named() {
    let draft = |version| Draft { version: Some(version), ..Draft::default() };
    let mut model = std::fs::read(MODEL).unwrap();
    let third = parse(&model).unwrap();
    assert_eq!(std::mem::replace(&mut model[4], 2), 3);
    let second = parse(&model).unwrap();
    // The third version brought the other order of bytes, and changed nothing else.
    assert_eq!((second.values, second.tensors.len()), (third.values, third.tensors.len()));
    assert!(draft(1).obstacle().contains("version 1"));
    assert!(draft(4).obstacle().contains("version 4"));
    assert!(draft(0).obstacle().contains("version 0"));
    assert!(draft(3_u32.swap_bytes()).obstacle().contains("big-endian"));
    assert!(damage(b"GGML\x03\0\0\0").contains("does not begin"));
}

#[test]
fn files_say_what_is_wrong_with_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.gguf");
    assert!(matches!(Gguf::open(&path), Err(Error::ModelMissing { .. })));
    std::fs::write(&path, "").unwrap();
    let error = Gguf::open(&path).err().unwrap().to_string();
    assert!(error.contains("model.gguf") && error.contains("cut off"), "{error}");
    std::fs::write(&path, Draft::default().tensor("x", &[32], 20, 0).data(18).bytes()).unwrap();
    let error = Gguf::open(&path).err().unwrap();
    assert!(matches!(&error, Error::ModelUnsupported { .. }), "{error}");
    assert!(error.to_string().contains("IQ4_NL") && error.to_string().contains("Q4_K"), "{error}");
    // A model that is not there in full, wherever it ends.
    let whole = std::fs::read(MODEL).unwrap();
    for length in [10, 30, 1000, 1790, 1800, whole.len() - 64] {
        std::fs::write(&path, &whole[..length]).unwrap();
        let error = Gguf::open(&path).err().unwrap();
        assert!(matches!(error, Error::ModelDamaged { .. }), "{length} bytes: {error}");
    }
}

#[test]
fn counts_and_lengths_beyond_the_file_are_refused_before_anything_is_set_aside() {
    for count in [2, 1 << 20, 1 << 40, 1 << 60, u64::MAX] {
        assert!(damage(&Draft::default().counted(count, 0)).contains("tensors"), "{count}");
        assert!(damage(&Draft::default().counted(0, count)).contains("settings"), "{count}");
        for kind in 0..=12 {
            let value = list(kind, count.max(64), &[0; 24]);
            assert!(Draft::default().setting("key", ARRAY, &value).damage().contains("list"), "{kind}, {count}");
        }
        let value = [&count.max(64).to_le_bytes()[..], b"x"].concat();
        assert!(Draft::default().setting("key", TEXT, &value).damage().contains("text"), "{count}");
    }
}

#[test]
fn values_that_are_none_are_refused() {
    assert!(Draft::default().setting("key", 13, &[0; 8]).damage().contains("type 13"));
    assert!(Draft::default().setting("key", 7, &[2]).damage().contains("true or false"));
    assert!(Draft::default().setting("key", ARRAY, &list(13, 0, &[])).damage().contains("type 13"));
    let value = [&2_u64.to_le_bytes()[..], b"\xff\xfe"].concat();
    assert!(Draft::default().setting("key", TEXT, &value).damage().contains("UTF-8"));
    let twice = Draft::default().setting("key", 0, &[1]).setting("key", 0, &[1]);
    assert!(twice.damage().contains("`key` twice"));
}

#[test]
fn lists_lie_in_each_other_to_a_depth() {
    let nested = |depth| (1..depth).fold(list(0, 1, &[7]), |inner, _| list(ARRAY, 1, &inner));
    assert!(parse(&Draft::default().setting("key", ARRAY, &nested(4)).bytes()).is_ok());
    assert!(Draft::default().setting("key", ARRAY, &nested(5)).damage().contains("deep"));
    // Far deeper than any stack is.
    assert!(Draft::default().setting("key", ARRAY, &nested(1_000)).damage().contains("deep"));
    let header = parse(&Draft::default().setting("key", ARRAY, &list(ARRAY, 0, &[])).bytes()).unwrap();
    assert_eq!(header.values["key"], Value::Array(Array::Arrays(Vec::new())));
}

#[test]
fn a_list_of_bytes_takes_as_many() {
    let value = list(0, 1000, &[9; 1000]);
    let header = parse(&Draft::default().setting("key", ARRAY, &value).bytes()).unwrap();
    let Value::Array(Array::Numbers(numbers)) = &header.values["key"] else { panic!("{:?}", header.values) };
    assert_eq!((numbers.kind, numbers.bytes.len(), numbers.iter().len()), (NumberType::Unsigned(1), 1000, 1000));
}

#[test]
fn tensors_that_cannot_be_are_refused() {
    let refused = |dimensions: &[u64], format, offset| {
        Draft::default().tensor("some.weight", dimensions, format, offset).data(1024).damage()
    };
    for dimensions in [&[][..], &[1, 1, 1, 1, 1]] {
        assert!(refused(dimensions, 0, 0).contains("dimensions"));
    }
    assert!(refused(&[4, 0], 0, 0).contains("zero"));
    for dimensions in [&[1 << 40, 1 << 40][..], &[1 << 32, 1 << 31], &[u64::MAX], &[1 << 62], &[257], &[16, 17]] {
        assert!(refused(dimensions, 0, 0).contains("not all in the file"), "{dimensions:?}");
    }
    assert!(refused(&[48, 2], 8, 0).contains("blocks of 32"));
    assert!(refused(&[128, 2], 12, 0).contains("blocks of 256"));
    assert!(refused(&[8], 0, 8).contains("multiple of 32"));
    assert!(refused(&[8], 0, 1024).contains("not all in the file"));
    assert!(refused(&[8], 0, u64::MAX - 31).contains("not all in the file"));
    assert!(refused(&[8], 0, 0x7fff_ffff_ffff_ffe0).contains("`some.weight`"));
    let twice = Draft::default().tensor("x", &[1], 0, 0).tensor("x", &[1], 0, 0).data(32);
    assert!(twice.damage().contains("`x` twice"));
    let unknown = Draft::default().tensor("x\u{1b}[2J", &[1], 99, 0).data(32).obstacle();
    assert!(unknown.contains("number 99") && !unknown.contains('\u{1b}'), "{unknown}");
    let last = parse(&Draft::default().tensor("x", &[8], 0, 992).data(1024).bytes()).unwrap();
    assert_eq!((last.tensors["x"].format, last.tensors["x"].range.len()), (WeightFormat::F32, 32));
}

#[test]
fn tensors_begin_where_the_alignment_says() {
    let aligned = |bytes: &[u8], kind| {
        Draft::default().setting("general.alignment", kind, bytes).tensor("x", &[8], 0, 8).data(64)
    };
    let header = parse(&aligned(&8_u32.to_le_bytes(), 4).bytes()).unwrap();
    let start = header.tensors["x"].range.start;
    assert_eq!(start % 8, 0);
    for alignment in [0_u32, 3, 24] {
        assert!(aligned(&alignment.to_le_bytes(), 4).damage().contains("power of two"), "{alignment}");
    }
    // Larger than any file.
    assert!(aligned(&(1_u64 << 63).to_le_bytes(), 10).damage().contains("multiple"));
    let far = Draft::default().setting("general.alignment", 10, &(1_u64 << 63).to_le_bytes());
    assert!(far.tensor("x", &[8], 0, 0).data(64).damage().contains("not all in the file"));
    assert!(aligned(&8_i32.to_le_bytes(), 5).damage().contains("power of two"), "a signed number");
}

/// A header that was read keeps its promises: every tensor can be taken out of the file.
fn assert_sound(file: &[u8]) {
    let Ok(header) = parse(file) else { return };
    for (name, place) in &header.tensors {
        let tensor = place.view(file).unwrap_or_else(|| panic!("{name} is not in the file"));
        assert_eq!(tensor.values(), tensor.shape.iter().product::<usize>(), "{name}");
        assert_eq!(tensor.dequantised().len(), tensor.values(), "{name}");
        assert!(tensor.row(0).is_some(), "{name}");
    }
    for value in header.values.values() {
        if let Value::Array(Array::Numbers(numbers)) = value {
            assert_eq!(numbers.iter().map(Number::integer).count(), numbers.iter().len());
        }
    }
}

/// Changes that break lengths and counts rather than texts.
fn changes() -> impl Strategy<Value = Vec<(prop::sample::Index, Vec<u8>)>> {
    let piece = prop_oneof![
        any::<u8>().prop_map(|byte| vec![byte]),
        (0..64_u32).prop_map(|word| word.to_le_bytes().to_vec()),
        prop::sample::select(vec![0, 1, 1 << 31, 1 << 32, 1 << 62, 1 << 63, u64::MAX - 31, u64::MAX])
            .prop_map(|long: u64| long.to_le_bytes().to_vec()),
    ];
    prop::collection::vec((any::<prop::sample::Index>(), piece), 1..6)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(3000) })]

    #[test]
    fn a_model_with_changed_bytes_never_panics(
        changes in changes(),
        cut in any::<prop::sample::Index>(),
        keep in 0..4,
    ) {
        let mut file = std::fs::read(MODEL).unwrap();
        // What follows is weights, of which every byte is right.
        let header = 1800;
        for (at, piece) in changes {
            let at = at.index(header);
            file[at..at + piece.len()].copy_from_slice(&piece);
        }
        if keep == 0 {
            file.truncate(cut.index(file.len()));
        }
        assert_sound(&file);
    }

    #[test]
    fn a_model_that_is_cut_off_is_refused(cut in any::<prop::sample::Index>()) {
        let file = std::fs::read(MODEL).unwrap();
        // The last tensor of 48 bytes is padded to 64.
        let cut = cut.index(file.len() - 16);
        prop_assert!(matches!(parse(&file[..cut]), Err(Refusal::Damaged(_))), "{cut} bytes");
    }

    #[test]
    fn any_bytes_give_a_header_or_a_refusal(
        bytes in prop::collection::vec(any::<u8>(), 0..400),
        counts in any::<[u8; 2]>(),
    ) {
        assert_sound(&bytes);
        // With a beginning that leads further in.
        let counts = counts.map(|count| u64::from(count % 4).to_le_bytes()).concat();
        assert_sound(&[b"GGUF\x03\0\0\0", &counts[..], &bytes].concat());
    }
}
