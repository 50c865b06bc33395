//! The lane that writes texts.

mod models;

use std::cell::RefCell;
use std::io::Write;
use std::num::NonZeroUsize;

use ambit_domain::port::GenerationPriority;

use self::models::{LoadedModels, ModelOptions};
use super::Worker;
use super::queue::Next;
use crate::Result;
use crate::decoder::Told;
use crate::memory::{MemoryBudget, free_memory};
use crate::wire::Response;

impl<W: Write + Send> Worker<'_, W> {
    /// Writes texts until the queue is closed.
    pub(super) fn write_all(&self) -> Result<()> {
        let threads = self.options.threads.or_else(|| std::thread::available_parallelism().ok());
        let options = ModelOptions {
            threads: threads.unwrap_or(NonZeroUsize::MIN),
            guesses: self.options.guesses,
            spare_memory: self.options.spare_memory,
            shelf: self.shelf.clone(),
            forgotten: self.forgotten.clone(),
        };
        let mut models = LoadedModels::new(options, MemoryBudget::new(free_memory, self.options.memory));
        let goes_on = |priority: GenerationPriority| !self.queue.is_closed() && !self.queue.is_waiting_before(priority);
        while let Some(first) = self.queue.next_writing(true) {
            // Nobody waits for what is embedded in the background.
            let encoder = self.queue.encoder();
            let _pass = encoder.as_ref().map(|encoder| encoder.hold_background());
            let failed = RefCell::new(None);
            let mut tell = |told: Told| {
                if let Err(error) = self.tell(told) {
                    failed.borrow_mut().get_or_insert(error);
                }
            };
            self.take(first, &mut models, &mut tell)?;
            self.tell_memory(|memory| memory.models = models.memory())?;
            while !models.is_idle() && !self.queue.is_closed() {
                while let Some(next) = self.queue.next_writing(false) {
                    self.take(next, &mut models, &mut tell)?;
                }
                models.step(&goes_on, &mut tell);
                self.tell_memory(|memory| memory.models = models.memory())?;
            }
            if let Some(error) = failed.into_inner() {
                return Err(error);
            }
        }
        Ok(())
    }

    fn take(&self, next: Next, models: &mut LoadedModels, tell: &mut dyn FnMut(Told)) -> Result<()> {
        match next {
            Next::Text(writing) => models.admit(*writing, tell),
            Next::Forget { id } => {
                models.forget();
                self.answer(&Response::Forgotten { id })?;
            }
        }
        Ok(())
    }

    fn tell(&self, told: Told) -> Result<()> {
        match told {
            Told::Text { id, text } => self.answer(&Response::Written { id, text }),
            Told::Token { id, token } => self.answer(&Response::Token { id, token }),
            Told::Called { id, call } => self.answer(&Response::Called { id, call }),
            Told::Ended { id, result } => {
                self.queue.written(id);
                let count = |tokens: usize| u32::try_from(tokens).unwrap_or(u32::MAX);
                self.answer(&match result {
                    Ok(ending) => Response::Generated {
                        id,
                        reason: ending.reason,
                        prompt_tokens: count(ending.read),
                        completion_tokens: count(ending.written),
                        known_tokens: count(ending.known),
                        guessed_tokens: count(ending.guessed),
                        agreed_tokens: count(ending.agreed),
                    },
                    Err(error) => Response::failed(Some(id), &error),
                })
            }
        }
    }
}
