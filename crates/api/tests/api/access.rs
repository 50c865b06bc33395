//! Who gets in.

use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::time::Duration;

use ambit_api::{AccessControl, Api, Error, Limits};
use ambit_client::Client;
use ambit_protocol::domain::ErrorCode;
use ambit_protocol::{NewRoot, NewToken, Secret, TokenScope};
use ambit_runtime::testing::World;
use ambit_runtime::{Configuration, Runtime};

use crate::document::operations;
use crate::harness::{LISTED, TestHost};
use crate::raw::{over_tcp, over_unix, request};

fn bearer(token: &Secret) -> String {
    format!("Bearer {}", token.reveal())
}

/// A path with something in the place of each of its parameters.
fn target(path: &str) -> String {
    let path = path.replace("{id}", "1").replace("{version}", "1");
    path.replace("{key}", "recall.limit").replace("{name}", "house")
}

/// All scopes but these.
fn without(scopes: &[String]) -> Vec<TokenScope> {
    TokenScope::ALL.into_iter().filter(|other| !scopes.contains(&other.as_str().to_owned())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_refuses_who_may_not_use_it() {
    let host = TestHost::start().await;
    let here = host.host_header();
    let everything = bearer(&host.token(&TokenScope::ALL).await);
    for (method, path, scopes) in operations() {
        let target = target(&path);
        let place = format!("{method} {path}");
        let ask = async |headers: &[(&str, &str)]| over_tcp(host.tcp, &request(&method, &target, headers, "")).await;

        for foreign in ["evil.example", "evil.example:80", "localhost", "127.0.0.1", "127.0.0.1:1", ""] {
            let refused = ask(&[("Host", foreign), ("Authorization", &everything)]).await;
            assert_eq!(refused.status, 403, "{place} let in Host {foreign:?}");
            refused.refusal(&path, 403, "forbidden");
        }
        let two = ask(&[("Host", &here), ("Host", "evil.example"), ("Authorization", &everything)]).await;
        assert!(matches!(two.status, 400 | 403), "{place} let in two Hosts");
        for foreign in ["https://evil.example", "null", "http://127.0.0.1:4001", LISTED.to_ascii_uppercase().as_str()] {
            let refused = ask(&[("Host", &here), ("Origin", foreign), ("Authorization", &everything)]).await;
            assert_eq!(refused.status, 403, "{place} let in Origin {foreign:?}");
            refused.refusal(&path, 403, "forbidden");
            assert!(refused.headers.keys().all(|name| !name.starts_with("access-control")), "{place} speaks CORS");
        }

        if scopes.is_empty() {
            continue;
        }
        let anonymous = ask(&[("Host", &here)]).await;
        assert_eq!(anonymous.status, 401, "{place} needs no token");
        anonymous.refusal(&path, 401, "unauthenticated");
        assert!(anonymous.header("www-authenticate").starts_with("Bearer"));
        for wrong in ["Bearer ambit_0000", "Bearer ", "Basic YTpi", "ambit_0000", &everything["Bearer ".len()..]] {
            let refused = ask(&[("Host", &here), ("Authorization", wrong)]).await;
            assert_eq!(refused.status, 401, "{place} let in {wrong:?}");
            refused.refusal(&path, 401, "unauthenticated");
        }
        let cookie = ask(&[("Host", &here), ("Cookie", &format!("token={}", &everything["Bearer ".len()..]))]).await;
        assert_eq!(cookie.status, 401, "{place} takes cookies");
        let narrow = bearer(&host.token(&without(&scopes)).await);
        let refused = ask(&[("Host", &here), ("Authorization", &narrow)]).await;
        assert_eq!(refused.status, 403, "{place} can be used without the scopes {scopes:?}");
        let told = refused.refusal(&path, 403, "forbidden");
        assert!(scopes.iter().all(|scope| told.contains(scope)), "{place}: {told}");
        let wrong = request(&method, &target, &[("Host", "x"), ("Authorization", "Bearer x")], "");
        assert_eq!(
            over_unix(&host.socket, &wrong).await.status,
            401,
            "{place}: a wrong token counts on the socket as well"
        );
    }
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_exists_for_who_may_use_it() {
    let host = TestHost::start().await;
    let here = host.host_header();
    for (method, path, scopes) in operations() {
        if path == "/v1/host/drain" || path == "/v1/index/events" {
            continue; // The one ends the host, the other does not end by itself.
        }
        let mut tokens = Vec::new();
        for scope in scopes.iter().filter_map(|scope| TokenScope::parse(scope)) {
            tokens.push(bearer(&host.token(&[scope]).await));
        }
        if tokens.is_empty() {
            tokens.push("Bearer none".to_owned());
        }
        let target = target(&path);
        for token in tokens {
            let headers = [
                ("Host", here.as_str()),
                ("Authorization", &token),
                ("Origin", LISTED),
                ("Content-Type", "application/json"),
            ];
            let answer = over_tcp(host.tcp, &request(&method, &target, &headers, "")).await;
            let (status, text) = (answer.status, String::from_utf8_lossy(&answer.body));
            assert!(!matches!(status, 401 | 403 | 405 | 415 | 500..), "{method} {path}: {status} {text}");
            assert!(!text.contains("no such route"), "{method} {path}: {text}");
        }
    }
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_names_of_this_machine_reach_it() {
    let host = TestHost::start().await;
    let port = host.tcp.port();
    for name in [format!("127.0.0.1:{port}"), format!("localhost:{port}"), format!("[::1]:{port}")] {
        let answer = over_tcp(host.tcp, &request("GET", "/v1/health", &[("Host", &name)], "")).await;
        assert_eq!(answer.status, 200, "{name}");
        assert_eq!(answer.json(), serde_json::json!({"ok": true, "version": "0.1.0"}));
    }
    let absolute =
        format!("GET http://evil.example/v1/health HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n");
    over_tcp(host.tcp, &absolute).await.problem(403, "forbidden");
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_socket_is_for_its_user_alone() {
    let host = TestHost::start().await;
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&host.socket), 0o600);
    assert_eq!(mode(host.socket.parent().unwrap()), 0o700);
    assert!(std::fs::metadata(&host.socket).unwrap().file_type().is_socket());
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_way_to_the_socket_is_cleared_with_care() {
    let host = TestHost::start().await;
    let second = host.api.serve_unix(&host.socket).await.unwrap_err();
    assert!(matches!(second, Error::InUse(_)), "a socket that somebody listens at must not be taken away: {second:?}");
    host.client.health().await.unwrap();

    let file = host.folder.path().join("data/run/notes.txt");
    std::fs::write(&file, "mine").unwrap();
    assert!(matches!(host.api.serve_unix(&file).await, Err(Error::InTheWay(_))));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "mine");

    let stale = host.folder.path().join("data/run/stale.sock");
    drop(std::os::unix::net::UnixListener::bind(&stale).unwrap());
    host.api.serve_unix(&stale).await.expect("a socket that a dead host left behind is replaced");
    Client::connect(&stale).await.unwrap();

    let link = host.folder.path().join("link");
    std::os::unix::fs::symlink(host.folder.path(), &link).unwrap();
    let refused = host.api.serve_unix(&link.join("x.sock")).await;
    assert!(matches!(refused, Err(Error::ForeignFolder(_))), "a folder behind a link may be anybody's: {refused:?}");

    let wide = host.folder.path().join("wide");
    std::fs::create_dir(&wide).unwrap();
    std::fs::set_permissions(&wide, std::fs::Permissions::from_mode(0o755)).unwrap();
    host.api.serve_unix(&wide.join("host.sock")).await.unwrap();
    assert_eq!(std::fs::metadata(&wide).unwrap().permissions().mode() & 0o777, 0o700);

    for outside in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
        let refused = host.api.serve_tcp(outside.parse().unwrap()).await;
        assert!(matches!(refused, Err(Error::NotLoopback(_))), "{outside}: {refused:?}");
    }
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_on_the_socket_narrows_itself() {
    let host = TestHost::start().await;
    let reader = host.client.clone().with_token(&host.token(&[TokenScope::Read]).await).unwrap();
    reader.status().await.unwrap();
    let error = reader.rescan(&Default::default()).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::Forbidden);

    for surface in ["editor", "browser"] {
        let thin = host.client.clone().with_surface(surface).unwrap();
        thin.status().await.unwrap();
        let error = thin.add_root(&NewRoot { path: "/tmp".into() }).await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::Forbidden, "{surface} must not hold manage");
    }
    host.client.clone().with_surface("desktop\u{7f}").unwrap_err();
    host.client.clone().with_surface("no-such-surface").unwrap().status().await.unwrap();
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_live_as_long_as_they_should() {
    let host = TestHost::start().await;
    let here = host.host_header();
    let status = async |token: &Secret| {
        let headers = [("Host", here.as_str()), ("Authorization", &bearer(token))];
        over_tcp(host.tcp, &request("GET", "/v1/status", &headers, "")).await.status
    };
    let new = NewToken {
        name: " phone ".into(),
        scopes: vec![TokenScope::Read, TokenScope::Read],
        expires_at: Some(1_700_000_900_000),
    };
    let created = host.client.create_token(&new).await.unwrap();
    assert_eq!((created.info.name.as_str(), created.info.scopes.as_slice()), ("phone", &[TokenScope::Read][..]));
    assert_eq!(created.token.reveal().len(), "ambit_".len() + 64, "256 bits in hexadecimal");
    assert_eq!(status(&created.token).await, 200);
    host.world.clock.advance(1_000_000);
    assert_eq!(status(&created.token).await, 401, "a token that is over must not be let in");

    let other = host.client.create_token(&NewToken { expires_at: None, ..new.clone() }).await.unwrap();
    assert_eq!(status(&other.token).await, 200);
    assert_eq!(host.client.tokens().await.unwrap().tokens, [created.info.clone(), other.info.clone()]);
    host.client.remove_token(&other.info.id).await.unwrap();
    assert_eq!(status(&other.token).await, 401);
    assert_eq!(host.client.remove_token(&other.info.id).await.unwrap_err().code(), ErrorCode::NotFound);

    let extension = vec![TokenScope::Read, TokenScope::Chat, TokenScope::Save];
    let wish = NewToken { scopes: extension, expires_at: None, ..new.clone() };
    let last = host.client.create_token(&wish).await.unwrap();
    let carrying = host.client.clone().with_token(&last.token).unwrap();
    assert_eq!(carrying.give_token_back().await.unwrap(), last.info);
    assert_eq!(status(&last.token).await, 401, "it was given back");
    assert_eq!(host.client.give_token_back().await.unwrap_err().code(), ErrorCode::NotFound, "the socket needs none");

    let actions = host.world.audit.actions();
    let of_tokens: Vec<_> = actions.iter().filter(|action| action.starts_with("token.")).map(String::as_str).collect();
    let expected = ["token.create", "token.create", "token.remove", "token.create", "token.remove"];
    assert_eq!(of_tokens, expected, "an unknown token is no action");

    for bad in [
        NewToken { name: "  ".into(), ..new.clone() },
        NewToken { name: "x".repeat(101), ..new.clone() },
        NewToken { scopes: vec![], ..new.clone() },
    ] {
        assert_eq!(host.client.create_token(&bad).await.unwrap_err().code(), ErrorCode::InvalidInput, "{bad:?}");
    }
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_cannot_make_a_stronger_one() {
    let host = TestHost::start().await;
    let manager = host.client.clone().with_token(&host.token(&[TokenScope::Manage]).await).unwrap();
    let wish = |scope| NewToken { name: "more".into(), scopes: vec![scope], expires_at: None };
    manager.create_token(&wish(TokenScope::Manage)).await.unwrap();
    for scope in [TokenScope::Approve, TokenScope::Read, TokenScope::Chat] {
        assert_eq!(manager.create_token(&wish(scope)).await.unwrap_err().code(), ErrorCode::Forbidden, "{scope}");
    }
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_survive_a_restart_and_are_kept_as_hashes_only() {
    let host = TestHost::start().await;
    let token = host.token(&[TokenScope::Read]).await;
    let data = host.folder.path().join("data");
    let file = data.join("tokens.json");
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(!text.contains(&token.reveal()["ambit_".len()..]), "the secret must not be on the disk");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    host.api.shutdown(Duration::from_secs(5)).await;
    host.runtime.shutdown(Duration::from_secs(5)).await;

    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    let world = World::new();
    let open = || AccessControl::open(&data, vec![], world.clock.clone(), world.audit.clone());
    let runtime = Runtime::new(world.ports(), Configuration::default());
    let api = Api::new(runtime, open().unwrap(), "0.1.0", Limits::default()).unwrap();
    api.serve_unix(&host.socket).await.unwrap();
    let client = Client::connect(&host.socket).await.unwrap().with_token(&token).unwrap();
    client.status().await.expect("the token still counts");
    assert_eq!(
        std::fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o600,
        "a restored copy is protected again"
    );
    api.shutdown(Duration::from_secs(5)).await;

    for damage in ["{", "{\"version\": 2, \"tokens\": []}", &text.replace("\"hash\": \"", "\"hash\": \"x")] {
        std::fs::write(&file, damage).unwrap();
        let refused = open();
        assert!(matches!(refused, Err(Error::Tokens { .. })), "damaged tokens must not count as none: {refused:?}");
    }
}
