//! Models that the user brings: a language model in a GGUF file, or that or an encoder in a folder as model hubs keep them.

use std::path::{Path, PathBuf};

use ambit_domain::port::{Fit, LanguageModelInfo, ModelInfo, ModelOrigin, ModelRole, PullEvent};
use ambit_domain::{BoxStream, Cancellation, Error, Result};
use ambit_inference::{EncoderFacts, LanguageModelFacts, MemoryNeeds, SplitName, catalogue};
use async_stream::try_stream;
use futures_channel::mpsc;
use futures_util::StreamExt as _;

use super::import::copy_bytes;
use super::kind::{Kind, encoder_files, encoder_needs};
use super::record::Record;
use super::scratch::{self, Scratch};
use super::{ModelLibrary, check_space, refuse_unfit};

/// Files that a language model may consist of, besides weights. What tells about the model comes first.
pub(super) const FILES: [&str; 8] = [
    "config.json",
    "generation_config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "chat_template.jinja",
    "chat_template.json",
    "model.safetensors.index.json",
];
/// The longest name of a model.
const LONGEST_NAME: usize = 100;

/// Where a file is, and its name in the model's folder.
pub(super) type Placed = (PathBuf, String);

/// Copies a model into the library under a name. It is there once all of it is. One that does not fit is refused, unless
/// it is to be taken all the same.
pub(super) fn import(
    library: ModelLibrary,
    id: String,
    from: PathBuf,
    force: bool,
    cancellation: Cancellation,
) -> BoxStream<'static, Result<PullEvent>> {
    Box::pin(try_stream! {
        check_name(&id)?;
        let _held = library.hold(&id)?;
        let (kind, files, planned) = {
            let (library, id, from) = (library.clone(), id.clone(), from.clone());
            tokio::task::spawn_blocking(move || plan(&library, &id, &from, force)).await.map_err(interrupted)??
        };
        yield planned;
        let (sender, mut events) = mpsc::unbounded();
        let copied = {
            let (library, id) = (library.clone(), id.clone());
            tokio::task::spawn_blocking(move || {
                scratch::clear(&library.folder);
                copy(&library.folder, &id, &from, kind, &files, &sender, &cancellation)
            })
        };
        while let Some(event) = events.next().await {
            yield event;
        }
        copied.await.map_err(interrupted)??;
        let model = tokio::task::spawn_blocking(move || library.installed(&id)).await.map_err(interrupted)??;
        yield PullEvent::Finished { model };
    })
}

/// What a model is, its files, and what can be told of them before they are copied.
fn plan(library: &ModelLibrary, id: &str, from: &Path, force: bool) -> Result<(Kind, Vec<Placed>, PullEvent)> {
    let kind = Kind::of(from);
    let (files, needs) = files(kind, from)?;
    let fit = needs.fit(library.available());
    refuse_unfit(id, fit.as_ref(), force)?;
    let sizes: std::io::Result<Vec<u64>> = files.iter().map(|(path, _)| Ok(std::fs::metadata(path)?.len())).collect();
    let bytes: u64 = sizes?.iter().sum();
    check_space(&library.folder, bytes)?;
    let origin = ModelOrigin::Local { path: from.to_path_buf() };
    Ok((kind, files, PullEvent::Planned { model: id.to_owned(), bytes, origin, fit }))
}

/// What lists show of a language model.
pub(super) fn describe(
    id: String,
    folder: PathBuf,
    facts: &LanguageModelFacts,
    active: bool,
    fit: Option<Fit>,
) -> ModelInfo {
    let record = Record::read(&folder);
    let (origin, license) = record.map_or((None, None), |record| (Some(record.origin), record.license));
    let language = LanguageModelInfo {
        architecture: facts.architecture.clone(),
        parameters: facts.parameters,
        quantisation: facts.quantisation.clone(),
        context_tokens: facts.context_tokens as u64,
        layers: facts.layers as u64,
        has_chat_template: facts.has_chat_template,
    };
    ModelInfo {
        id,
        role: ModelRole::Language,
        license: license.or_else(|| facts.license.clone()).unwrap_or_default(),
        size: facts.bytes,
        installed: true,
        active,
        folder,
        fit,
        origin,
        language: Some(language),
    }
}

