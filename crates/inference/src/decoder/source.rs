//! Where a decoder's tensors come from, under one set of names.

mod names;

use std::path::{Path, PathBuf};

use ambit_domain::Cancellation;

use super::configuration::Configuration;
use super::summary::Summary;
use crate::gguf::{Gguf, SplitName};
use crate::gpu::{Gpu, Matrix};
use crate::kernels::{FloatKind, FloatWeight, IntegerFormat, IntegerWeight, Weight};
use crate::tensor_view::TensorView;
use crate::vocabulary::{GgufVocabulary, Vocabulary};
use crate::weight_format::WeightFormat;
use crate::weights_folder::WeightsFolder;
use crate::{Error, Result};
use names::{Packed, folder_names, folder_packed, gguf_names, gguf_packed};

/// A tensor by its part in the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Embedding,
    Norm,
    Head,
    /// The embedding that has a part for each layer, what is projected to its size from the other, and the norm of that.
    LayerEmbedding,
    LayerProjection,
    LayerProjectionNorm,
    Layer(usize, LayerPart),
}

/// A tensor by its part in a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LayerPart {
    AttentionNorm,
    Query,
    Key,
    Value,
    Output,
    QueryNorm,
    KeyNorm,
    AfterAttentionNorm,
    FeedForwardNorm,
    Gate,
    Up,
    Down,
    AfterFeedForwardNorm,
    Router,
    ExpertGate(usize),
    ExpertUp(usize),
    ExpertDown(usize),
    /// Of the network beside the experts, and how much of it counts.
    SharedGate,
    SharedUp,
    SharedDown,
    SharedRouter,
    /// Where the experts have norms of their own: that of the router, what each expert's answer is multiplied by, and the
    /// norms before the experts, after them, and after the network beside them.
    RouterNorm,
    ExpertScales,
    ExpertsNorm,
    AfterExpertsNorm,
    AfterSharedNorm,
    /// Queries, keys and values of a layer that remembers.
    Mixed,
    /// What its answers are multiplied by once it is bent.
    MixedGate,
    /// How much it writes, how much it keeps, and what is added to the latter.
    Rate,
    Decay,
    DecayShift,
    /// How fast it forgets.
    Forgetting,
    Convolution,
    AnswerNorm,
    MixedOutput,
    /// What the layer makes of its part of the second embedding.
    EmbeddingGate,
    EmbeddingProjection,
    AfterEmbeddingNorm,
    /// What its rows are multiplied by at last.
    Scale,
}

/// Whether a tensor multiplies or is added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Weight,
    Bias,
}

/// The files of a model.
pub(super) struct Source {
    path: PathBuf,
    tensors: Tensors,
    /// Ends the reading of matrices.
    cancellation: Cancellation,
}

enum Tensors {
    Folder(WeightsFolder),
    Gguf(Gguf),
}

impl Source {
    /// Opens a GGUF file, or a folder with one, or a folder with safetensors. Returns what the model is made of as well.
    pub(super) fn open(path: &Path) -> Result<(Self, Configuration)> {
        let file = if path.is_dir() { gguf_of(path)? } else { Some(path.to_path_buf()) };
        if let Some(file) = file {
            let gguf = Gguf::open(&file)?;
            let configuration = Configuration::from_gguf(&file, &gguf)?;
            return Ok((Self::new(file, Tensors::Gguf(gguf)), configuration));
        }
        let configuration = Configuration::from_folder(path)?;
        let tensors = Tensors::Folder(WeightsFolder::open(path)?);
        Ok((Self::new(path.to_path_buf(), tensors), configuration))
    }

    fn new(path: PathBuf, tensors: Tensors) -> Self {
        Self { path, tensors, cancellation: Cancellation::new() }
    }

    /// Has matrices be read no more once this is cancelled.
    pub(super) fn end_with(&mut self, cancellation: Cancellation) {
        self.cancellation = cancellation;
    }

    fn check_wanted(&self) -> Result<()> {
        if self.cancellation.is_cancelled() { Err(Error::Cancelled) } else { Ok(()) }
    }

    /// The vocabulary: that of the GGUF file, or the one beside the safetensors. What the file says about it is let go.
    pub(super) fn take_vocabulary(&mut self, folder: &Path) -> Result<Vocabulary> {
        match &mut self.tensors {
            Tensors::Gguf(gguf) => {
                let metadata = GgufVocabulary::read(gguf);
                gguf.forget("tokenizer.");
                Vocabulary::from_gguf(&self.path, metadata)
            }
            Tensors::Folder(_) => Vocabulary::open(folder),
        }
    }

    /// What can be said of the files in a few numbers.
    pub(super) fn summary(&self) -> Summary {
        match &self.tensors {
            Tensors::Gguf(gguf) => Summary::of_gguf(gguf),
            Tensors::Folder(folder) => Summary::of_folder(&self.path, folder),
        }
    }

    /// Lets the system have the memory of the tensors that were read.
    pub(super) fn give_back(&self) {
        match &self.tensors {
            Tensors::Gguf(gguf) => gguf.give_back(),
            Tensors::Folder(folder) => folder.give_back(),
        }
    }

