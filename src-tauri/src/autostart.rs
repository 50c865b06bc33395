//! Has the desktop start the app when somebody logs in: a file of its own in the folder that is read for that, in the form that
//! the system knows.

#[cfg(any(target_os = "macos", test))]
mod launch_agent;

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use etcetera::BaseStrategy;

/// The start that desktops make, for one data directory.
#[derive(Debug)]
pub(crate) struct Autostart {
    file: PathBuf,
    /// What the file holds when it is written.
    text: String,
    /// The line that tells how the app is started.
    start: String,
    /// The line that tells whose file it is.
    owner: String,
}

impl Autostart {
    /// For the app at `program`, which is told its data directory.
    pub(crate) fn new(program: &Path, data: &Path) -> Result<Self> {
        let places = etcetera::choose_base_strategy().context("the home folder is not known")?;
        #[cfg(target_os = "macos")]
        let autostart = launch_agent::new(places.home_dir(), program, data);
        #[cfg(not(target_os = "macos"))]
        let autostart = Self::desktop_entry(&places.config_dir(), program, data);
        Ok(autostart)
    }

    /// As the desktops of Linux know it, in the folder of the user's configuration.
    #[cfg(any(not(target_os = "macos"), test))]
    fn desktop_entry(configuration: &Path, program: &Path, data: &Path) -> Self {
        // Nothing is started of what was removed: this file is the user's, so that no package takes it along.
        let there = program.display().to_string().replace('\\', "\\\\");
        let [program, data] = [program, data].map(|path| quoted(&path.display().to_string()));
        let start = format!("Exec={program} --hidden --data-directory {data}");
        let owner = format!("X-Ambit-Data-Directory={data}");
        let text = format!(
            "[Desktop Entry]\nType=Application\nName=Ambit\n{start}\nTryExec={there}\n{owner}\nIcon=ambit\nTerminal=false\n\
             X-GNOME-Autostart-enabled=true\n"
        );
        Self { file: configuration.join("autostart/ambit-desktop.desktop"), text, start, owner }
    }

    /// Has the app started, or not. What the user changed in the file stays, as long as it starts the app as it would be; a
    /// file for another data directory stays as well when this one is not to be started.
    pub(crate) fn set(&self, is_on: bool) -> Result<()> {
        let there = match std::fs::read_to_string(&self.file) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(error).with_context(|| format!("{} cannot be read", self.file.display())),
        };
        let has = |line: &str| there.as_deref().is_some_and(|text| text.lines().any(|other| other == line));
        if is_on && !has(&self.start) {
            let folder = self.file.parent().context("a file is in a folder")?;
            let written = std::fs::create_dir_all(folder).and_then(|()| std::fs::write(&self.file, &self.text));
            written.with_context(|| format!("{} cannot be written", self.file.display()))
        } else if !is_on && has(&self.owner) {
            std::fs::remove_file(&self.file).with_context(|| format!("{} cannot be removed", self.file.display()))
        } else {
            Ok(())
        }
    }
}

/// What the desktop is to start: this program, or the AppImage that it is in, which is mounted elsewhere each time.
pub(crate) fn program() -> Result<PathBuf> {
    let program = std::env::current_exe().context("the path of this program is not known")?;
    let [image, mounted] = ["APPIMAGE", "APPDIR"].map(|name| std::env::var_os(name).map(PathBuf::from));
    Ok(image_or(program, image, mounted))
}

/// The AppImage, when the program is really in it: whatever it starts inherits its variables.
fn image_or(program: PathBuf, image: Option<PathBuf>, mounted: Option<PathBuf>) -> PathBuf {
    match (image, mounted) {
        (Some(image), Some(mounted)) if image.is_absolute() && program.starts_with(&mounted) => image,
        _ => program,
    }
}

/// As an argument of a desktop entry: in quotes, and what these leave special with a backslash before it. The backslashes
/// count twice, as the value is a string as well; a percent sign begins a field.
#[cfg(any(not(target_os = "macos"), test))]
fn quoted(text: &str) -> String {
    let mut quoted = "\"".to_owned();
    for character in text.chars() {
        match character {
            '"' | '`' | '$' => quoted.push_str("\\\\"),
            '\\' => quoted.push_str("\\\\\\"),
            '%' => quoted.push('%'),
            _ => {}
        }
        quoted.push(character);
    }
    quoted + "\""
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn the_file_comes_and_goes() {
        let home = tempfile::tempdir().unwrap();
        let autostart =
            Autostart::desktop_entry(home.path(), Path::new("/opt/ambit/ambit-desktop"), Path::new("/home/a/data"));
        let file = home.path().join("autostart/ambit-desktop.desktop");
        autostart.set(false).unwrap();
        assert!(!file.exists());
        autostart.set(true).unwrap();
        let text = std::fs::read_to_string(&file).unwrap();
        let start = "Exec=\"/opt/ambit/ambit-desktop\" --hidden --data-directory \"/home/a/data\"\n";
        assert!(text.contains(start), "{text}");
        assert!(text.contains("TryExec=/opt/ambit/ambit-desktop\n"), "{text}");
        autostart.set(false).unwrap();
        assert!(!file.exists());
    }

    #[test]
    fn what_the_user_changed_stays_and_another_place_of_the_app_does_not() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("autostart/ambit-desktop.desktop");
        let before = Autostart::desktop_entry(home.path(), Path::new("/old/ambit-desktop"), Path::new("/data"));
        before.set(true).unwrap();
        let changed = std::fs::read_to_string(&file).unwrap().replace("enabled=true", "enabled=false");
        std::fs::write(&file, &changed).unwrap();
        before.set(true).unwrap();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), changed);
        let moved = Autostart::desktop_entry(home.path(), Path::new("/new/ambit-desktop"), Path::new("/data"));
        moved.set(true).unwrap();
        assert!(std::fs::read_to_string(&file).unwrap().contains("/new/ambit-desktop"));
        let other = Autostart::desktop_entry(home.path(), Path::new("/new/ambit-desktop"), Path::new("/other"));
        other.set(false).unwrap();
        assert!(file.exists(), "it is another installation's");
    }

    #[test]
    fn an_appimage_is_started_and_not_where_it_is_mounted() {
        let image = || Some(PathBuf::from("/home/a/Ambit.AppImage"));
        let mounted = || Some(PathBuf::from("/tmp/.mount_Ambit1"));
        let inside = PathBuf::from("/tmp/.mount_Ambit1/usr/bin/ambit-desktop");
        let installed = PathBuf::from("/usr/bin/ambit-desktop");
        assert_eq!(image_or(inside.clone(), image(), mounted()), Path::new("/home/a/Ambit.AppImage"));
        assert_eq!(image_or(installed.clone(), image(), mounted()), installed, "started by a program of an AppImage");
        assert_eq!(image_or(inside.clone(), None, None), inside);
    }

    #[test]
    fn paths_are_quoted_as_desktop_entries_want_it() {
        assert_eq!(quoted("/a b/100%/$x\"\\"), r#""/a b/100%%/\\$x\\"\\\\""#);
    }
}
