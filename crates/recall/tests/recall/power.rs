//! How embedding spares the machine: by battery, memory, heat, and what the user wants.

use ambit_domain::port::{Heat, MemoryPressure, Power, PowerProfile};
use ambit_recall::index::{Background, Cause, Pace};
use ambit_runtime::testing::{ManualPower, World};

use crate::stage::{Stage, library};

const HALF: Power = Power::Battery { percent: 50 };
const LOW: Power = Power::Battery { percent: 12 };

/// The pace and its cause under these circumstances.
fn pace(profile: PowerProfile, power: Power, memory: MemoryPressure, heat: Heat) -> (Pace, Option<Cause>) {
    let machine = ManualPower::default();
    machine.set(power);
    machine.set_memory(memory);
    machine.set_heat(heat);
    machine.set_profile(profile);
    let Background { pace, cause, reason } = Background::of(&machine);
    assert_eq!(cause.is_some(), reason.is_some());
    (pace, cause)
}

#[test]
fn the_strictest_of_all_limits_counts() {
    use {Cause as C, Heat as H, MemoryPressure as M, Pace as P, PowerProfile as Profile};
    for (profile, power, memory, heat, expected) in [
        (Profile::Automatic, Power::Mains, M::Normal, H::Normal, (P::Full, None)),
        (Profile::Automatic, HALF, M::Normal, H::Normal, (P::Slow, Some(C::Battery))),
        (Profile::Automatic, LOW, M::Normal, H::Normal, (P::Rest, Some(C::Battery))),
        (Profile::Automatic, Power::Mains, M::Tight, H::Normal, (P::Slow, Some(C::Memory))),
        (Profile::Automatic, Power::Mains, M::Short, H::Normal, (P::Rest, Some(C::Memory))),
        (Profile::Automatic, Power::Mains, M::Normal, H::Warm, (P::Slow, Some(C::Heat))),
        (Profile::Automatic, HALF, M::Short, H::Warm, (P::Rest, Some(C::Memory))),
        (Profile::Automatic, LOW, M::Short, H::Hot, (P::Rest, Some(C::Battery))),
        (Profile::Saver, Power::Mains, M::Normal, H::Normal, (P::Slow, Some(C::Profile))),
        (Profile::Saver, HALF, M::Normal, H::Normal, (P::Rest, Some(C::Battery))),
        (Profile::Saver, Power::Mains, M::Normal, H::Hot, (P::Rest, Some(C::Heat))),
        (Profile::Performance, LOW, M::Tight, H::Warm, (P::Full, None)),
        (Profile::Performance, Power::Mains, M::Short, H::Normal, (P::Rest, Some(C::Memory))),
        (Profile::Performance, Power::Mains, M::Normal, H::Hot, (P::Rest, Some(C::Heat))),
    ] {
        assert_eq!(pace(profile, power, memory, heat), expected, "{profile:?}, {power:?}, {memory:?}, {heat:?}");
    }
}

#[test]
fn what_the_user_paused_rests_whatever_the_profile() {
    let machine = ManualPower::default();
    machine.set_profile(PowerProfile::Performance);
    machine.set_paused(true);
    let background = Background::of(&machine);
    assert_eq!((background.pace, background.cause), (Pace::Rest, Some(Cause::User)));
    assert!(background.reason.unwrap().contains("index.paused"));
    assert!(!Background::is_machine_spared(&machine), "the user's pause says nothing of the machine");
    machine.set_heat(Heat::Hot);
    assert!(Background::is_machine_spared(&machine), "nor does it hide what does");
}

#[tokio::test]
async fn want_of_memory_stops_embedding_until_there_is_more() {
    let world = World::new();
    library(&world);
    let stage = Stage::new(world);
    let world = &stage.world;
    world.power.set_memory(MemoryPressure::Short);
    let progress = || stage.indexer.board().progress();
    stage
        .run(async {
            stage.until("the pause is told", || progress().paused.is_some()).await;
            let reason = progress().paused.unwrap();
            assert!(reason.contains("memory is short"), "{reason}");
            assert!(!progress().blocked, "it passes by itself, so who waits for the index goes on waiting");
            stage.until("all documents are stored", || world.documents.contents().len() == 3).await;
            assert_eq!(world.embedder.embedded(), 0, "scarce memory was taken");
            // With a little more, slowly, but on.
            world.power.set_memory(MemoryPressure::Tight);
            stage.settled().await;
            assert_eq!((progress().paused, progress().blocked), (None, false));
        })
        .await;
}
