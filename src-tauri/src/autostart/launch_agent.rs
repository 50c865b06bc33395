//! A launch agent, as macOS knows it.

use std::path::Path;

use super::Autostart;

/// The agent in the folder of the user's own, below the home folder.
pub(super) fn new(home: &Path, program: &Path, data: &Path) -> Autostart {
    let [program, data] = [program, data].map(|path| escaped(&path.display().to_string()));
    let argument = |text: &str| format!("<string>{text}</string>");
    let arguments: String =
        [program.as_str(), "--hidden", "--data-directory", data.as_str()].into_iter().map(argument).collect();
    let start = format!("  <key>ProgramArguments</key><array>{arguments}</array>");
    let owner = format!("  <key>AmbitDataDirectory</key><string>{data}</string>");
    let text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n\
         <plist version=\"1.0\">\n<dict>\n  <key>Label</key><string>dev.ambit.desktop</string>\n{start}\n{owner}\n\
         \x20 <key>RunAtLoad</key><true/>\n  <key>ProcessType</key><string>Interactive</string>\n</dict>\n</plist>\n"
    );
    Autostart { file: home.join("Library/LaunchAgents/dev.ambit.desktop.plist"), text, start, owner }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn the_agent_starts_the_app_for_its_data_directory() {
        let home = tempfile::tempdir().unwrap();
        let agent = new(home.path(), Path::new("/Applications/A&B.app/ambit-desktop"), Path::new("/Users/a/data"));
        agent.set(true).unwrap();
        let file = home.path().join("Library/LaunchAgents/dev.ambit.desktop.plist");
        let text = std::fs::read_to_string(&file).unwrap();
        let arguments = "<array><string>/Applications/A&amp;B.app/ambit-desktop</string><string>--hidden</string>\
                         <string>--data-directory</string><string>/Users/a/data</string></array>";
        assert!(text.contains(arguments), "{text}");
        assert_eq!(
            (text.matches('\n').count(), text.lines().filter(|line| line.starts_with("  <key>")).count()),
            (11, 5)
        );
        let other = new(home.path(), Path::new("/Applications/A&B.app/ambit-desktop"), Path::new("/Users/a/other"));
        other.set(false).unwrap();
        assert!(file.exists(), "it is another installation's");
        agent.set(false).unwrap();
        assert!(!file.exists());
    }
}
