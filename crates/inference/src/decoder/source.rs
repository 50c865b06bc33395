//! Where a decoder's tensors come from, under one set of names.

use std::path::{Path, PathBuf};

use super::configuration::Configuration;
use super::summary::Summary;
use crate::gguf::{Gguf, SplitName};
use crate::kernels::{FloatKind, FloatWeight, IntegerFormat, IntegerWeight, Weight};
use crate::tensor_view::TensorView;
use crate::vocabulary::{GgufVocabulary, Vocabulary};
use crate::weight_format::WeightFormat;
use crate::weights_folder::WeightsFolder;
use crate::{Error, Result};

/// A tensor by its part in the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Embedding,
    Norm,
    Head,
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
            return Ok((Self { path: file, tensors: Tensors::Gguf(gguf) }, configuration));
        }
        let configuration = Configuration::from_folder(path)?;
        let tensors = Tensors::Folder(WeightsFolder::open(path)?);
        Ok((Self { path: path.to_path_buf(), tensors }, configuration))
    }

    /// The vocabulary: that of the GGUF file, or the one beside the safetensors. What the file says about it is let go.
    pub(super) fn take_vocabulary(&mut self, folder: &Path) -> Result<Vocabulary> {
        match &mut self.tensors {
            Tensors::Gguf(gguf) => {
                let metadata = vocabulary_of(gguf);
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
        let found = self.find(part, Kind::Weight)?.ok_or_else(|| self.missing(part, Kind::Weight))?;
        self.check(part, &found, &[outputs, inner])?;
        // The readers give out whole blocks only, and a row is a multiple of them.
        let integer = |format| Weight::Integer(IntegerWeight::from_blocks(format, found.bytes, outputs, inner));
        let float = |kind| Weight::Float(FloatWeight::new(kind, found.bytes, outputs, inner));
        Ok(match found.format {
            WeightFormat::F32 => float(FloatKind::Single),
            WeightFormat::F16 => float(FloatKind::Half),
            WeightFormat::Bf16 => float(FloatKind::Brain),
            WeightFormat::Q8_0 => integer(IntegerFormat::Q8_0),
            WeightFormat::Q4_0 => integer(IntegerFormat::Q4_0),
            WeightFormat::Q4K => integer(IntegerFormat::Q4K),
            WeightFormat::Q5K => integer(IntegerFormat::Q5K),
            WeightFormat::Q6K => integer(IntegerFormat::Q6K),
        })
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
        let found = self.find(part, Kind::Weight)?.ok_or_else(|| self.missing(part, Kind::Weight))?;
        self.check(part, &found, &[width])?;
        Ok(found.dequantised())
    }

    /// What is added, where there is something.
    pub(super) fn bias(&self, part: Part, width: usize) -> Result<Option<Vec<f32>>> {
        let Some(found) = self.find(part, Kind::Bias)? else { return Ok(None) };
        self.check(part, &found, &[width])?;
        Ok(Some(found.dequantised()))
    }

    fn check(&self, part: Part, found: &Found<'_>, wanted: &[usize]) -> Result<()> {
        if found.shape == wanted {
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
        match &self.tensors {
            Tensors::Gguf(_) => gguf_name(part, kind).0,
            Tensors::Folder(_) => folder_names(part, kind).into_iter().next().unwrap_or_default(),
        }
    }

    fn find(&self, part: Part, kind: Kind) -> Result<Option<Found<'_>>> {
        match &self.tensors {
            Tensors::Gguf(gguf) => {
                let (name, expert) = gguf_name(part, kind);
                let Some(tensor) = gguf.tensor(&name) else { return Ok(None) };
                let Some(expert) = expert else { return Ok(Some(Found::whole(tensor))) };
                Found::slice(tensor, expert)
                    .map(Some)
                    .ok_or_else(|| self.damaged(format!("`{name}` has no expert {expert}")))
            }
            Tensors::Folder(folder) => {
                for name in folder_names(part, kind) {
                    for prefix in ["", "model.", "language_model.model.", "language_model.", "model.language_model."] {
                        if let Some(tensor) = folder.tensor(&format!("{prefix}{name}"))? {
                            return Ok(Some(Found::whole(tensor)));
                        }
                    }
                }
                Ok(None)
            }
        }
    }
}

/// What the metadata says about the vocabulary.
fn vocabulary_of(gguf: &Gguf) -> GgufVocabulary {
    let text = |key: &str| gguf.text(key).map(str::to_owned);
    let texts = |key: &str| gguf.texts(key).map(<[String]>::to_vec).unwrap_or_default();
    let id =
        |name: &str| gguf.unsigned(&format!("tokenizer.ggml.{name}_token_id")).and_then(|id| u32::try_from(id).ok());
    let kinds = gguf.numbers("tokenizer.ggml.token_type").unwrap_or_default();
    GgufVocabulary {
        name: text("general.name"),
        model: text("tokenizer.ggml.model").unwrap_or_default(),
        pre: text("tokenizer.ggml.pre"),
        tokens: texts("tokenizer.ggml.tokens"),
        scores: gguf.floats("tokenizer.ggml.scores").unwrap_or_default(),
        // What does not fit is no kind that is known, and is refused as one.
        token_types: kinds.into_iter().map(|kind| i32::try_from(kind).unwrap_or(i32::MAX)).collect(),
        merges: texts("tokenizer.ggml.merges"),
        bos: id("bos"),
        eos: id("eos"),
        eot: id("eot"),
        eom: id("eom"),
        unknown: id("unknown"),
        add_bos: gguf.boolean("tokenizer.ggml.add_bos_token"),
        add_eos: gguf.boolean("tokenizer.ggml.add_eos_token"),
        add_space_prefix: gguf.boolean("tokenizer.ggml.add_space_prefix"),
        chat_template: text("tokenizer.chat_template"),
        chat_template_tool_use: text("tokenizer.chat_template.tool_use"),
    }
}

/// A tensor, or one expert's part of it.
struct Found<'a> {
    format: WeightFormat,
    shape: &'a [usize],
    bytes: &'a [u8],
}

