//! What identifies the browser extension and the program that browsers start for it.

/// The name of that program in browsers' manifests.
pub const NATIVE_HOST: &str = "app.ambit.native_host";

/// The executable of that program.
pub const NATIVE_HOST_PROGRAM: &str = "ambit-native-host";

/// The extension in Chromium and its kin, by the key in its manifest.
pub const CHROMIUM_EXTENSION: &str = "cldnlbhgalpipoimihcfoojmahcomjok";

/// The extension in Firefox.
pub const FIREFOX_EXTENSION: &str = "{3114ce24-0852-45e4-bf79-44465a249909}";
