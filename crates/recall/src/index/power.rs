use std::cmp::Reverse;
use std::time::Duration;

use ambit_domain::port::{Heat, MemoryPressure, OnBattery, Power, PowerProfile, PowerSupply};
use ambit_domain::{Cancellation, Result};
use serde::{Deserialize, Serialize};

use super::Indexer;
use super::timer::unless;

/// Below so many percent nothing is embedded in the background, unless the user wants it.
const LOW: u8 = 20;
/// The rest after each batch of passages, which take about as long on a small machine.
const BREATH: Duration = Duration::from_secs(1);
/// How often battery, settings, memory and heat are looked at while nothing is embedded.
const LOOK_AGAIN: Duration = Duration::from_secs(5);

/// How work in the background goes on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Pace {
    /// At once.
    #[default]
    Full,
    /// With a rest after each batch.
    Slow,
    /// Not yet.
    Rest,
}

/// What slows work in the background down, or has it rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Cause {
    /// The user paused it.
    User,
    /// The machine runs on battery.
    Battery,
    /// The user's profile.
    Profile,
    /// Memory is scarce.
    Memory,
    /// The processor is hot.
    Heat,
}

impl Cause {
    const ALL: [Self; 5] = [Self::User, Self::Battery, Self::Profile, Self::Memory, Self::Heat];

    /// The part of the board that says so.
    fn part(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Battery => "power",
            Self::Profile => "profile",
            Self::Memory => "memory",
            Self::Heat => "heat",
        }
    }

    /// Whether it passes only when the user does something, such as to plug the machine in.
    fn waits_for_user(self) -> bool {
        matches!(self, Self::User | Self::Battery)
    }
}

/// How work in the background may go on at present, and why not faster.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Background {
    /// The pace.
    pub pace: Pace,
    /// What is the strictest of all that keeps it from full pace.
    pub cause: Option<Cause>,
    /// The same, for people.
    pub reason: Option<String>,
}

impl Background {
    /// By what the system and the user say at present.
    #[must_use]
    pub fn of(power: &dyn PowerSupply) -> Self {
        match limits(power).into_iter().min_by_key(|limit| Reverse(limit.pace)) {
            Some(Limit { cause, pace, reason }) => Self { pace, cause: Some(cause), reason: Some(reason) },
            None => Self::default(),
        }
    }

    /// Whether the machine is to be spared altogether: battery, profile, memory or heat have work in the background rest. That
    /// the user paused embedding says nothing of this.
    #[must_use]
    pub fn is_machine_spared(power: &dyn PowerSupply) -> bool {
        limits(power).iter().any(|limit| limit.pace == Pace::Rest && limit.cause != Cause::User)
    }
}

/// One thing that keeps work in the background from full pace.
struct Limit {
    cause: Cause,
    pace: Pace,
    reason: String,
}

impl Limit {
    fn slow(cause: Cause, reason: &str) -> Self {
        Self { cause, pace: Pace::Slow, reason: reason.to_owned() }
    }

    fn rest(cause: Cause, reason: impl Into<String>) -> Self {
        Self { cause, pace: Pace::Rest, reason: reason.into() }
    }
}

fn limits(power: &dyn PowerSupply) -> Vec<Limit> {
    let paused = power.is_paused().then(|| {
        let reason = "you paused it, and what is new is found by keyword alone; `ambit settings set index.paused false` lets it \
                      go on";
        Limit::rest(Cause::User, reason)
    });
    let profile = power.profile();
    let saver = (profile == PowerProfile::Saver).then(|| {
        Limit::slow(Cause::Profile, "the profile is `saver`; `ambit settings set power.profile automatic` changes it")
    });
    let all =
        [paused, by_battery(power, profile), saver, by_memory(power.memory(), profile), by_heat(power.heat(), profile)];
    all.into_iter().flatten().collect()
}

fn by_battery(power: &dyn PowerSupply, profile: PowerProfile) -> Option<Limit> {
    let Power::Battery { percent } = power.power() else { return None };
    let (reason, change) = match (profile, power.on_battery()) {
        (PowerProfile::Performance, _) => return None,
        (PowerProfile::Saver, _) => ("the machine runs on battery".to_owned(), "power.profile performance"),
        (PowerProfile::Automatic, OnBattery::Work) => return None,
        (PowerProfile::Automatic, OnBattery::Slow) if percent >= LOW => {
            return Some(Limit::slow(Cause::Battery, "the machine runs on battery"));
        }
        (PowerProfile::Automatic, OnBattery::Slow) => {
            (format!("the battery is at {percent} %"), "index.on-battery work")
        }
        (PowerProfile::Automatic, OnBattery::Rest) => {
            ("the machine runs on battery".to_owned(), "index.on-battery work")
        }
    };
    let reason = format!("{reason}, and embedding waits for the mains; `ambit settings set {change}` lets it go on");
    Some(Limit::rest(Cause::Battery, reason))
}

fn by_memory(memory: MemoryPressure, profile: PowerProfile) -> Option<Limit> {
    match memory {
        MemoryPressure::Normal => None,
        MemoryPressure::Tight if profile == PowerProfile::Performance => None,
        MemoryPressure::Tight => Some(Limit::slow(Cause::Memory, "memory is scarce")),
        MemoryPressure::Short => Some(Limit::rest(
            Cause::Memory,
            "memory is short, and embedding goes on by itself once programs no longer wait for it",
        )),
    }
}

fn by_heat(heat: Heat, profile: PowerProfile) -> Option<Limit> {
    match heat {
        Heat::Normal => None,
        Heat::Warm if profile == PowerProfile::Performance => None,
        Heat::Warm => Some(Limit::slow(Cause::Heat, "the processor is warm")),
        Heat::Hot => Some(Limit::rest(
            Cause::Heat,
            "the processor is too hot, and embedding goes on by itself once it is cooler",
        )),
    }
}

impl Indexer {
    /// Waits for as long as the user wants a rest, or battery, memory or processor are to be spared, and says which. Called
    /// before each batch that is embedded in the background; where nothing is to be spared it returns at once.
    pub(super) async fn spare_machine(&self, cancellation: &Cancellation) -> Result<()> {
        loop {
            let limits = limits(self.ports.power.as_ref());
            let rests: Vec<&Limit> = limits.iter().filter(|limit| limit.pace == Pace::Rest).collect();
            for cause in Cause::ALL {
                let reason = rests.iter().find(|limit| limit.cause == cause).map(|limit| limit.reason.clone());
                self.board.report_pause(cause.part(), reason);
            }
            // Heat and want of memory pass by themselves; the mains come back only when somebody plugs the machine in.
            self.block_vectors(rests.iter().any(|limit| limit.cause.waits_for_user()));
            if !rests.is_empty() {
                unless(cancellation, self.timer.sleep(LOOK_AGAIN)).await?;
            } else if limits.is_empty() {
                return Ok(());
            } else {
                return unless(cancellation, self.timer.sleep(BREATH)).await;
            }
        }
    }
}
