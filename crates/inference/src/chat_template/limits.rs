//! How far a chat template may go.
//!
//! The engine counts the steps that a template takes, but not what its filters do with long lists, nor the memory of what
//! it puts together. So a template has a thread of its own, for which nobody waits longer than [`DEADLINE`]. One that
//! fills the memory, or nests values until their stack is used up, ends the process: templates are rendered in the engine
//! worker, which the host starts again.

use std::io::{Error as WriteError, Write};
use std::time::Duration;

use crate::bounded::{self, Unfinished};
use crate::{Error, Result};

/// Bytes of a template. The longest known have some twenty thousand. The engine goes into expressions as deep as they are
/// nested, which a template of this length may do thirty thousand times within [`STACK`].
pub(super) const SOURCE: usize = 64 << 10;
/// Steps of the engine: about a second. A conversation of a thousand messages takes some hundred thousand.
pub(super) const FUEL: u64 = 10_000_000;
/// Bytes of a prompt, many times what a model can read.
pub(super) const OUTPUT: usize = 32 << 20;
const DEADLINE: Duration = Duration::from_secs(20);
/// Twice what the deepest template takes. Only the pages that are used cost memory.
const STACK: usize = 64 << 20;

/// Does work within these limits.
pub(super) fn within<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    within_time(DEADLINE, work)
}

pub(super) fn within_time<T: Send + 'static>(
    deadline: Duration,
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    bounded::within(deadline, "chat-template", STACK, work).unwrap_or_else(|unfinished| {
        Err(Error::ChatTemplate(match unfinished {
            Unfinished::NoThread(error) => format!("no thread for it: {error}"),
            Unfinished::TooLate => format!("it was not done within {} seconds", deadline.as_secs()),
            // Some slices of empty lists make the engine do so.
            Unfinished::Panicked => "it does what the template engine cannot".to_owned(),
        }))
    })
}

/// Text that does not grow beyond [`OUTPUT`].
#[derive(Default)]
pub(super) struct Bounded {
    bytes: Vec<u8>,
}

impl Bounded {
    pub(super) fn into_text(self) -> Result<String> {
        String::from_utf8(self.bytes).map_err(|error| Error::ChatTemplate(error.to_string()))
    }
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.bytes.len() + bytes.len() > OUTPUT {
            return Err(WriteError::other("the prompt is too long"));
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
