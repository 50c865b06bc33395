//! What a model is asked that goes on at a place.

use std::path::{Path, PathBuf};
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use ambit_completion::{Document, GapLimits, Piece, Shape, comment_mark, gap, pack, shape};
use ambit_domain::port::{
    GenerationOrigin, GenerationPriority, GenerationRequest, LanguageModel, Prompt, Quotation, Reach,
};
use ambit_domain::{SamplingOptions, Span, Tools};

use super::completing::CompletionSettings;
use super::context::{Beside, compared, diagnostics, of_open};
use super::{EditorLine, NEIGHBOURS, Open};

/// About as many bytes are a token of code.
const BYTES_OF_TOKEN: usize = 3;
/// Shares of what a model is shown: before the place, and behind it; the rest is context.
const BEFORE: f64 = 0.5;
const AFTER: f64 = 0.17;
/// As many tokens are written at most.
const LONGEST_LINE: u32 = 64;
const LONGEST_BLOCK: u32 = 256;
/// Context is the same for so long, and within so many lines: a model need not read again what it has read, and nobody has to
/// look for it at each key.
const SAME_CONTEXT: Duration = Duration::from_secs(8);
const SAME_PART: usize = 20;

/// What is wanted of a model.
pub(super) struct Order {
    pub(super) request: GenerationRequest,
    /// The same for a model that knows no gaps.
    pub(super) plain: Prompt,
}

/// Where somebody is.
pub(super) struct At<'a> {
    pub(super) uri: &'a str,
    pub(super) open: &'a Open,
    pub(super) document: &'a Document,
    pub(super) offset: usize,
}

/// Context as it was packed for a part of a document.
#[derive(Debug)]
pub(super) struct Packed {
    packed: Instant,
    line: usize,
    model: String,
    settings: CompletionSettings,
    text: String,
    /// The files that it is from.
    paths: Vec<PathBuf>,
}

impl EditorLine {
    /// What the model is asked.
    pub(super) fn gap_order(
        &self,
        at: &At<'_>,
        settings: &CompletionSettings,
        model: &dyn LanguageModel,
        draft: Option<String>,
    ) -> Order {
        let At { open, document, offset, .. } = *at;
        let shape = shape(document, offset);
        let bytes = settings.tokens.min(model.context_tokens() / 2) * BYTES_OF_TOKEN;
        let share = |part: f64| (bytes as f64 * part) as usize;
        let shown = gap(document, offset, GapLimits { before: share(BEFORE), after: share(AFTER) });
        let room = bytes.saturating_sub(share(BEFORE) + share(AFTER));
        let (context, quoted) = self.context(at, settings, model, room);

        let mark = comment_mark(&open.language);
        let name = open.path.as_deref().map(|path| self.shown_path(path));
        let head = name.map(|name| format!("{mark} {name}\n")).unwrap_or_default();
        let text = |range: std::ops::Range<usize>| document.text()[range].replace("\r\n", "\n");
        let before = format!("{context}{head}{}", text(shown.before.clone()));
        let after = text(shown.after.clone());

        let number = |offset| u32::try_from(document.line_at(offset) + 1).unwrap_or(u32::MAX);
        let own = Span::Lines { start: number(shown.before.start), end: number(shown.after.end) };
        let own = open.path.iter().map(|path| (path.clone(), own));
        let quoted = quoted.into_iter().map(|path| (path, Span::Lines { start: 1, end: 1 }));
        let quotations = own.chain(quoted).map(|(path, span)| Quotation { path, span, bytes: 0..0 });
        let (max_tokens, stop) = match shape {
            Shape::Line => (LONGEST_LINE, "\n"),
            Shape::Block => (LONGEST_BLOCK, "\n\n\n"),
        };
        let request = GenerationRequest {
            prompt: Prompt::Gap { before: before.clone(), after },
            sampling: SamplingOptions { max_tokens, stop: vec![stop.to_owned()], ..SamplingOptions::default() },
            priority: GenerationPriority::Completion,
            origin: GenerationOrigin {
                surface: self.caller.surface.clone(),
                quotations: quotations.collect(),
                ..GenerationOrigin::default()
            },
            tools: Tools::default(),
            draft,
        };
        Order { request, plain: Prompt::Text(before) }
    }

    /// What the model is shown beside the document, and the files that it is from.
    fn context(
        &self,
        at: &At<'_>,
        settings: &CompletionSettings,
        model: &dyn LanguageModel,
        room: usize,
    ) -> (String, Vec<PathBuf>) {
        let line = at.document.line_at(at.offset);
        let mut known = at.open.packed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(packed) = &*known
            && packed.packed.elapsed() < SAME_CONTEXT
            && packed.line.abs_diff(line) <= SAME_PART
            && packed.model == model.model()
            && packed.settings == *settings
        {
            return (packed.text.clone(), packed.paths.clone());
        }
        let (files, pieces) = self.pieces(at, settings, &model.reach());
        let (text, used) = pack(&pieces, comment_mark(&at.open.language), room);
        let paths: Vec<PathBuf> = used.iter().filter_map(|number| files.get(*number).cloned().flatten()).collect();
        *known = Some(Packed {
            packed: Instant::now(),
            line,
            model: model.model().to_owned(),
            settings: settings.clone(),
            text: text.clone(),
            paths: paths.clone(),
        });
        (text, paths)
    }

    /// What the model may be shown, each with its file where it is from one.
    fn pieces(&self, at: &At<'_>, settings: &CompletionSettings, reach: &Reach) -> (Vec<Option<PathBuf>>, Vec<Piece>) {
        let At { uri, open, document, offset } = *at;
        let mut pieces = diagnostics(&open.diagnostics, document.line_at(offset), &settings.shown);
        let like = compared(document, offset);
        let edited = |uri: &str| -> Vec<usize> {
            self.last_edits.newest_first().filter(|(other, _)| *other == uri).map(|(_, line)| line).collect()
        };
        // Those that were edited last first; the order of the others is none.
        let mut beside: Vec<Beside<'_>> = self
            .open
            .iter()
            .filter(|(other, opened)| *other != uri && opened.family == open.family && opened.family.is_some())
            .map(|(uri, open)| Beside { uri, open, edited: edited(uri) })
            .collect();
        let place =
            |uri: &str| self.last_edits.newest_first().position(|(other, _)| other == uri).unwrap_or(usize::MAX);
        beside.sort_by_key(|beside| (place(beside.uri), beside.uri));
        beside.truncate(NEIGHBOURS);
        pieces.extend(of_open(&beside, &like, &settings.shown, reach));
        pieces.extend(self.runtime.inner.recent.pieces(&like, &settings.shown, reach));
        pieces.extend(self.runtime.looked_up(open, document, offset, &settings.shown, reach));
        pieces.into_iter().unzip()
    }

    /// A file's path as a model is told it: below the folder that is open, since the rest is nobody's business.
    fn shown_path(&self, path: &Path) -> String {
        let below = self.folder_of(path).and_then(|folder| path.strip_prefix(folder).ok().map(Path::to_owned));
        let shown = below.or_else(|| path.file_name().map(PathBuf::from)).unwrap_or_default();
        shown.to_string_lossy().into_owned()
    }
}
