//! The models that are known, and whether their files are there and sound.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use ambit_domain::Cancellation;
use ambit_domain::port::ModelRole;
use sha1::Sha1;
use sha2::{Digest, Sha256};

use crate::{Error, Prompts, Result};

/// A model that is known, installed or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownModel {
    /// The id, also the name of its folder: `all-MiniLM-L6-v2`.
    pub id: &'static str,
    /// What it is for.
    pub role: ModelRole,
    /// Its licence, as an SPDX expression.
    pub license: &'static str,
    /// Its repository on the model hub.
    pub hub_repository: &'static str,
    /// The revision that the checksums are of: a full commit hash.
    pub revision: &'static str,
    /// The files that are needed to run it.
    pub files: &'static [ModelFile],
    /// Length of its vectors.
    pub dimensions: usize,
    /// The most tokens of one text that it reads, special tokens not counted.
    pub max_tokens: usize,
    /// The tokens up to which it reads a text well, special tokens not counted: the length of the texts it was trained on.
    pub best_tokens: usize,
}

/// A file of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ModelFile {
    /// Its name in the repository and in the model's folder.
    pub name: &'static str,
    /// Bytes.
    pub size: u64,
    /// SHA-256 in lower-case hexadecimal.
    pub sha256: &'static str,
}

/// A language model of the hub for who does not want to search for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Suggested {
    /// What it is called.
    pub title: &'static str,
    /// The repository of the hub, and which of its quantisations.
    pub source: &'static str,
    /// The name that it gets here.
    pub name: &'static str,
    /// Its licence, as an SPDX expression.
    pub license: &'static str,
    /// Bytes of its weights, about; those of the repository are told, and counted, when it is pulled.
    pub weights: u64,
    /// Bytes of keys and values for each token of a conversation, as its shape has it: layers × heads for keys and values ×
    /// their width, for keys and for values, two bytes for each number.
    pub token: u64,
}

/// Language models from small to large which their authors let everybody use and offer as GGUF files. All read 32,768 tokens.
pub const SUGGESTED: [Suggested; 4] = [
    Suggested {
        title: "Qwen 2.5 · 0.5B",
        source: "Qwen/Qwen2.5-0.5B-Instruct-GGUF:Q8_0",
        name: "qwen2.5-0.5b",
        license: "Apache-2.0",
        weights: 676_000_000,
        token: 24 * 2 * 64 * 2 * 2,
    },
    Suggested {
        title: "Qwen 2.5 · 1.5B",
        source: "Qwen/Qwen2.5-1.5B-Instruct-GGUF:Q8_0",
        name: "qwen2.5-1.5b",
        license: "Apache-2.0",
        weights: 1_890_000_000,
        token: 28 * 2 * 128 * 2 * 2,
    },
    Suggested {
        title: "Qwen 2.5 · 7B",
        source: "Qwen/Qwen2.5-7B-Instruct-GGUF:Q4_K_M",
        name: "qwen2.5-7b",
        license: "Apache-2.0",
        weights: 4_680_000_000,
        token: 28 * 4 * 128 * 2 * 2,
    },
    Suggested {
        title: "Qwen 2.5 · 14B",
        source: "Qwen/Qwen2.5-14B-Instruct-GGUF:Q4_K_M",
        name: "qwen2.5-14b",
        license: "Apache-2.0",
        weights: 8_990_000_000,
        token: 48 * 8 * 128 * 2 * 2,
    },
];

/// The encoder that comes by default: English, 384 dimensions.
pub const ALL_MINILM_L6_V2: KnownModel = KnownModel {
    id: "all-MiniLM-L6-v2",
    role: ModelRole::Embedding,
    license: "Apache-2.0",
    hub_repository: "sentence-transformers/all-MiniLM-L6-v2",
    revision: "c9745ed1d9f207416be6d2e6f8de32d1f16199bf",
    files: &[
        ModelFile {
            name: "config.json",
            size: 612,
            sha256: "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
        },
        ModelFile {
            name: "tokenizer.json",
            size: 466_247,
            sha256: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
        },
        ModelFile {
            name: "model.safetensors",
            size: 90_868_376,
            sha256: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
        },
    ],
    dimensions: 384,
    max_tokens: SEQUENCE_LENGTH - SPECIAL_TOKENS,
    best_tokens: TRAINED_LENGTH - SPECIAL_TOKENS,
};

/// The most tokens of one text that the encoders of the catalogue read, `[CLS]` and `[SEP]` included. The model cards of
/// sentence-transformers set it below what the position table would allow.
pub(crate) const SEQUENCE_LENGTH: usize = 256;

/// The tokens to which the texts were cut that the encoders of the catalogue were trained on, by their model cards.
pub(crate) const TRAINED_LENGTH: usize = 128;

/// What stands around a text: `[CLS]` before and `[SEP]` after it, or RoBERTa's `<s>` and `</s>`.
pub(crate) const SPECIAL_TOKENS: usize = 2;

