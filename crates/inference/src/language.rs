//! Language models: a decoder with its vocabulary and the template of its conversations.

mod facts;
mod prompt;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use ambit_domain::port::{GenerationPriority, Prompt};
use ambit_domain::{Cancellation, SamplingOptions};

use jiff::civil::DateTime;

use crate::chat_template::{ChatTemplate, PLAIN_STOPS};
use crate::decoder::{Decoder, Job, Processor, Scheduler, Told};
use crate::vocabulary::Vocabulary;
use crate::{Error, Result};

pub use facts::LanguageModelFacts;

/// Memory for what was read already, kept for texts that begin alike.
const PREFIX_BYTES: usize = 256 << 20;

/// A language model in memory, with the texts that it is writing.
pub(crate) struct LanguageModel {
    decoder: Decoder,
    vocabulary: Vocabulary,
    /// How it reads conversations, or why it cannot.
    template: Result<Template, String>,
    scheduler: Scheduler,
}

enum Template {
    Own(ChatTemplate),
    /// The model has none, so that it goes on with a dialogue.
    Plain(ChatTemplate),
}

/// A text that is wanted of a model.
pub(crate) struct Wanted {
    pub(crate) id: u64,
    pub(crate) prompt: Prompt,
    pub(crate) sampling: SamplingOptions,
    /// For choices, where the options name no seed.
    pub(crate) seed: u64,
    pub(crate) priority: GenerationPriority,
    pub(crate) cancellation: Cancellation,
    /// For templates that tell the model the date.
    pub(crate) now: DateTime,
}

impl LanguageModel {
    /// Loads the model in a folder. `memory` is for what its texts have read and written, `guesses` tells whether it guesses
    /// tokens ahead.
    pub(crate) fn load(folder: &Path, processor: Processor, memory: usize, guesses: bool) -> Result<Self> {
        let loaded = catch_unwind(|| Self::load_files(folder, processor, memory, guesses));
        loaded.unwrap_or_else(|_| Err(Error::damaged(folder, "what reads it panicked")))
    }

    fn load_files(folder: &Path, processor: Processor, memory: usize, guesses: bool) -> Result<Self> {
        let (decoder, vocabulary) = Decoder::load_with_vocabulary(folder, processor)?;
        let template = match ChatTemplate::of(&vocabulary, false) {
            Ok(Some(template)) => Ok(Template::Own(template)),
            Ok(None) => Ok(Template::Plain(ChatTemplate::plain()?)),
            // Texts can be written all the same.
            Err(error) => Err(error.to_string()),
        };
        let (memory, prefixes) = decoder.memory(memory, PREFIX_BYTES);
        let scheduler = Scheduler::new(&decoder, prefixes, memory, guesses);
        Ok(Self { decoder, vocabulary, template, scheduler })
    }

    /// Whether it has nothing to write.
    pub(crate) fn is_idle(&self) -> bool {
        self.scheduler.is_idle()
    }

    /// Who waits for it most urgently.
    pub(crate) fn priority(&self) -> Option<GenerationPriority> {
        self.scheduler.priority()
    }

    /// Takes a text in.
    pub(crate) fn admit(&mut self, wanted: Wanted, tell: &mut dyn FnMut(Told)) {
        let id = wanted.id;
        // Tokenizers and templates are programs of others.
        let job = catch_unwind(AssertUnwindSafe(|| self.job(wanted)));
        match job.unwrap_or_else(|_| Err(Error::Tokenizer("it panicked".to_owned()))) {
            Ok(job) => self.scheduler.admit(&self.decoder, &self.vocabulary, job, tell),
            Err(error) => tell(Told::Ended { id, result: Err(error) }),
        }
    }

    fn job(&self, wanted: Wanted) -> Result<Job> {
        let Wanted { id, prompt, mut sampling, seed, priority, cancellation, now } = wanted;
        let is_continuation = !matches!(prompt, Prompt::Conversation(_));
        let prompt = match prompt {
            Prompt::Text(text) => prompt::text(&self.vocabulary, &text)?,
            Prompt::Gap { before, after } => prompt::gap(&self.vocabulary, &before, &after)?,
            Prompt::Conversation(messages) => {
                let (template, is_plain) = match &self.template {
                    Ok(Template::Own(template)) => (template, false),
                    Ok(Template::Plain(template)) => (template, true),
                    Err(reason) => return Err(Error::Unable(reason.clone())),
                };
                if is_plain {
                    sampling.stop.extend(PLAIN_STOPS.iter().map(|stop| (*stop).to_owned()));
                }
                prompt::conversation(&self.vocabulary, template, is_plain, &messages, now)?
            }
        };
        Ok(Job { id, prompt, sampling, seed, priority, is_continuation, cancellation })
    }

    /// Makes one pass; `goes_on` is asked while it runs.
    pub(crate) fn step(&mut self, goes_on: &dyn Fn() -> bool, tell: &mut dyn FnMut(Told)) {
        self.scheduler.step(&self.decoder, &self.vocabulary, goes_on, tell);
    }
}
