//! Language models from repositories of the hub.
//!
//! The hub is asked for the newest commit and what it holds, one model of that is chosen, and its files are fetched into a
//! folder of their own, `.NAME.pull`, which stays when the download breaks off: the next attempt goes on there. How the
//! model fits is told from the sizes before anything is fetched, and again once the first bytes of its files tell what
//! it is made of, long before the rest of them is here.

use std::path::{Path, PathBuf};

use ambit_domain::port::{Fit, ModelOrigin, PullEvent, PullOptions};
use ambit_domain::{BoxStream, Cancellation, Error, ErrorCode, Result};
use ambit_inference::catalogue::Checksum;
use ambit_inference::{LanguageModelFacts, MemoryNeeds};
use async_stream::try_stream;
use futures_util::{StreamExt as _, stream};

use super::hub::{HubFile, Listing, Variant};
use super::language::{check_name, interrupted};
use super::record::{Record, RemoteFile};
use super::{Expected, ModelLibrary, check_space, partial, refuse_unfit, scratch};

/// So many bytes of a GGUF file are looked at first, then twice as many, until its header is there in full.
const FIRST_LOOK: u64 = 1 << 20;
/// What is proposed where there is a choice: the smallest that loses little.
const PROPOSED: &str = "Q4_K_M";

/// Fetches the model that `id` names: `owner/name`, and after a colon which of its files or quantisations.
pub(super) fn pull(
    library: ModelLibrary,
    id: String,
    options: PullOptions,
    cancellation: Cancellation,
) -> BoxStream<'static, Result<PullEvent>> {
    Box::pin(try_stream! {
        let (repository, choice) = parse(&id)?;
        let shown = options.name.as_deref().unwrap_or("NAME");
        let listing = library.hub.listing(&repository, shown, &cancellation).await?;
        let variant = choose(&library, &repository, &listing, choice.as_deref())?;
        let name = options.name.unwrap_or_else(|| default_name(&repository, &variant));
        check_name(&name)?;
        let _held = library.hold(&name)?;
        let record = record(&repository, &listing, &variant);
        let origin = record.origin.clone();
        if is_here(&library.folder.join(&name), &name, &record)? {
            yield PullEvent::Finished { model: off_thread(&library, move |library| library.installed(&name)).await? };
            return;
        }

        let (bytes, weights) = (variant.bytes(), variant.weights());
        let mut fit = judge(&library, MemoryNeeds::guessed(weights)).await?;
        yield PullEvent::Planned { model: name.clone(), bytes, origin: origin.clone(), fit };
        refuse_unfit(&id, fit.as_ref(), options.force)?;
        let gathering = gathering(&library.folder, &name);
        let present: u64 = kept(&gathering, &record).iter().filter_map(|path| size_of(path)).sum();
        check_space(&library.folder, bytes.saturating_sub(present))?;
        prepare(&gathering, &record)?;

        let mut look = Look { next: FIRST_LOOK, weights, is_done: false };
        for file in record.files.clone() {
            let target = gathering.join(&file.name);
            let mut events = fetch(&library, wanted(&repository, &listing.revision, &name, &file), &target, &cancellation);
            while let Some(event) = events.next().await {
                let event = event?;
                let seen = match event {
                    PullEvent::Progress { done, .. } => look.at_weights(&partial(&target), &file, done),
                    _ => look.at_configuration(&gathering, &file),
                };
                yield event;
                if let Some(needs) = dropped_if_hopeless(seen, &gathering)? {
                    let better = judge(&library, needs).await?;
                    if verdict(better) != verdict(fit) {
                        yield PullEvent::Planned { model: name.clone(), bytes, origin: origin.clone(), fit: better };
                    }
                    fit = better;
                    refuse_unfit(&id, fit.as_ref(), options.force)?;
                }
            }
        }
        let model = off_thread(&library, move |library| {
            dropped_if_hopeless(LanguageModelFacts::read(&gathering).map_err(Error::from), &gathering)?;
            scratch::install(&library.folder, &name, &gathering)?;
            library.installed(&name)
        });
        yield PullEvent::Finished { model: model.await? };
    })
}

/// Where the files of a model are fetched to.
pub(super) fn gathering(library: &Path, name: &str) -> PathBuf {
    library.join(format!(".{name}.pull"))
}

