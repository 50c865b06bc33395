//! Keys on X11, which gives them to whoever asks first. A thread waits for what the display tells of them, and sleeps until then.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use anyhow::{Context, Result, anyhow};
use rustix::net::Shutdown;
use x11rb::connection::Connection;
use x11rb::errors::ReplyError;
use x11rb::protocol::xkb::{self, ConnectionExt as _};
use x11rb::protocol::xproto::{ConnectionExt as _, GrabMode, KeyButMask, Mapping, ModMask};
use x11rb::protocol::{ErrorKind, Event};
use x11rb::rust_connection::RustConnection;

use super::Told;
use super::keys::Keys;

/// The lamps of the keyboard (Caps Lock, Num Lock) are held keys for X11: it tells of keys only when exactly those are held that
/// were named, so that each combination is.
const LAMPS: [u16; 4] = [0, 2, 16, 2 | 16];

/// Keeps keys for this app, until it is dropped or takes others.
pub(super) struct Holder {
    pressed: Arc<dyn Fn() + Send + Sync>,
    kept: Option<Grab>,
}

impl Holder {
    /// Has `pressed` called when somebody presses the keys.
    pub(super) fn new(pressed: Arc<dyn Fn() + Send + Sync>) -> Self {
        Self { pressed, kept: None }
    }

    /// As [`super::Shortcut::take`].
    pub(super) fn take(&mut self, keys: &str, told: Told) {
        self.kept = None;
        if keys.is_empty() {
            return told(Ok(()));
        }
        let keys = keys.parse().map_err(|error| format!("these are no keys ({error})"));
        let pressed = Arc::clone(&self.pressed);
        let lost = Arc::clone(&told);
        let grabbed = keys.and_then(|keys| Grab::new(keys, pressed, lost).map_err(|error| format!("{error:#}")));
        told(grabbed.map(|grab| self.kept = Some(grab)));
    }
}

/// Keys that are held; who drops this gives them back.
struct Grab {
    display: Arc<Display>,
    waiting: Option<thread::JoinHandle<()>>,
}

impl Grab {
    fn new(keys: Keys, pressed: Arc<dyn Fn() + Send + Sync>, lost: Told) -> Result<Self> {
        let display = Arc::new(Display::open(keys)?);
        let code = display.grab()?;
        let waiting = {
            let display = Arc::clone(&display);
            thread::Builder::new().name("shortcut".to_owned()).spawn(move || {
                let ended = display.wait(code, &*pressed);
                if let Err(error) = ended
                    && !display.is_left.load(Ordering::SeqCst)
                {
                    lost(Err(format!("{error:#}")));
                }
            })?
        };
        Ok(Self { display, waiting: Some(waiting) })
    }
}

impl Drop for Grab {
    fn drop(&mut self) {
        self.display.is_left.store(true, Ordering::SeqCst);
        // The display frees what a program held that has hung up.
        if let Err(error) = rustix::net::shutdown(self.display.connection.stream(), Shutdown::Both) {
            tracing::warn!(%error, "the keys of before cannot be given back");
        } else if self.waiting.take().is_some_and(|waiting| waiting.join().is_err()) {
            tracing::warn!("the thread that waited for keys has ended early");
        }
    }
}

/// A connection to the display, for keys.
struct Display {
    connection: RustConnection,
    root: u32,
    keys: Keys,
    /// Whether the keys are given back.
    is_left: AtomicBool,
}

impl Display {
    fn open(keys: Keys) -> Result<Self> {
        let (connection, screen) = RustConnection::connect(None).context("there is no X11 display")?;
        let root = connection.setup().roots.get(screen).context("the display has no screen")?.root;
        // A key that stays down is then told once, and not as if it were let go and pressed again.
        connection.xkb_use_extension(1, 0)?.reply()?;
        let flag = xkb::PerClientFlag::DETECTABLE_AUTO_REPEAT;
        let (keyboard, none) = (xkb::ID::USE_CORE_KBD.into(), xkb::BoolCtrl::default());
        connection.xkb_per_client_flags(keyboard, flag, flag, none, none, none)?.reply()?;
        Ok(Self { connection, root, keys, is_left: AtomicBool::new(false) })
    }

    fn held(&self) -> u16 {
        let Keys { control, alt, shift, logo, .. } = self.keys;
        let masks = [
            (control, KeyButMask::CONTROL),
            (alt, KeyButMask::MOD1),
            (shift, KeyButMask::SHIFT),
            (logo, KeyButMask::MOD4),
        ];
        masks.into_iter().filter(|(is_held, _)| *is_held).fold(0, |all, (_, mask)| all | u16::from(mask))
    }

    /// Asks for the keys, and gives the number that the keyboard has for the last of them.
    fn grab(&self) -> Result<u8> {
        let code = self.code()?.with_context(|| format!("the keyboard has no key for {}", self.keys.trigger()))?;
        for lamps in LAMPS {
            let held = ModMask::from(self.held() | lamps);
            let asked = self.connection.grab_key(false, self.root, held, code, GrabMode::ASYNC, GrabMode::ASYNC)?;
            asked.check().map_err(|error| match error {
                ReplyError::X11Error(error) if error.error_kind == ErrorKind::Access => {
                    anyhow!("another program has these keys")
                }
                error => error.into(),
            })?;
        }
        Ok(code)
    }

    /// Which key of the keyboard says it: without others held, or else in any way.
    fn code(&self) -> Result<Option<u8>> {
        let setup = self.connection.setup();
        let (first, last) = (setup.min_keycode, setup.max_keycode);
        let map = self.connection.get_keyboard_mapping(first, last - first + 1)?.reply()?;
        let of_each = usize::from(map.keysyms_per_keycode).max(1);
        let keys = || (first..=last).zip(map.keysyms.chunks(of_each));
        let plain = keys().find(|(_, says)| says.first() == Some(&self.keys.symbol));
        let found = plain.or_else(|| keys().find(|(_, says)| says.contains(&self.keys.symbol)));
        Ok(found.map(|(code, _)| code))
    }

    /// Waits for the keys, until the display is gone.
    fn wait(&self, mut code: u8, pressed: &dyn Fn()) -> Result<Infallible> {
        let relevant = KeyButMask::CONTROL | KeyButMask::SHIFT | KeyButMask::MOD1 | KeyButMask::MOD4;
        let mut is_down = false;
        loop {
            match self.connection.wait_for_event()? {
                Event::KeyPress(event) if event.detail == code => {
                    let held = u16::from(event.state & relevant);
                    if held == self.held() && !std::mem::replace(&mut is_down, true) {
                        pressed();
                    }
                }
                Event::KeyRelease(event) if event.detail == code => is_down = false,
                // Another layout: the key may be another one.
                Event::MappingNotify(event) if event.request == Mapping::KEYBOARD => {
                    if self.code()?.is_none_or(|now| now != code) {
                        self.connection.ungrab_key(code, self.root, ModMask::ANY)?.check()?;
                        code = self.grab()?;
                    }
                }
                _ => {}
            }
        }
    }
}
