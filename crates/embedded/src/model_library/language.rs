//! Models that the user brings: a language model in a GGUF file, or that or an encoder in a folder as model hubs keep them.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use ambit_domain::port::{ModelInfo, ModelRole, PullEvent};
use ambit_domain::{BoxStream, Cancellation, Error, Result};
use ambit_inference::{LanguageModelFacts, catalogue};
use async_stream::try_stream;
use futures_channel::mpsc;
use futures_util::StreamExt as _;

use super::import::copy_bytes;
use super::kind::{Kind, encoder_files};

/// Files that a language model may consist of, besides weights.
const FILES: [&str; 8] = [
    "config.json",
    "generation_config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "chat_template.jinja",
    "chat_template.json",
    "model.safetensors.index.json",
];
/// Numbers the imports of this process, so that two of one name do not meet.
static IMPORTS: AtomicU64 = AtomicU64::new(0);
/// The longest name of a model.
const LONGEST_NAME: usize = 100;

/// Copies a model into the library under a name. It is there once all of it is.
pub(super) fn import(
    library: PathBuf,
    id: String,
    from: PathBuf,
    chosen_encoder: String,
    cancellation: Cancellation,
) -> BoxStream<'static, Result<PullEvent>> {
    Box::pin(try_stream! {
        check_name(&id)?;
        let kind = Kind::of(&from);
        let files = tokio::task::spawn_blocking(move || files(kind, &from)).await.map_err(interrupted)??;
        let number = IMPORTS.fetch_add(1, Ordering::Relaxed);
        let gathering = library.join(format!(".{id}.{}-{number}.part", std::process::id()));
        let target = library.join(&id);
        let (sender, mut events) = mpsc::unbounded();
        let copied = {
            let (gathering, target) = (gathering.clone(), target.clone());
            tokio::task::spawn_blocking(move || {
                let copied = copy((kind, &files), &gathering, &target, &sender, &cancellation);
                if copied.is_err() && let Err(error) = std::fs::remove_dir_all(&gathering) {
                    tracing::debug!(%error, "nothing was left of an import that broke off");
                }
                copied
            })
        };
        while let Some(event) = events.next().await {
            yield event;
        }
        copied.await.map_err(interrupted)??;
        yield PullEvent::Finished { model: kind.describe(id, target, &chosen_encoder)? };
    })
}

/// What lists show of a language model.
pub(super) fn describe(id: String, folder: PathBuf, facts: &LanguageModelFacts, active: bool) -> ModelInfo {
    let license = "as its author says".to_owned();
    ModelInfo { id, role: ModelRole::Language, license, size: facts.bytes, installed: true, active, folder }
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

/// The files of the model at a path, after a look at their headers.
fn files(kind: Kind, from: &Path) -> Result<Vec<(PathBuf, String)>> {
    let metadata = std::fs::metadata(from).map_err(|error| {
        Error::not_found(format!("{}: {error}", from.display()))
            .with_hint("name a GGUF file, or a folder with config.json, tokenizer.json and safetensors")
    })?;
    kind.check(from)?;
    if kind == Kind::Encoder {
        return encoder_files(from);
    }
    if metadata.is_file() {
        // Whatever it is called: it was read as one.
        return Ok(vec![(from.to_path_buf(), "model.gguf".to_owned())]);
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
    Ok(files)
}

fn copy(
    (kind, files): (Kind, &[(PathBuf, String)]),
    gathering: &Path,
    target: &Path,
    sender: &mpsc::UnboundedSender<PullEvent>,
    cancellation: &Cancellation,
) -> Result<()> {
    // A receiver that is gone means that nobody looks at the progress any more.
    let tell = |event| drop(sender.unbounded_send(event));
    std::fs::create_dir_all(gathering)?;
    for (path, file) in files {
        let total = std::fs::metadata(path)?.len();
        let to = gathering.join(file);
        if let Some(folder) = to.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let told = |done| tell(PullEvent::Progress { file: file.clone(), done, total });
        copy_bytes(&mut std::fs::File::open(path)?, &to, &told, cancellation)?;
        std::fs::File::open(&to)?.sync_all()?;
        tell(PullEvent::Verified { file: file.clone() });
    }
    kind.check(gathering)?;
    // The model of this name that was there goes when the new one has its place.
    let old = gathering.with_extension("old");
    let is_replaced = target.exists();
    if is_replaced {
        std::fs::rename(target, &old)?;
    }
    std::fs::rename(gathering, target)?;
    if is_replaced {
        std::fs::remove_dir_all(&old)?;
    }
    Ok(())
}

fn interrupted(error: tokio::task::JoinError) -> Error {
    Error::internal("the import of a model was interrupted").with_source(error)
}
