//! Turns passages into columns of the keyword index.

use std::collections::HashMap;

use frostem::{Algorithm, Stemmer};

use super::runs::{self, Run};
use super::{LEVELS, fold, level};

/// What a heading above a passage counts for, in words of the passage.
const HEADING_WEIGHT: f32 = 2.5;

/// What the document's title counts for.
const TITLE_WEIGHT: f32 = 1.0;

/// What the file's name and its folder's name count for.
const NAME_WEIGHT: f32 = 0.75;

/// A passage as the interner needs it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PassageText<'a> {
    pub(crate) text: &'a str,
    pub(crate) breadcrumb: &'a [String],
}

/// The terms of one passage, separated by spaces, by impact level.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Columns {
    text: String,
    ends: [usize; LEVELS],
}

impl Columns {
    /// The terms of a level, from 0.
    pub(crate) fn level(&self, level: usize) -> &str {
        let start = if level == 0 { 0 } else { self.ends[level - 1] };
        &self.text[start..self.ends[level]]
    }
}

/// Remembers what each distinct run of the texts becomes, since most runs come again and again. Borrows the texts; made
/// for one batch and then dropped.
pub(crate) struct Interner<'a> {
    stemmer: Stemmer,
    /// Run to a range of `produced`.
    words: HashMap<&'a str, (usize, usize)>,
    /// Numbers of terms, one run's after the other's.
    produced: Vec<u32>,
    numbers: HashMap<Box<str>, u32>,
    terms: Vec<Box<str>>,
    /// Weighted frequency in the present passage, by number.
    frequencies: Vec<f32>,
    /// Terms of the present passage.
    touched: Vec<u32>,
    /// Terms of the present document's title and file name.
    shared: Vec<(u32, f32)>,
}

impl<'a> Interner<'a> {
    pub(crate) fn new() -> Self {
        Self {
            stemmer: Stemmer::new(Algorithm::English),
            words: HashMap::new(),
            produced: Vec::new(),
            numbers: HashMap::new(),
            terms: Vec::new(),
            frequencies: Vec::new(),
            touched: Vec::new(),
            shared: Vec::new(),
        }
    }

    /// All distinct terms so far.
    pub(crate) fn into_terms(self) -> Vec<Box<str>> {
        self.terms
    }

    /// Begins a document: the words of its title and of its file's name belong to every passage. `path` is the stored
    /// text of the path; its last folder counts as well, since `tokio/README.md` is found as "tokio readme".
    pub(crate) fn begin_document(&mut self, path: &'a str, title: Option<&'a str>) {
        self.count(title.unwrap_or_default(), TITLE_WEIGHT);
        self.count(name_words(path), NAME_WEIGHT);
        self.shared =
            self.touched.drain(..).map(|term| (term, std::mem::take(&mut self.frequencies[term as usize]))).collect();
    }

    /// The columns of the next passage of the document.
    pub(crate) fn passage(&mut self, passage: PassageText<'a>) -> Columns {
        let length = self.count(passage.text, 1.0);
        for heading in passage.breadcrumb {
            self.count(heading, HEADING_WEIGHT);
        }
        for (term, weight) in std::mem::take(&mut self.shared) {
            self.add(term, weight);
            self.shared.push((term, weight));
        }
        self.columns(length)
    }

    fn columns(&mut self, length: usize) -> Columns {
        let mut by_level: [Vec<u32>; LEVELS] = Default::default();
        let mut bytes = 0;
        for term in self.touched.drain(..) {
            let frequency = std::mem::take(&mut self.frequencies[term as usize]);
            by_level[level(frequency, length as f32)].push(term);
            bytes += self.terms[term as usize].len() + 1;
        }
        let mut columns = Columns { text: String::with_capacity(bytes), ends: [0; LEVELS] };
        for (level, terms) in by_level.iter().enumerate() {
            for term in terms {
                columns.text.push_str(&self.terms[*term as usize]);
                columns.text.push(' ');
            }
            columns.ends[level] = columns.text.len();
        }
        columns
    }

    /// Counts the terms of a text. Returns how many runs it had.
    fn count(&mut self, text: &'a str, weight: f32) -> usize {
        let mut length = 0;
        runs::for_each(text, |run| {
            let (start, end) = self.terms_of(run);
            // A run of an unspaced script is as long as its pairs; a word is one, however many parts it has.
            length += if matches!(run, Run::Unspaced(_)) { end - start } else { 1 };
            for place in start..end {
                self.add(self.produced[place], weight);
            }
        });
        length
    }

    fn add(&mut self, term: u32, weight: f32) {
        let frequency = &mut self.frequencies[term as usize];
        if *frequency == 0.0 {
            self.touched.push(term);
        }
        *frequency += weight;
    }

    fn terms_of(&mut self, run: Run<'a>) -> (usize, usize) {
        let key = match run {
            Run::Word(word) | Run::Unspaced(word) => word,
        };
        if let Some(range) = self.words.get(key) {
            return *range;
        }
        let start = self.produced.len();
        produce(&self.stemmer, run, |term| {
            let number = match self.numbers.get(term.as_str()) {
                Some(number) => *number,
                None => {
                    let number = u32::try_from(self.terms.len()).unwrap_or(u32::MAX);
                    self.terms.push(term.as_str().into());
                    self.frequencies.push(0.0);
                    self.numbers.insert(term.into_boxed_str(), number);
                    number
                }
            };
            if !self.produced[start..].contains(&number) {
                self.produced.push(number);
            }
        });
        let range = (start, self.produced.len());
        self.words.insert(key, range);
        range
    }
}

/// The file's name and its folder's name.
fn name_words(path: &str) -> &str {
    let mut separators = path.rmatch_indices(std::path::MAIN_SEPARATOR);
    separators.next();
    separators.next().map_or(path, |(position, _)| &path[position..])
}

/// Whether a move changes the words that a document's passages have from its path.
pub(crate) fn names_differ(from: &str, to: &str) -> bool {
    name_words(from) != name_words(to)
}

/// Gives the terms of a run: the whole first, then its parts.
pub(super) fn produce(stemmer: &Stemmer, run: Run<'_>, mut each: impl FnMut(String)) {
    match run {
        Run::Word(word) => {
            let word = fold::fold(word);
            let parts = fold::parts(&word);
            match parts.as_slice() {
                [] => {}
                [one] => each(stemmed(stemmer, fold::lower(one))),
                several => {
                    each(stemmed(stemmer, fold::lower(&several.concat())));
                    for part in several {
                        each(stemmed(stemmer, fold::lower(part)));
                    }
                }
            }
        }
        Run::Unspaced(run) => {
            let characters = fold::unspaced(run);
            for pair in characters.windows(2) {
                each(pair.iter().collect());
            }
            if let Some(last) = characters.last() {
                each(last.to_string());
            }
        }
    }
}

fn stemmed(stemmer: &Stemmer, word: String) -> String {
    if word.len() < 3 || !word.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return word;
    }
    match stemmer.stem(&word) {
        std::borrow::Cow::Borrowed(_) => word,
        std::borrow::Cow::Owned(stem) => stem,
    }
}
