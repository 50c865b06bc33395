//! Texts that must have a form: JSON by a schema, what a regular expression matches, or what a grammar describes.
//!
//! What may follow is worked out by [llguidance](https://docs.rs/llguidance): an Earley parser over a lexer of regular
//! expressions' derivatives, walked along the tree of all tokens. Schemas and grammars come from clients, so that how much
//! work and memory they cost is bounded.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use ambit_domain::Constraint;
use llguidance::api::{ParserLimits, TopLevelGrammar};
use llguidance::toktrie::{ApproximateTokEnv, INVALID_TOKEN, SimpleVob, TokEnv, TokRxInfo, TokTrie};
use llguidance::{Matcher, ParserFactory};
use serde_json::{Value, json};

use crate::bounded::{self, Unfinished};
use crate::vocabulary::Vocabulary;
use crate::{Error, Result};

/// Bytes of a schema, an expression or a grammar. Schemas that programs ask for have some thousands.
const LONGEST: usize = 128 << 10;
/// How deep the brackets of a grammar or an expression may be nested, for parsers that go into them.
const DEEPEST: usize = 128;
/// How long it may take to make sense of one. It takes milliseconds, and a tenth of a second at these limits.
const DEADLINE: Duration = Duration::from_secs(10);
/// The compiler goes into a schema as deep as it is nested, and along its references: some 4 kB for ten bytes of a schema that
/// does nothing else. Only the pages that are used cost memory.
const STACK: usize = 256 << 20;
/// States of a lexer, of some kilobytes each; a schema of a hundred fields has some hundreds.
const STATES: usize = 20_000;
/// White space between the parts of a JSON text: as models write it, but never without an end.
const WHITE_SPACE: &str = r"\x20|\r?\n[\x20\t]{0,20}";
/// Characters of what is told of a failure.
const TOLD: usize = 400;

/// What is needed to constrain the texts of a vocabulary: the tree of its tokens.
pub(crate) struct Constraints {
    factory: Arc<ParserFactory>,
    bytes: usize,
}

impl Constraints {
    /// Builds the tree: a fifth of a second for a vocabulary of 150 thousand tokens.
    pub(crate) fn new(vocabulary: &Vocabulary) -> Result<Self> {
        // The tree's builder asserts what it takes for granted of vocabularies.
        let built = catch_unwind(AssertUnwindSafe(|| Self::build(vocabulary)));
        built.unwrap_or_else(|_| Err(Error::Unable("the model's vocabulary allows no constrained text".to_owned())))
    }

    fn build(vocabulary: &Vocabulary) -> Result<Self> {
        let words: Vec<Vec<u8>> = (0_u32..).take(vocabulary.size()).map(|id| word(vocabulary, id)).collect();
        let ends = vocabulary.ends();
        let size = u32::try_from(words.len()).unwrap_or(u32::MAX);
        let mut tree = TokTrie::from(&TokRxInfo::new(size, ends.first().copied().unwrap_or(INVALID_TOKEN)), &words);
        if !ends.is_empty() {
            tree = tree.with_eos_tokens(ends);
        }
        // The tree, and copies of parts of it that make strings in JSON quick: 8 bytes for a node, of which a token has
        // about three, and its own bytes.
        let bytes = 4 * words.iter().map(|word| 8 * 3 + word.len() + 12).sum::<usize>();
        let environment: TokEnv = Arc::new(ApproximateTokEnv::new(tree));
        let factory = ParserFactory::new_simple(&environment);
        let mut factory = factory.map_err(|error| Error::Unable(told(&error)))?;
        factory.quiet();
        *factory.limits_mut() = ParserLimits {
            max_lexer_states: STATES,
            initial_lexer_fuel: 500_000,
            max_grammar_size: 200_000,
            precompute_large_lexemes: false,
            verbose_errors: false,
            ..ParserLimits::default()
        };
        Ok(Self { factory: Arc::new(factory), bytes })
    }

    /// About the memory that it takes.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Makes sense of a constraint.
    ///
    /// # Errors
    /// [`Error::Constraint`] with the cause, when it makes none or goes beyond the limits.
    pub(crate) fn compile(&self, constraint: &Constraint) -> Result<Form> {
        let grammar = grammar(constraint)?;
        let factory = Arc::clone(&self.factory);
        let work = move || {
            let parser = factory.create_parser_from_init(llguidance::api::GrammarInit::Serialized(grammar), 0, 0);
            parser.map_err(|error| Error::Constraint(told(&error)))
        };
        let parser = bounded::within(DEADLINE, "constraint", STACK, work).unwrap_or_else(|unfinished| {
            Err(Error::Constraint(match unfinished {
                Unfinished::NoThread(error) => format!("there is no thread for it: {error}"),
                Unfinished::TooLate => "it takes too long to make sense of it".to_owned(),
                Unfinished::Panicked => "it does what its compiler cannot".to_owned(),
            }))
        })?;
        Ok(Form { matcher: Matcher::new(Ok(parser)) })
    }
}

