//! A function that was just written where others have tests: it wants one as well, like that of its nearest neighbour.

use std::ops::Range;

use foldhash::HashMap;

use crate::arguments::{Call, parameter_name};
use crate::document::Document;
use crate::lexer::is_word;
use crate::next_edit::{NextEdit, Reason};

/// Longer texts are left alone, in bytes: an editor waits for the answer.
const LONGEST_TEXT: usize = 1 << 20;
/// Longer tests are no pattern for another one, in lines.
const LONGEST_TEST: usize = 40;
/// Words before the name of a function. `const area = (width) =>` defines one as well.
const DEFINING: [&str; 5] = ["fn", "def", "function", "func", "fun"];

/// The test of the function that was just written; none where no test stands in the text, or it has one.
pub(crate) fn matching_test(document: &Document, added: &Range<usize>) -> Option<NextEdit> {
    let lines = Lines { document };
    let text = document.text();
    if text.len() > LONGEST_TEXT {
        return None;
    }
    let is_whole = |one: &Function| {
        // What stands above it may have been there, and so may the blanks before it.
        let header = document.line(one.block.header);
        let start = header.end - lines.line(one.block.header).trim_start().len();
        added.start <= start && lines.bytes(&one.block.lines).end <= added.end && lines.has_body(&one.block)
    };
    // Most of what is added is no function, and then the rest need not be looked at.
    let written = document.line_at(added.start)..document.line_at(added.end) + 1;
    let new = written.rev().filter_map(|line| lines.function(line)).find(is_whole)?;
    let tests = lines.tests();
    if tests.iter().any(|test| test.lines.contains(&new.block.header)) {
        return None;
    }
    // Of each function the shortest test that calls it and is named after it: what many tests call is a helper of theirs.
    let mut callers: HashMap<&str, &Block> = HashMap::default();
    for test in &tests {
        let body = &text[lines.bytes(&test.lines)];
        let title = lines.name_of_test(test).map(|name| text[name].to_lowercase()).unwrap_or_default();
        for word in word_ranges(body) {
            let name = &body[word.clone()];
            if name == new.name {
                return None;
            }
            let is_called = body[word.end..].starts_with('(') && title.contains(&name.to_lowercase());
            if is_called && test.lines.len() <= LONGEST_TEST && !lines.is_cut(test) {
                let shortest = callers.entry(name).or_insert(test);
                if test.lines.len() < shortest.lines.len() {
                    *shortest = test;
                }
            }
        }
    }
    let is_in_test = |one: &Function| tests.iter().any(|test| test.lines.contains(&one.block.header));
    let functions = lines.functions();
    let near = |one: &&Function| one.block.header.abs_diff(new.block.header);
    let kin = functions.iter().filter(|one| one.name != new.name && one.is_kin_of(&new));
    let neighbour = kin.filter(|one| callers.contains_key(one.name.as_str()) && !is_in_test(one)).min_by_key(near)?;
    let pattern = callers.get(neighbour.name.as_str())?;

    let name = lines.name_of_test(pattern)?;
    let renamed = renamed_test(&text[name.clone()], &neighbour.name, &new.name)?;
    if functions.iter().any(|other| other.name == renamed) {
        return None;
    }
    let bytes = lines.bytes(&pattern.lines);
    let before = &text[bytes.start..name.start];
    let behind = for_another(&text[name.end..bytes.end], &neighbour.name, &new);
    let line_end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let gap = line_end.repeat(lines.blanks_around(pattern) + 1);
    Some(NextEdit {
        range: bytes.end..bytes.end,
        text: format!("{gap}{before}{renamed}{behind}"),
        reason: Reason::Untested { function: new.name.clone(), like: neighbour.name.clone() },
    })
}

/// Lines that belong together: attributes, a header, and what is indented below it up to its end.
struct Block {
    lines: Range<usize>,
    /// The line with the name.
    header: usize,
}

/// A function that a text defines.
struct Function {
    name: String,
    parameters: Vec<String>,
    /// Whether it is called on something: its first parameter is that.
    is_method: bool,
    /// In characters.
    indentation: usize,
    block: Block,
}

