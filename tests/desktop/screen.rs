//! A screen, a session bus, a window manager and a panel, all of them the test's own.

use std::io::{BufRead, BufReader};
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use ambit_tests::{Ambit, binary, binary_named, eventually, kill, shown};

use crate::picture::{Area, Picture};

/// Software drawing and a web process that starts among other tests take their time.
pub(crate) const SOON: Duration = Duration::from_secs(60);

/// What of a desktop is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Panel {
    /// One that shows icons of programs.
    WithTray,
    /// None.
    None,
}

/// An installation on a desktop.
pub(crate) struct Desktop {
    pub(crate) ambit: Ambit,
    pub(crate) environment: Vec<(&'static str, String)>,
    /// In the order of their starts.
    programs: Vec<Child>,
}

/// What makes up a desktop here, and drives it.
const PROGRAMS: [&str; 7] = ["Xvfb", "dbus-daemon", "gdbus", "openbox", "script", "xdotool", "xfce4-panel"];

/// Whether the linker knows for sure that the library is missing by which programs have icons in a tray.
fn lacks_trays() -> bool {
    let known = Command::new("/sbin/ldconfig").arg("-p").output();
    known.is_ok_and(|known| known.status.success() && !shown(&known).contains("libayatana-appindicator3.so.1"))
}

impl Desktop {
    /// A desktop; None, which is told, where there is nothing that makes one, or no app.
    pub(crate) fn new(panel: Panel) -> Option<Self> {
        Self::with(panel, &[])
    }

