/// Where the machine's power comes from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Power {
    /// The mains, or a machine without a battery.
    #[default]
    Mains,
    /// A battery that is being drained.
    Battery {
        /// What is left in it, in percent.
        percent: u8,
    },
}

/// What work in the background does on battery.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnBattery {
    /// As on the mains.
    Work,
    /// Rests after each batch, and stops when little is left.
    #[default]
    Slow,
    /// Stops until the mains are back.
    Rest,
}

/// Tells where the power comes from, and what the user wants then.
pub trait PowerSupply: Send + Sync {
    /// Where it comes from at present. Quick enough to be asked every second.
    fn power(&self) -> Power;

    /// What work in the background is to do on battery.
    fn on_battery(&self) -> OnBattery;
}
