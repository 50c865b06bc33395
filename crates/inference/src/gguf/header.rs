//! The header of a GGUF file.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ops::Range;

use super::cursor::Cursor;
use super::tensor_type::format_of;
use super::value::{Number, Value};
use crate::tensor_view::TensorView;
use crate::weight_format::WeightFormat;

/// The most bytes of a header that are read. The largest vocabularies take some ten million; a header that claims more
/// than this would only fill the memory.
pub(super) const HEADER_LIMIT: usize = 256 << 20;

/// Where tensors begin when the file does not say otherwise: at multiples of so many bytes.
const DEFAULT_ALIGNMENT: usize = 32;

/// The most dimensions of a tensor.
const MOST_DIMENSIONS: u32 = 4;

/// What a GGUF file says about itself.
#[derive(Debug)]
pub(crate) struct Header {
    /// The settings.
    pub(crate) values: BTreeMap<String, Value>,
    /// The tensors.
    pub(crate) tensors: BTreeMap<String, Place>,
}

/// A tensor, and where it is.
#[derive(Debug)]
pub(crate) struct Place {
    /// How its values are stored.
    pub(crate) format: WeightFormat,
    /// Its dimensions, outermost first.
    pub(crate) shape: Vec<usize>,
    /// Its bytes in the file.
    pub(crate) range: Range<usize>,
}

impl Place {
    /// The tensor in the file that the header was read from.
    pub(super) fn view<'a>(&'a self, file: &'a [u8]) -> Option<TensorView<'a>> {
        let bytes = file.get(self.range.clone())?;
        Some(TensorView { format: self.format, shape: &self.shape, bytes })
    }
}

/// Why a file is not read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It does not hold what it should.
    Damaged(String),
    /// It may be sound, but is of a kind that is not read here.
    Unsupported(String),
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (Self::Damaged(reason) | Self::Unsupported(reason)) = self;
        formatter.write_str(reason)
    }
}

/// Reads the header of a file, given whole, and checks every claim in it: the tensors that it names are in the file.
/// Takes memory in proportion to the header's bytes. Any bytes give a header or a refusal.
pub(crate) fn parse(file: &[u8]) -> Result<Header, Refusal> {
    parse_beginning(file, file.len())
}

/// The same, for a file of `size` bytes of which only the beginning is given.
pub(super) fn parse_beginning(beginning: &[u8], size: usize) -> Result<Header, Refusal> {
    let mut cursor = Cursor::new(beginning);
    if cursor.fixed()? != *b"GGUF" {
        return Err(Refusal::Damaged("it does not begin as a GGUF file does".to_owned()));
    }
    check_version(cursor.word()?)?;
    // A name's length, the number of dimensions, one of these, the format, the offset.
    let tensor_count = cursor.count("tensors", 8 + 4 + 8 + 4 + 8)?;
    // A key's length, a type, and a value of a byte.
    let value_count = cursor.count("settings", 8 + 4 + 1)?;

    let mut values = BTreeMap::new();
    for _ in 0..value_count {
        let key = cursor.text()?;
        let value = cursor.value()?;
        insert(&mut values, key, value, "setting")?;
    }
    let alignment = alignment(values.get("general.alignment"))?;
    let mut announced = BTreeMap::new();
    for _ in 0..tensor_count {
        let name = cursor.text()?;
        let tensor = Announced::read(&mut cursor).map_err(|refusal| refusal.of_tensor(&name))?;
        insert(&mut announced, name, tensor, "tensor")?;
    }

    let start = cursor.position().checked_next_multiple_of(alignment);
    let mut tensors = BTreeMap::new();
    for (name, tensor) in announced {
        let place = tensor.place(start, alignment, size).map_err(|refusal| refusal.of_tensor(&name))?;
        tensors.insert(name, place);
    }
    Ok(Header { values, tensors })
}

fn check_version(version: u32) -> Result<(), Refusal> {
    Err(Refusal::Unsupported(match version {
        2 | 3 => return Ok(()),
        1 => "it is of version 1 of GGUF; versions 2 and 3 can be read".to_owned(),
        // A small number, its bytes the other way round.
        _ if version.trailing_zeros() >= 16 && version != 0 => {
            "it is written for big-endian machines; only little-endian files can be read".to_owned()
        }
        _ => format!("it is of version {version} of GGUF; versions 2 and 3 can be read"),
    }))
}