/// What encoders want before a question and before a passage by their model cards, where no file of theirs says so: the
/// beginnings and ends of their names.
const PROMPTS: [(&[&str], &[&str], &str, &str); 3] = [
    (&["e5-", "multilingual-e5-"], &["small", "base", "large", "-v2"], "query: ", "passage: "),
    (&["bge-"], &["-en", "-en-v1.5"], "Represent this sentence for searching relevant passages: ", ""),
    (&["bge-"], &["-zh", "-zh-v1.5"], "为这个句子生成表示以用于检索相关文章：", ""),
];

/// The prompts of an encoder of this name, if it is one that has them.
pub(crate) fn prompts(id: &str) -> Option<Prompts> {
    let fits = |(begins, ends, _, _): &&(&[&str], &[&str], &str, &str)| {
        begins.iter().any(|begin| id.starts_with(begin)) && ends.iter().any(|end| id.ends_with(end))
    };
    PROMPTS.iter().find(fits).map(|(_, _, question, passage)| Prompts {
        question: (*question).to_owned(),
        passage: (*passage).to_owned(),
        other: String::new(),
    })
}

/// All known models.
#[must_use]
pub fn models() -> &'static [KnownModel] {
    &[ALL_MINILM_L6_V2]
}

/// The known model with this id.
#[must_use]
pub fn find(id: &str) -> Option<&'static KnownModel> {
    models().iter().find(|model| model.id == id)
}

impl KnownModel {
    /// What is stored with every vector: the id with the short revision, `all-MiniLM-L6-v2@c9745ed1`. Two revisions
    /// give vectors that must not be compared.
    #[must_use]
    pub fn versioned_id(&self) -> String {
        format!("{}@{}", self.id, self.revision.get(..8).unwrap_or(self.revision))
    }

    /// Bytes of all its files.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.files.iter().map(|file| file.size).sum()
    }
}

/// What tells a file from all others, in lower-case hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Checksum {
    /// The SHA-256 of its content.
    Sha256(String),
    /// What git calls its content: the SHA-1 of the word `blob`, its size and its bytes.
    GitBlob(String),
}

impl Checksum {
    fn name(&self) -> &'static str {
        match self {
            Self::Sha256(_) => "SHA-256",
            Self::GitBlob(_) => "git blob id",
        }
    }

    fn expected(&self) -> &str {
        let (Self::Sha256(expected) | Self::GitBlob(expected)) = self;
        expected
    }

    /// What it is of a file of so many bytes, which `read` hands over in pieces.
    fn of(&self, size: u64, read: impl FnMut(&mut dyn FnMut(&[u8])) -> Result<()>) -> Result<String> {
        fn digest<D: Digest>(
            beginning: &[u8],
            mut read: impl FnMut(&mut dyn FnMut(&[u8])) -> Result<()>,
        ) -> Result<String> {
            let mut digest = D::new_with_prefix(beginning);
            read(&mut |piece| digest.update(piece))?;
            Ok(hexadecimal(&digest.finalize()))
        }
        match self {
            Self::Sha256(_) => digest::<Sha256>(&[], read),
            Self::GitBlob(_) => digest::<Sha1>(format!("blob {size}\0").as_bytes(), read),
        }
    }
}

/// Whether all files of a model are in its folder, judged by their sizes. Cheap: reads no file.
#[must_use]
pub fn installed(folder: &Path, model: &KnownModel) -> bool {
    model.files.iter().all(|file| {
        std::fs::metadata(folder.join(file.name)).is_ok_and(|found| found.is_file() && found.len() == file.size)
    })
}

/// Reads a file once and compares its size and, where it is known, its checksum with what they should be. `on_progress` is
/// told the bytes read so far, about every megabyte.
///
/// # Errors
/// [`Error::ModelMissing`] and [`Error::Unreadable`] when the file cannot be read, [`Error::ModelDamaged`] when it is
/// another file, [`Error::Cancelled`].
pub fn verify(
    path: &Path,
    wanted_size: u64,
    checksum: Option<&Checksum>,
    on_progress: &mut dyn FnMut(u64),
    cancellation: &Cancellation,
) -> Result<()> {
    let mut source = File::open(path).map_err(|error| Error::reading(path, error))?;
    let size = source.metadata().map_err(|error| Error::reading(path, error))?.len();
    if size != wanted_size {
        return Err(Error::damaged(path, format!("it has {size} bytes where {wanted_size} were expected")));
    }
    let Some(checksum) = checksum else { return Ok(()) };
    let found = checksum.of(size, |take| {
        let mut buffer = vec![0; 1 << 20];
        let mut done = 0;
        loop {
            if cancellation.is_cancelled() {
                return Err(Error::Cancelled);
            }
            let count = source.read(&mut buffer).map_err(|error| Error::reading(path, error))?;
            if count == 0 {
                return Ok(());
            }
            take(&buffer[..count]);
            done += count as u64;
            on_progress(done);
        }
    })?;
    if found == checksum.expected() {
        Ok(())
    } else {
        let (name, expected) = (checksum.name(), checksum.expected());
        Err(Error::damaged(path, format!("its {name} is {found} where {expected} was expected")))
    }
}

/// Bytes in lower-case hexadecimal.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing into a string cannot fail.
        write!(text, "{byte:02x}").ok();
        text
    })
}