    /// What is wrong with the files.
    pub(super) fn damaged(&self, reason: impl std::fmt::Display) -> Error {
        Error::damaged(&self.path, reason)
    }

    /// Whether a weight is there.
    pub(super) fn has(&self, part: Part) -> Result<bool> {
        Ok(self.find(part, Kind::Weight)?.is_some())
    }

    /// A matrix in the order of use.
    pub(super) fn weight(&self, part: Part, outputs: usize, inner: usize) -> Result<Weight> {
        self.check_wanted()?;
        let found = self.find(part, Kind::Weight)?.ok_or_else(|| self.missing(part, Kind::Weight))?;
        self.check(part, &found, &[outputs, inner])?;
        crate::memory::ask_for(found.bytes.len())?;
        // The readers give out whole blocks only, and a row is a multiple of them.
        let integer = |format| Weight::Integer(IntegerWeight::from_blocks(format, found.bytes, outputs, inner));
        let float = |kind| Weight::Float(FloatWeight::new(kind, found.bytes, outputs, inner));
        Ok(match found.format {
            WeightFormat::F32 => float(FloatKind::Single),
            WeightFormat::F16 => float(FloatKind::Half),
            WeightFormat::Bf16 => float(FloatKind::Brain),
            WeightFormat::Q8_0 => integer(IntegerFormat::Q8_0),
            WeightFormat::Q4_0 => integer(IntegerFormat::Q4_0),
            WeightFormat::Q5_0 => integer(IntegerFormat::Q5_0),
            WeightFormat::Q5_1 => integer(IntegerFormat::Q5_1),
            WeightFormat::Q4K => integer(IntegerFormat::Q4K),
            WeightFormat::Q5K => integer(IntegerFormat::Q5K),
            WeightFormat::Q6K => integer(IntegerFormat::Q6K),
        })
    }

    /// A matrix on a GPU; of several parts, one after the other.
    pub(super) fn upload(&self, gpu: &Gpu, parts: &[Part], outputs: usize, inner: usize) -> Result<Matrix> {
        self.check_wanted()?;
        let (mut format, mut matrices) = (None, Vec::with_capacity(parts.len()));
        for part in parts {
            let found = self.find(*part, Kind::Weight)?.ok_or_else(|| self.missing(*part, Kind::Weight))?;
            self.check(*part, &found, &[outputs, inner])?;
            if *format.get_or_insert(found.format) != found.format {
                let name = self.name(*part, Kind::Weight);
                return Err(Error::NoDevice(format!(
                    "`{name}` is stored in another way than others of its kind, which the GPU cannot compute yet"
                )));
            }
            matrices.push(found.bytes);
        }
        let Some(format) = format else { return Err(self.damaged("a layer has no experts")) };
        Matrix::upload(gpu, format, &matrices, outputs, inner)
    }

    /// Checks that a matrix is there and has its shape, without reading it.
    pub(super) fn check_matrix(&self, part: Part, outputs: usize, inner: usize) -> Result<()> {
        let found = self.find(part, Kind::Weight)?.ok_or_else(|| self.missing(part, Kind::Weight))?;
        self.check(part, &found, &[outputs, inner])
    }

    /// A row of a matrix as plain numbers. False when there is no such row.
    pub(super) fn row(&self, part: Part, row: usize, to: &mut [f32]) -> Result<bool> {
        let found = self.find(part, Kind::Weight)?.ok_or_else(|| self.missing(part, Kind::Weight))?;
        Ok(found.row(row).is_some_and(|bytes| crate::weight_format::dequantise(found.format, bytes, to)))
    }

    /// The numbers of a norm.
    pub(super) fn scales(&self, part: Part, width: usize) -> Result<Vec<f32>> {
        self.numbers(part, &[width])
    }

    /// A small tensor as plain numbers.
    pub(super) fn numbers(&self, part: Part, shape: &[usize]) -> Result<Vec<f32>> {
        let found = self.find(part, Kind::Weight)?.ok_or_else(|| self.missing(part, Kind::Weight))?;
        self.check(part, &found, shape)?;
        Ok(found.dequantised())
    }

    /// How fast each head of a layer that remembers forgets: `-e^logarithm`, where the file has the logarithm.
    pub(super) fn forgetting(&self, part: Part, heads: usize) -> Result<Vec<f32>> {
        let mut rates = self.scales(part, heads)?;
        if matches!(self.tensors, Tensors::Folder(_)) {
            rates.iter_mut().for_each(|rate| *rate = -rate.exp());
        }
        Ok(rates)
    }

    /// What is added, where there is something.
    pub(super) fn bias(&self, part: Part, width: usize) -> Result<Option<Vec<f32>>> {
        let Some(found) = self.find(part, Kind::Bias)? else { return Ok(None) };
        self.check(part, &found, &[width])?;
        Ok(Some(found.dequantised()))
    }

