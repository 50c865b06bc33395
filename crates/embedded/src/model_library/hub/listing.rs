//! What a repository of the hub holds.

use std::collections::BTreeMap;

use ambit_domain::{Cancellation, Error, ErrorCode, Result};
use ambit_inference::SplitName;
use futures_util::StreamExt as _;
use futures_util::future::{Either, select};
use serde::Deserialize;
use serde_json::Value;

use super::super::language::FILES;
use super::super::record::RemoteFile;
use super::Hub;

/// The most bytes of a listing. Repositories of thousands of files take a few megabytes.
const LIMIT: usize = 32 << 20;

/// Files in one commit of a repository.
pub(in crate::model_library) struct Listing {
    /// The commit, in full.
    pub(in crate::model_library) revision: String,
    /// As the repository names it.
    pub(in crate::model_library) license: Option<String>,
    files: Vec<Sibling>,
}

/// A model of a repository, complete.
#[derive(Debug, Clone)]
pub(in crate::model_library) struct Variant {
    /// By what it can be chosen: `Q4_K_M`, `safetensors`, or the name of its file.
    pub(in crate::model_library) label: String,
    /// In the order in which they are fetched: what tells about the model comes first.
    pub(in crate::model_library) files: Vec<RemoteFile>,
}

#[derive(Deserialize)]
struct Answer {
    sha: String,
    #[serde(default)]
    siblings: Vec<Sibling>,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default, rename = "cardData")]
    card: Value,
}

#[derive(Deserialize)]
struct Sibling {
    rfilename: String,
    size: Option<u64>,
    #[serde(rename = "blobId")]
    blob: Option<String>,
    lfs: Option<LargeFile>,
}

#[derive(Deserialize)]
struct LargeFile {
    sha256: String,
    size: u64,
}

impl Hub {
    /// Asks what the newest commit of a repository holds.
    pub(in crate::model_library) async fn listing(
        &self,
        repository: &str,
        model: &str,
        cancellation: &Cancellation,
    ) -> Result<Listing> {
        let path = format!("api/models/{repository}/revision/main?blobs=true");
        let mut response = self.get(&path, 0, &format!("repository {repository}"), repository, model).await?;
        let mut text = Vec::new();
        loop {
            let piece = match select(response.body.next(), cancellation.cancelled()).await {
                Either::Left((piece, _)) => piece,
                Either::Right(_) => return Err(Error::cancelled()),
            };
            let Some(piece) = piece else { break };
            text.extend_from_slice(&piece?);
            if text.len() > LIMIT {
                return Err(strange(repository, format!("its list of files is larger than {} MiB", LIMIT >> 20)));
            }
        }
        let answer: Answer = serde_json::from_slice(&text).map_err(|error| strange(repository, error))?;
        let is_commit = |text: &str| text.len() >= 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_commit(&answer.sha) {
            return Err(strange(repository, "it names no commit"));
        }
        let from_tag = answer.tags.iter().find_map(|tag| tag.strip_prefix("license:")).map(str::to_owned);
        let license = from_tag.or_else(|| answer.card.get("license")?.as_str().map(str::to_owned));
        Ok(Listing { revision: answer.sha, license, files: answer.siblings })
    }
}

fn strange(repository: &str, reason: impl std::fmt::Display) -> Error {
    Error::new(
        ErrorCode::Unavailable,
        format!("what the model hub says about {repository} is not understood: {reason}"),
    )
    .with_hint("`ambit settings get models.hub` shows which hub is asked")
}

impl Listing {
    /// The models that the repository holds in full: each GGUF file or set of parts, and the safetensors with what belongs
    /// to them.
    pub(in crate::model_library) fn variants(&self) -> Vec<Variant> {
        let mut variants = self.gguf();
        variants.extend(self.safetensors());
        variants
    }

    fn gguf(&self) -> Vec<Variant> {
        let mut sets: BTreeMap<(String, usize), BTreeMap<usize, &Sibling>> = BTreeMap::new();
        for file in &self.files {
            let (folder, name) = file.rfilename.rsplit_once('/').unwrap_or(("", &file.rfilename));
            let lower = name.to_ascii_lowercase();
            // Beside models lie what sees pictures for them, and how important which of their weights are.
            let is_other = lower.starts_with("mmproj") || lower.contains("imatrix");
            let Some(stem) = lower.ends_with(".gguf").then(|| &name[..name.len() - ".gguf".len()]) else { continue };
            if is_other {
                continue;
            }
            let (stem, number, count) = match SplitName::parse(name) {
                Some(part) => (part.stem, part.number, part.count),
                None => (stem.to_owned(), 1, 1),
            };
            sets.entry((format!("{folder}/{stem}"), count)).or_default().insert(number, file);
        }
        let complete = sets.into_iter().filter(|((_, count), parts)| parts.len() == *count);
        let variants = complete.filter_map(|((stem, count), parts)| {
            let name = |number| match count {
                1 => "model.gguf".to_owned(),
                _ => SplitName { stem: "model".to_owned(), number, count }.part(number),
            };
            let files: Option<Vec<_>> = parts.iter().map(|(number, file)| file.remote(name(*number))).collect();
            let stem = stem.rsplit('/').next().unwrap_or_default();
            let label = quantisation(stem).unwrap_or_else(|| stem.to_owned());
            Some(Variant { label, files: files? })
        });
        variants.collect()
    }

