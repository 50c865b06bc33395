//! A screen, a session bus, a window manager and a panel of their own, and what can be seen on that screen.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{DirBuilderExt, FileExt};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};

use crate::peers::command;

/// How long anything on the screen may take: the machine may do something else as well.
pub(super) const SOON: Duration = Duration::from_secs(60);

/// How often is looked.
const PACE: Duration = Duration::from_millis(1);

/// So many colours are in a place only when letters are drawn there: an empty window has one, and the pointer a few.
const COLOURS_OF_TEXT: usize = 12;

/// A part of the screen, in pixels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Area {
    pub(super) left: usize,
    pub(super) top: usize,
    pub(super) right: usize,
    pub(super) bottom: usize,
}

/// A desktop that ends with this value, together with all that runs on it.
pub(super) struct Screen {
    folder: tempfile::TempDir,
    environment: Vec<(&'static str, String)>,
    programs: Vec<Child>,
    /// None while the screen comes up.
    picture: Option<Picture>,
}

impl Screen {
    /// Starts a desktop whose programs have these environment variables as well.
    ///
    /// # Errors
    /// When one of its programs is missing.
    pub(super) fn start(environment: Vec<(&'static str, String)>) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("ambit-desktop-").tempdir()?;
        let place = |name: &str| -> anyhow::Result<String> {
            let place = folder.path().join(name);
            std::fs::DirBuilder::new().mode(0o700).create(&place)?;
            Ok(place.to_str().context("the folder's name is no text")?.to_owned())
        };
        let (home, runtime, pictures) = (place("home")?, place("runtime")?, place("pictures")?);
        let address = format!("--address=unix:path={runtime}/bus");
        let mut screen = Self { folder, environment, programs: Vec::new(), picture: None };
        screen.environment.extend([
            ("HOME", home),
            ("XDG_RUNTIME_DIR", runtime),
            ("LANG", "C.UTF-8".to_owned()),
            ("NO_AT_BRIDGE", "1".to_owned()),
            // Nothing here has a graphics card.
            ("WEBKIT_DISABLE_COMPOSITING_MODE", "1".to_owned()),
        ]);
        let geometry = ["-screen", "0", "1280x900x24", "-nolisten", "tcp", "-displayfd", "1", "-fbdir", &pictures];
        let display = screen.first_line("Xvfb", &geometry)?;
        screen.environment.push(("DISPLAY", format!(":{display}")));
        screen.picture = Some(Picture::open(&Path::new(&pictures).join("Xvfb_screen0"))?);
        let bus = screen.first_line("dbus-daemon", &["--session", "--nofork", "--print-address=1", &address])?;
        screen.environment.push(("DBUS_SESSION_BUS_ADDRESS", bus));
        screen.start_beside("openbox", &["--sm-disable"], &[])?;
        screen.start_beside("xfce4-panel", &["--disable-wm-check"], &[])?;
        Ok(screen)
    }

    /// A program on this desktop.
    pub(super) fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = command(program);
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        // What is said of the person who measures is none of its concern.
        for name in ["WAYLAND_DISPLAY", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CURRENT_DESKTOP"] {
            command.env_remove(name);
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// Starts a program that ends with the screen.
    pub(super) fn start_beside(
        &mut self,
        program: &str,
        arguments: &[&str],
        environment: &[(&str, &str)],
    ) -> anyhow::Result<()> {
        let mut command = self.command(program);
        command.args(arguments).envs(environment.iter().copied());
        let child = command.spawn().with_context(|| missing(program))?;
        self.programs.push(child);
        Ok(())
    }

    /// The address of its bus.
    pub(super) fn bus(&self) -> &str {
        self.environment.iter().find(|(name, _)| *name == "DBUS_SESSION_BUS_ADDRESS").map_or("", |(_, address)| address)
    }

    /// Presses keys, wherever the focus is. Returns the moment before that.
    pub(super) fn press(&self, keys: &str) -> anyhow::Result<Instant> {
        self.drive(&["key", "--delay", "0", keys])
    }

    /// Has the window manager close the window of a title.
    pub(super) fn close(&self, title: &str) -> anyhow::Result<Instant> {
        let name = format!("^{title}$");
        self.drive(&["search", "--onlyvisible", "--name", &name, "windowactivate", "--sync"])?;
        self.press("alt+F4")
    }

    /// Puts the pointer where nothing is looked at: it is a part of the picture.
    pub(super) fn put_pointer_aside(&self) -> anyhow::Result<()> {
        self.drive(&["mousemove", "4", "890"]).map(drop)
    }

    fn drive(&self, arguments: &[&str]) -> anyhow::Result<Instant> {
        let begun = Instant::now();
        let driven = self.command("xdotool").args(arguments).status().with_context(|| missing("xdotool"))?;
        ensure!(driven.success(), "xdotool cannot do this: {}", arguments.join(" "));
        Ok(begun)
    }

    /// Waits until text can be read in an area, or none. Returns how long that took since `begun`.
    pub(super) async fn until_text(&self, area: Area, is_there: bool, begun: Instant) -> anyhow::Result<Duration> {
        let picture = self.picture.as_ref().context("there is no screen yet")?;
        while (picture.colours(area)? >= COLOURS_OF_TEXT) != is_there {
            if begun.elapsed() > SOON {
                bail!("a window {}", if is_there { "does not appear" } else { "does not go" });
            }
            tokio::time::sleep(PACE).await;
        }
        Ok(begun.elapsed())
    }

    fn first_line(&mut self, program: &str, arguments: &[&str]) -> anyhow::Result<String> {
        let mut command = self.command(program);
        let mut child = command.args(arguments).stdout(Stdio::piped()).spawn().with_context(|| missing(program))?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().context("a pipe was asked for")?).read_line(&mut line)?;
        self.programs.push(child);
        Ok(line.trim().to_owned())
    }

    /// All that runs on this desktop, known by the folder that it was given.
    fn left_behind(&self) -> Vec<rustix::process::Pid> {
        let home = format!("HOME={}", self.folder.path().join("home").display());
        let is_own = |process: &i32| {
            let environment = std::fs::read(format!("/proc/{process}/environ")).unwrap_or_default();
            environment.split(|byte| *byte == 0).any(|variable| variable == home.as_bytes())
        };
        let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
        let processes = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        processes.filter(is_own).filter_map(rustix::process::Pid::from_raw).collect()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // What is gone already needs no end.
        for program in &mut self.programs {
            program.kill().ok();
            program.wait().ok();
        }
        for process in self.left_behind() {
            rustix::process::kill_process(process, rustix::process::Signal::KILL).ok();
        }
    }
}

fn missing(program: &str) -> String {
    format!("cannot start {program}; `scripts/set-up tests` installs it")
}

/// The screen's pixels, which Xvfb keeps in a file in the form of `xwd`, as they change.
struct Picture {
    file: File,
    /// Where the first row begins.
    begin: u64,
    /// Bytes from a row to the next.
    row: u64,
}

impl Picture {
    /// Bytes of a pixel.
    const PIXEL: usize = 4;