fn alignment(value: Option<&Value>) -> Result<usize, Refusal> {
    let alignment = match value {
        None => return Ok(DEFAULT_ALIGNMENT),
        Some(Value::Number(Number::Unsigned(alignment))) => usize::try_from(*alignment).ok(),
        Some(_) => None,
    };
    let refusal = || Refusal::Damaged("`general.alignment` is not a power of two".to_owned());
    alignment.filter(|alignment| alignment.is_power_of_two()).ok_or_else(refusal)
}

fn insert<T>(into: &mut BTreeMap<String, T>, name: String, value: T, what: &str) -> Result<(), Refusal> {
    match into.entry(name) {
        Entry::Vacant(place) => {
            place.insert(value);
            Ok(())
        }
        Entry::Occupied(place) => Err(Refusal::Damaged(format!("it has the {what} `{}` twice", shown(place.key())))),
    }
}

/// A name from the file, fit for a message.
fn shown(name: &str) -> String {
    name.chars().take(80).flat_map(char::escape_debug).collect()
}

impl Refusal {
    fn of_tensor(self, name: &str) -> Self {
        let name = shown(name);
        match self {
            Self::Damaged(reason) => Self::Damaged(format!("tensor `{name}`: {reason}")),
            Self::Unsupported(reason) => Self::Unsupported(format!("tensor `{name}`: {reason}")),
        }
    }
}

/// What the header says about a tensor.
struct Announced {
    format: WeightFormat,
    shape: Vec<usize>,
    /// From the start of the tensors' bytes.
    offset: u64,
}

impl Announced {
    fn read(cursor: &mut Cursor<'_>) -> Result<Self, Refusal> {
        let dimensions = cursor.word()?;
        if !(1..=MOST_DIMENSIONS).contains(&dimensions) {
            return Err(Refusal::Damaged(format!("it has {dimensions} dimensions, not 1 to {MOST_DIMENSIONS}")));
        }
        let mut shape = Vec::new();
        for _ in 0..dimensions {
            let size = cursor.long()?;
            let size = usize::try_from(size).ok().filter(|size| *size != 0);
            shape.push(size.ok_or_else(|| Refusal::Damaged("a dimension is zero or too large".to_owned()))?);
        }
        // The file names the dimension first in which neighbours lie side by side.
        shape.reverse();
        let code = cursor.word()?;
        let format = format_of(code).map_err(|name| {
            let known = WeightFormat::ALL.map(WeightFormat::name).join(", ");
            Refusal::Unsupported(format!("it is stored as {name} (number {code}); what can be read is {known}"))
        })?;
        Ok(Self { format, shape, offset: cursor.long()? })
    }

    /// Where the tensor is in a file of this size whose tensors' bytes begin at `start`.
    fn place(self, start: Option<usize>, alignment: usize, size: usize) -> Result<Place, Refusal> {
        let Self { format, shape, offset } = self;
        let row = shape.last().copied().unwrap_or_default();
        let block = format.block_values();
        if !row.is_multiple_of(block) {
            let reason =
                format!("its rows of {row} values are not whole blocks of {block}, as {} needs", format.name());
            return Err(Refusal::Damaged(reason));
        }
        let offset = usize::try_from(offset).ok();
        if offset.is_some_and(|offset| !offset.is_multiple_of(alignment)) {
            return Err(Refusal::Damaged(format!("it does not begin at a multiple of {alignment}")));
        }
        let range = || {
            let values = shape.iter().try_fold(1_usize, |product, size| product.checked_mul(*size))?;
            let from = start?.checked_add(offset?)?;
            let to = from.checked_add(format.bytes_for(values)?)?;
            (to <= size).then_some(from..to)
        };
        let range =
            range().ok_or_else(|| Refusal::Damaged("it is not all in the file, which was cut off".to_owned()))?;
        Ok(Place { format, shape, range })
    }
}
