use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ambit_domain::Error;
use ambit_domain::port::{Audit, Clock, LanguageModels, Preferences};
use ambit_egress::{Egress, OfflineSwitch};
use ambit_inference::DeviceChoice;
use ambit_ingest::{FileSource, FileSourceOptions};
use ambit_knowledge_graph::KnowledgeGraph;
use ambit_model_gateway::{Gateway, GatewayPorts, Patience};
use ambit_runtime::{Configuration, HostFacts, HostStatus, Ports, Runtime};
use ambit_settings::{DataDirectory, Settings, key};
use ambit_state_store::{CarriedFolder, StateStore};
use ambit_vector_store::{VectorStore, VectorStoreOptions};

use crate::attachments::AttachmentFiles;
use crate::encoders::ChosenEncoder;
use crate::engine::{Engine, EngineOptions, remove_prefixes};
use crate::keys::ProviderKeys;
use crate::language_models::{AllModels, ChosenModel, LocalModels};
use crate::model_library::{Available, Hub, ModelLibrary};
use crate::pages::PageFiles;
use crate::power::{PauseSwitch, Policy, SystemPower, on_battery, profile};
use crate::preferences::{LivePreferences, Switches};
#[cfg(target_os = "linux")]
use crate::resident;
use crate::settings_view::LayeredSettings;
use crate::tokens::LazyTokenCounter;
use crate::updates::SignedUpdates;
use crate::{EmbeddedError, HostLock, SystemClock};

/// What a host is built from.
#[derive(Debug, Clone)]
pub struct HostOptions {
    /// Where everything is kept.
    pub data_directory: DataDirectory,
    /// The layers below the user's preferences.
    pub settings: Settings,
    /// The binary that serves as engine worker with [`crate::WORKER_COMMAND`]; this one, for a host.
    pub executable: PathBuf,
}

/// A host: the runtime on the local engines. There is one for each data directory at a time.
pub struct Host {
    runtime: Runtime,
    settings: Settings,
    store: StateStore,
    vectors: Arc<VectorStore>,
    engine: Arc<Engine>,
    keys: ProviderKeys,
    // Fields are dropped in order: the lock goes last, when nothing writes any more.
    _lock: HostLock,
}

