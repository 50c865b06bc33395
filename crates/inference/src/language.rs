//! Language models: a decoder with its vocabulary and the template of its conversations.

mod facts;
mod prompt;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use ambit_domain::port::{GenerationPriority, Prompt};
use ambit_domain::{Cancellation, Constraint, Message, Role, SamplingOptions, ToolChoice, Tools};
use jiff::civil::DateTime;

use crate::chat_template::{ChatTemplate, PLAIN_STOPS};
use crate::constraint::{Constraints, Form};
use crate::decoder::{Age, Decoder, Interrupted, Job, MakeRoom, PageName, Processor, Scheduler, Shelf, Shelved, Told};
use crate::tool_calls::{CallFormat, CallReader, grammar};
use crate::vocabulary::Vocabulary;
use crate::{Error, Result};

pub use facts::LanguageModelFacts;

/// Memory for the texts of a model until it is told how much there is.
const FIRST_MEMORY: usize = 64 << 20;

/// A language model in memory, with the texts that it is writing.
pub(crate) struct LanguageModel {
    decoder: Decoder,
    vocabulary: Vocabulary,
    /// How it reads conversations, or why it cannot.
    template: Result<Template, String>,
    /// The same for conversations with tools, with how it writes calls; once it was needed.
    tool_template: Option<Result<(ChatTemplate, CallFormat), String>>,
    /// What constrains texts; once it was needed. It is as lasting as the model, since it takes a while to build.
    constraints: Option<Constraints>,
    scheduler: Scheduler,
}

fn has_to_do_with_tools(message: &Message) -> bool {
    message.role == Role::Tool || !message.calls.is_empty()
}

enum Template {
    Own(ChatTemplate),
    /// The model has none, so that it goes on with a dialogue.
    Plain(ChatTemplate),
}

/// How a model is loaded.
pub(crate) struct Loading<'a> {
    pub(crate) processor: Processor,
    /// What its files are told from others by, where they can be.
    pub(crate) files: Option<PageName>,
    /// Whether it guesses tokens ahead.
    pub(crate) guesses: bool,
    /// Goes up when everything is forgotten that models have read.
    pub(crate) forgotten: Age,
    /// Where what it has read is kept on disk.
    pub(crate) shelf: Option<&'a Arc<Shelf>>,
    /// Gives memory back that the process can do without.
    pub(crate) spare_memory: Option<fn()>,
    /// Ends it early.
    pub(crate) cancellation: Cancellation,
}

/// A text that is wanted of a model.
pub(crate) struct Wanted {
    pub(crate) id: u64,
    pub(crate) prompt: Prompt,
    pub(crate) sampling: SamplingOptions,
    /// For choices, where the options name no seed.
    pub(crate) seed: u64,
    pub(crate) priority: GenerationPriority,
    pub(crate) tools: Tools,
    /// What the text may well begin with, by somebody's guess.
    pub(crate) draft: Option<String>,
    pub(crate) cancellation: Cancellation,
    /// For templates that tell the model the date.
    pub(crate) now: DateTime,
}

impl LanguageModel {
    /// Loads the model in a folder. None while others use the memory that it needs.
    pub(crate) fn load(folder: &Path, wanted: Loading<'_>, make_room: MakeRoom<'_>) -> Result<Option<Self>> {
        let loaded = catch_unwind(AssertUnwindSafe(|| Self::load_files(folder, wanted, make_room)));
        loaded.unwrap_or_else(|panic| Err(Error::panicked("loading the model", &*panic)))
    }

