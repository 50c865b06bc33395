//! What the app itself says, in the languages of its page.

/// A text for one thing, and for another number of them, which stands for `{}`.
type Counted = (&'static str, &'static str);

/// The texts of a language.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Words {
    pub(crate) chat: &'static str,
    pub(crate) launcher: &'static str,
    pub(crate) pause: &'static str,
    pub(crate) offline: &'static str,
    pub(crate) quit: &'static str,
    pub(crate) starting: &'static str,
    pub(crate) no_model: &'static str,
    pub(crate) embedder_missing: &'static str,
    pub(crate) paused: &'static str,
    pub(crate) rests: &'static str,
    pub(crate) slowed: &'static str,
    pub(crate) on_battery: &'static str,
    pub(crate) saver: &'static str,
    pub(crate) memory_short: &'static str,
    pub(crate) processor_hot: &'static str,
    pub(crate) to_read: Counted,
    pub(crate) to_embed: Counted,
    pub(crate) indexed: Counted,
    pub(crate) answering: Counted,
    pub(crate) answered: &'static str,
    pub(crate) open: &'static str,
    pub(crate) a_chat: &'static str,
}

pub(crate) static ENGLISH: Words = Words {
    chat: "Open chat",
    launcher: "Launcher",
    pause: "Pause indexing",
    offline: "Offline mode",
    quit: "Quit Ambit",
    starting: "Starting …",
    no_model: "no language model",
    embedder_missing: "the embedding model is missing",
    paused: "indexing is paused",
    rests: "indexing rests",
    slowed: "slowed",
    on_battery: "on battery",
    saver: "saver profile",
    memory_short: "memory is scarce",
    processor_hot: "the processor is hot",
    to_read: ("indexing, 1 file to read", "indexing, {} files to read"),
    to_embed: ("indexing, 1 passage to embed", "indexing, {} passages to embed"),
    indexed: ("1 file indexed", "{} files indexed"),
    answering: ("answering a question", "answering {} questions"),
    answered: "Your answer is ready",
    open: "Open",
    a_chat: "A chat with Ambit",
};

pub(crate) static GERMAN: Words = Words {
    chat: "Chat öffnen",
    launcher: "Starter",
    pause: "Indizieren anhalten",
    offline: "Offline-Modus",
    quit: "Ambit beenden",
    starting: "Startet …",
    no_model: "kein Sprachmodell",
    embedder_missing: "das Modell zum Einbetten fehlt",
    paused: "Indizieren ist angehalten",
    rests: "Indizieren ruht",
    slowed: "gebremst",
    on_battery: "im Akkubetrieb",
    saver: "Sparprofil",
    memory_short: "Speicher ist knapp",
    processor_hot: "der Prozessor ist heiß",
    to_read: ("indiziert, 1 Datei zu lesen", "indiziert, {} Dateien zu lesen"),
    to_embed: ("indiziert, 1 Passage einzubetten", "indiziert, {} Passagen einzubetten"),
    indexed: ("1 Datei im Index", "{} Dateien im Index"),
    answering: ("beantwortet eine Frage", "beantwortet {} Fragen"),
    answered: "Ihre Antwort ist fertig",
    open: "Öffnen",
    a_chat: "Ein Chat mit Ambit",
};

impl Words {
    /// Those of the language that the system says its messages in; English when it is none of these.
    pub(crate) fn of_system() -> &'static Self {
        let set = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().filter_map(|name| std::env::var(name).ok());
        Self::of(set.into_iter().find(|language| !language.is_empty()).as_deref().unwrap_or_default())
    }

    /// Those of a language as systems name it: `de_AT.UTF-8`.
    fn of(language: &str) -> &'static Self {
        if language.split(['_', '.', '@']).next() == Some("de") { &GERMAN } else { &ENGLISH }
    }
}

/// The text for a number of things.
pub(crate) fn counted(number: u64, (one, many): Counted) -> String {
    if number == 1 { one.to_owned() } else { many.replace("{}", &number.to_string()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_that_of_the_system() {
        for german in ["de", "de_AT.UTF-8", "de@euro"] {
            assert_eq!(Words::of(german), &GERMAN, "{german}");
        }
        for other in ["", "C", "en_GB.UTF-8", "den_CA", "fr_FR"] {
            assert_eq!(Words::of(other), &ENGLISH, "{other}");
        }
    }

    #[test]
    fn one_is_told_otherwise_than_many() {
        assert_eq!(counted(1, GERMAN.indexed), "1 Datei im Index");
        assert_eq!(counted(0, ENGLISH.indexed), "0 files indexed");
    }
}
