//! Keys as people write them (`Ctrl+Shift+Space`), and as X11 and the desktop's portal name them.

use std::str::FromStr;

/// A key, with those that are held meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Keys {
    pub(super) control: bool,
    pub(super) alt: bool,
    pub(super) shift: bool,
    /// The one with the system's sign.
    pub(super) logo: bool,
    /// What the key says, by X11's number for it.
    pub(super) symbol: u32,
}

/// X11's numbers and names for keys that say no letter, with what else they are called here.
const NAMED: [(u32, &str, &[&str]); 47] = [
    (0x20, "space", &[]),
    (0x27, "apostrophe", &["'", "quote"]),
    (0x2c, "comma", &[","]),
    (0x2d, "minus", &["-"]),
    (0x2e, "period", &["."]),
    (0x2f, "slash", &["/"]),
    (0x3b, "semicolon", &[";"]),
    (0x3d, "equal", &["="]),
    (0x5b, "bracketleft", &["["]),
    (0x5c, "backslash", &["\\"]),
    (0x5d, "bracketright", &["]"]),
    (0x60, "grave", &["`", "backquote"]),
    (0xff08, "BackSpace", &[]),
    (0xff09, "Tab", &[]),
    (0xff0d, "Return", &["enter"]),
    (0xff13, "Pause", &["pausebreak"]),
    (0xff14, "Scroll_Lock", &["scrolllock"]),
    (0xff1b, "Escape", &["esc"]),
    (0xff50, "Home", &[]),
    (0xff51, "Left", &["arrowleft"]),
    (0xff52, "Up", &["arrowup"]),
    (0xff53, "Right", &["arrowright"]),
    (0xff54, "Down", &["arrowdown"]),
    (0xff55, "Page_Up", &["pageup"]),
    (0xff56, "Page_Down", &["pagedown"]),
    (0xff57, "End", &[]),
    (0xff61, "Print", &["printscreen"]),
    (0xff63, "Insert", &[]),
    (0xff67, "Menu", &["contextmenu"]),
    (0xff6a, "Help", &[]),
    (0xff8d, "KP_Enter", &["numpadenter", "numenter"]),
    (0xffaa, "KP_Multiply", &["numpadmultiply", "nummultiply"]),
    (0xffab, "KP_Add", &["numpadadd", "numadd"]),
    (0xffad, "KP_Subtract", &["numpadsubtract", "numsubtract"]),
    (0xffae, "KP_Decimal", &["numpaddecimal", "numdecimal"]),
    (0xffaf, "KP_Divide", &["numpaddivide", "numdivide"]),
    (0xffff, "Delete", &[]),
    (0x1008_ff11, "XF86AudioLowerVolume", &["audiovolumedown"]),
    (0x1008_ff12, "XF86AudioMute", &["audiovolumemute"]),
    (0x1008_ff13, "XF86AudioRaiseVolume", &["audiovolumeup"]),
    (0x1008_ff14, "XF86AudioPlay", &["mediaplay", "mediaplaypause"]),
    (0x1008_ff15, "XF86AudioStop", &["mediastop"]),
    (0x1008_ff16, "XF86AudioPrev", &["mediatrackprevious"]),
    (0x1008_ff17, "XF86AudioNext", &["mediatracknext"]),
    (0x1008_ff1b, "XF86Search", &["browsersearch"]),
    (0x1008_ff41, "XF86Launch1", &[]),
    (0x1008_ff4a, "XF86LaunchA", &[]),
];

/// X11's number for F1, and how many such keys there are.
const F1: u32 = 0xffbe;
const F_KEYS: u32 = 35;

/// X11's number for the 0 of the block of numbers.
const NUMBERS: u32 = 0xffb0;

