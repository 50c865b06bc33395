//! Tokens and origins: who may do what.

mod store;

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ambit_protocol::domain::port::{Audit, Clock};
use ambit_protocol::domain::{self, AuditEntry, ErrorCode};
use ambit_protocol::{CreatedToken, NewToken, Secret, TokenInfo, TokenScope};
use serde_json::json;
use store::{StoredToken, TokenFile};

use crate::Error;

/// Who may use the API.
///
/// Tokens are 256 random bits. Of each, only the BLAKE3 hash is kept, in `tokens.json` (0600) of the data directory; a hash
/// without key or salt is enough for a secret that nobody can guess. The file is replaced atomically and durably.
#[derive(Clone)]
pub struct AccessControl {
    shared: Arc<Shared>,
}

struct Shared {
    data_directory: PathBuf,
    origins: Vec<String>,
    tokens: TokenFile,
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
        Ok(Self { shared: Arc::new(Shared { data_directory, origins, tokens, clock, audit }) })
    }

    pub(crate) fn data_directory(&self) -> &Path {
        &self.shared.data_directory
    }

    pub(crate) fn admits_origin(&self, origin: &str) -> bool {
        self.shared.origins.iter().any(|listed| listed == origin)
    }

    /// What a token allows; `None` when it is unknown or over.
    pub(crate) fn scopes_of(&self, secret: &str) -> Option<Vec<TokenScope>> {
        self.shared.tokens.find(secret, self.shared.clock.now())
    }

    pub(crate) fn tokens(&self) -> Vec<TokenInfo> {
        self.shared.tokens.list()
    }

    pub(crate) async fn create(&self, new: NewToken, actor: &str) -> domain::Result<CreatedToken> {
        let secret = Secret::new(format!("ambit_{}", random_hex::<32>()?));
        let now = self.shared.clock.now();
        let NewToken { name, scopes, expires_at } = new;
        let info = TokenInfo { id: random_hex::<8>()?, name, scopes, created_at: now.0, expires_at };
        let scopes: Vec<_> = info.scopes.iter().map(|scope| scope.as_str()).collect();
        self.record(actor, "token.create", &info.id, json!({ "scopes": scopes, "expires_at": info.expires_at }))
            .await?;
        let token = StoredToken::new(info.clone(), &secret);
        self.change(move |tokens| tokens.push(token)).await?;
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

/// `N` random bytes in hexadecimal, from the operating system.
pub(crate) fn random_hex<const N: usize>() -> domain::Result<String> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| {
        domain::Error::new(ErrorCode::Unavailable, format!("the operating system gives no random numbers: {error}"))
    })?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