    fn load_files(folder: &Path, wanted: Loading<'_>, make_room: MakeRoom<'_>) -> Result<Option<Self>> {
        let Loading { processor, files, guesses, forgotten, shelf, spare_memory, cancellation } = wanted;
        // What was needed for the start and the vocabulary makes room for the weights.
        let between = || {
            if let Some(spare) = spare_memory {
                spare();
            }
        };
        let loaded = Decoder::load_with_vocabulary(folder, processor, cancellation, between, make_room)?;
        let Some((decoder, vocabulary)) = loaded else { return Ok(None) };
        let template = match ChatTemplate::of(&vocabulary, false) {
            Ok(Some(template)) => Ok(Template::Own(template)),
            Ok(None) => Ok(Template::Plain(ChatTemplate::plain()?)),
            // Texts can be written all the same.
            Err(error) => Err(error.to_string()),
        };
        let (memory, prefixes) = decoder.memory(FIRST_MEMORY);
        // Where the files cannot be told from others, or changed while they were read, nothing is taken from the disk.
        let root = files.filter(|files| PageName::root(folder).is_ok_and(|now| now == *files));
        let shelved = shelf.zip(root).map(|(shelf, root)| Shelved { shelf: Arc::clone(shelf), root });
        let scheduler = Scheduler::new(&decoder, prefixes, memory, guesses, forgotten, shelved);
        Ok(Some(Self { decoder, vocabulary, template, tool_template: None, constraints: None, scheduler }))
    }

    /// Whether it is on the GPU.
    pub(crate) fn is_on_gpu(&self) -> bool {
        self.decoder.is_on_gpu()
    }

    /// Has the GPU fail, if it is on one.
    #[cfg(test)]
    pub(crate) fn lose(&self) {
        self.decoder.lose();
    }

    /// Bytes of the CPU's memory that it takes beside what texts do.
    pub(crate) fn bytes(&self) -> u64 {
        self.decoder.bytes()
    }

    /// Bytes of its weights, wherever they are.
    pub(crate) fn weights(&self) -> u64 {
        self.decoder.weights()
    }

    /// Bytes of the GPU's own memory that its texts have, used or not; 0 elsewhere.
    pub(crate) fn texts_on_gpu(&self) -> u64 {
        self.decoder.texts_on_gpu()
    }

    /// Bytes of the CPU's memory that its texts take now, and that they may take beyond it.
    pub(crate) fn memory(&self) -> (usize, usize) {
        self.scheduler.memory(&self.decoder)
    }

    /// Has so many bytes of the CPU's memory for its texts from now on.
    pub(crate) fn set_memory(&mut self, bytes: usize) {
        self.scheduler.set_memory(&self.decoder, bytes);
    }

    /// Lets go of what was read before everything was forgotten.
    pub(crate) fn forget(&mut self) {
        self.scheduler.forget();
    }

    /// Leaves the texts that it is writing to another one of the same files.
    pub(crate) fn interrupt(mut self) -> Interrupted {
        self.scheduler.interrupt()
    }

    /// Goes on with the texts of one that had to leave them.
    pub(crate) fn resume(&mut self, texts: Interrupted, tell: &mut dyn FnMut(Told)) {
        self.scheduler.resume(&self.decoder, texts, tell);
    }

    /// Whether its device has failed, so that it has to be loaded anew.
    pub(crate) fn has_failed(&self) -> bool {
        self.decoder.has_failed()
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
        match job.unwrap_or_else(|panic| Err(Error::panicked("reading the prompt", &*panic))) {
            Ok(job) => self.scheduler.admit(&self.decoder, &self.vocabulary, job, tell),
            Err(error) => tell(Told::Ended { id, result: Err(error) }),
        }
    }