impl Host {
    /// Takes the lock, opens the stores and builds the runtime, which is not started yet.
    ///
    /// # Errors
    /// When another host runs, or a store cannot be opened.
    pub async fn open(options: HostOptions) -> Result<Self, EmbeddedError> {
        let HostOptions { data_directory, mut settings, executable } = options;
        data_directory.create()?;
        let lock = HostLock::acquire(&data_directory)?;
        settings.set_unreadable_file_aside();
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let store = StateStore::open(&data_directory.state(), Arc::clone(&clock)).map_err(Error::from)?;
        let below = settings.clone();
        for (key, value) in Preferences::all(&store).await? {
            settings.overlay(&key, value);
        }
        let carried = [("", data_directory.attachments()), (crate::pages::PREFIX, data_directory.pages())];
        store.carry(carried.map(|(prefix, path)| CarriedFolder { prefix, path }).into());
        let models = models_folder(&data_directory, &settings);
        let offline = OfflineSwitch::new(settings.boolean(key::NETWORK_OFFLINE));
        let pause = PauseSwitch::default();
        pause.set(settings.boolean(key::INDEX_PAUSED));
        let battery = Policy::default();
        battery.set(on_battery(settings.text(key::INDEX_ON_BATTERY)));
        let power_profile = Policy::default();
        power_profile.set(profile(settings.text(key::POWER_PROFILE)));
        let chosen = ChosenModel::default();
        chosen.set(settings.text(key::MODELS_LANGUAGE));
        let audit: Arc<dyn Audit> = Arc::new(store.clone());
        let egress = Arc::new(Egress::new(offline.clone(), Arc::clone(&audit)));
        let hub = Hub::new(Arc::clone(&egress), settings.text(key::MODELS_HUB));
        let encoder = ChosenEncoder::find(&models, settings.text(key::MODELS_EMBEDDER));
        let (encoder_id, dimensions) = (encoder.id.clone(), encoder.facts.dimensions);
        let tokens = Arc::new(LazyTokenCounter::new(encoder.folder.clone(), &encoder.facts));
        let idle = seconds(settings.integer(key::INFERENCE_IDLE_SECONDS));
        let prefix_bytes = u64::try_from(settings.integer(key::INFERENCE_PREFIX_CACHE)).unwrap_or(0) << 20;
        if prefix_bytes == 0 {
            remove_prefixes(&data_directory.cache())?;
        }
        let engine = Engine::start(EngineOptions {
            executable,
            encoder,
            models_folder: models.clone(),
            cache_folder: data_directory.cache(),
            prefix_bytes,
            memory: u64::try_from(settings.integer(key::INFERENCE_MEMORY))
                .ok()
                .filter(|limit| *limit > 0)
                .map(|limit| limit << 20),
            device: device(settings.text(key::INFERENCE_DEVICE)),
            threads: usize::try_from(settings.integer(key::INFERENCE_THREADS)).unwrap_or(0),
            idle,
            pressure: || crate::memory::pressure(Path::new("/")),
            tokens: Arc::clone(&tokens),
        });
        let mut vector_options = VectorStoreOptions::default();
        vector_options.dimensions = dimensions;
        let vectors = VectorStore::open(&data_directory.vectors(), vector_options, Arc::clone(&clock))
            .await
            .map_err(Error::from)?;
        let vectors = Arc::new(vectors);
        let graph = KnowledgeGraph::open(&data_directory.graph(), Default::default()).map_err(Error::from)?;
        let stored = Arc::new(store.clone());
        let keys = ProviderKeys::new(&data_directory);
        let gateway = Gateway::open(
            GatewayPorts {
                egress: Arc::clone(&egress),
                preferences: Arc::clone(&stored) as _,
                transmissions: Arc::clone(&stored) as _,
                secrets: Arc::new(keys.clone()),
                clock: Arc::clone(&clock),
            },
            Patience::default(),
        )
        .await?;
        let local = LocalModels::new(models.clone(), Arc::clone(&engine), chosen.clone());
        let language_models: Arc<dyn LanguageModels> = Arc::new(AllModels::new(local, gateway.clone()));
        let available: Available = {
            let engine = Arc::clone(&engine);
            Arc::new(move || engine.available())
        };
        let updates =
            Arc::new(SignedUpdates::new(Arc::clone(&egress), Arc::clone(&stored) as _, Arc::clone(&clock), &settings)?);
        let source = Arc::new(FileSource::new(source_options(&settings, &data_directory)));
        let switches = Switches {
            offline,
            pause: pause.clone(),
            battery: battery.clone(),
            profile: power_profile.clone(),
            chosen,
            source: Arc::clone(&source),
        };
        let ports = Ports {
            documents: Arc::clone(&stored) as _,
            memories: Arc::clone(&stored) as _,
            conversations: Arc::clone(&stored) as _,
            attachments: Arc::new(AttachmentFiles::new(data_directory.attachments())),
            pages: Arc::new(PageFiles::new(data_directory.pages())),
            providers: Arc::new(gateway),
            transmissions: Arc::clone(&stored) as _,
            suggestions: Arc::clone(&stored) as _,
            classifier: Arc::clone(&engine) as _,
            preferences: Arc::new(LivePreferences::new(stored, &below, switches)),
            audit,
            passage_index: Arc::clone(&vectors) as _,
            graph: Arc::new(graph),
            source,
            embedder: Arc::clone(&engine) as _,
            tokens,
            models: Arc::new(ModelLibrary::new(models, encoder_id, hub, Arc::clone(&language_models), available)),
            language_models,
            clock,
            power: Arc::new(SystemPower::new(pause, battery, power_profile)),
            settings: Arc::new(LayeredSettings(below)),
            updates: Arc::clone(&updates) as _,
            host: Arc::new(Facts {
                engine: Arc::clone(&engine),
                egress,
                updates,
                problems: settings.problems().to_vec(),
            }),
        };
        let configuration = Configuration {
            recall_limit: usize::try_from(settings.integer(key::ANSWER_PASSAGES)).unwrap_or(8),
            counts_folder: Some(data_directory.cache().join("counts")),
            ..Configuration::default()
        };
        Ok(Self { runtime: Runtime::new(ports, configuration), settings, store, vectors, engine, keys, _lock: lock })
    }

