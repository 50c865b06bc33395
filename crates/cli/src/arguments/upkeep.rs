use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(crate) enum Data {
    /// What Ambit keeps for you: where it is, and how large.
    Show,
    /// Remove all of it for good, after asking; the programs stay.
    ///
    /// Ends the host first. Keys are taken out of the desktop's keyring as well.
    Remove {
        /// Do not ask.
        #[arg(long, short)]
        yes: bool,
        /// Leave keys in the keyring, where it cannot be opened any more.
        #[arg(long)]
        leave_keys: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Update {
    /// Look for a newer version now. It is told of, and never installed.
    Check,
}
