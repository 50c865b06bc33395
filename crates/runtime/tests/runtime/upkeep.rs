use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ambit_domain::port::Heat;
use ambit_runtime::testing::World;
use ambit_runtime::{HostFacts, HostStatus};

use crate::house::House;

/// Counts how often memory is given back.
struct Resting(Arc<AtomicUsize>);

impl HostFacts for Resting {
    fn facts(&self) -> HostStatus {
        HostStatus::default()
    }

    fn rest(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[tokio::test]
async fn a_machine_that_is_to_be_spared_is_not_woken_again_and_again() {
    let world = World::new();
    world.power.set_heat(Heat::Hot);
    // The user's own pause hides nothing of that.
    world.power.set_paused(true);
    let rests = Arc::new(AtomicUsize::new(0));
    let house = House::open(world, |ports| ports.host = Arc::new(Resting(Arc::clone(&rests)))).await;
    house.until("memory is given back", || rests.load(Ordering::SeqCst) >= 2).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    let after = rests.load(Ordering::SeqCst);
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert_eq!(rests.load(Ordering::SeqCst), after, "idle times go on being used");
}