/// The repository, and what of it.
fn parse(id: &str) -> Result<(String, Option<String>)> {
    let (repository, choice) = match id.split_once(':') {
        Some((repository, choice)) => (repository, Some(choice)),
        None => (id, None),
    };
    let is_part = |part: &str| {
        let is_plain = |character: char| character.is_ascii_alphanumeric() || "-_.".contains(character);
        !part.is_empty() && part.len() <= 100 && part.chars().all(is_plain) && !part.starts_with('.')
    };
    let is_repository = repository.split_once('/').is_some_and(|(owner, name)| is_part(owner) && is_part(name));
    if !is_repository || choice.is_some_and(str::is_empty) {
        return Err(Error::invalid(format!("`{id}` does not name a model of a hub"))
            .with_hint("it is written `owner/name` or `owner/name:Q4_K_M`"));
    }
    Ok((repository.to_owned(), choice.map(str::to_owned)))
}

/// The model of a repository that is meant. Without a choice, the only one.
fn choose(library: &ModelLibrary, repository: &str, listing: &Listing, choice: Option<&str>) -> Result<Variant> {
    let variants = listing.variants();
    let readable: Vec<&Variant> = variants.iter().filter(|variant| variant.is_readable()).collect();
    let meant: Vec<&Variant> = match choice {
        Some(choice) => variants.iter().filter(|variant| variant.is_meant_by(choice)).collect(),
        None => readable.clone(),
    };
    match (meant.as_slice(), choice) {
        ([one], _) if one.is_readable() => Ok((*one).clone()),
        ([one, ..], Some(_)) if !one.is_readable() => {
            let error = format!("the weights of {repository} in {} cannot be read here", one.label);
            Err(Error::new(ErrorCode::Unsupported, error).with_hint(offer(library, repository, &readable)))
        }
        ([], Some(choice)) if !readable.is_empty() => {
            let error = format!("{repository} has no model `{choice}`");
            Err(Error::not_found(error).with_hint(offer(library, repository, &readable)))
        }
        ([], _) => {
            let others: Vec<&str> = variants.iter().map(|variant| variant.label.as_str()).collect();
            let found = if others.is_empty() { String::new() } else { format!("; it has {}", others.join(", ")) };
            let error = format!("{repository} has no language model that can be run here{found}");
            Err(Error::new(ErrorCode::Unsupported, error).with_hint(
                "what can be run is a GGUF file in F32, F16, BF16, Q8_0, Q4_0, Q5_0, Q5_1, Q4_K, Q5_K or Q6_K, or \
                 safetensors with config.json and tokenizer.json",
            ))
        }
        (several, _) => {
            let error = format!("{repository} has {} models to choose from", several.len());
            Err(Error::invalid(error).with_hint(offer(library, repository, several)))
        }
    }
}

/// Models with their sizes, whether they fit, and how to name one.
fn offer(library: &ModelLibrary, repository: &str, variants: &[&Variant]) -> String {
    let available = library.available();
    let is_unique = |label: &str| variants.iter().filter(|variant| variant.label == label).count() == 1;
    let rows = variants.iter().map(|variant| {
        // Of files that share a label, each is named by itself.
        let name = match variant.files.last() {
            Some(file) if !is_unique(&variant.label) => file.path.as_str(),
            _ => variant.label.as_str(),
        };
        (name, *variant, MemoryNeeds::guessed(variant.weights()).fit(available))
    });
    let rows: Vec<_> = rows.collect();
    let widest = rows.iter().map(|(name, ..)| name.len()).max().unwrap_or(0);
    let mut text = "name one of these:\n".to_owned();
    for (name, variant, fit) in &rows {
        let fit = fit.as_ref().map_or("", |fit| fit.verdict.as_str());
        text.push_str(&format!("  {name:widest$}  {:>8.2} GB  {fit}\n", variant.bytes() as f64 / 1e9));
    }
    let fits = |fit: &Option<Fit>| fit.as_ref().is_none_or(|fit| fit.verdict.as_str() == "fits");
    let proposed = rows.iter().find(|(name, _, fit)| *name == PROPOSED && fits(fit));
    let proposed = proposed.or_else(|| rows.iter().find(|(.., fit)| fits(fit))).or(rows.first());
    if let Some((name, ..)) = proposed {
        text.push_str(&format!("for example `ambit models pull {repository}:{name}`"));
    }
    text
}

/// `Qwen2.5-0.5B-Instruct-Q4_K_M` for that quantisation of `Qwen/Qwen2.5-0.5B-Instruct-GGUF`.
fn default_name(repository: &str, variant: &Variant) -> String {
    let name = repository.rsplit('/').next().unwrap_or(repository);
    let is_gguf = name.len() > 5 && name.to_ascii_lowercase().ends_with("-gguf");
    let name = if is_gguf { &name[..name.len() - 5] } else { name };
    let is_said = name.to_ascii_lowercase().contains(&variant.label.to_ascii_lowercase());
    if variant.label == "safetensors"
        || is_said
        || variant.label.to_ascii_lowercase().contains(&name.to_ascii_lowercase())
    {
        return name.to_owned();
    }
    format!("{name}-{}", variant.label)
}