impl Function {
    /// Whether one is tested as the other is.
    fn is_kin_of(&self, other: &Self) -> bool {
        self.is_method == other.is_method && self.indentation == other.indentation
    }
}

/// A text by lines.
struct Lines<'a> {
    document: &'a Document,
}

impl<'a> Lines<'a> {
    fn count(&self) -> usize {
        self.document.line_at(self.document.text().len()) + 1
    }

    fn line(&self, line: usize) -> &'a str {
        &self.document.text()[self.document.line(line)]
    }

    fn bytes(&self, lines: &Range<usize>) -> Range<usize> {
        self.document.line(lines.start).start..self.document.line(lines.end.saturating_sub(1)).end
    }

    fn functions(&self) -> Vec<Function> {
        (0..self.count()).filter_map(|line| self.function(line)).collect()
    }

    /// The function whose name is in a line.
    fn function(&self, line: usize) -> Option<Function> {
        let call = self.signature(line)?;
        let text = self.document.text();
        let parameters: Vec<&str> = call.arguments.iter().map(|argument| &text[argument.clone()]).collect();
        let is_method = parameters.first().is_some_and(|first| {
            matches!(first.trim_start_matches(['&', '*']).trim_start_matches("mut ").trim(), "self" | "cls" | "this")
        });
        let named = parameters.iter().skip(usize::from(is_method));
        let parameters = named.filter_map(|parameter| parameter_name(parameter)).map(str::to_owned).collect();
        let block = self.block(line)?;
        Some(Function {
            name: text[call.name.clone()].to_owned(),
            parameters,
            is_method,
            indentation: indentation(self.line(line)),
            block,
        })
    }

    /// The tests of the text.
    fn tests(&self) -> Vec<Block> {
        let mut found: Vec<Block> = Vec::new();
        for line in 0..self.count() {
            let is_within = found.last().is_some_and(|last| last.lines.contains(&line));
            if !is_within && self.is_test(line) {
                found.extend(self.block(line));
            }
        }
        found
    }

    /// Whether a test begins in a line: by an attribute above it, by its name, or by the function that it is handed to.
    fn is_test(&self, line: usize) -> bool {
        let text = self.line(line);
        if let Some(name) = defined(text) {
            let name = &text[name];
            let by_name = name.starts_with("test_") || name.strip_prefix("Test").is_some_and(|rest| !rest.is_empty());
            return by_name || self.attributes(line).any(|attribute| is_test_attribute(self.line(attribute)));
        }
        let text = text.trim_start();
        ["test(", "it("].iter().any(|begin| text.starts_with(begin))
    }

    /// The lines above one that belong to it, from below.
    fn attributes(&self, line: usize) -> impl Iterator<Item = usize> + use<'_, 'a> {
        let is_attribute = |line: &usize| {
            let text = self.line(*line).trim_start();
            text.starts_with("#[") || text.starts_with('@') || is_comment(text)
        };
        (0..line).rev().take_while(is_attribute)
    }

    /// What begins with a header, up to the bracket that closes it, or to the last line that is indented further.
    fn block(&self, header: usize) -> Option<Block> {
        let start = self.attributes(header).last().unwrap_or(header);
        let depth = indentation(self.line(header));
        // Of a long list of parameters the last line is indented like the first.
        let signature = self.signature(header).map_or(header, |call| self.document.line_at(call.end));
        let is_inside = |line: &usize| {
            let text = self.line(*line);
            text.trim().is_empty() || indentation(text) > depth
        };
        let is_blank = |line: &usize| self.line(*line).trim().is_empty();
        let last = (signature + 1..self.count()).take_while(is_inside).filter(|line| !is_blank(line)).last();
        let behind = (last.unwrap_or(signature) + 1..self.count()).find(|line| !is_blank(line));
        let closing = behind.filter(|&line| {
            let text = self.line(line);
            indentation(text) == depth && text.trim_start().starts_with(['}', ')'])
        });
        let on_one_line = self.line(signature).trim_end();
        let may_end = on_one_line.ends_with(['}', ';', ')']) || on_one_line.contains("=> ");
        let end = match (closing, last) {
            _ if may_end && is_balanced(on_one_line, signature == header) => signature,
            (Some(closing), _) => closing,
            (None, Some(last)) => last,
            (None, None) => return None,
        };
        Some(Block { lines: start..end + 1, header })
    }

    /// The parameters of the function that a line begins to define.
    fn signature(&self, line: usize) -> Option<Call> {
        let start = self.document.line(line).start;
        let name = defined(self.line(line))?;
        let name = start + name.start..start + name.end;
        let text = self.document.text();
        Call::between(text, name.clone(), open_bracket(text, name.end)?, true)
    }

    /// Whether something stands between the brackets of a function, or below its header. Editors close brackets at once.
    fn has_body(&self, function: &Block) -> bool {
        let Some(Call { end, .. }) = self.signature(function.header) else { return false };
        let signature = self.document.line_at(end);
        let rest = &self.document.text()[end..self.document.line(signature).end];
        let begins = rest.find('{').or_else(|| rest.find("=>"));
        let is_code = |text: &str| text.contains(is_word);
        begins.is_some_and(|at| is_code(&rest[at..]))
            || (signature + 1..function.lines.end).any(|line| is_code(self.line(line)))
    }

    /// Whether something of several lines stands above a test that may belong to it, as a decorator.
    fn is_cut(&self, test: &Block) -> bool {
        let above = test.lines.start.checked_sub(1).map(|line| self.line(line).trim_start());
        above.is_some_and(|text| text.starts_with([')', ']']))
    }

    /// Where the name of a test stands: that of a function, or a title in quotes.
    fn name_of_test(&self, test: &Block) -> Option<Range<usize>> {
        let (start, text) = (self.document.line(test.header).start, self.line(test.header));
        if let Some(name) = defined(text) {
            return Some(start + name.start..start + name.end);
        }
        let open = text.find(['\'', '"', '`'])?;
        let quote = text[open..].chars().next()?;
        let close = open + 1 + text[open + 1..].find(quote)?;
        Some(start + open + 1..start + close)
    }

    /// How many blank lines stand between a test and the next one.
    fn blanks_around(&self, test: &Block) -> usize {
        let is_blank = |line: &usize| self.line(*line).trim().is_empty();
        let depth = indentation(self.line(test.header));
        let behind = (test.lines.end..self.count()).take_while(is_blank).count();
        let next = test.lines.end + behind;
        if next < self.count()
            && indentation(self.line(next)) == depth
            && !self.line(next).trim_start().starts_with('}')
        {
            return behind;
        }
        let before = (0..test.lines.start).rev().take_while(is_blank).count();
        if before == 0 { 1 } else { before }
    }
}