    fn check(&self, part: Part, found: &Found<'_>, wanted: &[usize]) -> Result<()> {
        // A dimension of 1 is there in some files and not in others.
        let counted = |shape: &[usize]| shape.iter().copied().filter(|size| *size != 1).collect::<Vec<_>>();
        if counted(&found.shape) == counted(wanted) {
            return Ok(());
        }
        let name = self.name(part, Kind::Weight);
        Err(self.damaged(format!("`{name}` has the shape {:?}, and {wanted:?} was expected", found.shape)))
    }

    fn missing(&self, part: Part, kind: Kind) -> Error {
        self.damaged(format!("it has no `{}`", self.name(part, kind)))
    }

    /// The name that an error tells.
    fn name(&self, part: Part, kind: Kind) -> String {
        let (names, packed) = self.names(part, kind);
        names.into_iter().chain(packed.into_iter().map(|packed| packed.name)).next().unwrap_or_default()
    }

    /// What a part may be called, and what may hold it beside others.
    fn names(&self, part: Part, kind: Kind) -> (Vec<String>, Vec<Packed>) {
        match (&self.tensors, kind) {
            (Tensors::Gguf(_), _) => (gguf_names(part, kind), gguf_packed(part, kind)),
            (Tensors::Folder(_), Kind::Weight) => (folder_names(part, kind), folder_packed(part)),
            (Tensors::Folder(_), Kind::Bias) => (folder_names(part, kind), Vec::new()),
        }
    }

    fn find(&self, part: Part, kind: Kind) -> Result<Option<Found<'_>>> {
        let (names, packed) = self.names(part, kind);
        for name in names {
            if let Some(tensor) = self.tensor(&name)? {
                return Ok(Some(Found::whole(tensor)));
            }
        }
        for Packed { name, expert, half } in packed {
            let Some(tensor) = self.tensor(&name)? else { continue };
            let found = Found::slice(tensor, expert).and_then(|found| match half {
                Some(half) => found.half(half),
                None => Some(found),
            });
            return found.map(Some).ok_or_else(|| self.damaged(format!("`{name}` has no expert {expert}")));
        }
        Ok(None)
    }

    fn tensor(&self, name: &str) -> Result<Option<TensorView<'_>>> {
        match &self.tensors {
            Tensors::Gguf(gguf) => Ok(gguf.tensor(name)),
            Tensors::Folder(folder) => in_folder(folder, name),
        }
    }
}

/// A tensor by its name within the part that writes.
fn in_folder<'a>(folder: &'a WeightsFolder, name: &str) -> Result<Option<TensorView<'a>>> {
    for prefix in ["", "model.", "language_model.model.", "language_model.", "model.language_model."] {
        if let Some(tensor) = folder.tensor(&format!("{prefix}{name}"))? {
            return Ok(Some(tensor));
        }
    }
    Ok(None)
}

/// A tensor, or one expert's part of it.
struct Found<'a> {
    format: WeightFormat,
    shape: Vec<usize>,
    bytes: &'a [u8],
}

impl<'a> Found<'a> {
    fn whole(tensor: TensorView<'a>) -> Self {
        Self { format: tensor.format, shape: tensor.shape.to_vec(), bytes: tensor.bytes }
    }

    /// One part along the first dimension.
    fn slice(tensor: TensorView<'a>, part: usize) -> Option<Self> {
        let (count, shape) = tensor.shape.split_first()?;
        let size = tensor.bytes.len().checked_div(*count)?;
        let bytes = tensor.bytes.get(part * size..(part + 1) * size)?;
        Some(Self { format: tensor.format, shape: shape.to_vec(), bytes })
    }

    /// The first or the second half along the first dimension.
    fn half(mut self, half: usize) -> Option<Self> {
        let rows = self.shape.first_mut().filter(|rows| rows.is_multiple_of(2))?;
        *rows /= 2;
        let size = self.bytes.len() / 2;
        self.bytes = self.bytes.get(half * size..(half + 1) * size)?;
        Some(self)
    }

    fn view(&self) -> TensorView<'_> {
        TensorView { format: self.format, shape: &self.shape, bytes: self.bytes }
    }

    fn row(&self, row: usize) -> Option<&[u8]> {
        self.view().row(row)
    }

    fn dequantised(&self) -> Vec<f32> {
        self.view().dequantised()
    }
}

/// The GGUF file of a folder, if there is one, or a part where it is in several.
fn gguf_of(folder: &Path) -> Result<Option<PathBuf>> {
    let entries = std::fs::read_dir(folder).map_err(|error| Error::reading(folder, error))?;
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("gguf")))
        .collect();
    files.sort();
    let model = |path: &PathBuf| {
        let name = SplitName::parse(path.file_name()?.to_str()?)?;
        Some((name.stem, name.count))
    };
    let is_one = files.windows(2).all(|pair| model(&pair[0]).is_some() && model(&pair[0]) == model(&pair[1]));
    if !is_one {
        return Err(Error::unsupported(folder, "it holds several GGUF files; a folder of its own for each"));
    }
    Ok(files.into_iter().next())
}
