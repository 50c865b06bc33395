//! The page and how it gets its token.

use ambit_protocol::domain::ErrorCode;
use ambit_protocol::{CreatedToken, PageCode, TokenScope};
use serde_json::json;

use crate::harness::{LISTED, TestHost};
use crate::raw::{RawAnswer, over_tcp, over_unix, request};

/// What the page's tokens hold when they are made over the socket.
const SCOPES: [TokenScope; 4] = [TokenScope::Read, TokenScope::Chat, TokenScope::Save, TokenScope::Manage];

async fn exchange(host: &TestHost, code: &str) -> RawAnswer {
    let here = host.host_header();
    let origin = format!("http://{here}");
    let headers = [
        ("Host", here.as_str()),
        ("Origin", &origin),
        ("Content-Type", "application/json"),
        ("Ambit-Surface", "desktop"),
    ];
    let body = json!({ "code": code }).to_string();
    over_tcp(host.tcp, &request("POST", "/v1/tokens/exchange", &headers, &body)).await
}

async fn code(host: &TestHost) -> PageCode {
    host.client.create_page_code().await.unwrap()
}

/// A token from a code, by the page's own way.
async fn token(host: &TestHost) -> CreatedToken {
    let answer = exchange(host, code(host).await.code.reveal()).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    serde_json::from_slice(&answer.body).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_asks_from_its_own_address_alone() {
    let host = TestHost::start().await;
    let port = host.tcp.port();
    let token = host.token(&[TokenScope::Read]).await;
    let authorization = format!("Bearer {}", token.reveal());
    let ask = async |named: &str, origin: &str| {
        let headers = [("Host", named), ("Origin", origin), ("Authorization", &authorization)];
        over_tcp(host.tcp, &request("GET", "/v1/status", &headers, "")).await
    };
    let (number, name) = (format!("127.0.0.1:{port}"), format!("localhost:{port}"));
    for own in [&number, &name] {
        assert_eq!(ask(own, &format!("http://{own}")).await.status, 200, "{own}");
    }
    assert_eq!(ask(&number, LISTED).await.status, 200, "what the settings list counts as before");
    let other = if port == u16::MAX { port - 1 } else { port + 1 };
    for foreign in [
        format!("http://{name}"),
        format!("https://{number}"),
        format!("http://127.0.0.1:{other}"),
        "http://127.0.0.1".to_owned(),
        format!("http://{number}/"),
        format!("http://evil.example:{port}"),
        "null".to_owned(),
        String::new(),
    ] {
        ask(&number, &foreign).await.problem(403, "forbidden");
    }
    let two = [("Host", number.as_str()), ("Origin", &format!("http://{number}")), ("Origin", "https://evil.example")];
    over_tcp(host.tcp, &request("GET", "/v1/health", &two, "")).await.problem(403, "forbidden");
    // A name that points here is no address of the host, and so no origin either.
    let rebound = format!("evil.example:{port}");
    ask(&rebound, &format!("http://{rebound}")).await.problem(403, "forbidden");
    // Over the socket there is no page.
    let socket = request("GET", "/v1/status", &[("Host", &number), ("Origin", &format!("http://{number}"))], "");
    over_unix(&host.socket, &socket).await.problem(403, "forbidden");
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn beside_the_api_nothing_asks_for_a_token() {
    let host = TestHost::start().await;
    let here = host.host_header();
    let get = async |target: &str| over_tcp(host.tcp, &request("GET", target, &[("Host", &here)], "")).await;
    for target in
        ["/favicon.ico", "/assets/nothing.js", "/assets/", "/index.html", "/chat", "/v10/status", "/apis", "//"]
    {
        get(target).await.problem(404, "not-found");
    }
    for target in ["/v1", "/v1/", "/v1/nothing", "/api/nothing"] {
        assert_eq!(get(target).await.status, 401, "{target}");
    }
    over_tcp(host.tcp, &request("GET", "/", &[("Host", "evil.example")], "")).await.problem(403, "forbidden");
    let foreign = [("Host", here.as_str()), ("Origin", "https://evil.example")];
    over_tcp(host.tcp, &request("GET", "/", &foreign, "")).await.problem(403, "forbidden");
    assert_eq!(over_tcp(host.tcp, &request("POST", "/", &[("Host", &here)], "")).await.status, 401);
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_becomes_a_token_once() {
    let host = TestHost::start().await;
    let made = code(&host).await;
    assert_eq!(made.address, format!("http://{}", host.tcp));
    assert_eq!(made.code.reveal().len(), 64, "256 bits in hexadecimal");
    let data = host.folder.path().join("data");
    let files = std::fs::read_dir(&data).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file());
    let held = files.filter(|path| String::from_utf8_lossy(&std::fs::read(path).unwrap()).contains(made.code.reveal()));
    assert_eq!(held.count(), 0, "a code is never on disk");

    let answer = exchange(&host, made.code.reveal()).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let created: CreatedToken = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(created.info.scopes, SCOPES);
    host.client.clone().with_token(&created.token).unwrap().status().await.unwrap();
    assert_eq!(host.client.tokens().await.unwrap().tokens, std::slice::from_ref(&created.info));

    // Whatever is wrong with a code, the answer is the same.
    let over = code(&host).await;
    host.world.clock.advance(60_000);
    let mut told = Vec::new();
    for wrong in [made.code.reveal(), over.code.reveal(), &"0".repeat(64), "", "ä", &"9".repeat(10_000)] {
        let problem = exchange(&host, wrong).await.problem(401, "unauthenticated");
        assert!(problem["hint"].as_str().unwrap().contains("ambit open"), "{problem}");
        told.push((problem["detail"].clone(), problem["hint"].clone()));
    }
    told.dedup();
    assert_eq!(told.len(), 1, "{told:?}");

    let actions = host.world.audit.actions();
    let of_tokens: Vec<_> = actions.iter().filter(|action| action.starts_with("token.")).map(String::as_str).collect();
    assert_eq!(of_tokens, ["token.code", "token.create", "token.code"]);
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_gives_no_more_than_its_maker_holds() {
    let host = TestHost::start().await;
    let manager =
        host.client.clone().with_token(&host.token(&[TokenScope::Manage, TokenScope::Approve]).await).unwrap();
    let made = manager.create_page_code().await.unwrap();
    let created: CreatedToken = serde_json::from_slice(&exchange(&host, made.code.reveal()).await.body).unwrap();
    assert_eq!(created.info.scopes, [TokenScope::Manage]);
    let reader = host.client.clone().with_token(&host.token(&[TokenScope::Read]).await).unwrap();
    assert_eq!(reader.create_page_code().await.unwrap_err().code(), ErrorCode::Forbidden);
    let thin = host.client.clone().with_surface("browser").unwrap();
    assert_eq!(thin.create_page_code().await.unwrap_err().code(), ErrorCode::Forbidden);
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_of_pages_end_and_do_not_pile_up() {
    let host = TestHost::start().await;
    let own = host.token(&[TokenScope::Read]).await;
    let first = token(&host).await;
    let works = async |token| host.client.clone().with_token(token).unwrap().status().await.is_ok();
    let mut last = first.clone();
    for _ in 0..20 {
        last = token(&host).await;
    }
    assert!(!works(&first.token).await, "the twenty-first page ends the oldest");
    assert!(works(&last.token).await);
    assert!(works(&own).await, "what a person made stays");
    assert_eq!(host.client.tokens().await.unwrap().tokens.len(), 21);

    let end = last.info.expires_at.expect("the token of a page ends");
    host.world.clock.advance(end - last.info.created_at);
    assert!(!works(&last.token).await);
    let fresh = token(&host).await;
    let listed: Vec<_> = host.client.tokens().await.unwrap().tokens.into_iter().map(|token| token.id).collect();
    assert_eq!(listed.len(), 2, "those that are over are gone: {listed:?}");
    assert_eq!(listed[1], fresh.info.id);
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_extension_of_a_browser_that_starts_nothing_gets_a_token_that_stays_and_manages_nothing() {
    let host = TestHost::start().await;
    let here = host.host_header();
    let ours = format!("chrome-extension://{}", ambit_protocol::browser::CHROMIUM_EXTENSION);
    let ask = async |origin: &str, method: &str, route: &str, authorization: &str, body: &str| {
        let mut headers = vec![("Host", here.as_str()), ("Origin", origin), ("Ambit-Surface", "browser")];
        headers.extend((!body.is_empty()).then_some(("Content-Type", "application/json")));
        headers.extend((!authorization.is_empty()).then_some(("Authorization", authorization)));
        over_tcp(host.tcp, &request(method, route, &headers, body)).await
    };
    for origin in [ours.as_str(), "moz-extension://8a6e6a57-3c1f-4bd5-9a55-0a54c1d6f1b2"] {
        let made = host.client.create_browser_code().await.unwrap();
        assert_eq!(made.address, format!("http://{}", host.tcp));
        let body = json!({ "code": made.code.reveal() }).to_string();
        let answer = ask(origin, "POST", "/v1/tokens/exchange", "", &body).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        let created: CreatedToken = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(created.info.scopes, [TokenScope::Read, TokenScope::Chat, TokenScope::Save]);
        assert_eq!(created.info.expires_at, None, "it goes when one removes it");
        let authorization = format!("Bearer {}", created.token.reveal());
        assert_eq!(ask(origin, "GET", "/v1/status", &authorization, "").await.status, 200);
        ask(origin, "POST", "/v1/tokens/codes", &authorization, "").await.problem(403, "forbidden");
        ask(origin, "GET", "/v1/status", "", "").await.problem(401, "unauthenticated");
        for foreign in ["chrome-extension://abcdefghijklmnopabcdefghijklmnop", "https://evil.example"] {
            ask(foreign, "GET", "/v1/status", &authorization, "").await.problem(403, "forbidden");
        }
    }
    for _ in 0..21 {
        token(&host).await;
    }
    let kept = host.client.tokens().await.unwrap().tokens;
    assert_eq!(kept.iter().filter(|token| token.name == "extension of a browser").count(), 2, "pages do not end them");
    host.stop().await;
}
