//! What `/v1/metrics` tells.

use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use ambit_protocol::Status;
use http::StatusCode;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

/// Counts of requests; everything else is asked for when the metrics are.
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    durations: Family<RouteLabels, Histogram, fn() -> Histogram>,
    in_flight: Gauge,
    /// When a request last began or ended.
    last: Arc<Mutex<Instant>>,
}

/// A request that is being answered.
pub(crate) struct InFlight {
    running: Gauge,
    last: Arc<Mutex<Instant>>,
}

impl InFlight {
    fn begin(running: &Gauge, last: &Arc<Mutex<Instant>>) -> Self {
        running.inc();
        let request = Self { running: running.clone(), last: Arc::clone(last) };
        request.touch();
        request
    }

    fn touch(&self) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.touch();
        self.running.dec();
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    method: &'static str,
    route: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabels {
    method: &'static str,
    route: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StateLabels {
    state: &'static str,
}

/// Upper bounds in seconds, around the budgets: 5 ms, 50 ms, 300 ms.
const BOUNDS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0];

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut registry = Registry::with_prefix("ambit");
        let requests = Family::default();
        registry.register("requests", "Requests that were answered", requests.clone());
        let durations = Family::new_with_constructor((|| Histogram::new(BOUNDS)) as fn() -> Histogram);
        let help = "Time until the head of the answer";
        registry.register_with_unit("request_duration", help, Unit::Seconds, durations.clone());
        let in_flight = Gauge::default();
        registry.register("requests_in_flight", "Requests whose answer is not complete", in_flight.clone());
        Self { registry, requests, durations, in_flight, last: Arc::new(Mutex::new(Instant::now())) }
    }

    /// Counts a request as running until the result is dropped.
    pub(crate) fn begin(&self) -> InFlight {
        InFlight::begin(&self.in_flight, &self.last)
    }

    /// How long no request has been running.
    pub(crate) fn idle(&self) -> Duration {
        if self.in_flight.get() > 0 {
            return Duration::ZERO;
        }
        self.last.lock().unwrap_or_else(PoisonError::into_inner).elapsed()
    }

    pub(crate) fn end(&self, method: &'static str, route: &str, status: StatusCode, took: Duration) {
        let route = route.to_owned();
        let labels = RequestLabels { method, route: route.clone(), status: status.as_u16() };
        self.requests.get_or_create(&labels).inc();
        self.durations.get_or_create(&RouteLabels { method, route }).observe(took.as_secs_f64());
    }

    /// All metrics in the OpenMetrics text format, which Prometheus reads.
    pub(crate) fn encode(&self, status: &Status) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        // Two registries make one exposition: only the last one may say that it ends.
        text.truncate(text.trim_end().trim_end_matches("# EOF").len());
        encode(&mut text, &facts(status))?;
        Ok(text)
    }
}

/// The facts of a status as gauges.
fn facts(status: &Status) -> Registry {
    let mut registry = Registry::with_prefix("ambit");
    registry.register("build", "The host", Info::new([("version", status.version.clone())]));
    let files = Family::<StateLabels, Gauge<u64, AtomicU64>>::default();
    let counts = &status.counts;
    for (state, count) in [
        ("indexed", counts.indexed),
        ("pending", counts.pending),
        ("skipped", counts.skipped),
        ("failed", counts.failed),
    ] {
        files.get_or_create(&StateLabels { state }).set(count);
    }
    registry.register("files", "Files under indexed folders, by state", files);
    for (name, help, value) in [
        ("roots", "Indexed folders", status.roots.len() as u64),
        ("passages", "Passages of all documents", counts.passages),
        ("passages_to_embed", "Passages that are still to be embedded", status.progress.to_embed),
        ("vectors", "Passages whose vectors are stored", status.vectors),
        ("facts", "Facts in the knowledge graph", status.facts),
        ("scanning", "Whether a folder is being read", u64::from(status.progress.scanning)),
        ("indexing_paused", "Whether embedding waits", u64::from(status.progress.paused.is_some())),
        ("embedder_ready", "Whether the embedding model is installed", u64::from(status.embedder.ready)),
        ("engine_worker_running", "Whether the engine worker runs", u64::from(status.host.worker == "running")),
        ("offline", "Whether offline mode is on", u64::from(status.host.offline)),
    ] {
        registry.register(name, help, gauge(value));
    }
    registry.register_with_unit("indexed", "Size of the files that were read", Unit::Bytes, gauge(counts.bytes));
    registry.register_with_unit("sent", "Bytes that left the machine", Unit::Bytes, gauge(status.host.bytes_sent));
    let uptime = Gauge::<f64, AtomicU64>::default();
    uptime.set(Duration::from_millis(status.uptime_millis).as_secs_f64());
    registry.register_with_unit("uptime", "Time since the host started", Unit::Seconds, uptime);
    registry
}

fn gauge(value: u64) -> Gauge<u64, AtomicU64> {
    let gauge = Gauge::default();
    gauge.set(value);
    gauge
}
