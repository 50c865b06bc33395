//! What every request passes: limits, who asks, what it may do, and the record of how it went.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use ambit_protocol::browser::CHROMIUM_EXTENSION;
use ambit_protocol::domain::ErrorCode;
use ambit_protocol::{PREFIX, REQUEST_ID_HEADER, SURFACE_HEADER, TokenScope};
use ambit_runtime::Caller;
use axum::Router;
use axum::body::Body;
use axum::extract::{MatchedPath, Request, State as FromState};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use http::header::{ALLOW, AUTHORIZATION, CONTENT_TYPE, HOST, ORIGIN};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tracing::Instrument;

use crate::access::Granted;
use crate::body::Guarded;
use crate::dialect::Dialect;
use crate::extract::{declared_length, too_large};
use crate::failure::{Failure, Outcome, Told, respond};
use crate::listen::{Peer, is_anothers};
use crate::routes::OLLAMA_PREFIX;
use crate::state::{RouteAccess, Shared, State};

/// Puts the gate before all routes, and problems behind those that do not exist.
pub(crate) fn guard(router: Router<Shared>, state: &Shared) -> Router {
    router
        .fallback(no_route)
        .method_not_allowed_fallback(no_method)
        .layer(from_fn_with_state(Arc::clone(state), pass))
        .with_state(Arc::clone(state))
}

async fn no_route(request: Request) -> Failure {
    if is_compatibility(&request) {
        let hint = "it generates, chats, embeds and lists models; all else needs the socket, or the port with tokens";
        return Failure::new(ErrorCode::NotFound, "there is no such route on this port", hint);
    }
    let hint = match request.uri().path().trim_start_matches('/').split('/').next() {
        Some(version) if format!("/{version}") != PREFIX && is_version(version) => {
            format!("this host speaks {PREFIX} only; a newer host may speak `/{version}`")
        }
        _ => format!("`GET {PREFIX}/openapi.json` lists every route"),
    };
    Failure::new(ErrorCode::NotFound, "there is no such route", hint)
}

