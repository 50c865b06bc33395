#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use http::header::CONTENT_LENGTH;

use super::*;

const FILES: Files = &[
    ("/assets/index-BKkLhZl7.js", b"export {}"),
    ("/assets/index-Uy4MRsQY.css", b"p {}"),
    ("/icon.svg", b"<svg/>"),
    ("/index.html", b"<!doctype html>"),
];

fn answer(path: &str, asked: &[(HeaderName, &str)]) -> Response {
    let asked = asked.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect();
    File::at(FILES, path).unwrap().answer(&asked)
}

fn header(response: &Response, name: HeaderName) -> &str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

#[test]
fn every_file_is_served_at_its_path_and_the_document_at_the_root() {
    let paths: Vec<_> = paths(FILES).collect();
    assert_eq!(paths, ["/", "/assets/index-BKkLhZl7.js", "/assets/index-Uy4MRsQY.css", "/icon.svg"]);
    assert_eq!(super::paths(&[]).collect::<Vec<_>>(), ["/"], "what is missing is told at the root");
    assert!(File::at(&[], "/").is_none());
}

#[test]
fn every_answer_carries_the_policy() {
    let types =
        ["text/html; charset=utf-8", "text/javascript; charset=utf-8", "text/css; charset=utf-8", "image/svg+xml"];
    for (path, media_type) in paths(FILES).zip(types) {
        let response = answer(path, &[]);
        assert_eq!(response.status(), 200, "{path}");
        assert_eq!(header(&response, CONTENT_TYPE), media_type, "{path}");
        assert_eq!(header(&response, CONTENT_SECURITY_POLICY), POLICY, "{path}");
        assert_eq!(header(&response, REFERRER_POLICY), "no-referrer", "{path}");
        assert_eq!(header(&response, X_CONTENT_TYPE_OPTIONS), "nosniff", "{path}");
    }
}

#[test]
fn what_can_change_is_asked_for_again_and_what_cannot_is_kept() {
    let hashed = answer("/assets/index-BKkLhZl7.js", &[]);
    assert_eq!(header(&hashed, CACHE_CONTROL), "max-age=31536000, immutable");
    for path in ["/", "/icon.svg"] {
        let first = answer(path, &[]);
        assert_eq!(header(&first, CACHE_CONTROL), "no-cache");
        let tag = header(&first, ETAG);
        for asked in [tag, "*", &format!("\"other\", W/{tag}")] {
            let again = answer(path, &[(IF_NONE_MATCH, asked)]);
            assert_eq!(again.status(), 304, "{path} {asked}");
            assert_eq!(header(&again, ETAG), tag);
            assert_eq!(header(&again, CONTENT_SECURITY_POLICY), POLICY);
            assert_eq!(header(&again, CONTENT_LENGTH), "", "nothing is sent");
        }
        for asked in ["\"other\"", "", tag.trim_matches('"')] {
            assert_eq!(answer(path, &[(IF_NONE_MATCH, asked)]).status(), 200, "{path} {asked}");
        }
    }
    assert_ne!(header(&answer("/", &[]), ETAG), header(&answer("/icon.svg", &[]), ETAG));
}

#[test]
fn browsers_know_the_type_of_every_file_that_was_built() {
    for (path, _) in BUILT {
        assert_ne!(media_type(path), "application/octet-stream", "{path} needs a type");
    }
}