    fn safetensors(&self) -> Option<Variant> {
        let find = |name: &str| self.files.iter().find(|file| file.rfilename == name);
        find("config.json")?;
        find("tokenizer.json")?;
        let weights: Vec<&Sibling> = match find("model.safetensors") {
            Some(single) => vec![single],
            None => {
                find("model.safetensors.index.json")?;
                self.files.iter().filter(|file| is_shard(&file.rfilename)).collect()
            }
        };
        if weights.is_empty() {
            return None;
        }
        // A single file needs no index; what an index says about another one would contradict it.
        let is_wanted = |name: &&&str| weights.len() > 1 || !name.ends_with(".index.json");
        let small = FILES.iter().filter(is_wanted).filter_map(|name| find(name));
        let files: Option<Vec<_>> =
            small.chain(weights.iter().copied()).map(|file| file.remote(file.rfilename.clone())).collect();
        Some(Variant { label: "safetensors".to_owned(), files: files? })
    }
}

impl Sibling {
    /// `None` when its name or what is said of its content cannot be trusted.
    fn remote(&self, name: String) -> Option<RemoteFile> {
        let is_plain = |character: char| character.is_ascii_alphanumeric() || "-_.+/() ".contains(character);
        let is_safe = self.rfilename.chars().all(is_plain) && !self.rfilename.split('/').any(|part| part == "..");
        let size = self.lfs.as_ref().map(|large| large.size).or(self.size)?;
        let sha256 = self.lfs.as_ref().map(|large| large.sha256.to_ascii_lowercase());
        is_safe.then(|| RemoteFile { path: self.rfilename.clone(), name, size, sha256, blob: self.blob.clone() })
    }
}

/// `model-00001-of-00002.safetensors`.
fn is_shard(name: &str) -> bool {
    let numbers = name.strip_prefix("model-").and_then(|name| name.strip_suffix(".safetensors"));
    let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
    numbers.and_then(|numbers| numbers.split_once("-of-")).is_some_and(|(one, all)| is_number(one) && is_number(all))
}

/// The name of the quantisation in the name of a file, in capitals: `qwen2.5-0.5b-instruct-q4_k_m` tells `Q4_K_M`.
fn quantisation(stem: &str) -> Option<String> {
    let stem = stem.to_ascii_uppercase();
    stem.rsplit(['-', '.', ' ']).find_map(|segment| {
        let starts = std::iter::once(0).chain(segment.match_indices('_').map(|(place, _)| place + 1));
        starts.map(|start| &segment[start..]).find(|text| is_quantisation(text)).map(|text| match text {
            "FP16" => "F16".to_owned(),
            "FP32" => "F32".to_owned(),
            text => text.to_owned(),
        })
    })
}

fn is_quantisation(text: &str) -> bool {
    if matches!(text, "F32" | "FP32" | "F16" | "FP16" | "BF16") || text.starts_with("MXFP4") {
        return true;
    }
    let bits = ["IQ", "TQ", "Q"].iter().find_map(|kind| text.strip_prefix(kind));
    bits.is_some_and(|bits| {
        let mut characters = bits.chars();
        characters.next().is_some_and(|bit| bit.is_ascii_digit()) && matches!(characters.next(), None | Some('_'))
    })
}

impl Variant {
    /// Bytes of all files.
    pub(in crate::model_library) fn bytes(&self) -> u64 {
        self.files.iter().fold(0, |sum, file| sum.saturating_add(file.size))
    }

    /// Bytes of the files that hold weights.
    pub(in crate::model_library) fn weights(&self) -> u64 {
        let weights = self.files.iter().filter(|file| !FILES.contains(&file.name.as_str()));
        weights.fold(0, |sum, file| sum.saturating_add(file.size))
    }

    /// Whether its weights are in one of the formats that are read here, as far as its name tells; the header of the file
    /// has the last word.
    pub(in crate::model_library) fn is_readable(&self) -> bool {
        if !is_quantisation(&self.label) {
            return true;
        }
        let mixtures = ["Q4_K", "Q5_K", "Q6_K"];
        matches!(self.label.as_str(), "F32" | "F16" | "BF16" | "Q8_0" | "Q4_0" | "Q5_0" | "Q5_1")
            || mixtures.iter().any(|mixture| self.label.starts_with(mixture))
    }

    /// Whether somebody means it: by its label, or by the name of its (first) file, with or without ending and folders.
    pub(in crate::model_library) fn is_meant_by(&self, choice: &str) -> bool {
        let is = |name: &str| name.eq_ignore_ascii_case(choice);
        let file = self.files.iter().find(|file| !FILES.contains(&file.name.as_str()));
        let path = file.map(|file| file.path.as_str()).unwrap_or_default();
        let name = path.rsplit('/').next().unwrap_or_default();
        is(&self.label) || is(path) || is(name) || name.rsplit_once('.').is_some_and(|(stem, _)| is(stem))
    }
}

#[cfg(test)]
mod tests;