impl FromStr for Keys {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut keys = Self::default();
        let mut parts: Vec<&str> = text.split('+').map(str::trim).collect();
        let last = parts.pop().unwrap_or_default();
        for part in parts {
            match part.to_ascii_lowercase().as_str() {
                "ctrl" | "control" | "cmdorctrl" | "commandorcontrol" => keys.control = true,
                "alt" | "option" => keys.alt = true,
                "shift" => keys.shift = true,
                "super" | "cmd" | "command" | "meta" => keys.logo = true,
                _ => return Err(format!("‘{part}’ is no key that can be held meanwhile")),
            }
        }
        keys.symbol = symbol(last).ok_or_else(|| format!("there is no key ‘{last}’"))?;
        Ok(keys)
    }
}

impl Keys {
    /// As the portal names them (`CTRL+SHIFT+space`), by the XDG specification of shortcuts.
    pub(super) fn trigger(self) -> String {
        let held = [(self.control, "CTRL"), (self.alt, "ALT"), (self.shift, "SHIFT"), (self.logo, "LOGO")];
        let held: String = held.iter().filter(|(is_held, _)| *is_held).map(|(_, name)| format!("{name}+")).collect();
        held + &name(self.symbol)
    }
}

/// What a key says, by its name.
fn symbol(name: &str) -> Option<u32> {
    let name = name.to_ascii_lowercase();
    let after = |prefix: &str| name.strip_prefix(prefix).unwrap_or(&name).to_owned();
    for single in [name.clone(), after("key"), after("digit")] {
        if let [character] = single.as_bytes()
            && character.is_ascii_alphanumeric()
        {
            return Some(u32::from(*character));
        }
    }
    let numbered = |prefix: &str| name.strip_prefix(prefix).and_then(|number| number.parse::<u32>().ok());
    if let Some(number) = numbered("f").filter(|number| (1..=F_KEYS).contains(number)) {
        return Some(F1 + number - 1);
    }
    if let Some(number) = numbered("numpad").or_else(|| numbered("num")).filter(|number| *number <= 9) {
        return Some(NUMBERS + number);
    }
    let is_named = |own: &str, others: &[&str]| own.eq_ignore_ascii_case(&name) || others.contains(&name.as_str());
    NAMED.iter().find(|(_, own, others)| is_named(own, others)).map(|(symbol, _, _)| *symbol)
}

/// X11's name for what a key says.
fn name(symbol: u32) -> String {
    if let Some((_, name, _)) = NAMED.iter().find(|(number, _, _)| *number == symbol) {
        return (*name).to_owned();
    }
    if (F1..F1 + F_KEYS).contains(&symbol) {
        return format!("F{}", symbol - F1 + 1);
    }
    if (NUMBERS..=NUMBERS + 9).contains(&symbol) {
        return format!("KP_{}", symbol - NUMBERS);
    }
    char::from_u32(symbol).unwrap_or_default().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_named_as_the_portal_wants_them() {
        for (keys, named) in [
            ("Ctrl+Shift+Space", "CTRL+SHIFT+space"),
            ("Super+A", "LOGO+a"),
            ("Alt + KeyJ", "ALT+j"),
            ("F9", "F9"),
            ("CmdOrCtrl+Digit7", "CTRL+7"),
            ("Alt+Enter", "ALT+Return"),
            ("Super+ArrowUp", "LOGO+Up"),
            ("Ctrl+Numpad3", "CTRL+KP_3"),
            ("Shift+'", "SHIFT+apostrophe"),
            ("F35", "F35"),
        ] {
            assert_eq!(keys.parse::<Keys>().map(Keys::trigger).as_deref(), Ok(named), "{keys}");
        }
    }

    #[test]
    fn what_is_no_key_is_told() {
        for (keys, why) in [
            ("Ctrl+", "there is no key ‘’"),
            ("Ctrl+Shift", "there is no key ‘Shift’"),
            ("Hyper+A", "‘Hyper’ is no key that can be held meanwhile"),
            ("A+B", "‘A’ is no key that can be held meanwhile"),
            ("Ctrl+F36", "there is no key ‘F36’"),
            ("Ctrl+ä", "there is no key ‘ä’"),
        ] {
            assert_eq!(keys.parse::<Keys>().map(Keys::trigger), Err(why.to_owned()), "{keys}");
        }
    }
}