/// The name of the function that a line begins to define.
fn defined(line: &str) -> Option<Range<usize>> {
    if is_comment(line.trim_start()) {
        return None;
    }
    let mut words = word_ranges(line).peekable();
    while let Some(word) = words.next() {
        let text = &line[word.clone()];
        let is_function = |next: &Range<usize>| DEFINING.contains(&&line[next.clone()]);
        if matches!(text, "const" | "let") && !words.peek().is_some_and(is_function) {
            let name = words.next()?;
            let value = line[name.end..].trim_start().strip_prefix('=')?.trim_start();
            let value = value.strip_prefix("async").unwrap_or(value).trim_start();
            return (value.starts_with('(') && line.contains("=>")).then_some(name);
        }
        if DEFINING.contains(&text) {
            // A method of Go names what it is called on first.
            let behind = line[word.end..].trim_start();
            let from = if behind.starts_with('(') { line.len() - behind.len() + behind.find(')')? } else { word.end };
            let name = word_ranges(line).find(|name| name.start >= from)?;
            return line[name.end..].starts_with(['(', '<', '[']).then_some(name);
        }
        // Only words that say how something is defined stand before.
        if !matches!(
            text,
            "pub"
                | "crate"
                | "super"
                | "const"
                | "async"
                | "unsafe"
                | "export"
                | "default"
                | "static"
                | "private"
                | "public"
                | "protected"
                | "internal"
                | "override"
                | "open"
                | "suspend"
        ) {
            return None;
        }
    }
    None
}