/// The form of one text, and how far the text has come.
pub(crate) struct Form {
    matcher: Matcher,
}

impl Form {
    /// The tokens that may follow. None when the text is complete.
    ///
    /// # Errors
    /// When it goes beyond the limits here, or when the vocabulary has no token that goes on with it.
    pub(crate) fn allowed(&mut self) -> Result<Option<SimpleVob>> {
        if self.is_complete() {
            return Ok(None);
        }
        let may_end = self.matcher.is_accepting().unwrap_or(false);
        match self.matcher.compute_mask() {
            Ok(allowed) => Ok(Some(allowed)),
            // A vocabulary without a token for the end.
            Err(_) if may_end => Ok(None),
            Err(error) => Err(Error::Constraint(told(&error))),
        }
    }

    /// Takes in a token of those that may follow.
    ///
    /// # Errors
    /// As [`Self::allowed`].
    pub(crate) fn take(&mut self, token: u32) -> Result<()> {
        self.matcher.consume_token(token).map_err(|error| Error::Constraint(told(&error)))
    }

    /// Whether nothing can follow.
    pub(crate) fn is_complete(&self) -> bool {
        self.matcher.is_stopped()
    }

    /// How many of these tokens may follow, one after the other.
    pub(crate) fn agreed(&mut self, tokens: &[u32]) -> usize {
        self.matcher.validate_tokens(tokens).unwrap_or(0)
    }
}

/// The bytes of a token in the tree. What is no text has a mark before it that no text has.
fn word(vocabulary: &Vocabulary, id: u32) -> Vec<u8> {
    match (vocabulary.readable(id), vocabulary.token_bytes(id)) {
        (Some(bytes), _) if !vocabulary.is_end(id) => bytes.to_vec(),
        (_, Some(name)) => [&[TokTrie::SPECIAL_TOKEN_MARKER], name].concat(),
        (_, None) => Vec::new(),
    }
}

fn grammar(constraint: &Constraint) -> Result<TopLevelGrammar> {
    let refused = |what: String| Err(Error::Constraint(what));
    let (Constraint::JsonSchema(text) | Constraint::Regex(text) | Constraint::Grammar(text)) = constraint else {
        return Ok(TopLevelGrammar::from_json_schema(prepared(json!({ "type": "object" }))));
    };
    if text.len() > LONGEST {
        return refused(format!("it has {} bytes, and {LONGEST} are allowed", text.len()));
    }
    // JSON's reader has a limit of its own.
    if !matches!(constraint, Constraint::JsonSchema(_)) && depth(text) > DEEPEST {
        return refused(format!("its brackets are nested deeper than {DEEPEST}"));
    }
    Ok(match constraint {
        Constraint::Regex(expression) => TopLevelGrammar::from_regex(expression),
        Constraint::Grammar(grammar) => TopLevelGrammar::from_lark(grammar.clone()),
        Constraint::JsonSchema(_) | Constraint::JsonObject => {
            let schema: Value = match serde_json::from_str(text) {
                Ok(schema) => schema,
                Err(error) => return refused(format!("it is not JSON: {error}")),
            };
            match schema {
                Value::Object(_) => TopLevelGrammar::from_json_schema(prepared(schema)),
                Value::Bool(true) => TopLevelGrammar::from_json_schema(prepared(json!({}))),
                _ => return refused("a schema is a JSON object".to_owned()),
            }
        }
    })
}

/// A schema with how its texts are written.
pub(crate) fn prepared(mut schema: Value) -> Value {
    if let Value::Object(members) = &mut schema {
        members.insert("x-guidance".to_owned(), json!({ "whitespace_pattern": WHITE_SPACE }));
    }
    schema
}

/// How deep the brackets of a text are nested at most, whatever they mean.
fn depth(text: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for byte in text.bytes() {
        match byte {
            b'(' | b'[' | b'{' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// A failure in few words.
fn told(error: &impl std::fmt::Display) -> String {
    let text = format!("{error:#}");
    let text = text.split("\n<").next().unwrap_or_default().trim();
    let short: String = text.chars().take(TOLD).collect();
    short.replace('\n', " ")
}

#[cfg(test)]
pub(crate) mod tests;
