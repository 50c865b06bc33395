//! A command line in its simple commands and their words, as shells read it: not for running, so that it is exact enough.

/// A program with its arguments, and the files that it writes to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Simple {
    pub(super) words: Vec<String>,
    pub(super) targets: Vec<Target>,
}

/// A file that is written to.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) path: String,
    /// What it held is lost, and not only added to.
    pub(super) is_emptied: bool,
}

/// What is being read, at one depth of `$(…)`.
#[derive(Default)]
struct Reading {
    simple: Simple,
    word: Option<String>,
    in_quotes: bool,
    /// The next word is written to; whether it is emptied before.
    target: Option<bool>,
}

impl Reading {
    fn push(&mut self, character: char) {
        self.word.get_or_insert_default().push(character);
    }

    fn end_word(&mut self) {
        if let Some(word) = self.word.take() {
            match self.target.take() {
                Some(is_emptied) => self.simple.targets.push(Target { path: word, is_emptied }),
                None => self.simple.words.push(word),
            }
        }
    }

    fn end_command(&mut self, commands: &mut Vec<Simple>) {
        self.end_word();
        let simple = std::mem::take(&mut self.simple);
        if simple != Simple::default() {
            commands.push(simple);
        }
    }
}

/// The simple commands of a line, also those whose output becomes a word.
pub(super) fn split(line: &str) -> Vec<Simple> {
    let mut commands = Vec::new();
    let mut reading = Reading::default();
    let mut around: Vec<(Reading, char)> = Vec::new();
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        let ends = around.last().map(|(_, end)| *end);
        match character {
            '\\' => {
                if let Some(next) = characters.next().filter(|next| *next != '\n') {
                    reading.push(next);
                }
            }
            '\'' if !reading.in_quotes => {
                reading.word.get_or_insert_default();
                characters.by_ref().take_while(|next| *next != '\'').for_each(|next| reading.push(next));
            }
            '"' => {
                reading.word.get_or_insert_default();
                reading.in_quotes = !reading.in_quotes;
            }
            '$' | '<' | '>' if characters.peek() == Some(&'(') && (character == '$' || !reading.in_quotes) => {
                characters.next();
                reading.word.get_or_insert_default();
                around.push((std::mem::take(&mut reading), ')'));
            }
            '`' if ends == Some('`') => leave(&mut reading, &mut around, &mut commands),
            '`' => {
                reading.word.get_or_insert_default();
                around.push((std::mem::take(&mut reading), '`'));
            }
            ')' if ends == Some(')') && !reading.in_quotes => leave(&mut reading, &mut around, &mut commands),
            _ if reading.in_quotes => reading.push(character),
            '>' => {
                // `2>` writes as well; the number is no argument.
                if reading.word.as_ref().is_some_and(|word| word.chars().all(|digit| digit.is_ascii_digit())) {
                    reading.word = None;
                }
                reading.end_word();
                let mut is_emptied = true;
                while let Some(next) = characters.next_if(|next| matches!(next, '>' | '|' | '&' | '!')) {
                    is_emptied &= !matches!(next, '>' | '&');
                }
                reading.target = Some(is_emptied);
            }
            // `&>` writes to a file as well.
            '&' if characters.peek() == Some(&'>') => reading.end_word(),
            ';' | '|' | '&' | '\n' | '(' | ')' => reading.end_command(&mut commands),
            _ if character.is_whitespace() => reading.end_word(),
            _ => reading.push(character),
        }
    }
    while !around.is_empty() {
        leave(&mut reading, &mut around, &mut commands);
    }
    reading.end_command(&mut commands);
    commands
}

/// Goes on with what stands around a command whose output becomes a word.
fn leave(reading: &mut Reading, around: &mut Vec<(Reading, char)>, commands: &mut Vec<Simple>) {
    reading.end_command(commands);
    if let Some((outer, _)) = around.pop() {
        *reading = outer;
    }
}
