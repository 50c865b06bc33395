//! What a setting of a GGUF file can be.

/// A setting.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    /// A number.
    Number(Number),
    /// True or false.
    Boolean(bool),
    /// A text.
    Text(String),
    /// A list of values of one type.
    Array(Array),
}

/// A list of values of one type.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Array {
    /// Numbers of one type.
    Numbers(Numbers),
    /// Of true and false.
    Booleans(Vec<bool>),
    /// Of texts.
    Texts(Vec<String>),
    /// Of lists, which may be of several types.
    Arrays(Vec<Array>),
}

/// A number, widened to 64 bits, which changes none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Number {
    /// Of a type without a sign.
    Unsigned(u64),
    /// Of a type with a sign.
    Signed(i64),
    /// Of a floating-point type.
    Float(f64),
}

impl Number {
    /// As a whole number from zero, if it is one and of a whole type.
    pub(crate) fn unsigned(self) -> Option<u64> {
        match self {
            Self::Unsigned(number) => Some(number),
            Self::Signed(number) => u64::try_from(number).ok(),
            Self::Float(_) => None,
        }
    }

    /// As a whole number, if it is of a whole type.
    pub(crate) fn integer(self) -> Option<i64> {
        match self {
            Self::Unsigned(number) => i64::try_from(number).ok(),
            Self::Signed(number) => Some(number),
            Self::Float(_) => None,
        }
    }

    /// As a floating-point number, if it is of such a type. One of 64 bits is rounded.
    pub(crate) fn float(self) -> Option<f32> {
        match self {
            Self::Float(number) => Some(number as f32),
            Self::Unsigned(_) | Self::Signed(_) => None,
        }
    }
}

/// A list of numbers of one type, as wide as in the file: a list of single bytes takes no eight of them for each.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Numbers {
    pub(super) kind: NumberType,
    /// Whole numbers of that type.
    pub(super) bytes: Vec<u8>,
}

impl Numbers {
    /// The numbers, in their order.
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = Number> {
        self.bytes.chunks_exact(self.kind.width()).map(|bytes| self.kind.number(bytes))
    }
}

/// A type of number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NumberType {
    /// So many bytes, without a sign.
    Unsigned(usize),
    /// So many bytes in two's complement.
    Signed(usize),
    /// IEEE 754 binary32.
    Single,
    /// IEEE 754 binary64.
    Double,
}

impl NumberType {
    /// Bytes of a number, 1 to 8.
    pub(super) fn width(self) -> usize {
        match self {
            Self::Unsigned(width) | Self::Signed(width) => width,
            Self::Single => 4,
            Self::Double => 8,
        }
    }

    /// Reads a number from its bytes.
    pub(super) fn number(self, bytes: &[u8]) -> Number {
        let mut word = [0; 8];
        word.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        let word = u64::from_le_bytes(word);
        match self {
            Self::Unsigned(_) => Number::Unsigned(word),
            Self::Signed(1) => Number::Signed(i64::from(word as i8)),
            Self::Signed(2) => Number::Signed(i64::from(word as i16)),
            Self::Signed(4) => Number::Signed(i64::from(word as i32)),
            Self::Signed(_) => Number::Signed(word.cast_signed()),
            Self::Single => Number::Float(f64::from(f32::from_bits(word as u32))),
            Self::Double => Number::Float(f64::from_bits(word)),
        }
    }
}

/// A type of value, as the file's numbers name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ValueType {
    Number(NumberType),
    Boolean,
    Text,
    Array,
}

impl ValueType {
    /// The type of this number.
    pub(super) fn of(code: u32) -> Option<Self> {
        Some(match code {
            0 => Self::Number(NumberType::Unsigned(1)),
            1 => Self::Number(NumberType::Signed(1)),
            2 => Self::Number(NumberType::Unsigned(2)),
            3 => Self::Number(NumberType::Signed(2)),
            4 => Self::Number(NumberType::Unsigned(4)),
            5 => Self::Number(NumberType::Signed(4)),
            6 => Self::Number(NumberType::Single),
            7 => Self::Boolean,
            8 => Self::Text,
            9 => Self::Array,
            10 => Self::Number(NumberType::Unsigned(8)),
            11 => Self::Number(NumberType::Signed(8)),
            12 => Self::Number(NumberType::Double),
            _ => return None,
        })
    }

    /// The fewest bytes that a value takes in the file.
    pub(super) fn least_bytes(self) -> usize {
        match self {
            Self::Number(kind) => kind.width(),
            Self::Boolean => 1,
            // Its length.
            Self::Text => 8,
            // The type of its elements, and their number.
            Self::Array => 4 + 8,
        }
    }
}