fn record(repository: &str, listing: &Listing, variant: &Variant) -> Record {
    let origin = ModelOrigin::Hub {
        repository: repository.to_owned(),
        revision: listing.revision.clone(),
        files: variant.files.iter().map(|file| file.path.clone()).collect(),
    };
    Record { origin, license: listing.license.clone(), files: variant.files.clone() }
}

/// Whether the model is installed as it is to be. The same files of another commit count, and the commit is noted.
fn is_here(folder: &Path, name: &str, wanted: &Record) -> Result<bool> {
    if !folder.exists() {
        return Ok(false);
    }
    let known = Record::read(folder);
    let ModelOrigin::Hub { repository, .. } = &wanted.origin else { return Ok(false) };
    let Some(known) = known.filter(|known| known.is_of(repository)) else {
        return Err(Error::new(ErrorCode::Conflict, format!("another model is called `{name}`"))
            .with_hint(format!("`--as` gives this one another name; `ambit models remove {name}` makes room")));
    };
    let is_here = known.files == wanted.files && known.is_complete(folder);
    if is_here && known != *wanted {
        wanted.write(folder)?;
    }
    Ok(is_here)
}

/// Where what an earlier attempt fetched is, in full and in part, as far as the same files are wanted now.
fn kept(gathering: &Path, record: &Record) -> Vec<PathBuf> {
    let before = Record::read(gathering).map(|record| record.files).unwrap_or_default();
    let is_kept = |file: &&RemoteFile| before.iter().any(|known| known.name == file.name && is_same(known, file));
    let files = record.files.iter().filter(is_kept);
    files.flat_map(|file| [partial(&gathering.join(&file.name)), gathering.join(&file.name)]).collect()
}

/// Makes the folder that files are fetched to, and drops from it what is of other files than are wanted now.
fn prepare(gathering: &Path, record: &Record) -> Result<()> {
    std::fs::create_dir_all(gathering)?;
    let kept = kept(gathering, record);
    for entry in std::fs::read_dir(gathering)? {
        let path = entry?.path();
        if !kept.contains(&path) {
            std::fs::remove_file(&path)?;
        }
    }
    record.write(gathering)
}

/// Whether two commits have the same file, wherever it lies.
fn is_same(one: &RemoteFile, other: &RemoteFile) -> bool {
    let is_known = one.sha256.is_some() || one.blob.is_some();
    is_known && (one.size, &one.sha256, &one.blob) == (other.size, &other.sha256, &other.blob)
}

fn wanted(repository: &str, revision: &str, model: &str, file: &RemoteFile) -> HubFile {
    HubFile {
        repository: repository.to_owned(),
        revision: revision.to_owned(),
        path: file.path.clone(),
        shown: file.path.rsplit('/').next().unwrap_or(&file.path).to_owned(),
        expected: Expected { size: file.size, checksum: checksum(file) },
        model: model.to_owned(),
    }
}

/// What the hub says by which a file can be verified. It tells the SHA-256 of large files; small ones are git's own.
fn checksum(file: &RemoteFile) -> Option<Checksum> {
    let blob = || file.blob.as_ref().filter(|blob| blob.len() == 40).map(|blob| blob.to_ascii_lowercase());
    file.sha256.clone().map(Checksum::Sha256).or_else(|| blob().map(Checksum::GitBlob))
}

fn size_of(path: &Path) -> Option<u64> {
    std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file).map(|found| found.len())
}

/// Fetches a file, which has its name only once it was verified.
fn fetch(
    library: &ModelLibrary,
    file: HubFile,
    target: &Path,
    cancellation: &Cancellation,
) -> BoxStream<'static, Result<PullEvent>> {
    let (shown, size) = (file.shown.clone(), file.expected.size);
    let events = if size_of(target) == Some(size) {
        let here = PullEvent::Progress { file: shown.clone(), done: size, total: size };
        stream::iter([Ok(here)]).boxed()
    } else {
        library.hub.fetch(file, target.to_path_buf(), cancellation.clone())
    };
    let verified = stream::once(async move { Ok(PullEvent::Verified { file: shown }) });
    // What comes after an error is not asked for.
    events.chain(verified).boxed()
}

/// Looks at what has come of a model, to see what it is made of.
struct Look {
    next: u64,
    weights: u64,
    is_done: bool,
}

