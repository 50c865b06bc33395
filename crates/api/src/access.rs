//! Tokens and origins: who may do what.

mod codes;
mod store;

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ambit_protocol::domain::port::{Audit, Clock};
use ambit_protocol::domain::{self, AuditEntry, ErrorCode, Timestamp};
use ambit_protocol::{CodePurpose, CreatedToken, NewToken, Secret, TokenInfo, TokenScope};
use codes::{CODE_MILLIS, Codes, Taken};
use serde_json::json;
use store::{StoredToken, TokenFile};

use crate::Error;
pub(crate) use store::Granted;

/// What the page does, and so what its token allows.
const PAGE_SCOPES: [TokenScope; 4] = [TokenScope::Read, TokenScope::Chat, TokenScope::Save, TokenScope::Manage];

/// What the extension of a browser does that can start no program, and so what its token allows.
const BROWSER_SCOPES: [TokenScope; 3] = [TokenScope::Read, TokenScope::Chat, TokenScope::Save];

/// How long the token of a page counts, in milliseconds: a week, over restarts of the host as well, so that a page that is
/// open finds its host again.
const PAGE_TOKEN_MILLIS: i64 = 7 * 24 * 60 * 60 * 1000;

/// Tokens of pages that count at once. One more takes the place of the oldest.
const PAGE_TOKENS: usize = 20;

/// Who may use the API.
///
/// Tokens are 256 random bits. Of each, only the BLAKE3 hash is kept, in `tokens.json` (0600) of the data directory; a hash
/// without key or salt is enough for a secret that nobody can guess. The file is replaced atomically and durably. Codes for
/// which pages get tokens are never on disk.
#[derive(Clone)]
pub struct AccessControl {
    shared: Arc<Shared>,
}

struct Shared {
    data_directory: PathBuf,
    origins: Vec<String>,
    tokens: TokenFile,
    codes: Codes,
    clock: Arc<dyn Clock>,
    audit: Arc<dyn Audit>,
}

impl AccessControl {
    /// Reads the tokens of a data directory, which is made when it does not exist. `origins` are the values of the
    /// `Origin` header that are let through, such as `http://127.0.0.1:4000`.
    ///
    /// # Errors
    /// [`Error::Tokens`] when the file is damaged, [`Error::Io`] when it cannot be read.
    pub fn open(
        data_directory: &Path,
        origins: Vec<String>,
        clock: Arc<dyn Clock>,
        audit: Arc<dyn Audit>,
    ) -> Result<Self, Error> {
        let create = DirBuilder::new().recursive(true).mode(0o700).create(data_directory);
        create.map_err(Error::io(format!("making {}", data_directory.display())))?;
        let tokens = TokenFile::open(data_directory.join("tokens.json"))?;
        let data_directory = data_directory.to_owned();
        Ok(Self { shared: Arc::new(Shared { data_directory, origins, tokens, codes: Codes::default(), clock, audit }) })
    }

    pub(crate) fn data_directory(&self) -> &Path {
        &self.shared.data_directory
    }

    pub(crate) fn admits_origin(&self, origin: &str) -> bool {
        self.shared.origins.iter().any(|listed| listed == origin)
    }

    /// What a token allows; `None` when it is unknown or over.
    pub(crate) fn granted_by(&self, secret: &str) -> Option<Granted> {
        self.shared.tokens.find(secret, self.shared.clock.now())
    }

    pub(crate) fn tokens(&self) -> Vec<TokenInfo> {
        self.shared.tokens.list()
    }

    /// Whether there is an extension of a browser that comes by TCP.
    pub(crate) fn has_browser(&self) -> bool {
        self.shared.tokens.has_browser()
    }

    pub(crate) async fn create(&self, new: NewToken, actor: &str) -> domain::Result<CreatedToken> {
        let now = self.shared.clock.now();
        let NewToken { name, scopes, expires_at } = new;
        let info = TokenInfo { id: random_hex::<8>()?, name, scopes, created_at: now.0, expires_at };
        let detail = json!({ "scopes": names(&info.scopes), "expires_at": info.expires_at });
        self.record(actor, "token.create", &info.id, detail).await?;
        self.keep(info, false).await
    }

