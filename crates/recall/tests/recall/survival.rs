//! Crashes and failures at every single call of a store.

use ambit_domain::ErrorCode;
use ambit_runtime::testing::{Tripwire, World};

use crate::stage::{Stage, library, path, reopened};

/// What happens to the files while the pipeline runs.
async fn life(stage: &Stage) {
    stage.settled().await;
    let source = &stage.world.source;
    source.write(path("ownership.md"), "# Ownership\nRewritten while everything was running.");
    source.write(path("slices.md"), "# Slices\nA slice refers to a part of a collection.");
    source.rename(&path("notes"), &path("archive"));
    source.remove(&path("borrowing.md"));
    stage.settled().await;
    source.write(path("archive/threads.md"), "# Threads\nNow with channels, which send values between threads.");
    source.rename(&path("slices.md"), &path("string-slices.md"));
    stage.settled().await;
}

/// The files as they are after [`life`], whatever of it was lived through.
fn aftermath(world: &World) {
    let source = &world.source;
    source.write_unseen(path("ownership.md"), "# Ownership\nRewritten while everything was running.");
    source.write_unseen(path("string-slices.md"), "# Slices\nA slice refers to a part of a collection.");
    source.write_unseen(path("archive/threads.md"), "# Threads\nNow with channels, which send values between threads.");
    for gone in ["notes", "borrowing.md", "slices.md"] {
        source.remove_unseen(&path(gone));
    }
}

async fn calls_of_a_life() -> usize {
    let wire = Tripwire::default();
    let stage = Stage::new(World::with_tripwire(&wire));
    library(&stage.world);
    stage.run(life(&stage)).await;
    wire.calls()
}

#[tokio::test]
async fn a_crash_at_any_call_is_made_good_by_the_next_start() {
    let calls = calls_of_a_life().await;
    assert!(calls > 60, "a life of the pipeline makes only {calls} calls; this test would see little");
    for call in 0..calls {
        for after_effect in [false, true] {
            let wire = Tripwire::at(call, after_effect);
            let stage = Stage::new(World::with_tripwire(&wire));
            library(&stage.world);
            let tripped = wire.tripped();
            stage
                .run(async {
                    tokio::select! { () = life(&stage) => {}, () = tripped.cancelled() => {} }
                })
                .await;

            let world = reopened(&stage.world, &Tripwire::default());
            drop(stage);
            aftermath(&world);
            let stage = Stage::new(world);
            stage.settle().await;
            if let Err(difference) = stage.agrees() {
                panic!("killed at call {call} (after its effect: {after_effect}), then restarted: {difference}");
            }
        }
    }
}

#[tokio::test]
async fn a_call_that_fails_once_is_repeated() {
    let calls = calls_of_a_life().await;
    for code in [ErrorCode::Unavailable, ErrorCode::StorageFull, ErrorCode::Internal] {
        // The first call adds the root: that is the user's to repeat.
        for call in 1..calls {
            let stage = Stage::new(World::with_tripwire(&Tripwire::default().failing(call, code)));
            library(&stage.world);
            stage.run(life(&stage)).await;
        }
    }
}
