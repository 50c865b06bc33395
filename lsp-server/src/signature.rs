//! What a function takes, while somebody calls it: for code whose own language server does not know, or is not there. From the
//! files that the index has read, so it knows other projects too.

use std::ops::Range;

use tower_lsp::lsp_types::{
    Documentation, MarkupContent, MarkupKind, ParameterInformation, ParameterLabel, SignatureHelp, SignatureHelpParams,
    SignatureInformation,
};

use crate::convert::to_host;
use crate::server::Server;
use crate::{knowledge, text};

/// A call begins no further away, in bytes, and a signature is no longer.
const REACH: usize = 2_000;
/// More lines of documentation are not shown.
const DOCUMENTED: usize = 12;
/// Larger files are not read for a signature, in bytes.
const LARGEST: u64 = 4 << 20;

/// What comments of documentation begin with.
const MARKS: [&str; 6] = ["///", "//!", "//", "#", "*", "--"];

/// A call that is being written.
#[derive(Debug, PartialEq, Eq)]
struct Call {
    name: String,
    /// How many arguments stand before the place.
    argument: usize,
    /// Whether it is a method's, so that what it is called on is no argument.
    is_method: bool,
}

impl Server {
    /// The signatures of what is called at a place. Only where somebody has switched that on.
    pub(crate) async fn signatures(&self, params: SignatureHelpParams) -> Option<SignatureHelp> {
        let place = params.text_document_position_params;
        let uri = place.text_document.uri.as_str();
        if !self.line.mirror.preferences().signatures || !self.line.mirror.admits(uri) {
            return None;
        }
        let position = to_host(place.position);
        let call =
            self.line.mirror.look(uri, |text, encoding| call(text, text::offset(text, position, encoding)))??;
        let mut signatures = Vec::new();
        let mut active = None;
        for (path, line) in knowledge::of_function(&self.line.client()?, &call.name).await {
            let Ok(Some(found)) = tokio::task::spawn_blocking(move || read(&path)).await else { continue };
            let Some(signature) = signature(&found, line, &call) else { continue };
            active = active.or(signature.active_parameter);
            signatures.push(signature);
        }
        (!signatures.is_empty()).then_some(SignatureHelp {
            signatures,
            active_signature: Some(0),
            active_parameter: active,
        })
    }
}

fn read(path: &str) -> Option<String> {
    let is_small = std::fs::metadata(path).is_ok_and(|file| file.is_file() && file.len() <= LARGEST);
    is_small.then(|| std::fs::read_to_string(path).ok()).flatten()
}

/// The innermost call whose brackets a place is in.
fn call(text: &str, offset: usize) -> Option<Call> {
    let from = text.floor_char_boundary(offset.saturating_sub(REACH));
    let before = text.get(from..offset)?;
    let (mut depth, mut argument) = (0_usize, 0);
    for (at, character) in before.char_indices().rev() {
        match character {
            ')' | ']' | '}' => depth += 1,
            '(' if depth == 0 => {
                let name = text::word(before, at)?;
                let is_method = before[..at - name.len()].ends_with(['.', '>']);
                let is_name = !name.starts_with(char::is_numeric);
                return is_name.then(|| Call { name: name.to_owned(), argument, is_method });
            }
            '[' | '{' | ';' if depth == 0 => return None,
            '(' | '[' | '{' => depth -= 1,
            ',' if depth == 0 => argument += 1,
            _ => {}
        }
    }
    None
}

/// The signature of what is defined at a line, from 1, of a file.
fn signature(file: &str, line: u32, call: &Call) -> Option<SignatureInformation> {
    let number = usize::try_from(line).ok()?.checked_sub(1)?;
    let start = file.split_inclusive('\n').take(number).map(str::len).sum::<usize>();
    let rest = file.get(start..)?;
    let named = rest.get(..rest.floor_char_boundary(REACH.min(rest.len())))?;
    let name = named.match_indices(&call.name).map(|(at, _)| at + call.name.len());
    // Between a name and its parameters may stand those of its types.
    let open = name.filter_map(|end| Some(end + named[end..].find('(')?)).next()?;
    let (close, parameters) = parameters(named, open)?;
    let tail = &named[close..];
    let end = close + tail.find(['{', ';', '\n']).unwrap_or(tail.len());
    let whole = named[..end].trim_end_matches([':', ' ', '=', '>']).trim_end();
    let whole = if whole.len() < close { &named[..close] } else { whole };
    let takes_itself = parameters.first().is_some_and(|first| {
        let first = named[first.clone()].trim_start_matches(['&', '*']).trim_start_matches("mut ");
        first == "self" || first.starts_with("self:") || first.starts_with("self,")
    });
    let hidden = usize::from(takes_itself && call.is_method);
    let shown: String = whole.split_whitespace().collect::<Vec<_>>().join(" ");
    let labels = parameters.iter().skip(hidden).map(|range| ParameterInformation {
        label: ParameterLabel::Simple(named[range.clone()].split_whitespace().collect::<Vec<_>>().join(" ")),
        documentation: None,
    });
    let labels: Vec<ParameterInformation> = labels.collect();
    let last = labels.len().checked_sub(1);
    let active = last.and_then(|last| u32::try_from(call.argument.min(last)).ok());
    let documentation = documentation(file.get(..start)?)
        .map(|value| Documentation::MarkupContent(MarkupContent { kind: MarkupKind::Markdown, value }));
    Some(SignatureInformation { label: shown, documentation, parameters: Some(labels), active_parameter: active })
}