    /// The runtime, for the door in front of it.
    #[must_use]
    pub fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    /// The audit log, for what the door in front of the runtime does by itself.
    #[must_use]
    pub fn audit(&self) -> Arc<dyn Audit> {
        Arc::new(self.store.clone())
    }

    /// Puts the keys of providers into the system's keychain, where there is one that serves and they are not there yet. It
    /// may have to wait for the keychain some seconds.
    pub async fn settle_keys(&self) {
        self.keys.settle().await;
    }

    /// The settings that hold, preferences included, as they were at the start.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Ends running work within `grace`, stops the worker, closes the stores and lets go of the lock.
    pub async fn close(self, grace: Duration) {
        self.runtime.shutdown(grace).await;
        self.engine.stop();
        // What waits in memory would only be replayed at the next start, but that start would be slower.
        if let Err(error) = self.vectors.flush().await {
            tracing::warn!(%error, "the newest vectors were not written; they are made again at the next start");
        }
        let store = self.store;
        let closed = tokio::task::spawn_blocking(move || store.close()).await;
        if let Err(error) = closed {
            tracing::warn!(%error, "the state store was not closed in order; it recovers at the next start");
        }
    }
}

/// Where the models' files are.
pub(crate) fn models_folder(data_directory: &DataDirectory, settings: &Settings) -> PathBuf {
    settings.folder(key::MODELS_FOLDER).unwrap_or_else(|| data_directory.models())
}

pub(crate) fn device(name: &str) -> DeviceChoice {
    match name {
        "cpu" => DeviceChoice::Cpu,
        "gpu" => DeviceChoice::Gpu,
        "software-gpu" => DeviceChoice::SoftwareGpu,
        _ => DeviceChoice::Auto,
    }
}

fn source_options(settings: &Settings, data_directory: &DataDirectory) -> FileSourceOptions {
    let largest = u64::try_from(settings.integer(key::INDEX_MAXIMUM_FILE_BYTES)).unwrap_or(u64::MAX);
    let mut options = FileSourceOptions::default();
    options.exclude = settings.list(key::INDEX_EXCLUDE);
    options.own_folder = data_directory.path().canonicalize().ok();
    let home = || std::env::home_dir().map(|home| home.join(".cargo"));
    options.cargo_home = std::env::var_os("CARGO_HOME").map(PathBuf::from).or_else(home);
    options.max_text_file = largest;
    options.max_packed_file = options.max_packed_file.max(largest);
    if let Some(threads) = usize::try_from(settings.integer(key::INDEX_THREADS)).ok().and_then(NonZeroUsize::new) {
        options.threads = threads;
    }
    options
}

fn seconds(number: i64) -> Duration {
    Duration::from_secs(u64::try_from(number).unwrap_or_default())
}

struct Facts {
    engine: Arc<Engine>,
    egress: Arc<Egress>,
    updates: Arc<SignedUpdates>,
    /// What is wrong with the settings.
    problems: Vec<String>,
}

impl HostFacts for Facts {
    fn facts(&self) -> HostStatus {
        HostStatus {
            worker: self.engine.state(),
            device: self.engine.device(),
            memory: self.engine.memory(),
            bytes_sent: self.egress.ledger().bytes(),
            offline: self.egress.offline().is_offline(),
            update: self.updates.newer(),
            problems: self.problems.clone(),
        }
    }

    #[cfg(target_os = "linux")]
    fn rest(&self) {
        resident::spare_memory();
    }
}
