//! The encoders of this installation, and which of them makes the vectors.

use std::path::{Path, PathBuf};

use ambit_domain::port::{EmbedPurpose, EmbedderState};
use ambit_inference::EncoderFacts;
use ambit_inference::catalogue::{self, ALL_MINILM_L6_V2, KnownModel};

use crate::model_library::check_name;

/// The encoder that makes the vectors of this host, from its start to its end.
#[derive(Debug, Clone)]
pub(crate) struct ChosenEncoder {
    /// The name that the settings give.
    pub(crate) id: String,
    /// Where its files are, or would be.
    pub(crate) folder: PathBuf,
    /// What is known of it. Of one that is missing it is made up, so that there is something to count and compare with.
    pub(crate) facts: EncoderFacts,
    source: Source,
}

#[derive(Debug, Clone)]
enum Source {
    Catalogue(&'static KnownModel),
    Imported,
    /// It was not there when the host was started.
    Missing,
    /// Why it cannot be used.
    Unusable(String),
}

impl ChosenEncoder {
    /// The encoder of this name below a models' folder; the one that comes by default when the name is empty.
    pub(crate) fn find(models: &Path, id: &str) -> Self {
        let id = if id.is_empty() { ALL_MINILM_L6_V2.id } else { id };
        let folder = models.join(id);
        if let Some(known) = catalogue::find(id) {
            let facts = EncoderFacts::known(known);
            return Self { id: id.to_owned(), folder, facts, source: Source::Catalogue(known) };
        }
        let read = match check_name(id) {
            Err(error) => Err(Source::Unusable(error.message().to_owned())),
            Ok(()) if !has_weights(&folder) => Err(Source::Missing),
            Ok(()) => EncoderFacts::read(&folder).map_err(|error| Source::Unusable(error.to_string())),
        };
        let (facts, source) = match read {
            Ok(facts) => (facts, Source::Imported),
            Err(source) => {
                let facts = EncoderFacts { versioned_id: id.to_owned(), ..EncoderFacts::known(&ALL_MINILM_L6_V2) };
                (facts, source)
            }
        };
        Self { id: id.to_owned(), folder, facts, source }
    }

    /// About as many bytes as it takes in memory; none while it cannot work.
    pub(crate) fn bytes(&self) -> u64 {
        if self.trouble().is_none() { self.facts.bytes } else { 0 }
    }

    /// Whether it can work at present. Cheap: reads no file.
    pub(crate) fn state(&self) -> EmbedderState {
        match self.trouble() {
            None => EmbedderState::Ready,
            Some((problem, remedy)) => EmbedderState::Missing(format!("{problem}; {remedy}")),
        }
    }

    /// What keeps it from working, and what can be done about that. Nothing when it can work.
    pub(crate) fn trouble(&self) -> Option<(String, String)> {
        let id = &self.id;
        let import = format!("`ambit models import {id} FOLDER` takes it from a folder");
        let choose = "`ambit settings set models.embedder NAME` chooses another";
        Some(match &self.source {
            Source::Catalogue(known) if catalogue::installed(&self.folder, known) => return None,
            Source::Imported if has_weights(&self.folder) => return None,
            Source::Catalogue(_) => (format!("{id} is not installed"), "`ambit models pull` fetches it".to_owned()),
            Source::Imported => (format!("the encoder {id} is not installed any more"), import),
            Source::Missing if has_weights(&self.folder) => (
                format!("the encoder {id} came after the host was started"),
                "`ambit stop` lets the next command start with it".to_owned(),
            ),
            Source::Missing => (format!("the encoder {id} is not installed"), format!("{import}, and {choose}")),
            Source::Unusable(reason) => (reason.clone(), format!("{choose} encoder")),
        })
    }

    /// What can be done when it is missing, beside what [`Self::trouble`] says.
    pub(crate) fn hint(&self) -> String {
        match &self.source {
            Source::Catalogue(_) => {
                format!("without a network, `ambit models import {} PATH` takes it from a folder or archive", self.id)
            }
            _ => "`ambit models list` shows the encoders that there are".to_owned(),
        }
    }

    /// What stands before a text that is embedded for this.
    pub(crate) fn prompt(&self, purpose: EmbedPurpose) -> &str {
        let prompts = &self.facts.prompts;
        match purpose {
            EmbedPurpose::Question => &prompts.question,
            EmbedPurpose::Passage => &prompts.passage,
            EmbedPurpose::Other => &prompts.other,
        }
    }
}

fn has_weights(folder: &Path) -> bool {
    folder.join("model.safetensors").is_file()
}
