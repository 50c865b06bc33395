//! An API over a runtime on ports in memory, on a real socket and a real port.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ambit_api::{AccessControl, Api, Limits};
use ambit_client::Client;
use ambit_protocol::domain::port::{GenerationRequest, LanguageModel, LanguageModels, ModelEvent};
use ambit_protocol::domain::{BoxStream, Cancellation, Error, FinishReason, Result};
use ambit_protocol::{NewRoot, NewToken, Secret, TokenScope};
use ambit_runtime::testing::{OneModel, World};
use ambit_runtime::{Configuration, IndexDepth, Ports, Runtime};
use async_stream::stream;
use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::Semaphore;

use crate::raw::{RawAnswer, over_unix, request};

pub(crate) const VERSION: &str = "0.1.0";

/// An origin that the host lists.
pub(crate) const LISTED: &str = "http://127.0.0.1:4000";

pub(crate) struct TestHost {
    pub(crate) api: Api,
    pub(crate) runtime: Runtime,
    pub(crate) world: World,
    pub(crate) socket: PathBuf,
    pub(crate) tcp: SocketAddr,
    pub(crate) client: Client,
    pub(crate) folder: TempDir,
}

impl TestHost {
    pub(crate) async fn start() -> Self {
        Self::start_with(Limits::default(), |_| {}).await
    }

    pub(crate) async fn start_with(limits: Limits, change: impl FnOnce(&mut Ports)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let world = World::new();
        let mut ports = world.ports();
        change(&mut ports);
        let access = AccessControl::open(
            &folder.path().join("data"),
            vec![LISTED.to_owned()],
            ports.clock.clone(),
            ports.audit.clone(),
        );
        let configuration = Configuration { commit_millis: 5, ..Configuration::default() };
        let runtime = Runtime::new(ports, configuration);
        runtime.start().await.unwrap();
        let api = Api::new(runtime.clone(), access.unwrap(), VERSION, limits).unwrap();
        let socket = folder.path().join("data/run/host.sock");
        api.serve_unix(&socket).await.unwrap();
        let tcp = api.serve_tcp("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let client = Client::connect(&socket).await.unwrap().with_surface("cli").unwrap();
        Self { api, runtime, world, socket, tcp, client, folder }
    }

    /// Puts some notes into the index and waits until all of it is found. Returns the folder.
    pub(crate) async fn index_notes(&self) -> String {
        let notes = self.folder.path().join("notes");
        std::fs::create_dir_all(&notes).unwrap();
        let notes = notes.canonicalize().unwrap();
        self.world.source.write(
            notes.join("ownership.md"),
            "# Ownership\n\nEach value in Rust has an owner.\n\n# Borrowing\n\nReferences borrow a value without owning it.\n",
        );
        self.world.source.write(notes.join("cooking.md"), "# Soup\n\nBoil the carrots with salt.\n");
        let path = notes.to_str().unwrap().to_owned();
        self.client.add_root(&NewRoot { path: path.clone() }).await.unwrap();
        let indexed = self.runtime.wait_until_indexed(IndexDepth::Full);
        tokio::time::timeout(Duration::from_secs(10), indexed).await.expect("two notes are indexed quickly").unwrap();
        path
    }

    pub(crate) async fn token(&self, scopes: &[TokenScope]) -> Secret {
        let new = NewToken { name: "test".to_owned(), scopes: scopes.to_vec(), expires_at: None };
        self.client.create_token(&new).await.unwrap().token
    }

    /// Posts JSON over the socket.
    pub(crate) async fn post(&self, target: &str, body: &Value) -> RawAnswer {
        let headers = [("Host", "x"), ("Content-Type", "application/json")];
        over_unix(&self.socket, &request("POST", target, &headers, &body.to_string())).await
    }

    /// Gets something over the socket.
    pub(crate) async fn get(&self, target: &str) -> RawAnswer {
        over_unix(&self.socket, &request("GET", target, &[("Host", "x")], "")).await
    }

    pub(crate) fn host_header(&self) -> String {
        self.tcp.to_string()
    }

    pub(crate) async fn stop(self) {
        self.api.shutdown(Duration::from_secs(5)).await;
        self.runtime.shutdown(Duration::from_secs(5)).await;
    }
}

/// A world's only language model.
pub(crate) fn one(model: impl LanguageModel + 'static) -> Arc<dyn LanguageModels> {
    Arc::new(OneModel::new(Arc::new(model)))
}

/// A language model that never comes to an end by itself: each piece is a line, and comes a hundredth of a second after the last.
#[derive(Clone, Default)]
pub(crate) struct EndlessModel {
    /// How many pieces it has written.
    pub(crate) written: Arc<std::sync::atomic::AtomicUsize>,
    /// Told when an answer ends.
    pub(crate) ended: Arc<tokio::sync::Notify>,
}

impl LanguageModel for EndlessModel {
    fn model(&self) -> &'static str {
        "endless"
    }

    fn context_tokens(&self) -> usize {
        4096
    }

    fn generate(&self, _: GenerationRequest, cancellation: Cancellation) -> BoxStream<'_, Result<ModelEvent>> {
        let Self { written, ended } = self.clone();
        Box::pin(stream! {
            let _end = TellEnd(ended);
            while !cancellation.is_cancelled() {
                let number = written.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                yield Ok(ModelEvent::Text(format!("\n    let part_{number} = {number};")));
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            yield Err(Error::cancelled());
        })
    }
}

/// A language model that says one word, and the rest only when it is let go on.
#[derive(Clone)]
pub(crate) struct GatedModel {
    pub(crate) gate: Arc<Semaphore>,
    /// Told when an answer ends, however it does.
    pub(crate) ended: Arc<tokio::sync::Notify>,
}

struct TellEnd(Arc<tokio::sync::Notify>);

impl Drop for TellEnd {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

impl GatedModel {
    pub(crate) fn closed() -> Self {
        Self { gate: Arc::new(Semaphore::new(0)), ended: Arc::default() }
    }
}

impl LanguageModel for GatedModel {
    fn model(&self) -> &'static str {
        "gated"
    }

    fn context_tokens(&self) -> usize {
        4096
    }

    fn generate(&self, _: GenerationRequest, cancellation: Cancellation) -> BoxStream<'_, Result<ModelEvent>> {
        let Self { gate, ended } = self.clone();
        Box::pin(stream! {
            let _end = TellEnd(ended);
            yield Ok(ModelEvent::Text("Each ".to_owned()));
            tokio::select! {
                permit = gate.acquire() => permit.unwrap().forget(),
                () = cancellation.cancelled() => {
                    yield Err(Error::cancelled());
                    return;
                }
            }
            yield Ok(ModelEvent::Text("value has an owner. [1]".to_owned()));
            yield Ok(ModelEvent::Finished {
                reason: FinishReason::Stop, prompt_tokens: 1, known_tokens: 0, completion_tokens: 2, bytes_sent: 0,
            });
        })
    }
}
