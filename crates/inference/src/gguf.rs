//! GGUF: the files that llama.cpp and its relatives keep language models in, weights, vocabulary and settings together.
//!
//! Versions 2 and 3 in little-endian order, after the specification in `docs/gguf.md` of ggml. A file is a header,
//! which names the settings and the tensors, and then the tensors' bytes. The header is read at once and checked
//! against the size of the file; the tensors stay where they are. A large model may be in several files.

mod cursor;
mod header;
mod split;
mod tensor_type;
mod value;

use std::collections::BTreeMap;
use std::path::Path;

pub(crate) use header::{Header, Place, Refusal, parse};
pub use split::SplitName;
pub(crate) use value::{Array, Number, Value};

use crate::mapped_file::MappedFile;
use crate::tensor_view::TensorView;
use crate::weight_format::WeightFormat;
use crate::{Error, Result};

#[cfg(test)]
mod tests;

/// A model in GGUF, mapped into memory.
pub(crate) struct Gguf {
    values: BTreeMap<String, Value>,
    /// The files with the tensors that are in them.
    parts: Vec<(MappedFile, BTreeMap<String, Place>)>,
}

/// One file.
struct Part {
    file: MappedFile,
    values: BTreeMap<String, Value>,
    tensors: BTreeMap<String, Place>,
}

impl Part {
    fn open(path: &Path) -> Result<Self> {
        let file = MappedFile::open(path)?;
        match parse(file.bytes()) {
            Ok(Header { values, tensors }) => Ok(Self { file, values, tensors }),
            Err(Refusal::Damaged(reason)) => Err(Error::damaged(path, reason)),
            Err(Refusal::Unsupported(reason)) => Err(Error::unsupported(path, reason)),
        }
    }
}

impl From<Part> for Gguf {
    fn from(part: Part) -> Self {
        Self { values: part.values, parts: vec![(part.file, part.tensors)] }
    }
}

/// A value that is a whole number from zero.
fn unsigned(value: Option<&Value>) -> Option<u64> {
    match value? {
        Value::Number(number) => number.unsigned(),
        _ => None,
    }
}

impl Gguf {
    /// Opens a file and checks all that its header says; those of all parts, where it is a part of a model. Reads no
    /// tensor.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let part = Part::open(path)?;
        match unsigned(part.values.get("split.count")) {
            Some(count) if count > 1 => split::open(path, count),
            _ => Ok(part.into()),
        }
    }

    /// Reads the header of a file, or of the first part of a model, of which only the beginning is there. Its tensors are
    /// announced and cannot be read. `None` when its header is not all there.
    pub(crate) fn open_beginning(path: &Path, size: u64) -> Result<Option<Self>> {
        let file = MappedFile::open(path)?;
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        match header::parse_beginning(file.bytes(), size) {
            Ok(Header { values, tensors }) => Ok(Some(Self { values, parts: vec![(file, tensors)] })),
            // What ends too early looks like damage, and what is damaged is told once it is here in full.
            Err(Refusal::Damaged(_)) => Ok(None),
            Err(Refusal::Unsupported(reason)) => Err(Error::unsupported(path, reason)),
        }
    }

    /// How many files it is in.
    pub(crate) fn parts(&self) -> usize {
        self.parts.len()
    }

    /// Lets the system have the memory of the tensors that were read.
    pub(crate) fn give_back(&self) {
        self.parts.iter().for_each(|(file, _)| file.give_back());
    }

    /// Lets go of the settings whose keys begin like this.
    pub(crate) fn forget(&mut self, beginning: &str) {
        self.values.retain(|key, _| !key.starts_with(beginning));
    }

    /// A setting, of whatever type.
    pub(crate) fn value(&self, key: &str) -> Option<&Value> {
        self.values.get(key)
    }

    /// A setting that is a text. Of this and the following: `None` when the setting is not there or of another type.
    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        match self.value(key)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A setting that is a whole number from zero, of whatever width.
    pub(crate) fn unsigned(&self, key: &str) -> Option<u64> {
        unsigned(self.value(key))
    }

    /// A setting that is a floating-point number; one of 64 bits is rounded.
    pub(crate) fn float(&self, key: &str) -> Option<f32> {
        match self.value(key)? {
            Value::Number(number) => number.float(),
            _ => None,
        }
    }

    /// A setting that is true or false.
    pub(crate) fn boolean(&self, key: &str) -> Option<bool> {
        match self.value(key)? {
            Value::Boolean(value) => Some(*value),
            _ => None,
        }
    }

    /// A list of texts.
    pub(crate) fn texts(&self, key: &str) -> Option<&[String]> {
        match self.value(key)? {
            Value::Array(Array::Texts(texts)) => Some(texts),
            _ => None,
        }
    }

    /// A list of whole numbers, of whatever width.
    pub(crate) fn numbers(&self, key: &str) -> Option<Vec<i64>> {
        match self.value(key)? {
            Value::Array(Array::Numbers(numbers)) => numbers.iter().map(Number::integer).collect(),
            _ => None,
        }
    }

    /// A list of floating-point numbers; those of 64 bits are rounded.
    pub(crate) fn floats(&self, key: &str) -> Option<Vec<f32>> {
        match self.value(key)? {
            Value::Array(Array::Numbers(numbers)) => numbers.iter().map(Number::float).collect(),
            _ => None,
        }
    }

    /// A list of what is true or false.
    pub(crate) fn booleans(&self, key: &str) -> Option<&[bool]> {
        match self.value(key)? {
            Value::Array(Array::Booleans(values)) => Some(values),
            _ => None,
        }
    }

    /// The tensor of this name.
    pub(crate) fn tensor(&self, name: &str) -> Option<TensorView<'_>> {
        self.parts.iter().find_map(|(file, tensors)| tensors.get(name)?.view(file.bytes()))
    }

    /// Whether there is a tensor of this name, or will be once the files are there in full.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.parts.iter().any(|(_, tensors)| tensors.contains_key(name))
    }

    /// All tensors that the files have, or will have once they are there in full: names, formats and numbers of bytes.
    pub(crate) fn announced(&self) -> impl Iterator<Item = (&str, WeightFormat, usize)> {
        let places = self.parts.iter().flat_map(|(_, tensors)| tensors);
        places.map(|(name, place)| (name.as_str(), place.format, place.range.len()))
    }
}
