//! Reads the parts of a GGUF header one after another, and trusts none of them.

use super::header::{HEADER_LIMIT, Refusal};
use super::value::{Array, Numbers, Value, ValueType};

/// How deep lists may lie in each other. The files that are made have lists of lists at most.
const DEEPEST: usize = 4;

/// What is left of a header.
pub(super) struct Cursor<'a> {
    /// Up to the limit.
    whole: &'a [u8],
    rest: &'a [u8],
    /// The file goes on beyond the limit.
    limited: bool,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(file: &'a [u8]) -> Self {
        let (whole, limited) = match file.get(..HEADER_LIMIT) {
            Some(start) => (start, true),
            None => (file, false),
        };
        Self { whole, rest: whole, limited }
    }

    /// Bytes that were read.
    pub(super) fn position(&self) -> usize {
        self.whole.len() - self.rest.len()
    }

    pub(super) fn word(&mut self) -> Result<u32, Refusal> {
        self.fixed().map(u32::from_le_bytes)
    }

    pub(super) fn long(&mut self) -> Result<u64, Refusal> {
        self.fixed().map(u64::from_le_bytes)
    }

    /// How many of something follow, each of which takes at least so many bytes. More than the rest has room for are
    /// refused, so that what is set aside for them is in proportion to the file.
    pub(super) fn count(&mut self, what: &str, least_bytes: usize) -> Result<usize, Refusal> {
        let count = self.long()?;
        usize::try_from(count)
            .ok()
            .filter(|count| count.checked_mul(least_bytes).is_some_and(|bytes| bytes <= self.rest.len()))
            .ok_or_else(|| Refusal::Damaged(format!("it announces {count} {what}, for which it has no room")))
    }

    pub(super) fn text(&mut self) -> Result<String, Refusal> {
        let length = self.count("bytes of text", 1)?;
        // Copied first: what is checked must not change afterwards, as a mapped file may.
        let text = String::from_utf8(self.take(length)?.to_vec());
        text.map_err(|_| Refusal::Damaged("a text in its header is not UTF-8".to_owned()))
    }

    /// A value, its type before it.
    pub(super) fn value(&mut self) -> Result<Value, Refusal> {
        Ok(match self.value_type()? {
            ValueType::Number(kind) => Value::Number(kind.number(self.take(kind.width())?)),
            ValueType::Boolean => Value::Boolean(self.boolean()?),
            ValueType::Text => Value::Text(self.text()?),
            ValueType::Array => Value::Array(self.array(1)?),
        })
    }

    fn array(&mut self, depth: usize) -> Result<Array, Refusal> {
        if depth > DEEPEST {
            return Err(Refusal::Damaged(format!("its header has lists in lists, more than {DEEPEST} deep")));
        }
        let kind = self.value_type()?;
        let count = self.count("values in a list", kind.least_bytes())?;
        Ok(match kind {
            ValueType::Number(kind) => {
                // The product is not more than the rest: `count` has seen to it.
                Array::Numbers(Numbers { kind, bytes: self.take(count * kind.width())?.to_vec() })
            }
            ValueType::Boolean => Array::Booleans(self.list(count, Self::boolean)?),
            ValueType::Text => Array::Texts(self.list(count, Self::text)?),
            ValueType::Array => Array::Arrays(self.list(count, |cursor| cursor.array(depth + 1))?),
        })
    }

    fn list<T>(
        &mut self,
        count: usize,
        mut element: impl FnMut(&mut Self) -> Result<T, Refusal>,
    ) -> Result<Vec<T>, Refusal> {
        let mut list = Vec::with_capacity(count);
        for _ in 0..count {
            list.push(element(self)?);
        }
        Ok(list)
    }

    fn boolean(&mut self) -> Result<bool, Refusal> {
        match self.fixed()? {
            [0] => Ok(false),
            [1] => Ok(true),
            [other] => Err(Refusal::Damaged(format!("its header has {other} where true or false was expected"))),
        }
    }

    fn value_type(&mut self) -> Result<ValueType, Refusal> {
        let code = self.word()?;
        ValueType::of(code)
            .ok_or_else(|| Refusal::Damaged(format!("its header has a value of the unknown type {code}")))
    }

    pub(super) fn fixed<const BYTES: usize>(&mut self) -> Result<[u8; BYTES], Refusal> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or_else(|| self.ended())?;
        self.rest = rest;
        Ok(*taken)
    }

    fn take(&mut self, bytes: usize) -> Result<&'a [u8], Refusal> {
        let (taken, rest) = self.rest.split_at_checked(bytes).ok_or_else(|| self.ended())?;
        self.rest = rest;
        Ok(taken)
    }

    fn ended(&self) -> Refusal {
        Refusal::Damaged(if self.limited {
            format!("its header is longer than {} MiB", HEADER_LIMIT >> 20)
        } else {
            "it was cut off in its header".to_owned()
        })
    }
}
