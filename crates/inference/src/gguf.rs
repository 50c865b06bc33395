//! GGUF: the files that llama.cpp and its relatives keep language models in, weights, vocabulary and settings together.
//!
//! Versions 2 and 3 in little-endian order, after the specification in `docs/gguf.md` of ggml. A file is a header,
//! which names the settings and the tensors, and then the tensors' bytes. The header is read at once and checked
//! against the size of the file; the tensors stay where they are.

mod cursor;
mod header;
mod tensor_type;
mod value;

use std::path::Path;

pub(crate) use header::{Header, Refusal, parse};
pub(crate) use value::{Array, Number, Value};

use crate::mapped_file::MappedFile;
use crate::tensor_view::TensorView;
use crate::{Error, Result};

#[cfg(test)]
mod tests;

/// A GGUF file, mapped into memory.
pub(crate) struct Gguf {
    file: MappedFile,
    header: Header,
}

impl Gguf {
    /// Opens a file and checks all that its header says. Reads no tensor.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let file = MappedFile::open(path)?;
        match parse(file.bytes()) {
            Ok(header) => Ok(Self { file, header }),
            Err(Refusal::Damaged(reason)) => Err(Error::damaged(path, reason)),
            Err(Refusal::Unsupported(reason)) => Err(Error::unsupported(path, reason)),
        }
    }

    /// Lets the system have the memory of the tensors that were read.
    pub(crate) fn give_back(&self) {
        self.file.give_back();
    }

    /// Lets go of the settings whose keys begin like this.
    pub(crate) fn forget(&mut self, beginning: &str) {
        self.header.values.retain(|key, _| !key.starts_with(beginning));
    }

    /// A setting, of whatever type.
    pub(crate) fn value(&self, key: &str) -> Option<&Value> {
        self.header.values.get(key)
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
        match self.value(key)? {
            Value::Number(number) => number.unsigned(),
            _ => None,
        }
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
    #[cfg(test)]
    pub(crate) fn booleans(&self, key: &str) -> Option<&[bool]> {
        match self.value(key)? {
            Value::Array(Array::Booleans(values)) => Some(values),
            _ => None,
        }
    }

    /// The tensor of this name.
    pub(crate) fn tensor(&self, name: &str) -> Option<TensorView<'_>> {
        self.header.tensors.get(name)?.view(self.file.bytes())
    }

    /// All tensors with their names, in the order of the names.
    pub(crate) fn tensors(&self) -> impl Iterator<Item = (&str, TensorView<'_>)> {
        let bytes = self.file.bytes();
        self.header.tensors.iter().filter_map(move |(name, place)| Some((name.as_str(), place.view(bytes)?)))
    }
}