impl Look {
    /// At the first file of weights.
    fn at_weights(&mut self, path: &Path, file: &RemoteFile, done: u64) -> Result<Option<MemoryNeeds>> {
        let is_gguf = file.name.ends_with(".gguf");
        if self.is_done || !is_gguf || !path.exists() || (done < self.next && done < file.size) {
            return Ok(None);
        }
        self.next = done.saturating_mul(2);
        let needs = MemoryNeeds::of_beginning(path, file.size, self.weights)?;
        // Later parts tell nothing more, and the check of the whole is not far.
        self.is_done = needs.is_some() || done == file.size;
        Ok(needs)
    }

    /// At `config.json`, once it is there.
    fn at_configuration(&mut self, folder: &Path, file: &RemoteFile) -> Result<Option<MemoryNeeds>> {
        if file.name != "config.json" {
            return Ok(None);
        }
        Ok(Some(MemoryNeeds::of_configuration(folder, self.weights)?))
    }
}

/// Files of what cannot be run are not kept for another attempt.
fn dropped_if_hopeless<T>(seen: Result<T>, gathering: &Path) -> Result<T> {
    if let Err(error) = &seen
        && matches!(error.code(), ErrorCode::Unsupported | ErrorCode::Corrupt)
        && let Err(error) = std::fs::remove_dir_all(gathering)
    {
        tracing::warn!(%error, "files of a model that cannot be run stay");
    }
    seen
}

async fn judge(library: &ModelLibrary, needs: MemoryNeeds) -> Result<Option<Fit>> {
    off_thread(library, move |library| Ok(needs.fit(library.available()))).await
}

fn verdict(fit: Option<Fit>) -> Option<&'static str> {
    fit.map(|fit| fit.verdict.as_str())
}

async fn off_thread<T: Send + 'static>(
    library: &ModelLibrary,
    work: impl FnOnce(&ModelLibrary) -> Result<T> + Send + 'static,
) -> Result<T> {
    let library = library.clone();
    tokio::task::spawn_blocking(move || work(&library)).await.map_err(interrupted)?
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    #[test]
    fn a_model_of_the_hub_is_named_by_owner_name_and_choice() {
        assert_eq!(parse("Qwen/Qwen3-0.6B").unwrap(), ("Qwen/Qwen3-0.6B".to_owned(), None));
        assert_eq!(parse("a/b:dir/c-Q8_0.gguf").unwrap(), ("a/b".to_owned(), Some("dir/c-Q8_0.gguf".to_owned())));
        for id in ["a/b/c", "/b", "a/", "a/b:", "../b", "a/..", "a b/c", "a/b?c", "a%2f/b"] {
            assert!(parse(id).is_err(), "{id}");
        }
    }

    #[test]
    fn names_are_made_up_of_repository_and_quantisation() {
        let name = |repository: &str, label: &str| {
            default_name(repository, &Variant { label: label.to_owned(), files: Vec::new() })
        };
        assert_eq!(name("Qwen/Qwen2.5-0.5B-Instruct-GGUF", "Q4_K_M"), "Qwen2.5-0.5B-Instruct-Q4_K_M");
        assert_eq!(name("Qwen/Qwen3-0.6B", "safetensors"), "Qwen3-0.6B");
        assert_eq!(name("me/small-q8_0-gguf", "Q8_0"), "small-q8_0");
        assert_eq!(name("me/small-GGUF", "small"), "small");
    }

    #[test]
    fn what_is_of_other_files_goes_before_a_download_goes_on() {
        let library = tempfile::tempdir().unwrap();
        let gathering = gathering(library.path(), "small");
        let file = |name: &str, blob: &str| RemoteFile {
            path: name.to_owned(),
            name: name.to_owned(),
            size: 5,
            sha256: None,
            blob: Some(blob.to_owned()),
        };
        let record = |blob: &str| Record {
            origin: ModelOrigin::Local { path: PathBuf::new() },
            license: None,
            files: vec![file("kept", "one"), file("changed", blob)],
        };
        prepare(&gathering, &record("one")).unwrap();
        for name in ["kept", "changed.part", "other"] {
            std::fs::write(gathering.join(name), "12345").unwrap();
        }
        prepare(&gathering, &record("one")).unwrap();
        let there = |name: &str| gathering.join(name).exists();
        assert_eq!((there("kept"), there("changed.part"), there("other")), (true, true, false));
        prepare(&gathering, &record("two")).unwrap();
        assert_eq!((there("kept"), there("changed.part")), (true, false));
    }
}
