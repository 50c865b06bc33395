use std::time::Duration;

use ambit_domain::port::{Heat, OnBattery, Power};
use ambit_domain::{Cancellation, Result};

use super::Indexer;
use super::timer::unless;

/// The part of the board that says that the user wants a rest.
const USER: &str = "user";
/// The part of the board that says that the battery is spared.
const BATTERY: &str = "power";
/// The part of the board that says that the processor is left to cool down.
const HEAT: &str = "heat";
/// Below so many percent nothing is embedded in the background, unless the user wants it.
const LOW: u8 = 20;
/// The rest after each batch of passages, which take about as long on a small machine.
const BREATH: Duration = Duration::from_secs(1);
/// How often battery, settings and heat are looked at while nothing is embedded.
const LOOK_AGAIN: Duration = Duration::from_secs(5);
/// Why nothing is embedded while the user wants a rest.
const PAUSED: &str =
    "you paused it, and what is new is found by keyword alone; `ambit settings set index.paused false` lets it go on";

/// How embedding in the background may go on.
enum Pace {
    /// At once.
    Full,
    /// After a rest.
    Slow,
    /// Not yet, and why.
    Stopped(String),
}

impl Pace {
    fn reason(self) -> Option<String> {
        match self {
            Self::Full | Self::Slow => None,
            Self::Stopped(reason) => Some(reason),
        }
    }
}

impl Indexer {
    /// Waits for as long as the user wants a rest, or the battery or the processor is to be spared, and says which. Called before each batch that
    /// is embedded in the background; on the mains and with a cool processor it returns at once.
    pub(super) async fn spare_machine(&self, cancellation: &Cancellation) -> Result<()> {
        loop {
            let (battery, heat) = (self.pace_by_battery(), self.pace_by_heat());
            let is_slow = matches!(battery, Pace::Slow) || matches!(heat, Pace::Slow);
            let paused = self.ports.power.is_paused().then(|| PAUSED.to_owned());
            let (battery, heat) = (battery.reason(), heat.reason());
            let waits_for_user = paused.is_some() || battery.is_some();
            let waits = waits_for_user || heat.is_some();
            self.board.report_pause(USER, paused);
            self.board.report_pause(BATTERY, battery);
            self.board.report_pause(HEAT, heat);
            // Heat passes by itself; the mains come back only when somebody plugs the machine in.
            self.block_vectors(waits_for_user);
            if waits {
                unless(cancellation, self.timer.sleep(LOOK_AGAIN)).await?;
            } else if is_slow {
                return unless(cancellation, self.timer.sleep(BREATH)).await;
            } else {
                return Ok(());
            }
        }
    }

    fn pace_by_battery(&self) -> Pace {
        let Power::Battery { percent } = self.ports.power.power() else { return Pace::Full };
        let reason = match self.ports.power.on_battery() {
            OnBattery::Work => return Pace::Full,
            OnBattery::Slow if percent >= LOW => return Pace::Slow,
            OnBattery::Slow => format!("the battery is at {percent} %, and embedding waits for the mains"),
            OnBattery::Rest => "the machine runs on battery, and embedding waits for the mains".to_owned(),
        };
        Pace::Stopped(format!("{reason}; `ambit settings set index.on-battery work` lets it go on"))
    }

    fn pace_by_heat(&self) -> Pace {
        match self.ports.power.heat() {
            Heat::Normal => Pace::Full,
            Heat::Warm => Pace::Slow,
            Heat::Hot => {
                Pace::Stopped("the processor is too hot, and embedding goes on by itself once it is cooler".to_owned())
            }
        }
    }
}