/// Whether a line that begins like this is a comment.
fn is_comment(text: &str) -> bool {
    ["//", "/*", "*", "--", "# "].iter().any(|begin| text.starts_with(begin)) || text.trim_end() == "#"
}

/// Whether a line closes as many brackets as it opens. That with the end of the parameters of a function closes theirs as well.
fn is_balanced(line: &str, is_whole: bool) -> bool {
    let count = |of: [char; 3]| line.chars().filter(|character| of.contains(character)).count();
    count(['(', '[', '{']) + usize::from(!is_whole) == count([')', ']', '}'])
}

/// Where the arguments begin of what a name ends before; types may stand between: `map<F: Fn(u8)>(` and `Map[K, V](`.
fn open_bracket(text: &str, from: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let mut before = ' ';
    for (at, character) in text[from..].char_indices().take(500) {
        match character {
            '(' if depth == 0 => return Some(from + at),
            '<' | '[' | '(' => depth += 1,
            // An arrow closes nothing.
            '>' if matches!(before, '-' | '=') => {}
            '>' | ']' | ')' => depth = depth.checked_sub(1)?,
            _ => {}
        }
        before = character;
    }
    None
}

/// Where words stand in a text.
fn word_ranges(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let start = from + text[from..].find(is_word)?;
        let end = text[start..].find(|character: char| !is_word(character)).map_or(text.len(), |length| start + length);
        from = end;
        Some(start..end)
    })
}

/// Where a word stands in a text.
fn words<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
    word_ranges(text).filter(move |range| text[range.clone()] == *word)
}

fn indentation(line: &str) -> usize {
    line.chars().take_while(|character| character.is_whitespace()).count()
}

/// `#[test]`, `#[tokio::test(…)]`, `@Test`; not `#[cfg(test)]`.
fn is_test_attribute(line: &str) -> bool {
    let text = line.trim_start();
    let Some(named) = text.strip_prefix("#[").or_else(|| text.strip_prefix('@')) else { return false };
    let path = named.split(['(', ']', ' ']).next().unwrap_or_default();
    let name = path.rsplit([':', '.']).next().unwrap_or_default();
    matches!(name, "test" | "Test" | "ParameterizedTest" | "rstest" | "test_case") || name.ends_with("_test")
}

/// The name of a test, for another function than the one that it names.
fn renamed_test(name: &str, old: &str, new: &str) -> Option<String> {
    for (old, new) in [(old.to_owned(), new.to_owned()), (capitalised(old), capitalised(new))] {
        for (at, _) in name.match_indices(old.as_str()) {
            let (before, behind) = (&name[..at], &name[at + old.len()..]);
            let begins = before.is_empty() || !before.ends_with(char::is_alphanumeric) || before.ends_with("Test");
            // In `TestAreaOfNothing` a word ends where the next one begins with a capital letter.
            let ends = behind.is_empty() || !behind.starts_with(|it: char| it.is_lowercase() || it.is_numeric());
            if begins && ends {
                return Some(format!("{before}{new}{behind}"));
            }
        }
    }
    None
}

fn capitalised(word: &str) -> String {
    let mut characters = word.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}

/// The body of a test, for another function: as it is called there, with its own parameters where it has another number.
fn for_another(body: &str, old: &str, new: &Function) -> String {
    let mut text = body.to_owned();
    let mut places: Vec<Range<usize>> = words(body, old).collect();
    // From behind, so that what is before stays where it is; and a call within another one is done first.
    places.reverse();
    for place in places {
        let arguments = Call::between(&text, place.clone(), place.end, false).map(|call| call.arguments);
        if let Some(arguments) = arguments.filter(|arguments| arguments.len() != new.parameters.len())
            && text[place.end..].starts_with('(')
        {
            let inside = match (arguments.first(), arguments.last()) {
                (Some(first), Some(last)) => first.start..last.end,
                _ => place.end + 1..place.end + 1,
            };
            text.replace_range(inside, &new.parameters.join(", "));
        }
        text.replace_range(place, &new.name);
    }
    text
}

#[cfg(test)]
mod tests;
