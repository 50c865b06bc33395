//! The manual page, of what the command line says of itself.

use std::io::Write;

use anyhow::Result;
use clap::CommandFactory;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use crate::Outcome;
use crate::arguments::Arguments;

pub(super) fn print() -> Result<Outcome> {
    std::io::stdout().lock().write_all(&page()?)?;
    Ok(Outcome::Done)
}

fn page() -> Result<Vec<u8>> {
    let command = Arguments::command();
    let manual = Man::new(command.clone());
    let mut page = Vec::new();
    manual.render_title(&mut page)?;
    manual.render_name_section(&mut page)?;
    manual.render_synopsis_section(&mut page)?;
    manual.render_description_section(&mut page)?;
    manual.render_options_section(&mut page)?;
    let mut commands = Roff::new();
    commands.control("SH", ["COMMANDS"]);
    commands.text([roman("Each tells its options with --help.")]);
    list(&command, "ambit", &mut commands);
    commands.to_writer(&mut page)?;
    Ok(page)
}

/// All commands in one page: a page for each would be ninety.
fn list(of: &clap::Command, path: &str, to: &mut Roff) {
    for command in of.get_subcommands().filter(|command| !command.is_hide_set() && command.get_name() != "help") {
        let path = format!("{path} {}", command.get_name());
        if command.has_subcommands() {
            list(command, &path, to);
            continue;
        }
        to.control("TP", []);
        to.text([bold(path)]);
        to.text([roman(command.get_about().map(ToString::to_string).unwrap_or_default())]);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    #[test]
    fn the_page_tells_of_every_command_and_of_no_hidden_one() {
        let page = String::from_utf8(page().unwrap()).unwrap();
        for part in
            [".TH ambit", ".SH SYNOPSIS", "data\\-directory", "ambit ask", "ambit data remove", "ambit models pull"]
        {
            assert!(page.contains(part), "{part}: {page}");
        }
        for hidden in ["ambit manual", "ambit help", "engine"] {
            assert!(!page.contains(hidden), "{hidden}");
        }
    }
}