/// Where the brackets that are opened at a place end, and what stands between their commas.
fn parameters(text: &str, open: usize) -> Option<(usize, Vec<Range<usize>>)> {
    let (mut depth, mut start, mut found) = (0_usize, open + 1, Vec::new());
    for (at, character) in text[open + 1..].char_indices().map(|(at, character)| (open + 1 + at, character)) {
        match character {
            ')' if depth == 0 => {
                found.push(start..at);
                let trimmed = found.into_iter().map(|range| {
                    let piece = &text[range.clone()];
                    let from = range.start + piece.len() - piece.trim_start().len();
                    from..from + piece.trim().len()
                });
                return Some((at + 1, trimmed.filter(|range| !range.is_empty()).collect()));
            }
            '(' | '[' | '{' | '<' => depth += 1,
            // An arrow closes nothing.
            '>' if text[..at].ends_with(['-', '=']) => {}
            ')' | ']' | '}' | '>' => depth = depth.checked_sub(1)?,
            ',' if depth == 0 => {
                found.push(start..at);
                start = at + 1;
            }
            _ => {}
        }
    }
    None
}

/// What the comment says that ends where a text does.
fn documentation(before: &str) -> Option<String> {
    let mut lines: Vec<&str> = Vec::new();
    for line in before.lines().rev() {
        let line = line.trim();
        // Attributes and decorators stand between.
        if line.starts_with("#[") || line.starts_with('@') {
            continue;
        }
        let Some(said) = MARKS.iter().find_map(|mark| line.strip_prefix(mark)) else { break };
        lines.push(said.trim());
        if lines.len() == DOCUMENTED {
            break;
        }
    }
    lines.reverse();
    let text = lines.join("\n").trim().to_owned();
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
#[expect(clippy::panic, clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    fn called(text: &str) -> Option<Call> {
        let offset = text.find('|').unwrap();
        call(&text.replacen('|', "", 1), offset)
    }

    fn of(name: &str, argument: usize, is_method: bool) -> Option<Call> {
        Some(Call { name: name.to_owned(), argument, is_method })
    }

    #[test]
    fn the_innermost_call_is_found_with_the_argument_that_is_written() {
        assert_eq!(called("area(|"), of("area", 0, false));
        assert_eq!(called("x.grow(a(b, c), [1, 2],\n  |)"), of("grow", 2, true));
        assert_eq!(called("outer(inner(1, |"), of("inner", 1, false));
        assert_eq!(called("done(1) + |"), None);
        assert_eq!(called("a([1, |"), None);
        assert_eq!(called("f(); g|"), None);
        assert_eq!(called("é(|"), of("é", 0, false));
    }

    #[test]
    fn a_signature_is_read_where_it_is_defined_with_what_is_said_above() {
        let file = "use a;\n\n/// Grows it.\n///\n/// By how much.\n#[must_use]\npub fn grow<T>(\n    &mut self,\n    by: Vec<(u8, T)>,\n    \
            times: u8,\n) -> u8 {\n    1\n}\n";
        let call = of("grow", 1, true).unwrap();
        let told = signature(file, 7, &call).unwrap();
        assert_eq!(told.label, "pub fn grow<T>( &mut self, by: Vec<(u8, T)>, times: u8, ) -> u8");
        let labels: Vec<_> = told.parameters.unwrap().into_iter().map(|parameter| parameter.label).collect();
        let expected = ["by: Vec<(u8, T)>", "times: u8"].map(|label| ParameterLabel::Simple(label.to_owned()));
        assert_eq!((labels, told.active_parameter), (expected.to_vec(), Some(1)));
        let Some(Documentation::MarkupContent(said)) = told.documentation else { panic!("it is documented") };
        assert_eq!(said.value, "Grows it.\n\nBy how much.");
    }

    #[test]
    fn other_languages_are_read_as_well_and_nonsense_is_left_alone() {
        let python = "def area(width, height=2):\n    return width * height\n";
        let told = signature(python, 1, &of("area", 5, false).unwrap()).unwrap();
        assert_eq!((told.label.as_str(), told.active_parameter), ("def area(width, height=2)", Some(1)));
        assert!(told.documentation.is_none());
        let none = signature("fn f() {}\n", 1, &of("f", 0, false).unwrap()).unwrap();
        assert_eq!((none.label.as_str(), none.active_parameter), ("fn f()", None));
        assert!(signature("fn f(\n", 1, &of("f", 0, false).unwrap()).is_none());
        assert!(signature("x\n", 9, &of("f", 0, false).unwrap()).is_none());
    }
}
