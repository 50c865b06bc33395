//! A runtime over a world in memory, with a real folder as its root.

use std::path::PathBuf;
use std::time::Duration;

use ambit_domain::{RecallQuery, Scope};
use ambit_runtime::testing::World;
use ambit_runtime::{Caller, Configuration, IndexDepth, Ports, Runtime};
use tempfile::TempDir;

pub(crate) struct House {
    pub(crate) world: World,
    pub(crate) runtime: Runtime,
    pub(crate) folder: TempDir,
}

pub(crate) fn cli() -> Caller {
    Caller::new("cli")
}

pub(crate) fn question(text: &str) -> RecallQuery {
    RecallQuery { text: text.to_owned(), limit: 0, scope: Scope::default(), about: Vec::new() }
}

impl House {
    pub(crate) async fn open(world: World, change: impl FnOnce(&mut Ports)) -> Self {
        let mut ports = world.ports();
        change(&mut ports);
        let configuration = Configuration {
            idle_maintenance: Duration::from_millis(50),
            update_delay: Duration::from_millis(20),
            ..Configuration::default()
        };
        let runtime = Runtime::new(ports, configuration);
        runtime.start().await.expect("the runtime starts");
        Self { world, runtime, folder: tempfile::tempdir().expect("a scratch folder") }
    }

    pub(crate) async fn empty() -> Self {
        Self::open(World::new(), |_| {}).await
    }

    /// A house with three books, read.
    pub(crate) async fn with_books(change: impl FnOnce(&mut Ports)) -> Self {
        let house = Self::open(World::new(), change).await;
        house.write("ownership.md", "# Ownership\nEach value has one owner at a time. Assigning a value moves it.");
        house.write("borrowing.md", "# Borrowing\nA reference borrows a value without owning it.");
        house.write("notes/threads.md", "# Threads\nA mutex guards data that several threads change.");
        house.runtime.add_root(house.root(), &cli()).await.expect("the folder can be added");
        house.settle().await;
        house
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().canonicalize().expect("the folder is there")
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root().join(name)
    }

    /// Writes a file of the world in memory; its folder really exists.
    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("a folder can be made");
        self.world.source.write(path, text);
    }

    pub(crate) async fn settle(&self) {
        let waiting = self.runtime.wait_until_indexed(IndexDepth::Full);
        tokio::time::timeout(Duration::from_secs(20), waiting).await.expect("indexing ends").expect("indexing works");
    }

    pub(crate) async fn until(&self, what: &str, mut so: impl FnMut() -> bool) {
        for _ in 0..2000 {
            if so() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("after ten seconds it is still not so that {what}");
    }
}
