use std::time::Duration;

use ambit_domain::port::{OnBattery, Power};
use ambit_domain::{Cancellation, Result};

use super::Indexer;
use super::timer::unless;

/// The part of the board that says that the battery is spared.
const PART: &str = "power";
/// Below so many percent nothing is embedded in the background, unless the user wants it.
const LOW: u8 = 20;
/// The rest after each batch of passages, which take about as long on a small machine.
const BREATH: Duration = Duration::from_secs(1);
/// How often a battery, and the setting, are looked at while nothing is embedded.
const LOOK_AGAIN: Duration = Duration::from_secs(5);

impl Indexer {
    /// Waits for as long as the battery is to be spared, and says so. Called before each batch that is embedded in the
    /// background; on the mains it returns at once.
    pub(super) async fn spare_battery(&self, cancellation: &Cancellation) -> Result<()> {
        while let Power::Battery { percent } = self.ports.power.power() {
            let reason = match self.ports.power.on_battery() {
                OnBattery::Work => break,
                OnBattery::Slow if percent >= LOW => {
                    self.go_on();
                    return unless(cancellation, self.timer.sleep(BREATH)).await;
                }
                OnBattery::Slow => format!("the battery is at {percent} %, and embedding waits for the mains"),
                OnBattery::Rest => "the machine runs on battery, and embedding waits for the mains".to_owned(),
            };
            let hint = "`ambit settings set index.on-battery work` lets it go on";
            self.board.report_pause(PART, Some(format!("{reason}; {hint}")));
            self.block_vectors(true);
            unless(cancellation, self.timer.sleep(LOOK_AGAIN)).await?;
        }
        self.go_on();
        Ok(())
    }

    fn go_on(&self) {
        self.board.report_pause(PART, None);
        self.block_vectors(false);
    }
}
