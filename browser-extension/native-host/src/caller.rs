//! Who may speak through this program: Ambit's extension. Browsers ask that of the manifest already; it is asked again here, so
//! that a manifest somebody else changed opens nothing.

use ambit_protocol::browser::{CHROMIUM_EXTENSION, FIREFOX_EXTENSION};

/// Looks at the arguments that a browser starts a native host with: Chromium gives the origin of the extension, on Windows a window
/// as well, Firefox the path of the manifest and the extension's id.
///
/// # Errors
/// Whom they name, when it is somebody else.
pub(crate) fn check(arguments: &[String]) -> Result<(), String> {
    let named = match arguments {
        [origin, ..] if origin.contains("://") => origin,
        [_, id, ..] => id,
        [other] => other,
        [] => return Err(String::new()),
    };
    let is_ours = *named == format!("chrome-extension://{CHROMIUM_EXTENSION}/") || named == FIREFOX_EXTENSION;
    if is_ours { Ok(()) } else { Err(named.clone()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(arguments: &[&str]) -> Result<(), String> {
        check(&arguments.iter().map(|argument| (*argument).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn the_extension_is_let_in_and_nobody_else() {
        let ours = format!("chrome-extension://{CHROMIUM_EXTENSION}/");
        assert_eq!(checked(&[&ours]), Ok(()));
        assert_eq!(checked(&[&ours, "--parent-window=0"]), Ok(()));
        assert_eq!(checked(&["/home/ada/.mozilla/native-messaging-hosts/ambit.json", FIREFOX_EXTENSION]), Ok(()));
        for other in [
            &["chrome-extension://abcdefghijklmnopabcdefghijklmnop/"][..],
            &[&format!("https://evil.example/{ours}")],
            &[&format!("chrome-extension://{CHROMIUM_EXTENSION}.evil/")],
            &["/manifest.json", "evil@example.org"],
            &["/manifest.json"],
            &["https://evil.example/", FIREFOX_EXTENSION],
        ] {
            assert!(checked(other).is_err(), "{other:?}");
        }
    }
}
