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

/// How hot the processor is, by what its maker allows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Heat {
    /// As cool as it should be, or nobody knows.
    #[default]
    Normal,
    /// Near the temperature at which it is slowed down: what can wait should do less.
    Warm,
    /// So hot that it is being slowed down, or is about to be: what can wait should stop.
    Hot,
}

/// How scarce memory is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum MemoryPressure {
    /// There is enough, or nobody knows.
    #[default]
    Normal,
    /// Programs wait for it now and then: what can wait should do less.
    Tight,
    /// Programs wait for it much of the time: what can wait should stop.
    Short,
}

/// How much the machine is to be spared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PowerProfile {
    /// As it stands with battery, memory and heat.
    #[default]
    Automatic,
    /// Always slowly, and not at all on battery.
    Saver,
    /// At full pace, on battery as well, unless memory or heat forbid it.
    Performance,
}

/// Tells where the power comes from, what the user wants, how hot the processor is, and how scarce memory.
pub trait PowerSupply: Send + Sync {
    /// Whether the user has work in the background rest.
    fn is_paused(&self) -> bool;

    /// Where it comes from at present. Quick enough to be asked every second.
    fn power(&self) -> Power;

    /// What work in the background is to do on battery.
    fn on_battery(&self) -> OnBattery;

    /// How hot the processor is at present. Quick enough to be asked every second.
    fn heat(&self) -> Heat;

    /// How scarce memory is at present. Quick enough to be asked every second.
    fn memory(&self) -> MemoryPressure;

    /// How much the user wants the machine spared.
    fn profile(&self) -> PowerProfile;
}
