use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ambit_domain::{BoxFuture, Error, ErrorCode, Result, Timestamp};
use ambit_runtime::testing::World;
use ambit_runtime::{Update, Updates};

use crate::house::{House, cli};

/// Counts how often it is asked.
struct Counted {
    is_wanted: bool,
    asked: Arc<AtomicUsize>,
    answer: Result<Update, ErrorCode>,
}

impl Updates for Counted {
    fn is_wanted(&self) -> bool {
        self.is_wanted
    }

    fn fetch(&self) -> BoxFuture<'_, Result<Update>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let answer = self.answer.clone().map_err(|code| Error::new(code, "refused"));
        Box::pin(async { answer })
    }
}

fn newer() -> Result<Update, ErrorCode> {
    Ok(Update {
        newest: "99.0.0".to_owned(),
        is_newer: true,
        published: Timestamp(0),
        warning: None,
        files: Vec::new(),
    })
}

async fn house(world: World, is_wanted: bool, answer: Result<Update, ErrorCode>) -> (House, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let updates = Counted { is_wanted, asked: Arc::clone(&asked), answer };
    (House::open(world, |ports| ports.updates = Arc::new(updates)).await, asked)
}

#[tokio::test]
async fn a_host_asks_by_itself_once_a_day_where_that_is_wanted() {
    let world = World::new();
    let (first, asked) = house(world.clone(), true, newer()).await;
    first.until("it has asked", || asked.load(Ordering::SeqCst) == 1).await;
    first.runtime.shutdown(Duration::ZERO).await;

    let (second, again) = house(world, true, newer()).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(again.load(Ordering::SeqCst), 0, "the host before it asked today");
    second.runtime.shutdown(Duration::ZERO).await;

    let (unwanted, never) = house(World::new(), false, newer()).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(never.load(Ordering::SeqCst), 0, "nobody wants that");
    assert_eq!(unwanted.runtime.check_update(&cli()).await.unwrap().newest, "99.0.0", "asked by a person it asks");
    assert_eq!(never.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_server_that_fails_is_not_asked_again_at_once() {
    let (house, asked) = house(World::new(), true, Err(ErrorCode::Unavailable)).await;
    house.until("it has asked", || asked.load(Ordering::SeqCst) == 1).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    assert_eq!(house.runtime.check_update(&cli()).await.unwrap_err().code(), ErrorCode::Unavailable);
}