    fn job(&mut self, wanted: Wanted) -> Result<Job> {
        let Wanted { id, prompt, mut sampling, seed, priority, tools, draft, cancellation, now } = wanted;
        let is_continuation = !matches!(prompt, Prompt::Conversation(_));
        let mut calls = None;
        let prompt = match prompt {
            Prompt::Text(text) => prompt::text(&self.vocabulary, &text)?,
            Prompt::Gap { before, after } => prompt::gap(&self.vocabulary, &before, &after)?,
            Prompt::Conversation(messages)
                if !tools.offered.is_empty() || messages.iter().any(has_to_do_with_tools) =>
            {
                let read = || tool_template(&self.vocabulary).map_err(|error| error.to_string());
                let (template, format) = match self.tool_template.get_or_insert_with(read) {
                    Ok((template, format)) => (&*template, *format),
                    Err(reason) => return Err(Error::Unable(reason.clone())),
                };
                let prompt = prompt::conversation(&self.vocabulary, template, false, &messages, &tools.offered, now)?;
                if !tools.offered.is_empty() {
                    calls = Some(CallReader::new(format, &tools.offered, seed));
                    self.constrain_calls(format, &tools, &mut sampling)?;
                }
                prompt
            }
            Prompt::Conversation(messages) => {
                let (template, is_plain) = match &self.template {
                    Ok(Template::Own(template)) => (template, false),
                    Ok(Template::Plain(template)) => (template, true),
                    Err(reason) => return Err(Error::Unable(reason.clone())),
                };
                if is_plain {
                    sampling.stop.extend(PLAIN_STOPS.iter().map(|stop| (*stop).to_owned()));
                }
                prompt::conversation(&self.vocabulary, template, is_plain, &messages, &[], now)?
            }
        };
        let form = match sampling.constraint.take() {
            Some(constraint) => Some(self.form(&constraint)?),
            None => None,
        };
        let draft = match draft {
            Some(draft) => self.vocabulary.encode(&draft, false, false)?,
            None => Vec::new(),
        };
        Ok(Job { id, prompt, sampling, seed, priority, is_continuation, draft, form, calls, cancellation })
    }

    /// Has the text call a tool where it must, or else have the form that is asked for.
    fn constrain_calls(&self, format: CallFormat, tools: &Tools, sampling: &mut SamplingOptions) -> Result<()> {
        let grammar = |tools, or| grammar(format, &self.vocabulary, tools, or).map(Some);
        sampling.constraint = match (&tools.choice, sampling.constraint.take()) {
            (ToolChoice::Auto, None) => None,
            (ToolChoice::Auto, Some(form)) => grammar(&tools.offered, Some(&form))?,
            (ToolChoice::Required, _) => grammar(&tools.offered, None)?,
            (ToolChoice::Named(name), _) => {
                let Some(tool) = tools.offered.iter().find(|tool| tool.name == *name) else {
                    return Err(Error::Constraint(format!("the tool `{name}` is not among those that are offered")));
                };
                grammar(std::slice::from_ref(tool), None)?
            }
        };
        Ok(())
    }

    /// Makes sense of the form that a text must have.
    fn form(&mut self, constraint: &Constraint) -> Result<Form> {
        if let Some(constraints) = &self.constraints {
            return constraints.compile(constraint);
        }
        let constraints = Constraints::new(&self.vocabulary)?;
        self.scheduler.give_up(&self.decoder, constraints.bytes());
        self.constraints.insert(constraints).compile(constraint)
    }

    /// Takes leave of texts that were given up, and does nothing else.
    pub(crate) fn rest(&mut self, tell: &mut dyn FnMut(Told)) {
        self.scheduler.drop_cancelled(tell);
    }

    /// Makes one pass; `goes_on` is asked while it runs.
    pub(crate) fn step(&mut self, goes_on: &dyn Fn() -> bool, tell: &mut dyn FnMut(Told)) {
        self.scheduler.step(&self.decoder, &self.vocabulary, goes_on, tell);
    }
}

/// The template of a model for conversations with tools, and how the model writes calls.
fn tool_template(vocabulary: &Vocabulary) -> Result<(ChatTemplate, CallFormat)> {
    let unable = |what: &str| Error::Unable(format!("tools are not supported by this model: {what}"));
    let nothing = || unable("it has no chat template");
    let source = vocabulary.chat_template(true).ok_or_else(nothing)?;
    let format = CallFormat::of(source).ok_or_else(|| {
        let has_tools = source.contains("tools");
        unable(if has_tools { "it writes calls in a way that is not known" } else { "its chat template knows none" })
    })?;
    Ok((ChatTemplate::of(vocabulary, true)?.ok_or_else(nothing)?, format))
}