/// A name is that of a folder, and of nothing outside the library.
pub(crate) fn check_name(id: &str) -> Result<()> {
    let fits = |character: char| character.is_ascii_alphanumeric() || "-_.:@".contains(character);
    if id.is_empty() || id.len() > LONGEST_NAME || id.starts_with('.') || !id.chars().all(fits) {
        return Err(Error::invalid(format!("`{id}` cannot be the name of a model"))
            .with_hint("letters, digits, and - _ . : @ may be in it, and it does not begin with a dot"));
    }
    if catalogue::find(id).is_some() {
        return Err(Error::invalid(format!("`{id}` is the name of another model")));
    }
    Ok(())
}

/// The files of the model at a path with the names that they get, after a look at their headers, and what it takes.
fn files(kind: Kind, from: &Path) -> Result<(Vec<Placed>, MemoryNeeds)> {
    let metadata = std::fs::metadata(from).map_err(|error| {
        Error::not_found(format!("{}: {error}", from.display()))
            .with_hint("name a GGUF file, or a folder with config.json, tokenizer.json and safetensors")
    })?;
    if kind == Kind::Encoder {
        let facts = EncoderFacts::check(from)?;
        return Ok((encoder_files(from)?, encoder_needs(facts.bytes)));
    }
    let facts = LanguageModelFacts::read(from)?;
    if metadata.is_file() {
        let part = from.file_name().and_then(|name| SplitName::parse(name.to_str()?)).filter(|_| facts.parts > 1);
        let Some(part) = part else {
            // Whatever it is called: it was read as one.
            return Ok((vec![(from.to_path_buf(), "model.gguf".to_owned())], facts.needs));
        };
        let here = SplitName { stem: "model".to_owned(), ..part.clone() };
        let parts = (1..=part.count).map(|number| (from.with_file_name(part.part(number)), here.part(number)));
        return Ok((parts.collect(), facts.needs));
    }
    let mut files = Vec::new();
    for entry in std::fs::read_dir(from)?.flatten() {
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        let lower = name.to_ascii_lowercase();
        let is_weight = [".safetensors", ".gguf"].iter().any(|ending| lower.ends_with(ending));
        if path.is_file() && (is_weight || FILES.contains(&name.as_str())) {
            files.push((path, name));
        }
    }
    files.sort();
    Ok((files, facts.needs))
}

fn copy(
    library: &Path,
    id: &str,
    from: &Path,
    kind: Kind,
    files: &[Placed],
    sender: &mpsc::UnboundedSender<PullEvent>,
    cancellation: &Cancellation,
) -> Result<()> {
    // A receiver that is gone means that nobody looks at the progress any more.
    let tell = |event| drop(sender.unbounded_send(event));
    let gathering = Scratch::make(library, id)?;
    for (path, file) in files {
        let total = std::fs::metadata(path)?.len();
        let to = gathering.path().join(file);
        if let Some(folder) = to.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let told = |done| tell(PullEvent::Progress { file: file.clone(), done, total });
        copy_bytes(&mut std::fs::File::open(path)?, &to, &told, cancellation)?;
        std::fs::File::open(&to)?.sync_all()?;
        tell(PullEvent::Verified { file: file.clone() });
    }
    kind.check(gathering.path())?;
    let origin = ModelOrigin::Local { path: from.to_path_buf() };
    Record { origin, license: None, files: Vec::new() }.write(gathering.path())?;
    scratch::install(library, id, gathering.path())
}

pub(super) fn interrupted(error: tokio::task::JoinError) -> Error {
    Error::internal("what takes a model in was interrupted").with_source(error)
}
