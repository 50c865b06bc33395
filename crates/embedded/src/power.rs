use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use ambit_domain::port::{OnBattery, Power, PowerSupply};
use starship_battery::{Manager, State};

/// How long an answer of the system counts: some batteries take milliseconds to answer.
const FRESH: Duration = Duration::from_secs(5);

/// What the user wants on battery; clones share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct BatteryPolicy(Arc<Mutex<OnBattery>>);

impl BatteryPolicy {
    pub(crate) fn set(&self, on_battery: OnBattery) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = on_battery;
    }

    fn get(&self) -> OnBattery {
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

/// Asks the operating system.
#[derive(Debug)]
pub(crate) struct SystemPower {
    policy: BatteryPolicy,
    known: Mutex<Option<(Instant, Power)>>,
}

impl SystemPower {
    pub(crate) fn new(policy: BatteryPolicy) -> Self {
        Self { policy, known: Mutex::default() }
    }
}

impl PowerSupply for SystemPower {
    fn power(&self) -> Power {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((when, power)) = *known
            && when.elapsed() < FRESH
        {
            return power;
        }
        let power = read().unwrap_or_else(|error| {
            tracing::debug!(%error, "the battery cannot be asked, so it is not spared");
            Power::Mains
        });
        *known = Some((Instant::now(), power));
        power
    }

    fn on_battery(&self) -> OnBattery {
        self.policy.get()
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
