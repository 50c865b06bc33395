//! Where browsers look for manifests of programs that extensions may have started.
//!
//! Chromium's places are in <https://developer.chrome.com/docs/extensions/develop/concepts/native-messaging>, Firefox's in
//! <https://developer.mozilla.org/docs/Mozilla/Add-ons/WebExtensions/Native_manifests>; Chromium's kin put their own name there.

use std::path::{Path, PathBuf};

use crate::arguments::Browser;

/// The folder of manifests below the user data of Chromium and its kin.
const BELOW_USER_DATA: &str = "NativeMessagingHosts";

/// A person's folders.
#[derive(Debug, Clone)]
pub(super) struct Home {
    pub(super) home: PathBuf,
    /// Where programs keep their settings; on Linux Chromium's user data as well.
    pub(super) settings: PathBuf,
}

impl Browser {
    pub(super) const ALL: [Self; 6] =
        [Self::Chrome, Self::Chromium, Self::Edge, Self::Brave, Self::Vivaldi, Self::Firefox];

    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Chrome => "Google Chrome",
            Self::Chromium => "Chromium",
            Self::Edge => "Microsoft Edge",
            Self::Brave => "Brave",
            Self::Vivaldi => "Vivaldi",
            Self::Firefox => "Firefox",
        }
    }

    /// By which names it may be in the search path.
    pub(super) fn programs(self) -> &'static [&'static str] {
        match self {
            Self::Chrome => &["google-chrome", "google-chrome-stable"],
            Self::Chromium => &["chromium", "chromium-browser"],
            Self::Edge => &["microsoft-edge", "microsoft-edge-stable"],
            Self::Brave => &["brave", "brave-browser"],
            Self::Vivaldi => &["vivaldi", "vivaldi-stable"],
            Self::Firefox => &["firefox", "firefox-esr"],
        }
    }

    /// Where it keeps what is a person's own.
    pub(super) fn user_data(self, home: &Home) -> PathBuf {
        if cfg!(target_os = "macos") {
            let support = home.home.join("Library/Application Support");
            return support.join(match self {
                Self::Chrome => "Google/Chrome",
                Self::Chromium => "Chromium",
                Self::Edge => "Microsoft Edge",
                Self::Brave => "BraveSoftware/Brave-Browser",
                Self::Vivaldi => "Vivaldi",
                Self::Firefox => "Mozilla",
            });
        }
        match self {
            Self::Chrome => home.settings.join("google-chrome"),
            Self::Chromium => home.settings.join("chromium"),
            Self::Edge => home.settings.join("microsoft-edge"),
            Self::Brave => home.settings.join("BraveSoftware/Brave-Browser"),
            Self::Vivaldi => home.settings.join("vivaldi"),
            Self::Firefox => home.home.join(".mozilla"),
        }
    }

    /// The folder of a person's manifests.
    pub(super) fn for_user(self, home: &Home) -> PathBuf {
        self.below(&self.user_data(home))
    }

    /// The folder of manifests below a folder of user data.
    pub(super) fn below(self, user_data: &Path) -> PathBuf {
        user_data.join(match self {
            Self::Firefox if !cfg!(target_os = "macos") => "native-messaging-hosts",
            _ => BELOW_USER_DATA,
        })
    }

    /// The folder of manifests for all users.
    pub(super) fn for_system(self) -> PathBuf {
        if cfg!(target_os = "macos") {
            return PathBuf::from(match self {
                Self::Chrome | Self::Brave | Self::Vivaldi => "/Library/Google/Chrome/NativeMessagingHosts",
                Self::Chromium => "/Library/Application Support/Chromium/NativeMessagingHosts",
                Self::Edge => "/Library/Microsoft/Edge/NativeMessagingHosts",
                Self::Firefox => "/Library/Application Support/Mozilla/NativeMessagingHosts",
            });
        }
        PathBuf::from(match self {
            // Brave and Vivaldi read Chrome's.
            Self::Chrome | Self::Brave | Self::Vivaldi => "/etc/opt/chrome/native-messaging-hosts",
            Self::Chromium => "/etc/chromium/native-messaging-hosts",
            Self::Edge => "/etc/opt/edge/native-messaging-hosts",
            Self::Firefox => "/usr/lib/mozilla/native-messaging-hosts",
        })
    }

    /// The folder that it has as a package which keeps it away from programs of the system, with the name of that kind of package.
    pub(super) fn confined(self, home: &Home) -> Option<&'static str> {
        let (flatpak, snap) = match self {
            Self::Chrome => ("com.google.Chrome", None),
            Self::Chromium => ("org.chromium.Chromium", Some("chromium")),
            Self::Edge => ("com.microsoft.Edge", None),
            Self::Brave => ("com.brave.Browser", Some("brave")),
            Self::Vivaldi => ("com.vivaldi.Vivaldi", None),
            Self::Firefox => ("org.mozilla.firefox", Some("firefox")),
        };
        if home.home.join(".var/app").join(flatpak).is_dir() {
            return Some("Flatpak");
        }
        snap.filter(|name| home.home.join("snap").join(name).is_dir()).map(|_| "Snap")
    }
}