/// Whether a path belongs to what needs a token.
fn is_of_api(path: &str) -> bool {
    [PREFIX, OLLAMA_PREFIX]
        .into_iter()
        .any(|prefix| path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

fn is_compatibility(request: &Request) -> bool {
    matches!(request.extensions().get::<Peer>(), Some(Peer::Compatibility { .. }))
}

fn is_version(segment: &str) -> bool {
    segment
        .strip_prefix('v')
        .is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

async fn no_method(method: Method) -> Failure {
    let detail = format!("this route does not take {method}");
    let hint = "the `Allow` header of this answer lists the methods that it takes";
    Failure::new(ErrorCode::InvalidInput, detail, hint).with_status(StatusCode::METHOD_NOT_ALLOWED)
}

async fn pass(FromState(state): FromState<Shared>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = format!("{}-{:x}", state.run, state.requests.fetch_add(1, Ordering::Relaxed));
    let method = known_method(request.method());
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let compatibility = is_compatibility(&request);
    if matches!(request.extensions().get::<Peer>(), Some(Peer::Tcp { .. })) {
        state.page_used.store(true, Ordering::Relaxed);
    }
    let dialect = Dialect::of(request.uri().path(), compatibility);
    let surface = if compatibility { COMPATIBILITY } else { surface(request.headers()) };
    let span = tracing::info_span!("request", id, method, route, surface);
    let measured = state.metrics.begin();

    let admitted = AssertUnwindSafe(admit(&state, request, surface, next)).catch_unwind();
    let mut response =
        admitted.instrument(span.clone()).await.unwrap_or_else(|_| Err(Failure::defect())).into_response();

    tell_request(&mut response, &id, dialect);
    let status = response.status();
    state.metrics.end(method, &route, status, started.elapsed());
    let millis = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    span.in_scope(|| tracing::debug!(status = status.as_u16(), millis, "answered"));
    response.map(|body| Body::new(Guarded::new(body, measured)))
}

/// Lets a request through to its handler, or says why not.
async fn admit(state: &Shared, mut request: Request, surface: &'static str, next: Next) -> Outcome<Response> {
    check_sizes(state, &request)?;
    let peer = request.extensions().get::<Peer>().copied().ok_or_else(Failure::defect)?;
    check_peer(state, peer, &request)?;
    let route = request.extensions().get::<MatchedPath>().cloned();
    let access = route.as_ref().and_then(|route| {
        // HEAD is answered by the handler of GET.
        let method = if request.method() == Method::HEAD { &Method::GET } else { request.method() };
        state.scopes.get(&(method.clone(), route.as_str().to_owned()))
    });
    let is_open = match route {
        Some(_) => access == Some(&RouteAccess::Open),
        // Beside the API there is the page, which needs no token, and nothing: everybody may know that.
        None => !is_of_api(request.uri().path()),
    };
    if !is_open {
        let held = scopes(state, peer, surface, request.headers()).await?;
        if let Some(RouteAccess::AnyOf(scopes)) = access {
            check_scope(scopes, &held)?;
        }
        request.extensions_mut().insert(Held(held));
    }
    // What is open must not keep others out, nor be kept out by them; it is quick, but for the exchange of codes.
    let slot = match &route {
        Some(route) if !is_open || route.as_str() == EXCHANGE => {
            Some(take_slot(slots(state, request.method(), route.as_str()))?)
        }
        None if !is_open => Some(take_slot(&state.slots)?),
        _ => None,
    };
    let caller = match peer {
        Peer::Compatibility { .. } => Caller::confined(surface),
        Peer::Unix { .. } | Peer::Tcp { .. } => Caller::new(surface),
    };
    request.extensions_mut().insert(caller);
    let response = next.run(request).await;
    Ok(response.map(|body| Body::new(Guarded::new(body, slot))))
}

/// The scopes that a request holds.
#[derive(Clone)]
pub(crate) struct Held(pub(crate) Vec<TokenScope>);

/// The one open route that changes something.
const EXCHANGE: &str = "/v1/tokens/exchange";

/// The places that requests of a route share: those that take long must not keep the others out.
fn slots<'a>(state: &'a State, method: &Method, route: &str) -> &'a Arc<Semaphore> {
    match route {
        "/v1/answers/{turn}" | "/v1/models/{id}/pull" if method == Method::DELETE => &state.slots,
        "/v1/answers/{turn}" | "/v1/ask" | "/v1/editor" | "/v1/index/events" | "/v1/models/{id}/pull" => {
            &state.stream_slots
        }
        "/v1/chat/completions"
        | "/v1/completions"
        | "/v1/embeddings"
        | "/v1/responses"
        | "/api/generate"
        | "/api/chat"
        | "/api/embed"
        | "/api/embeddings" => &state.generation_slots,
        EXCHANGE => &state.exchange_slots,
        _ => &state.slots,
    }
}

fn take_slot(slots: &Arc<Semaphore>) -> Outcome<OwnedSemaphorePermit> {
    Arc::clone(slots).try_acquire_owned().map_err(|_| {
        let detail = "the host answers as many requests as it can";
        Failure::new(ErrorCode::Unavailable, detail, "try again in a moment")
    })
}

fn check_sizes(state: &State, request: &Request) -> Outcome<()> {
    let size: usize = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    if size + request.uri().to_string().len() > state.limits.header_bytes {
        let detail = format!("the headers are larger than {} bytes", state.limits.header_bytes);
        let failure = Failure::new(ErrorCode::TooLarge, detail, "send fewer or shorter headers and a shorter URL");
        return Err(failure.with_status(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE));
    }
    let limit = state.limits.body_bytes_at(request.uri().path());
    if declared_length(request.headers()).is_some_and(|length| length > limit as u64) {
        return Err(too_large(limit));
    }
    Ok(())
}

/// Whether the connection and the page behind it may speak to this host at all.
fn check_peer(state: &State, peer: Peer, request: &Request) -> Outcome<()> {
    match peer {
        Peer::Unix { ours: true } => {}
        Peer::Unix { ours: false } => {
            let detail = "this socket serves the user whose data it is, and no other";
            return Err(Failure::new(ErrorCode::Forbidden, detail, "start a host of your own with `ambit serve`"));
        }
        Peer::Tcp { port, .. } | Peer::Compatibility { port } => check_host(port, request)?,
    }
    // The page of this listener asks from the address that it was loaded from, which `Host` has just been found to name.
    let own = match (peer, request.headers().get(HOST).and_then(|host| host.to_str().ok())) {
        (Peer::Tcp { .. }, Some(host)) => Some(format!("http://{host}")),
        _ => None,
    };
    let is_admitted = |origin: &str| {
        own.as_deref() == Some(origin) || own.is_some() && is_extension(origin) || state.access.admits_origin(origin)
    };
    for origin in request.headers().get_all(ORIGIN) {
        if !origin.to_str().is_ok_and(is_admitted) {
            let detail = "requests from this web page are not allowed";
            return Err(Failure::new(
                ErrorCode::Forbidden,
                detail,
                "a page must be listed by the host to use this API",
            ));
        }
    }
    Ok(())
}

/// Whether a request may be that of Ambit's extension in a browser that can start no program of the system. In Firefox each
/// installation has an origin of its own; what another extension may do is nothing, without a token.
fn is_extension(origin: &str) -> bool {
    let chromium = origin.strip_prefix("chrome-extension://");
    chromium == Some(CHROMIUM_EXTENSION) || origin.starts_with("moz-extension://")
}

/// An exact `Host`: a name that somebody else made to point here gets no answer.
fn check_host(port: u16, request: &Request) -> Outcome<()> {
    let allowed = [format!("127.0.0.1:{port}"), format!("localhost:{port}"), format!("[::1]:{port}")];
    let is_allowed = |host: &str| allowed.iter().any(|allowed| allowed == host);
    let mut named = request.headers().get_all(HOST).iter();
    let header = matches!((named.next(), named.next()), (Some(host), None) if host.to_str().is_ok_and(is_allowed));
    let target = request.uri().authority().is_none_or(|authority| is_allowed(authority.as_str()));
    if header && target {
        return Ok(());
    }
    let hint = format!("address the host as {}", allowed[0]);
    Err(Failure::new(ErrorCode::Forbidden, "the Host header does not name this host", hint))
}

/// What the caller may do: a token decides; without one, the socket does.
async fn scopes(state: &State, peer: Peer, surface: &str, headers: &HeaderMap) -> Outcome<Vec<TokenScope>> {
    if let Peer::Compatibility { .. } = peer {
        // Clients send whatever their maker thought of as a key. What else `chat` allows has no route here.
        return Ok(vec![TokenScope::Chat]);
    }
    let mut sent = headers.get_all(AUTHORIZATION).iter();
    let held = match (sent.next(), sent.next(), peer) {
        (None, _, Peer::Unix { .. }) => TokenScope::ALL.to_vec(),
        (None, _, Peer::Tcp { .. } | Peer::Compatibility { .. }) => {
            let hint = "send `Authorization: Bearer <token>`; `POST /v1/tokens` over the socket makes one";
            return Err(Failure::new(ErrorCode::Unauthenticated, "this address needs a token", hint));
        }
        (Some(value), None, _) => {
            let granted = bearer(value).and_then(|secret| state.access.granted_by(secret));
            // The token of a page is for the user whose browser got it: while no host is there, the page may send it to
            // whoever listens at its address.
            let is_anothers = match (&granted, peer) {
                (Some(Granted { is_of_page: true, .. }), Peer::Tcp { client, port }) => is_anothers(client, port).await,
                _ => false,
            };
            granted.filter(|_| !is_anothers).map(|granted| granted.scopes).ok_or_else(|| {
                let hint = "it may be mistyped, removed or over; `POST /v1/tokens` over the socket makes a new one";
                Failure::new(ErrorCode::Unauthenticated, "the token is not valid", hint)
            })?
        }
        (Some(_), Some(_), _) => {
            let detail = "the request carries more than one Authorization header";
            return Err(Failure::new(ErrorCode::Unauthenticated, detail, "send one"));
        }
    };
    // What runs inside an editor or a browser runs other people's code as well.
    let narrowed = matches!(surface, "editor" | "browser");
    let may = |scope: &TokenScope| !(narrowed && matches!(scope, TokenScope::Manage | TokenScope::Approve));
    Ok(held.into_iter().filter(may).collect())
}

/// The token that a request carries, if any.
pub(crate) fn bearer(value: &HeaderValue) -> Option<&str> {
    let (scheme, secret) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(secret.trim())
}

fn check_scope(needed: &[TokenScope], held: &[TokenScope]) -> Outcome<()> {
    if needed.iter().any(|scope| held.contains(scope)) {
        return Ok(());
    }
    let needed: Vec<String> = needed.iter().map(|scope| format!("`{scope}`")).collect();
    let needed = needed.join(" or ");
    let hint =
        format!("use a token with the scope {needed}; the surfaces editor and browser never hold manage or approve");
    Err(Failure::new(ErrorCode::Forbidden, format!("this needs the scope {needed}"), hint))
}

/// The surface of all who come to the port without tokens, whatever they say.
const COMPATIBILITY: &str = "compatibility";

/// The surface that calls, from a closed set, so that it can stand in logs and metrics.
fn surface(headers: &HeaderMap) -> &'static str {
    let named = headers.get(SURFACE_HEADER).and_then(|value| value.to_str().ok()).unwrap_or_default();
    ["cli", "editor", "browser", "desktop"].into_iter().find(|known| *known == named).unwrap_or("api")
}

fn known_method(method: &Method) -> &'static str {
    let known = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];
    known.into_iter().find(|name| *name == method.as_str()).unwrap_or("other")
}

/// Writes the id of the request into the answer, and into the problem when it is one, in the words of what was asked.
fn tell_request(response: &mut Response, id: &str, dialect: Dialect) {
    if let Some(mut told) = response.extensions_mut().remove::<Told>() {
        told.problem.instance = Some(format!("urn:ambit:request:{id}"));
        let allow = response.headers().get(ALLOW).cloned();
        *response = respond(told, dialect);
        if let Some(allow) = allow {
            response.headers_mut().insert(ALLOW, allow);
        }
    }
    if let Ok(id) = HeaderValue::from_str(id) {
        response.headers_mut().insert(REQUEST_ID_HEADER, id);
    }
    if response.headers().contains_key(CONTENT_TYPE) {
        response.headers_mut().insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    }
}
