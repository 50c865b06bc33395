//! The page for a browser: what `ui/dist` held when this crate was built, as it was built.
//!
//! It needs no token and holds nothing of the user's; what it shows it asks of the API like any other client. It routes by
//! the fragment of its address, so there is one document, and no other path is answered with it.

use std::future::ready;

use ambit_protocol::domain::ErrorCode;
use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use crate::failure::Failure;
use crate::state::Shared;

/// Files with their paths below the page's folder, each with a slash before it.
pub(crate) type Files = &'static [(&'static str, &'static [u8])];

/// The page of this build; empty when `ui/dist` was not there.
pub(crate) const BUILT: Files = include!(concat!(env!("OUT_DIR"), "/page.rs"));

/// The document, by its path in [`Files`]. It is served at `/`.
const DOCUMENT: &str = "/index.html";

/// Where the build puts files that have the hash of their content in their names.
const HASHED: &str = "/assets/";

/// Nothing but the page's own files and the host's API: no script, style or picture from elsewhere or from an answer. The
/// browser tests of `ui/` run under it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
                      require-trusted-types-for 'script'; trusted-types svelte-trusted-html";

/// The paths that are answered with the page, or with what is missing of it.
pub(crate) fn paths(files: Files) -> impl Iterator<Item = &'static str> {
    let others = files.iter().map(|(path, _)| *path).filter(|path| *path != DOCUMENT);
    std::iter::once("/").chain(others)
}

/// The routes of the page, to be put behind the gate.
pub(crate) fn routes(files: Files) -> Router<Shared> {
    paths(files).fold(Router::new(), |router, path| {
        let Some(file) = File::at(files, path) else { return router.route(path, get(async || missing())) };
        router.route(path, get(move |asked: HeaderMap| ready(file.answer(&asked))))
    })
}

fn missing() -> Failure {
    let hint = "build it with `make build`, or with `npm ci && npm run build` in `ui/` and then the host anew";
    Failure::new(ErrorCode::NotFound, "this host was built without its page", hint)
}

/// A file and how it is served.
#[derive(Clone)]
struct File {
    content: &'static [u8],
    media_type: &'static str,
    /// Absent where the name changes with the content, so that nobody need ask again.
    tag: Option<HeaderValue>,
}

impl File {
    /// The file that is served at a path.
    fn at(files: Files, path: &str) -> Option<Self> {
        let name = if path == "/" { DOCUMENT } else { path };
        let (_, content) = files.iter().find(|(other, _)| *other == name)?;
        let tag = || HeaderValue::from_str(&format!("\"{}\"", blake3::hash(content).to_hex())).ok();
        let tag = if name.starts_with(HASHED) { None } else { tag() };
        Some(Self { content, media_type: media_type(name), tag })
    }

    fn answer(&self, asked: &HeaderMap) -> Response {
        let caching = if self.tag.is_some() { "no-cache" } else { "max-age=31536000, immutable" };
        let fixed: [(HeaderName, &'static str); 4] = [
            (CACHE_CONTROL, caching),
            (CONTENT_SECURITY_POLICY, POLICY),
            (REFERRER_POLICY, "no-referrer"),
            (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        ];
        let mut response = match &self.tag {
            Some(tag) if holds(asked, tag) => StatusCode::NOT_MODIFIED.into_response(),
            _ => ([(CONTENT_TYPE, self.media_type)], self.content).into_response(),
        };
        let headers = response.headers_mut();
        headers.extend(fixed.map(|(name, value)| (name, HeaderValue::from_static(value))));
        if let Some(tag) = &self.tag {
            headers.insert(ETAG, tag.clone());
        }
        response
    }
}

/// Whether a browser says that it has what this tag stands for.
fn holds(asked: &HeaderMap, tag: &HeaderValue) -> bool {
    let listed = asked.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let mut tags = listed.flat_map(|value| value.split(',')).map(str::trim);
    tags.any(|other| other == "*" || other.strip_prefix("W/").unwrap_or(other).as_bytes() == tag.as_bytes())
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        // What a browser neither runs nor shows.
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests;
