use std::ops::Range;
use std::path::{Path, PathBuf};

use safetensors::tensor::Metadata;
use safetensors::{Dtype, SafeTensors};

use crate::mapped_file::MappedFile;
use crate::weight_format::{bf16_to_single, half_to_single};
use crate::{Error, Result};

/// The tensors of a safetensors file, mapped into memory: a tensor that is not read costs nothing, and what is read can
/// be given back by the system at any time.
pub(crate) struct Checkpoint {
    path: PathBuf,
    file: MappedFile,
    metadata: Metadata,
    /// Where the tensors begin.
    start: usize,
}

/// A table of vectors that stays in the file. It has a map of its own, so that the rest of the file leaves the memory with
/// the checkpoint.
pub(crate) struct Table {
    file: MappedFile,
    width: usize,
    format: Format,
}

/// How the values of a tensor are stored.
#[derive(Debug, Clone, Copy)]
enum Format {
    F32,
    F16,
    Bf16,
}

/// The prefixes of tensors: files of sentence-transformers have none, those of other models the name of the encoder.
const PREFIXES: [&str; 3] = ["", "bert.", "roberta."];

impl Checkpoint {
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let file = MappedFile::open(path)?;
        let (header, metadata) =
            SafeTensors::read_metadata(file.bytes()).map_err(|error| Error::damaged(path, error))?;
        // The length of the header stands before it in eight bytes.
        let start = header + 8;
        if file.bytes().len() != start + metadata.data_len() {
            return Err(Error::damaged(path, "it was cut off"));
        }
        Ok(Self { path: path.to_path_buf(), file, metadata, start })
    }

    /// A copy of a tensor's values.
    pub(crate) fn values(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>> {
        let (range, format) = self.range(name, shape)?;
        Ok(format.numbers(&self.file.bytes()[range]).collect())
    }

    /// A copy of a matrix with rows and columns exchanged: PyTorch keeps a row per output, the products here want a row
    /// per input.
    pub(crate) fn transposed(&self, name: &str, outputs: usize, inputs: usize) -> Result<Vec<f32>> {
        let values = self.values(name, &[outputs, inputs])?;
        let mut transposed = vec![0.0; values.len()];
        for (output, row) in values.chunks_exact(inputs).enumerate() {
            for (input, value) in row.iter().enumerate() {
                transposed[input * outputs + output] = *value;
            }
        }
        Ok(transposed)
    }

    /// A table whose rows are read when they are needed.
    pub(crate) fn table(&self, name: &str, rows: usize, width: usize) -> Result<Table> {
        let (range, format) = self.range(name, &[rows, width])?;
        let file = self.file.part(range).map_err(|error| Error::reading(&self.path, error))?;
        Ok(Table { file, width, format })
    }

    /// Bytes of the file.
    pub(crate) fn bytes(&self) -> u64 {
        self.file.bytes().len() as u64
    }

    /// Whether there is a tensor of this name and shape, in a format that can be read.
    pub(crate) fn check(&self, name: &str, shape: &[usize]) -> Result<()> {
        self.range(name, shape).map(drop)
    }

    fn range(&self, name: &str, shape: &[usize]) -> Result<(Range<usize>, Format)> {
        let info = PREFIXES.iter().find_map(|prefix| self.metadata.info(&format!("{prefix}{name}")));
        let info = info.ok_or_else(|| Error::damaged(&self.path, format!("it has no tensor `{name}`")))?;
        if info.shape != shape {
            let reason = format!("`{name}` is {:?} where {shape:?} was expected", info.shape);
            return Err(Error::damaged(&self.path, reason));
        }
        let format = match info.dtype {
            Dtype::F32 => Format::F32,
            Dtype::F16 => Format::F16,
            Dtype::BF16 => Format::Bf16,
            other => {
                let reason = format!("`{name}` is {other:?}; F32, F16 and BF16 are known");
                return Err(Error::unsupported(&self.path, reason));
            }
        };
        let (from, to) = info.data_offsets;
        Ok((self.start + from..self.start + to, format))
    }
}

impl Table {
    /// Adds a row to a vector. False when there is no such row.
    pub(crate) fn add_row(&self, row: usize, to: &mut [f32]) -> bool {
        let width = self.width * self.format.bytes();
        let Some(bytes) = row.checked_mul(width).and_then(|from| self.file.bytes().get(from..from.checked_add(width)?))
        else {
            return false;
        };
        for (value, number) in to.iter_mut().zip(self.format.numbers(bytes)) {
            *value += number;
        }
        true
    }
}

impl Format {
    fn bytes(self) -> usize {
        match self {
            Self::F32 => 4,
            Self::F16 | Self::Bf16 => 2,
        }
    }

    fn numbers(self, bytes: &[u8]) -> impl Iterator<Item = f32> {
        bytes.chunks_exact(self.bytes()).map(move |bytes| match (self, bytes) {
            (Self::F16, [low, high]) => half_to_single(u16::from_le_bytes([*low, *high])),
            (Self::Bf16, [low, high]) => bf16_to_single(u16::from_le_bytes([*low, *high])),
            (_, bytes) => number(bytes),
        })
    }
}

fn number(bytes: &[u8]) -> f32 {
    f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
}
