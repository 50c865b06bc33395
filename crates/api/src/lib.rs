//! The local API over a [`Runtime`](ambit_runtime::Runtime): HTTP and server-sent events under `/v1`, on a Unix socket and
//! on loopback TCP. Every host serves the same router; the wire types are in `ambit-protocol`. Beside Ambit's own routes
//! there are those of OpenAI's API (`/v1/chat/completions` and others) and of Ollama's (`/api`).
//!
//! Who may do what:
//!
//! * The socket is 0600 in a folder of its user, and a peer of another user is refused. A peer holds every scope unless it
//!   sends a token, which then narrows it; the surfaces `editor` and `browser` never hold `manage` or `approve`.
//! * Loopback TCP demands `Authorization: Bearer` with a token whose scopes cover the route, an exact `Host`, and an
//!   `Origin` that is absent, listed, or that of the page which this very listener serves. There are no cookies and no CORS.
//! * The scope of a route is what its operation in the OpenAPI document says; a route without one is refused. The files of
//!   the page, which are the same for everybody, need no token.
//! * The page gets its token for a code that works once, within a minute, and that who may manage had made for it.
//! * A third port, for clients that cannot send a token, is opened only when the host is told to. It has no routes but those
//!   of OpenAI's and Ollama's APIs, which generate, chat, embed and list models: no retrieval, no sessions, nothing stored.
//!   `Host` and `Origin` are checked as on the other one.
//!
//! State-changing work runs in tasks of its own: a client that goes away interrupts an answer (that is how one cancels),
//! but no change that was begun. [`Api::shutdown`] waits for all of it.

mod access;
mod api;
mod body;
mod convert;
mod dialect;
mod error;
mod extract;
mod failure;
mod gate;
mod listen;
mod metrics;
mod openapi;
mod page;
mod routes;
mod state;
mod streams;
mod uploads;

pub use access::AccessControl;
pub use api::{Api, Drain, Limits};
pub use error::Error;
pub use openapi::openapi;
