use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

#[derive(Debug, Subcommand)]
pub(crate) enum BrowserCommand {
    /// Let browsers start Ambit for its extension: writes a manifest for each.
    ///
    /// Without a name, for all browsers that are found for you. The program `ambit-native-host` has to be beside this one.
    Install(Browsers),
    /// Which browsers can start Ambit, and what keeps the others from it.
    Status(BrowserPlace),
    /// Make a link for the extension in a browser that can start no program of this system: one from Flatpak or Snap.
    ///
    /// The extension's panel takes it, once, within a minute. From then on it speaks with Ambit over TCP on this machine, and may
    /// read, chat and save until `ambit token revoke` takes its token away. Ambit has to run for it already.
    Pair,
    /// Take these manifests away.
    Uninstall(Browsers),
}

#[derive(Debug, Args)]
pub(crate) struct Browsers {
    /// The browsers.
    #[arg(value_name = "BROWSER")]
    pub(crate) names: Vec<Browser>,
    #[command(flatten)]
    pub(crate) place: BrowserPlace,
}

#[derive(Debug, Args)]
pub(crate) struct BrowserPlace {
    /// For all users of this machine; needs an administrator.
    #[arg(long, conflicts_with = "user_data")]
    pub(crate) system: bool,
    /// For a browser that is started with a user-data folder of its own (`--user-data-dir`).
    #[arg(long, value_name = "FOLDER")]
    pub(crate) user_data: Option<PathBuf>,
}

/// A browser that starts programs for extensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Browser {
    Chrome,
    Chromium,
    Edge,
    Brave,
    Vivaldi,
    Firefox,
}
