//! What bytes each token stands for.

/// SentencePiece's sign for a space.
pub(super) const BLANK: char = '▁';

/// How the tokens of a vocabulary are written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Script {
    /// A character for each byte, as GPT-2 has it.
    Bytes,
    /// Text with [`BLANK`] for spaces, and `<0x0A>` for single bytes where `bytes` is set.
    Pieces { blanks: bool, bytes: bool },
}

/// What a token is to who reads the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Written in the vocabulary's script.
    Text,
    /// Text that stands for itself.
    Literal,
    /// Not part of the text.
    Special,
}

/// The bytes of all tokens of a vocabulary.
pub(super) struct Spellings {
    script: Script,
    /// How many spaces at the beginning of a text belong to the tokeniser, not to the text.
    strip: usize,
    /// The bytes of all tokens, one after the other: one allocation instead of a hundred thousand.
    bytes: Vec<u8>,
    /// Where the bytes of each token end.
    tokens: Vec<Entry>,
}

struct Entry {
    end: usize,
    role: Role,
    /// Whether there is a token with this id.
    there: bool,
}

impl Spellings {
    pub(super) fn new(script: Script, strip: usize) -> Self {
        Self { script, strip, bytes: Vec::new(), tokens: Vec::new() }
    }

    /// Appends the next id: a token, or none.
    pub(super) fn push(&mut self, token: Option<(&str, Role)>) {
        let role = token.map_or(Role::Special, |(_, role)| role);
        if let Some((text, role)) = token {
            match (self.script, role) {
                (Script::Bytes, Role::Text) => match text.chars().map(byte_of).collect::<Option<Vec<u8>>>() {
                    Some(bytes) => self.bytes.extend(bytes),
                    // Not in the script: an added token, which stands for itself.
                    None => self.bytes.extend(text.bytes()),
                },
                (Script::Pieces { blanks, bytes }, Role::Text) => match byte_token(text).filter(|_| bytes) {
                    Some(byte) => self.bytes.push(byte),
                    None if blanks => self.bytes.extend(text.replace(BLANK, " ").bytes()),
                    None => self.bytes.extend(text.bytes()),
                },
                (_, Role::Literal | Role::Special) => self.bytes.extend(text.bytes()),
            }
        }
        self.tokens.push(Entry { end: self.bytes.len(), role, there: token.is_some() });
    }

    pub(super) fn len(&self) -> usize {
        self.tokens.len()
    }

    pub(super) fn strip(&self) -> usize {
        self.strip
    }

    /// How many replacement characters stand for so many bytes that are no character: one for each in SentencePiece, one
    /// for all in GPT-2's script.
    pub(super) fn replacements(&self, bytes: usize) -> usize {
        if self.script == Script::Bytes { 1 } else { bytes }
    }

    /// The bytes of a token. None for an id that no token has.
    pub(super) fn bytes(&self, id: u32) -> Option<&[u8]> {
        let index = usize::try_from(id).ok()?;
        let entry = self.tokens.get(index).filter(|entry| entry.there)?;
        let start = index.checked_sub(1).and_then(|before| self.tokens.get(before)).map_or(0, |before| before.end);
        self.bytes.get(start..entry.end)
    }

    /// The bytes that a token adds to a text. None for a special token.
    pub(super) fn readable(&self, id: u32) -> Option<&[u8]> {
        let special = self.tokens.get(usize::try_from(id).ok()?).is_some_and(|entry| entry.role == Role::Special);
        self.bytes(id).filter(|_| !special)
    }
}

/// The byte that a token such as `<0x0A>` stands for.
pub(super) fn byte_token(text: &str) -> Option<u8> {
    let digits = text.strip_prefix("<0x")?.strip_suffix('>')?;
    let hexadecimal = digits.len() == 2 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    u8::from_str_radix(digits, 16).ok().filter(|_| hexadecimal)
}

/// The byte that a character stands for in GPT-2's script: itself for what can be printed in Latin 1, and from 256 on, in
/// order, for the others. After `bytes_to_unicode` in OpenAI's `encoder.py`.
pub(super) fn byte_of(character: char) -> Option<u8> {
    let code = u32::from(character);
    match code {
        0x21..=0x7e | 0xa1..=0xac | 0xae..=0xff => u8::try_from(code).ok(),
        0x100..=0x120 => u8::try_from(code - 0x100).ok(),
        0x121..=0x142 => u8::try_from(code - 0x121 + 0x7f).ok(),
        0x143 => Some(0xad),
        _ => None,
    }
}
