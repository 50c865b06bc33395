use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use ambit_domain::port::{Heat, MemoryPressure, OnBattery, Power, PowerProfile, PowerSupply};
use starship_battery::{Manager, State};

use crate::{heat, memory};

/// How long an answer of the system counts: some batteries and sensors take milliseconds to answer.
const FRESH: Duration = Duration::from_secs(5);

/// Whether the user wants a rest; clones share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct PauseSwitch(Arc<AtomicBool>);

impl PauseSwitch {
    pub(crate) fn set(&self, paused: bool) {
        self.0.store(paused, Ordering::Relaxed);
    }

    fn get(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// What the user wants; clones share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Policy<T>(Arc<Mutex<T>>);

impl<T: Copy> Policy<T> {
    pub(crate) fn set(&self, wanted: T) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = wanted;
    }

    fn get(&self) -> T {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The value of the setting.
pub(crate) fn on_battery(setting: &str) -> OnBattery {
    match setting {
        "work" => OnBattery::Work,
        "rest" => OnBattery::Rest,
        _ => OnBattery::Slow,
    }
}

/// The value of the setting.
pub(crate) fn profile(setting: &str) -> PowerProfile {
    match setting {
        "saver" => PowerProfile::Saver,
        "performance" => PowerProfile::Performance,
        _ => PowerProfile::Automatic,
    }
}

/// What the system answered last, and when.
#[derive(Debug)]
struct Known<T>(Mutex<Option<(Instant, T)>>);

impl<T: Copy> Known<T> {
    fn nothing() -> Self {
        Self(Mutex::new(None))
    }

    /// The last answer while it is fresh, and otherwise a new one.
    fn or_ask(&self, ask: impl FnOnce() -> T) -> T {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((when, answer)) = *known
            && when.elapsed() < FRESH
        {
            return answer;
        }
        let answer = ask();
        *known = Some((Instant::now(), answer));
        answer
    }
}

/// Asks the operating system.
#[derive(Debug)]
pub(crate) struct SystemPower {
    pause: PauseSwitch,
    on_battery: Policy<OnBattery>,
    profile: Policy<PowerProfile>,
    power: Known<Power>,
    heat: Known<Heat>,
    memory: Known<MemoryPressure>,
}

impl SystemPower {
    pub(crate) fn new(pause: PauseSwitch, on_battery: Policy<OnBattery>, profile: Policy<PowerProfile>) -> Self {
        let (power, heat, memory) = (Known::nothing(), Known::nothing(), Known::nothing());
        Self { pause, on_battery, profile, power, heat, memory }
    }
}

impl PowerSupply for SystemPower {
    fn is_paused(&self) -> bool {
        self.pause.get()
    }

    fn power(&self) -> Power {
        self.power.or_ask(|| {
            read().unwrap_or_else(|error| {
                tracing::debug!(%error, "the battery cannot be asked, so it is not spared");
                Power::Mains
            })
        })
    }

    fn on_battery(&self) -> OnBattery {
        self.on_battery.get()
    }

    fn heat(&self) -> Heat {
        self.heat.or_ask(|| heat::read(Path::new(heat::ZONES)))
    }

    fn memory(&self) -> MemoryPressure {
        self.memory.or_ask(|| memory::pressure(Path::new("/")))
    }

    fn profile(&self) -> PowerProfile {
        self.profile.get()
    }
}

/// On battery is a machine of which one battery is being drained; what is left is counted over all of them.
fn read() -> starship_battery::Result<Power> {
    let (mut drained, mut left, mut full) = (false, 0.0, 0.0);
    for battery in Manager::new()?.batteries()? {
        // One that does not answer says nothing about the others.
        let battery = match battery {
            Ok(battery) => battery,
            Err(error) => {
                tracing::debug!(%error, "a battery does not answer");
                continue;
            }
        };
        drained |= matches!(battery.state(), State::Discharging | State::Empty);
        left += battery.energy().value;
        full += battery.energy_full().value;
    }
    if !drained {
        return Ok(Power::Mains);
    }
    let percent = if full > 0.0 { (left / full * 100.0).clamp(0.0, 100.0) } else { 100.0 };
    Ok(Power::Battery { percent: percent.round() as u8 })
}
