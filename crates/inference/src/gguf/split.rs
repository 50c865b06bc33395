//! Models in several GGUF files: the first has the settings, and each some of the tensors.

use std::path::Path;

use super::{Gguf, Part, unsigned};
use crate::{Error, Result};

/// The name of a file that is a part of a model, as llama.cpp gives it: `small-00002-of-00003.gguf`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SplitName {
    /// What stands before the numbers: `small`.
    pub stem: String,
    /// Which part it is, from 1.
    pub number: usize,
    /// How many parts there are, at least 2.
    pub count: usize,
}

/// Digits of each number.
const DIGITS: usize = 5;

impl SplitName {
    /// Reads the name of a file; `None` when it is not that of a part.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let (name, ending) = name.rsplit_once('.')?;
        let (name, count) = name.rsplit_once("-of-")?;
        let (stem, number) = name.rsplit_once('-')?;
        let read = |digits: &str| {
            let is_number = digits.len() == DIGITS && digits.bytes().all(|digit| digit.is_ascii_digit());
            is_number.then(|| digits.parse::<usize>().ok()).flatten()
        };
        let (number, count) = (read(number)?, read(count)?);
        let is_part = ending.eq_ignore_ascii_case("gguf") && count > 1 && (1..=count).contains(&number);
        is_part.then(|| Self { stem: stem.to_owned(), number, count })
    }

    /// The name of another part of the same model.
    #[must_use]
    pub fn part(&self, number: usize) -> String {
        format!("{}-{number:05}-of-{:05}.gguf", self.stem, self.count)
    }
}

/// Opens all parts of the model that the file at `path` is a part of.
pub(super) fn open(path: &Path, count: u64) -> Result<Gguf> {
    let name = path.file_name().and_then(|name| name.to_str()).and_then(SplitName::parse);
    let name = name.ok_or_else(|| {
        let reason = format!("it is one of {count} parts of a model, which are found by names such as");
        Error::unsupported(path, format!("{reason} model-00001-of-{count:05}.gguf"))
    })?;
    let mut whole: Option<Gguf> = None;
    for number in 1..=name.count {
        let path = path.with_file_name(name.part(number));
        let part = Part::open(&path)?;
        let says = |key| unsigned(part.values.get(key));
        let place = (says("split.no"), says("split.count"));
        if place != (Some(number as u64 - 1), Some(name.count as u64)) {
            return Err(Error::damaged(&path, "its header and its name do not say the same about which part it is"));
        }
        match &mut whole {
            None => whole = Some(Gguf::from(part)),
            Some(whole) => {
                if let Some(twice) = part.tensors.keys().find(|name| whole.tensor(name).is_some()) {
                    return Err(Error::damaged(&path, format!("it has `{twice}`, which an earlier part has as well")));
                }
                // The settings of later parts say nothing but which parts they are.
                whole.parts.push((part.file, part.tensors));
            }
        }
    }
    let whole = whole.ok_or_else(|| Error::damaged(path, "it has no parts"))?;
    let found: usize = whole.parts.iter().map(|(_, tensors)| tensors.len()).sum();
    match whole.unsigned("split.tensors.count") {
        Some(announced) if announced != found as u64 => {
            Err(Error::damaged(path, format!("its parts have {found} tensors, and {announced} were announced")))
        }
        _ => Ok(whole),
    }
}
