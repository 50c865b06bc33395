//! What can be said of a decoder's files in a few numbers.

use std::collections::BTreeMap;
use std::path::Path;

use crate::gguf::Gguf;
use crate::weight_format::WeightFormat;
use crate::weights_folder::WeightsFolder;

/// Files of a model, summed up.
pub(crate) struct Summary {
    /// Files that hold weights.
    pub(crate) parts: usize,
    /// Bytes of all tensors.
    pub(crate) bytes: u64,
    /// Of these, the bytes of what only some tokens read.
    pub(crate) expert_bytes: u64,
    pub(crate) parameters: u64,
    pub(crate) quantisation: String,
    pub(crate) license: Option<String>,
    pub(crate) has_chat_template: bool,
}

impl Summary {
    pub(super) fn of_gguf(gguf: &Gguf) -> Self {
        let mut sums = Sums::default();
        gguf.announced().for_each(|(name, format, bytes)| sums.add(name, format, bytes));
        // The name of a mixture, where the file has one; the formats of its tensors tell it from nothing else.
        let mixture = match gguf.unsigned("general.file_type") {
            Some(14) => Some("Q4_K_S"),
            Some(15) => Some("Q4_K_M"),
            Some(16) => Some("Q5_K_S"),
            Some(17) => Some("Q5_K_M"),
            _ => None,
        };
        let has_chat_template = gguf.text("tokenizer.chat_template").is_some();
        let license = gguf.text("general.license").map(str::to_owned);
        Self { license, has_chat_template, parts: gguf.parts(), ..sums.summary(mixture) }
    }

    pub(super) fn of_folder(path: &Path, folder: &WeightsFolder) -> Self {
        let mut sums = Sums::default();
        for name in folder.names() {
            // What is stored in other formats is not asked for, or refused once it is.
            if let Ok(Some(tensor)) = folder.tensor(name) {
                sums.add(name, tensor.format, tensor.bytes.len());
            }
        }
        let is_in = |file: &str| {
            let text = std::fs::read_to_string(path.join(file)).unwrap_or_default();
            let json = serde_json::from_str::<serde_json::Value>(&text).unwrap_or_default();
            json.get("chat_template").is_some_and(|template| !template.is_null())
        };
        let has_chat_template = path.join("chat_template.jinja").exists()
            || ["chat_template.json", "tokenizer_config.json"].into_iter().any(is_in);
        // Whatever else is in the files is mapped as well.
        Self { has_chat_template, bytes: folder.bytes(), parts: folder.shards(), ..sums.summary(None) }
    }
}

/// Of the tensors that were seen.
#[derive(Default)]
struct Sums {
    bytes: BTreeMap<&'static str, u64>,
    expert_bytes: u64,
    parameters: u64,
}

impl Sums {
    fn add(&mut self, name: &str, format: WeightFormat, bytes: usize) {
        *self.bytes.entry(format.name()).or_default() += bytes as u64;
        self.parameters += (bytes / format.block_bytes() * format.block_values()) as u64;
        if name.contains("_exps.") || name.contains(".experts.") {
            self.expert_bytes += bytes as u64;
        }
    }

    fn summary(self, mixture: Option<&str>) -> Summary {
        let most = self.bytes.iter().max_by_key(|(_, bytes)| **bytes).map_or("", |(name, _)| name);
        Summary {
            parts: 1,
            bytes: self.bytes.values().sum(),
            expert_bytes: self.expert_bytes,
            parameters: self.parameters,
            quantisation: mixture.unwrap_or(most).to_owned(),
            license: None,
            has_chat_template: false,
        }
    }
}