    /// Makes a code for which a page or a browser's extension gets a token, with what it needs of the scopes that are held.
    /// Returns it with its end.
    pub(crate) async fn create_code(
        &self,
        purpose: CodePurpose,
        held: &[TokenScope],
        actor: &str,
    ) -> domain::Result<(Secret, Timestamp)> {
        let needed = match purpose {
            CodePurpose::Page => &PAGE_SCOPES[..],
            CodePurpose::Browser => &BROWSER_SCOPES[..],
        };
        let scopes: Vec<_> = needed.iter().copied().filter(|scope| held.contains(scope)).collect();
        let (id, secret) = (random_hex::<8>()?, Secret::new(random_hex::<32>()?));
        self.record(actor, "token.code", &id, json!({ "purpose": purpose, "scopes": names(&scopes) })).await?;
        let now = self.shared.clock.now();
        self.shared.codes.add(secret.reveal(), Taken { id, scopes, purpose }, now);
        Ok((secret, now.plus_millis(CODE_MILLIS)))
    }

    /// Makes the token that a code stands for; `None` when the code is unknown, used or over.
    pub(crate) async fn exchange(&self, code: &Secret, actor: &str) -> domain::Result<Option<CreatedToken>> {
        let now = self.shared.clock.now();
        let Some(Taken { id: code, scopes, purpose }) = self.shared.codes.take(code.reveal(), now) else {
            return Ok(None);
        };
        let (name, expires_at) = match purpose {
            CodePurpose::Page => ("page in a browser", Some(now.plus_millis(PAGE_TOKEN_MILLIS).0)),
            // It goes when one removes it.
            CodePurpose::Browser => ("extension of a browser", None),
        };
        let name = name.to_owned();
        let info = TokenInfo { id: random_hex::<8>()?, name, scopes, created_at: now.0, expires_at };
        let detail = json!({ "code": code, "scopes": names(&info.scopes), "expires_at": expires_at });
        self.record(actor, "token.create", &info.id, detail).await?;
        self.keep(info, true).await.map(Some)
    }

    async fn keep(&self, info: TokenInfo, is_of_page: bool) -> domain::Result<CreatedToken> {
        let secret = Secret::new(format!("ambit_{}", random_hex::<32>()?));
        let token = StoredToken::new(info.clone(), is_of_page, &secret);
        let now = self.shared.clock.now();
        self.change(move |tokens| {
            tokens.push(token);
            drop_old_pages(tokens, now);
        })
        .await?;
        Ok(CreatedToken { token: secret, info })
    }

    pub(crate) async fn remove(&self, id: &str, actor: &str) -> domain::Result<TokenInfo> {
        let Some(info) = self.tokens().into_iter().find(|token| token.id == id) else {
            return Err(domain::Error::not_found("there is no token with this id")
                .with_hint("`GET /v1/tokens` lists the tokens"));
        };
        self.record(actor, "token.remove", id, json!({})).await?;
        let id = id.to_owned();
        self.change(move |tokens| tokens.retain(|token| token.info.id != id)).await?;
        Ok(info)
    }

    /// Writes an action of the API itself into the audit log, before it is done.
    pub(crate) async fn record(
        &self,
        actor: &str,
        action: &str,
        subject: &str,
        detail: serde_json::Value,
    ) -> domain::Result<()> {
        let entry =
            AuditEntry { actor: actor.to_owned(), action: action.to_owned(), subject: subject.to_owned(), detail };
        self.shared.audit.append(entry).await.map(drop)
    }

    async fn change(&self, change: impl FnOnce(&mut Vec<StoredToken>) + Send + 'static) -> domain::Result<()> {
        let access = self.clone();
        tokio::task::spawn_blocking(move || access.shared.tokens.change(change))
            .await
            .map_err(|error| domain::Error::internal("the tokens could not be written").with_source(error))?
            .map_err(Into::into)
    }
}

impl std::fmt::Debug for AccessControl {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("AccessControl")
            .field("data_directory", &self.shared.data_directory)
            .finish_non_exhaustive()
    }
}

/// Takes out the tokens of pages that are over, and the oldest where there are too many.
fn drop_old_pages(tokens: &mut Vec<StoredToken>, now: Timestamp) {
    tokens.retain(|token| !token.is_of_page || token.counts(now));
    // That of a browser's extension is exchanged like theirs, and stays.
    let passes = |token: &StoredToken| token.is_of_page && !token.is_of_browser();
    let pages = tokens.iter().filter(|token| passes(token)).count();
    let mut surplus = pages.saturating_sub(PAGE_TOKENS);
    tokens.retain(|token| {
        let goes = passes(token) && surplus > 0;
        surplus -= usize::from(goes);
        !goes
    });
}

fn names(scopes: &[TokenScope]) -> Vec<&'static str> {
    scopes.iter().map(|scope| scope.as_str()).collect()
}

/// `N` random bytes in hexadecimal, from the operating system.
pub(crate) fn random_hex<const N: usize>() -> domain::Result<String> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| {
        domain::Error::new(ErrorCode::Unavailable, format!("the operating system gives no random numbers: {error}"))
    })?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
