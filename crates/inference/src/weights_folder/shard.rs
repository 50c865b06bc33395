//! One safetensors file.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use safetensors::tensor::Metadata;
use safetensors::{Dtype, SafeTensorError, SafeTensors};
use serde::de::IgnoredAny;

use super::unique::Unique;
use crate::mapped_file::MappedFile;
use crate::tensor_view::TensorView;
use crate::weight_format::WeightFormat;
use crate::{Error, Result};

/// The length of the header stands before it in so many bytes.
const LENGTH_BYTES: usize = 8;

/// A safetensors file, mapped into memory.
pub(super) struct Shard {
    path: PathBuf,
    file: MappedFile,
    metadata: Metadata,
    names: BTreeSet<String>,
    /// Where the tensors begin.
    start: usize,
}

impl Shard {
    pub(super) fn open(path: &Path) -> Result<Self> {
        let file = MappedFile::open(path)?;
        let (length, metadata) =
            SafeTensors::read_metadata(file.bytes()).map_err(|error| Error::damaged(path, reason(&error)))?;
        let start = LENGTH_BYTES + length;
        // The library keeps the last of two tensors of one name.
        let header = file.bytes().get(LENGTH_BYTES..start).unwrap_or_default();
        serde_json::from_slice::<Unique<IgnoredAny>>(header).map_err(|error| Error::damaged(path, error))?;
        let names = metadata.offset_keys().into_iter().collect();
        Ok(Self { path: path.to_path_buf(), file, metadata, names, start })
    }

    pub(super) fn bytes(&self) -> u64 {
        self.file.bytes().len() as u64
    }

    pub(super) fn give_back(&self) {
        self.file.give_back();
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn names(&self) -> &BTreeSet<String> {
        &self.names
    }

    pub(super) fn tensor(&self, name: &str) -> Result<Option<TensorView<'_>>> {
        let Some(info) = self.metadata.info(name) else { return Ok(None) };
        let format = match info.dtype {
            Dtype::F32 => WeightFormat::F32,
            Dtype::F16 => WeightFormat::F16,
            Dtype::BF16 => WeightFormat::Bf16,
            other => {
                let reason = format!("`{name}` is stored as {other:?}; what can be read is F32, F16, BF16");
                return Err(Error::unsupported(&self.path, reason));
            }
        };
        let (from, to) = info.data_offsets;
        let bytes = self.file.bytes().get(self.start..).and_then(|tensors| tensors.get(from..to));
        let bytes = bytes.ok_or_else(|| Error::damaged(&self.path, format!("`{name}` is not all in it")))?;
        Ok(Some(TensorView { format, shape: &info.shape, bytes }))
    }
}

fn reason(error: &SafeTensorError) -> String {
    match error {
        SafeTensorError::HeaderTooSmall | SafeTensorError::InvalidHeaderLength => {
            "it was cut off in its header".to_owned()
        }
        SafeTensorError::MetadataIncompleteBuffer => "it was cut off, or has more bytes than tensors".to_owned(),
        other => other.to_string(),
    }
}
