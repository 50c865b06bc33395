use ambit_protocol::{CreatedToken, NewToken, PageCode, TokenInfo, TokenList};

use super::{Target, delete, get, post};
use crate::{Client, Result};

/// Tokens, and the codes for which pages and browsers get theirs.
impl Client {
    /// Makes a token. Its secret is told this once.
    pub async fn create_token(&self, token: &NewToken) -> Result<CreatedToken> {
        self.fetch(post("/tokens").json(token)?).await
    }

    /// Makes a code that opens the page in a browser, once. A host that listens on no TCP port opens one for it.
    pub async fn create_page_code(&self) -> Result<PageCode> {
        self.fetch(post("/tokens/codes")).await
    }

    /// Makes a code for which the extension of a browser that can start no program of the system gets a token, once.
    pub async fn create_browser_code(&self) -> Result<PageCode> {
        self.fetch(post("/tokens/codes?purpose=browser")).await
    }

    /// All tokens, without their secrets.
    pub async fn tokens(&self) -> Result<TokenList> {
        self.fetch(get("/tokens")).await
    }

    /// Removes the token that this client carries.
    pub async fn give_token_back(&self) -> Result<TokenInfo> {
        self.fetch(delete("/tokens/own")).await
    }

    /// Removes a token; what carries it is refused from now on.
    pub async fn remove_token(&self, id: &str) -> Result<TokenInfo> {
        self.fetch(delete(Target::new("/tokens").segment(id).0)).await
    }
}
