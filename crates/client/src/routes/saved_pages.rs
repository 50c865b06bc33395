use ambit_protocol::{ForgetResult, NewPage, SavedPage, SavedPageList};

use super::{Target, delete, get, post};
use crate::{Client, Result};

/// Pages of the web that are kept.
impl Client {
    /// Keeps a page of the web.
    pub async fn save_page(&self, page: &NewPage) -> Result<SavedPage> {
        self.fetch(post("/pages").json(page)?).await
    }

    /// Pages that are kept: all, or what is kept of an address.
    pub async fn saved_pages(&self, url: Option<&str>) -> Result<SavedPageList> {
        self.fetch(get(Target::new("/pages").query("url", url).0)).await
    }

    /// Removes a page that is kept, by its file.
    pub async fn remove_page(&self, path: &str) -> Result<ForgetResult> {
        self.fetch(delete(Target::new("/pages").query("path", Some(path)).0)).await
    }
}