    /// A desktop whose programs have these environment variables as well.
    pub(crate) fn with(panel: Panel, environment: &[(&'static str, &str)]) -> Option<Self> {
        if std::env::var_os("DESKTOP").is_some_and(|wanted| wanted == "no") {
            ambit_tests::not_run("DESKTOP=no leaves the desktop app out");
            return None;
        }
        let folders: Vec<PathBuf> = std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()).collect();
        let missing = |program: &&&str| !folders.iter().any(|folder| folder.join(program).is_file());
        if let Some(program) = PROGRAMS.iter().find(missing) {
            ambit_tests::not_run(&format!("there is no {program}; `scripts/set-up tests` installs it"));
            return None;
        }
        if panel == Panel::WithTray && lacks_trays() {
            ambit_tests::not_run("there is no libayatana-appindicator3; `scripts/set-up` installs it");
            return None;
        }
        if !binary().with_file_name("ambit-desktop").exists() {
            ambit_tests::not_run("the desktop app was not built; `make build` builds it where it can be");
            return None;
        }
        Some(Self::start_all(panel, environment))
    }

    fn start_all(panel: Panel, environment: &[(&'static str, &str)]) -> Self {
        let ambit = Ambit::new();
        let runtime = ambit.files().with_file_name("runtime");
        std::fs::DirBuilder::new().mode(0o700).create(&runtime).unwrap();
        let mut desktop = Self { ambit, environment: Vec::new(), programs: Vec::new() };
        desktop.environment.push(("XDG_RUNTIME_DIR", runtime.to_str().unwrap().to_owned()));
        desktop.environment.push(("LANG", "C.UTF-8".to_owned()));
        // Nothing here has a graphics card, and a sandbox of its own needs privileges that a container lacks.
        desktop.environment.push(("WEBKIT_DISABLE_COMPOSITING_MODE", "1".to_owned()));
        desktop.environment.push(("NO_AT_BRIDGE", "1".to_owned()));
        desktop.environment.extend(environment.iter().map(|(name, value)| (*name, (*value).to_owned())));
        let pixels = runtime.join("pixels");
        std::fs::create_dir(&pixels).unwrap();
        let arguments = ["-displayfd", "1", "-screen", "0", "1280x900x24", "-nolisten", "tcp", "-fbdir"];
        let display = desktop.start_and_read("Xvfb", &[&arguments[..], &[pixels.to_str().unwrap()]].concat());
        desktop.environment.push(("DISPLAY", format!(":{display}")));
        // Its socket goes with the folder of the test.
        let address = format!("--address=unix:path={}", runtime.join("bus").display());
        let bus = desktop.start_and_read("dbus-daemon", &["--session", "--nofork", "--print-address=1", &address]);
        desktop.environment.push(("DBUS_SESSION_BUS_ADDRESS", bus));
        desktop.start("openbox", &["--sm-disable"]);
        if panel == Panel::WithTray {
            desktop.start("xfce4-panel", &["--disable-wm-check"]);
            eventually("the panel shows icons of programs", SOON, || desktop.owns_trays());
        }
        desktop
    }

    /// A program on this desktop.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = self.ambit.program(program);
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// Starts a program, which ends with the test.
    pub(crate) fn start(&mut self, program: &str, arguments: &[&str]) {
        let child = self.command(program).args(arguments).spawn();
        self.programs
            .push(child.unwrap_or_else(|error| panic!("{program}: {error}; `scripts/set-up tests` installs it")));
    }

    /// Starts a program, and reads the first line that it prints.
    fn start_and_read(&mut self, program: &str, arguments: &[&str]) -> String {
        let child = self.command(program).args(arguments).stdout(Stdio::piped()).spawn();
        let mut child = child.unwrap_or_else(|error| panic!("{program}: {error}; `scripts/set-up tests` installs it"));
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        self.programs.push(child);
        line.trim().to_owned()
    }

    /// What the app is called with.
    pub(crate) fn app(&self, arguments: &[&str]) -> Command {
        let binary = binary_named("ambit-desktop");
        let mut command = self.command(binary.to_str().unwrap());
        command.args(arguments);
        command
    }

    /// Starts the app, and gives its process.
    pub(crate) fn start_app(&mut self, arguments: &[&str]) -> u32 {
        let child = self.app(arguments).stderr(self.said_file()).spawn().unwrap();
        let process = child.id();
        self.programs.push(child);
        process
    }

    fn said_file(&self) -> std::fs::File {
        std::fs::File::create(self.said()).unwrap()
    }

    fn said(&self) -> PathBuf {
        self.ambit.files().with_file_name("desktop.said")
    }

    /// Whether the app that was started is over, and well.
    pub(crate) fn has_ended(&mut self) -> bool {
        let app = self.programs.last_mut().unwrap();
        let Some(status) = app.try_wait().unwrap() else { return false };
        assert!(status.success(), "the app ended with {status}");
        true
    }

    /// Runs a tool of the desktop to its end.
    pub(crate) fn run(&self, program: &str, arguments: &[&str]) -> Output {
        let mut command = self.command(program);
        command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
        // Whatever language the app speaks, what the tools print is read as UTF-8.
        command.env("LC_ALL", "C.UTF-8");
        command.output().unwrap_or_else(|error| panic!("{program}: {error}; `scripts/set-up tests` installs it"))
    }

    /// Runs a tool that must succeed, and gives what it printed.
    pub(crate) fn text(&self, program: &str, arguments: &[&str]) -> String {
        let output = self.run(program, arguments);
        assert!(output.status.success(), "{program} {}: {}", arguments.join(" "), shown(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    /// The windows of this title that can be seen.
    pub(crate) fn windows(&self, title: &str) -> Vec<String> {
        // It fails when it finds none.
        let found = self.run("xdotool", &["search", "--onlyvisible", "--name", &format!("^{title}$")]);
        String::from_utf8(found.stdout).unwrap().lines().map(str::to_owned).collect()
    }

    /// Waits until exactly this window, or none of that title, can be seen.
    pub(crate) fn until_seen(&self, title: &str, is_seen: bool) {
        let what = if is_seen { "is seen" } else { "is gone" };
        eventually(&format!("the window `{title}` {what}"), SOON, || self.windows(title).len() == usize::from(is_seen));
    }

    /// What a selection of X holds: `primary`, or `clipboard`.
    pub(crate) fn held(&self, selection: &str) -> String {
        let output = self.run("xclip", &["-out", "-selection", selection]);
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// Whether what is typed goes to the window of this title.
    pub(crate) fn has_focus(&self, title: &str) -> bool {
        let focused = self.run("xdotool", &["getactivewindow", "getwindowname"]);
        String::from_utf8_lossy(&focused.stdout).trim() == title
    }

    /// What can be seen in an area of the screen.
    pub(crate) fn picture(&self, area: Area) -> Picture {
        let runtime = self.ambit.files().with_file_name("runtime");
        Picture::of(&runtime.join("pixels/Xvfb_screen0"), area)
    }

    /// What the app has said in its log.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.ambit.data().join("run/desktop.log")).unwrap_or_default()
    }

    /// Gives the window of this title the focus.
    pub(crate) fn activate(&self, title: &str) {
        let window = self.windows(title).remove(0);
        eventually(&format!("the window `{title}` has the focus"), SOON, || {
            self.text("xdotool", &["windowactivate", &window]);
            self.has_focus(title)
        });
    }

    /// Presses keys, wherever the focus is.
    pub(crate) fn press(&self, keys: &str) {
        self.text("xdotool", &["key", "--clearmodifiers", keys]);
    }

    /// Types a text, wherever the focus is.
    pub(crate) fn type_text(&self, text: &str) {
        self.text("xdotool", &["type", "--delay", "20", text]);
    }

    /// What goes on in this installation: apps, hosts and all that those started, known by the home folder that they were given.
    fn left_behind(&self) -> Vec<u32> {
        let home = format!("HOME={}", self.ambit.files().with_file_name("home").display());
        let is_own = |process: &u32| {
            let environment = std::fs::read(format!("/proc/{process}/environ")).unwrap_or_default();
            environment.split(|byte| *byte == 0).any(|variable| variable == home.as_bytes())
        };
        let entries = std::fs::read_dir("/proc").unwrap().flatten();
        entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).filter(is_own).collect()
    }

    fn owns_trays(&self) -> bool {
        let arguments = ["org.freedesktop.DBus.NameHasOwner", "org.kde.StatusNotifierWatcher"];
        let mut all = vec!["call", "--session", "--dest", "org.freedesktop.DBus", "--object-path", "/"];
        all.extend(["--method"].into_iter().chain(arguments));
        String::from_utf8_lossy(&self.run("gdbus", &all).stdout).contains("true")
    }
}

impl Drop for Desktop {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let said = std::fs::read_to_string(self.said()).unwrap_or_default();
            ambit_tests::not_run(&format!("the app said:\n{said}"));
        }
        self.ambit.kill();
        for mut program in self.programs.drain(..).rev() {
            if program.try_wait().unwrap().is_none() {
                kill(program.id());
            }
            drop(program.wait());
        }
        for process in self.left_behind() {
            kill(process);
        }
    }
}