    fn open(path: &Path) -> anyhow::Result<Self> {
        let file = File::open(path).with_context(|| format!("Xvfb keeps no picture in {}", path.display()))?;
        // The header consists of big-endian numbers of 32 bits: the first is its size, the 13th the bytes of a row, the 20th
        // how many colours of 12 bytes follow it.
        let number = |index: u64| -> anyhow::Result<u64> {
            let mut bytes = [0; 4];
            file.read_exact_at(&mut bytes, index * 4)?;
            Ok(u32::from_be_bytes(bytes).into())
        };
        let (begin, row) = (number(0)? + 12 * number(19)?, number(12)?);
        Ok(Self { file, begin, row })
    }

    /// How many colours are in an area, looked at in every third row.
    fn colours(&self, area: Area) -> anyhow::Result<usize> {
        let mut colours = BTreeSet::new();
        let mut pixels = vec![0; (area.right - area.left) * Self::PIXEL];
        for row in (area.top..area.bottom).step_by(3) {
            self.file
                .read_exact_at(&mut pixels, self.begin + row as u64 * self.row + (area.left * Self::PIXEL) as u64)?;
            // The fourth byte is no part of the colour.
            colours.extend(pixels.chunks_exact(Self::PIXEL).map(|pixel| [pixel[0], pixel[1], pixel[2]]));
            if colours.len() >= COLOURS_OF_TEXT {
                break;
            }
        }
        Ok(colours.len())
    }
}
