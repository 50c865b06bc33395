//! Weights as the model hub of Hugging Face keeps them: one safetensors file, or several with an index.

mod shard;
mod unique;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Component, Path};

use serde::Deserialize;

use self::shard::Shard;
use self::unique::Unique;
use crate::tensor_view::TensorView;
use crate::{Error, Result};

#[cfg(test)]
mod tests;

/// The file when there is but one.
const SINGLE: &str = "model.safetensors";

/// The file that says which of several holds what.
const INDEX: &str = "model.safetensors.index.json";

/// The most bytes of an index. The largest models have some ten thousand tensors, at a hundred bytes each.
const INDEX_LIMIT: u64 = 32 << 20;

/// The tensors of a model's folder, mapped into memory.
pub(crate) struct WeightsFolder {
    shards: Vec<Shard>,
    /// Which shard has which tensor.
    places: BTreeMap<String, usize>,
}

#[derive(Deserialize)]
#[serde(expecting = "an object with `weight_map`")]
struct Index {
    weight_map: Unique<String>,
}

impl WeightsFolder {
    /// Opens the files of a folder and checks their headers, and the index against them. Reads no tensor.
    pub(crate) fn open(folder: &Path) -> Result<Self> {
        let (single, index) = (folder.join(SINGLE), folder.join(INDEX));
        // A folder that has neither misses the single file.
        if single.exists() || !index.exists() { Self::single(&single) } else { Self::indexed(folder, &index) }
    }

    /// The tensor of this name, `None` when there is none. An error when it is stored in a format that cannot be read,
    /// which does not matter as long as nobody asks for it.
    pub(crate) fn tensor(&self, name: &str) -> Result<Option<TensorView<'_>>> {
        let shard = self.places.get(name).and_then(|shard| self.shards.get(*shard));
        shard.map_or(Ok(None), |shard| shard.tensor(name))
    }

    /// The names of all tensors, sorted.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.places.keys().map(String::as_str)
    }

    /// How many files there are.
    pub(crate) fn shards(&self) -> usize {
        self.shards.len()
    }

    /// Bytes of all files.
    pub(crate) fn bytes(&self) -> u64 {
        self.shards.iter().map(Shard::bytes).sum()
    }

    /// Lets the system have the memory of the tensors that were read.
    pub(crate) fn give_back(&self) {
        self.shards.iter().for_each(Shard::give_back);
    }

    fn single(path: &Path) -> Result<Self> {
        let shard = Shard::open(path)?;
        let places = shard.names().iter().map(|name| (name.clone(), 0)).collect();
        Ok(Self { shards: vec![shard], places })
    }

    fn indexed(folder: &Path, path: &Path) -> Result<Self> {
        let Index { weight_map: Unique(weight_map) } = read_index(path)?;
        let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
        let mut shards = Vec::new();
        let mut places = BTreeMap::new();
        for (tensor, file) in &weight_map {
            let number = match numbers.get(file.as_str()) {
                Some(number) => *number,
                None => {
                    check_name(path, file)?;
                    shards.push(Shard::open(&folder.join(file))?);
                    numbers.insert(file, shards.len() - 1);
                    shards.len() - 1
                }
            };
            places.insert(tensor.clone(), number);
        }
        check_contents(&shards, &places)?;
        Ok(Self { shards, places })
    }
}

/// Every tensor is in the shard that the index names, and in no other: of two that differ, one would be wrong.
fn check_contents(shards: &[Shard], places: &BTreeMap<String, usize>) -> Result<()> {
    for (name, place) in places {
        if let Some(shard) = shards.get(*place).filter(|shard| !shard.names().contains(name)) {
            return Err(Error::damaged(shard.path(), format!("it has no `{name}`, which the index has in it")));
        }
    }
    for (number, shard) in shards.iter().enumerate() {
        let twice = shard.names().iter().find(|name| places.get(*name).is_some_and(|place| *place != number));
        if let Some(name) = twice {
            return Err(Error::damaged(shard.path(), format!("it has `{name}`, which the index has in another file")));
        }
    }
    Ok(())
}

fn read_index(path: &Path) -> Result<Index> {
    let file = File::open(path).map_err(|error| Error::reading(path, error))?;
    let mut bytes = Vec::new();
    file.take(INDEX_LIMIT + 1).read_to_end(&mut bytes).map_err(|error| Error::reading(path, error))?;
    if bytes.len() as u64 > INDEX_LIMIT {
        return Err(Error::damaged(path, format!("it is larger than {} MiB", INDEX_LIMIT >> 20)));
    }
    serde_json::from_slice(&bytes).map_err(|error| Error::damaged(path, error))
}

/// A shard is a file beside the index. The index comes from the network, and must not lead to other files.
fn check_name(index: &Path, file: &str) -> Result<()> {
    let mut components = Path::new(file).components();
    let plain = matches!((components.next(), components.next()), (Some(Component::Normal(name)), None) if name == file);
    // What separates on other systems than this one is no part of a name here either.
    if plain && file.ends_with(".safetensors") && !file.contains(['/', '\\', ':', '\0']) {
        return Ok(());
    }
    Err(Error::damaged(index, format!("{file:?} is not the name of a safetensors file beside it")))
}
