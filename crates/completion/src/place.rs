//! Places in a text, as editors count them.

/// What a place in a line counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Encoding {
    /// Bytes.
    Utf8,
    /// Units of UTF-16.
    #[default]
    Utf16,
    /// Characters.
    Utf32,
}

/// A place in a text; both count from 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: u32,
    /// The place in the line.
    pub character: u32,
}

impl Encoding {
    /// How many units a character takes.
    fn units(self, character: char) -> usize {
        match self {
            Self::Utf8 => character.len_utf8(),
            Self::Utf16 => character.len_utf16(),
            Self::Utf32 => 1,
        }
    }

    /// How many bytes of a line come before a place; all of it where the place is behind its end. A place within a character is
    /// before it.
    pub(crate) fn bytes(self, line: &str, character: u32) -> usize {
        let wanted = character as usize;
        let mut units = 0;
        for (at, found) in line.char_indices() {
            units += self.units(found);
            if units > wanted {
                return at;
            }
        }
        line.len()
    }

    /// The place behind these bytes of a line.
    pub(crate) fn character(self, before: &str) -> u32 {
        let units: usize = before.chars().map(|character| self.units(character)).sum();
        u32::try_from(units).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_encoding_counts_its_own_units() {
        let line = "a🙂é名x";
        for (encoding, behind) in [
            (Encoding::Utf8, [1, 5, 7, 10, 11]),
            (Encoding::Utf16, [1, 3, 4, 5, 6]),
            (Encoding::Utf32, [1, 2, 3, 4, 5]),
        ] {
            for ((at, character), units) in line.char_indices().zip(behind) {
                let end = at + character.len_utf8();
                assert_eq!(encoding.character(&line[..end]), units, "{encoding:?} {character}");
                assert_eq!(encoding.bytes(line, units), end, "{encoding:?} {character}");
            }
            assert_eq!(encoding.bytes(line, 99), line.len());
        }
        assert_eq!(Encoding::Utf16.bytes(line, 2), 1, "within a surrogate pair");
    }
}
