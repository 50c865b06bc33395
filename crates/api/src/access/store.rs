use std::fs::{File, OpenOptions, Permissions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use ambit_protocol::domain::Timestamp;
use ambit_protocol::{Secret, TokenInfo, TokenScope};
use serde::{Deserialize, Serialize};

use crate::Error;

/// A token as the file keeps it.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct StoredToken {
    #[serde(flatten)]
    pub(super) info: TokenInfo,
    /// Whether a page got it for a code: then it gives way to those of later pages.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) is_of_page: bool,
    /// BLAKE3 of the secret, in hexadecimal.
    hash: String,
}

impl StoredToken {
    pub(super) fn new(info: TokenInfo, is_of_page: bool, secret: &Secret) -> Self {
        Self { info, is_of_page, hash: blake3::hash(secret.reveal().as_bytes()).to_hex().to_string() }
    }

    /// Whether the extension of a browser got it for a code: unlike those of pages, it does not end by itself.
    pub(super) fn is_of_browser(&self) -> bool {
        self.is_of_page && self.info.expires_at.is_none()
    }

    /// Whether it allows anything at a point in time.
    pub(super) fn counts(&self, now: Timestamp) -> bool {
        self.info.expires_at.is_none_or(|end| now.0 < end)
    }
}

/// What a token allows.
pub(crate) struct Granted {
    /// Which token it is.
    pub(crate) id: String,
    pub(crate) scopes: Vec<TokenScope>,
    /// Whether a page got it.
    pub(crate) is_of_page: bool,
}

/// The tokens in memory, and the file that they live in.
pub(super) struct TokenFile {
    path: PathBuf,
    tokens: Mutex<Vec<StoredToken>>,
}

#[derive(Serialize, Deserialize)]
struct Contents {
    version: u32,
    tokens: Vec<StoredToken>,
}

const VERSION: u32 = 1;

impl TokenFile {
    pub(super) fn open(path: PathBuf) -> Result<Self, Error> {
        let tokens = Mutex::new(read(&path)?);
        Ok(Self { path, tokens })
    }

    pub(super) fn list(&self) -> Vec<TokenInfo> {
        self.lock().iter().map(|token| token.info.clone()).collect()
    }

    pub(super) fn has_browser(&self) -> bool {
        self.lock().iter().any(StoredToken::is_of_browser)
    }

    /// What a secret allows at a point in time. Takes the same time for every token, whether it is there or not.
    pub(super) fn find(&self, secret: &str, now: Timestamp) -> Option<Granted> {
        let asked = blake3::hash(secret.as_bytes());
        let mut found = None;
        for token in self.lock().iter() {
            // `blake3::Hash` compares in constant time, and the loop goes on after a match.
            let same = blake3::Hash::from_hex(&token.hash).is_ok_and(|hash| hash == asked);
            if same && token.counts(now) {
                found = Some(Granted {
                    id: token.info.id.clone(),
                    scopes: token.info.scopes.clone(),
                    is_of_page: token.is_of_page,
                });
            }
        }
        found
    }

    /// Changes the tokens; what is in memory changes only once the file has.
    pub(super) fn change(&self, change: impl FnOnce(&mut Vec<StoredToken>)) -> Result<(), Error> {
        let mut tokens = self.lock();
        let mut changed = tokens.clone();
        change(&mut changed);
        let contents = Contents { version: VERSION, tokens: changed };
        write(&self.path, &contents).map_err(Error::io(format!("writing {}", self.path.display())))?;
        *tokens = contents.tokens;
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Vec<StoredToken>> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read(path: &Path) -> Result<Vec<StoredToken>, Error> {
    let damaged = |reason: String| Error::Tokens { path: path.to_owned(), reason };
    let text = match std::fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Error::io(format!("reading {}", path.display()))(error)),
    };
    // A restored copy may have come back with wider permissions.
    let private = std::fs::set_permissions(path, Permissions::from_mode(0o600));
    private.map_err(Error::io(format!("protecting {}", path.display())))?;
    let contents: Contents = serde_json::from_slice(&text).map_err(|error| damaged(error.to_string()))?;
    if contents.version != VERSION {
        return Err(damaged(format!("it is of version {}, this host knows version {VERSION}", contents.version)));
    }
    if let Some(token) = contents.tokens.iter().find(|token| blake3::Hash::from_hex(&token.hash).is_err()) {
        return Err(damaged(format!("the hash of token {} is damaged", token.info.id)));
    }
    Ok(contents.tokens)
}

fn write(path: &Path, contents: &Contents) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let temporary = path.with_extension("json.new");
    match std::fs::remove_file(&temporary) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&temporary)?;
    file.write_all(&serde_json::to_vec_pretty(contents)?)?;
    file.sync_all()?;
    std::fs::rename(&temporary, path)?;
    File::open(folder)?.sync_all()
}
