//! Other programs on X11: whose a selection is, and how what was copied is put into a window, as its person would do it, for X11
//! lets programs press keys.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use x11rb::connection::Connection;
use x11rb::protocol::res::{ClientIdMask, ClientIdSpec, ConnectionExt as _};
use x11rb::protocol::xproto::{
    Atom, AtomEnum, ClientMessageEvent, ConnectionExt as _, EventMask, KEY_PRESS_EVENT, KEY_RELEASE_EVENT, Window,
};
use x11rb::protocol::xtest::ConnectionExt as _;
use x11rb::rust_connection::RustConnection;

/// How long a window may take to have the focus again.
const PATIENCE: Duration = Duration::from_secs(2);

/// How often that is looked at, and how long a window has to notice its focus.
const PACE: Duration = Duration::from_millis(40);

/// The keys, by X11's numbers for what they say.
const CONTROL: u32 = 0xffe3;
const V: u32 = 0x76;

/// Where V is on keyboards whose layout has none.
const PLACE_OF_V: u8 = 55;

/// Parts of the names of terminals: they do not paste with Ctrl+V, and a text with several lines would be run as commands.
const TERMINALS: [&str; 11] =
    ["term", "konsole", "alacritty", "kitty", "rxvt", "tilix", "guake", "yakuake", "tilda", "ghostty", "st-256color"];

/// A window into which a text can be put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Target(Window);

/// The screen that the app is on.
struct Screen {
    connection: RustConnection,
    root: Window,
    /// The property that names the window in front.
    active: Atom,
}

/// The window that has the focus. None where nothing can be put into it: on Wayland, which lets no program press keys, and in
/// terminals.
pub(super) fn front() -> Option<Target> {
    if std::env::var_os("WAYLAND_DISPLAY").is_some() {
        return None;
    }
    let found = Screen::open().and_then(|screen| {
        let window = screen.front()?;
        Ok((screen.is_terminal(window)?, window))
    });
    match found {
        Ok((is_terminal, window)) => (!is_terminal).then_some(Target(window)),
        Err(error) => {
            tracing::debug!("which window has the focus is not known: {error:#}");
            None
        }
    }
}

/// Whether a selection, named as X11 does, is this process's own. The list that GTK keeps of its own ones names some that other
/// programs have by now.
pub(super) fn is_own(selection: &str) -> bool {
    let owned = Screen::open().and_then(|screen| screen.owner(selection));
    owned.is_ok_and(|process| process == Some(std::process::id()))
}

/// Gives the focus back to a window, and presses Ctrl+V there.
pub(super) fn into(target: Target) -> Result<()> {
    let screen = Screen::open()?;
    screen.bring_to_front(target.0)?;
    let begun = Instant::now();
    while screen.front()? != target.0 {
        if begun.elapsed() > PATIENCE {
            bail!("the program of before does not come to the front");
        }
        std::thread::sleep(PACE);
    }
    std::thread::sleep(PACE);
    screen.press_control_v()
}

impl Screen {
    fn open() -> Result<Self> {
        let (connection, number) = x11rb::connect(None).context("there is no X11 display")?;
        let root = connection.setup().roots.get(number).context("the display has no screen")?.root;
        let active = connection.intern_atom(false, b"_NET_ACTIVE_WINDOW")?.reply()?.atom;
        Ok(Self { connection, root, active })
    }

    fn front(&self) -> Result<Window> {
        let named = self.connection.get_property(false, self.root, self.active, AtomEnum::WINDOW, 0, 1)?.reply()?;
        let window = named.value32().and_then(|mut values| values.next());
        window.filter(|window| *window != x11rb::NONE).context("no window is in front")
    }

    /// The process whose selection it is; None when it is nobody's, or that of a program on another machine.
    fn owner(&self, selection: &str) -> Result<Option<u32>> {
        let selection = self.connection.intern_atom(true, selection.as_bytes())?.reply()?.atom;
        let owner = self.connection.get_selection_owner(selection)?.reply()?.owner;
        if owner == x11rb::NONE {
            return Ok(None);
        }
        let who = ClientIdSpec { client: owner, mask: ClientIdMask::LOCAL_CLIENT_PID };
        let known = self.connection.res_query_client_ids(&[who])?.reply()?;
        Ok(known.ids.into_iter().find_map(|id| id.value.first().copied()))
    }

    fn is_terminal(&self, window: Window) -> Result<bool> {
        let class = self.connection.get_property(false, window, AtomEnum::WM_CLASS, AtomEnum::STRING, 0, 64)?;
        let class = String::from_utf8_lossy(&class.reply()?.value).to_lowercase();
        Ok(TERMINALS.iter().any(|name| class.contains(name)))
    }

    fn bring_to_front(&self, window: Window) -> Result<()> {
        // 2: on behalf of the person, not of the window.
        let wish = ClientMessageEvent::new(32, window, self.active, [2, x11rb::CURRENT_TIME, 0, 0, 0]);
        let who = EventMask::SUBSTRUCTURE_REDIRECT | EventMask::SUBSTRUCTURE_NOTIFY;
        self.connection.send_event(false, self.root, who, wish)?.check().context("the desktop takes no wishes")
    }

    fn press_control_v(&self) -> Result<()> {
        let setup = self.connection.setup();
        let (first, last) = (setup.min_keycode, setup.max_keycode);
        let map = self.connection.get_keyboard_mapping(first, last - first + 1)?.reply()?;
        let of_each = usize::from(map.keysyms_per_keycode).max(1);
        let key =
            |says: u32| (first..=last).zip(map.keysyms.chunks(of_each)).find(|(_, all)| all.first() == Some(&says));
        let control = key(CONTROL).context("the keyboard has no Ctrl")?.0;
        let v = key(V).map_or(PLACE_OF_V, |(v, _)| v);
        let steps =
            [(KEY_PRESS_EVENT, control), (KEY_PRESS_EVENT, v), (KEY_RELEASE_EVENT, v), (KEY_RELEASE_EVENT, control)];
        for (step, key) in steps {
            self.connection.xtest_fake_input(step, key, x11rb::CURRENT_TIME, x11rb::NONE, 0, 0, 0)?.check()?;
        }
        Ok(())
    }
}