impl<'a> Found<'a> {
    fn whole(tensor: TensorView<'a>) -> Self {
        Self { format: tensor.format, shape: tensor.shape, bytes: tensor.bytes }
    }

    /// One part along the first dimension.
    fn slice(tensor: TensorView<'a>, part: usize) -> Option<Self> {
        let (count, shape) = tensor.shape.split_first()?;
        let size = tensor.bytes.len().checked_div(*count)?;
        Some(Self { format: tensor.format, shape, bytes: tensor.bytes.get(part * size..(part + 1) * size)? })
    }

    fn view(&self) -> TensorView<'a> {
        TensorView { format: self.format, shape: self.shape, bytes: self.bytes }
    }

    fn row(&self, row: usize) -> Option<&'a [u8]> {
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

/// The name in a GGUF file, and which part of the tensor along its first dimension.
fn gguf_name(part: Part, kind: Kind) -> (String, Option<usize>) {
    let kind = match kind {
        Kind::Weight => "weight",
        Kind::Bias => "bias",
    };
    let (layer, part) = match part {
        Part::Embedding => return (format!("token_embd.{kind}"), None),
        Part::Norm => return (format!("output_norm.{kind}"), None),
        Part::Head => return (format!("output.{kind}"), None),
        Part::Layer(layer, part) => (layer, part),
    };
    let (name, expert) = match part {
        LayerPart::AttentionNorm => ("attn_norm", None),
        LayerPart::Query => ("attn_q", None),
        LayerPart::Key => ("attn_k", None),
        LayerPart::Value => ("attn_v", None),
        LayerPart::Output => ("attn_output", None),
        LayerPart::QueryNorm => ("attn_q_norm", None),
        LayerPart::KeyNorm => ("attn_k_norm", None),
        LayerPart::AfterAttentionNorm => ("post_attention_norm", None),
        LayerPart::FeedForwardNorm => ("ffn_norm", None),
        LayerPart::Gate => ("ffn_gate", None),
        LayerPart::Up => ("ffn_up", None),
        LayerPart::Down => ("ffn_down", None),
        LayerPart::AfterFeedForwardNorm => ("post_ffw_norm", None),
        LayerPart::Router => ("ffn_gate_inp", None),
        LayerPart::ExpertGate(expert) => ("ffn_gate_exps", Some(expert)),
        LayerPart::ExpertUp(expert) => ("ffn_up_exps", Some(expert)),
        LayerPart::ExpertDown(expert) => ("ffn_down_exps", Some(expert)),
    };
    (format!("blk.{layer}.{name}.{kind}"), expert)
}

/// The names that the architectures of transformers have for a part, the most usual first.
fn folder_names(part: Part, kind: Kind) -> Vec<String> {
    let kind = match kind {
        Kind::Weight => "weight",
        Kind::Bias => "bias",
    };
    let (layer, part) = match part {
        Part::Embedding => return vec![format!("embed_tokens.{kind}")],
        Part::Norm => return vec![format!("norm.{kind}")],
        Part::Head => return vec![format!("lm_head.{kind}")],
        Part::Layer(layer, part) => (layer, part),
    };
    let names: Vec<String> = match part {
        LayerPart::AttentionNorm => vec!["input_layernorm".to_owned()],
        LayerPart::Query => vec!["self_attn.q_proj".to_owned()],
        LayerPart::Key => vec!["self_attn.k_proj".to_owned()],
        LayerPart::Value => vec!["self_attn.v_proj".to_owned()],
        LayerPart::Output => vec!["self_attn.o_proj".to_owned()],
        LayerPart::QueryNorm => vec!["self_attn.q_norm".to_owned()],
        LayerPart::KeyNorm => vec!["self_attn.k_norm".to_owned()],
        LayerPart::AfterAttentionNorm => vec!["post_attention_layernorm".to_owned()],
        // Where attention is normalised afterwards, that norm has the name which this one has elsewhere.
        LayerPart::FeedForwardNorm => {
            vec!["pre_feedforward_layernorm".to_owned(), "post_attention_layernorm".to_owned()]
        }
        LayerPart::Gate => vec!["mlp.gate_proj".to_owned()],
        LayerPart::Up => vec!["mlp.up_proj".to_owned(), "mlp.c_fc".to_owned()],
        LayerPart::Down => vec!["mlp.down_proj".to_owned(), "mlp.c_proj".to_owned()],
        LayerPart::AfterFeedForwardNorm => vec!["post_feedforward_layernorm".to_owned()],
        LayerPart::Router => vec!["mlp.gate".to_owned(), "block_sparse_moe.gate".to_owned()],
        LayerPart::ExpertGate(expert) => {
            vec![format!("mlp.experts.{expert}.gate_proj"), format!("block_sparse_moe.experts.{expert}.w1")]
        }
        LayerPart::ExpertUp(expert) => {
            vec![format!("mlp.experts.{expert}.up_proj"), format!("block_sparse_moe.experts.{expert}.w3")]
        }
        LayerPart::ExpertDown(expert) => {
            vec![format!("mlp.experts.{expert}.down_proj"), format!("block_sparse_moe.experts.{expert}.w2")]
        }
    };
    names.into_iter().map(|name| format!("layers.{layer}.{name}.{kind}")).collect()
}
