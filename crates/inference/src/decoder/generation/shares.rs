//! What is read in a pass.

use ambit_domain::port::GenerationPriority;

use super::Scheduler;
use super::sequence::Sequence;
use crate::decoder::{Asked, Decoder};

/// One of so many rows of a pass is for those who still read, however many write.
const READING_SHARE: usize = 4;

/// What is asked of a pass.
pub(super) struct Share {
    pub(super) sequence: usize,
    pub(super) tokens: Vec<u32>,
    pub(super) asked: Asked,
}

impl Scheduler {
    /// What the sequences of a priority read in the next pass: each that writes a token, those that still read a part of
    /// the rows, and the rest for what is guessed.
    pub(super) fn shares(&mut self, decoder: &Decoder, priority: GenerationPriority) -> Vec<Share> {
        let is_member = |sequence: &Sequence| sequence.priority == priority && !sequence.is_recalling;
        let members: Vec<usize> =
            (0..self.sequences.len()).filter(|place| is_member(&self.sequences[*place])).collect();
        let (mut writers, mut readers): (Vec<usize>, Vec<usize>) =
            members.into_iter().partition(|place| self.sequences[*place].unread() == 1);
        // Who has written before reads little: what was right of a guess, once more.
        readers.sort_by_key(|place| self.sequences[*place].written() == 0);
        self.turn += 1;
        if !writers.is_empty() {
            let first = self.turn % writers.len();
            writers.rotate_left(first);
        }
        let for_readers = if readers.is_empty() { 0 } else { self.rows / READING_SHARE };
        writers.truncate(self.rows - for_readers);
        let mut room = self.rows - for_readers - writers.len();
        let mut shares = Vec::new();
        for place in writers {
            let sequence = &mut self.sequences[place];
            let most = if self.guesses { room.min(sequence.left().saturating_sub(1)) } else { 0 };
            let mut guessed = sequence.drafts.guess(&sequence.tokens, most);
            if let Some(form) = sequence.form.as_mut().filter(|_| !guessed.is_empty()) {
                // What the form forbids would be read in vain.
                guessed = &guessed[..form.agreed(guessed)];
            }
            let asked = if guessed.is_empty() { Asked::Last } else { Asked::All };
            let tokens: Vec<u32> = sequence.tokens.last().into_iter().chain(guessed).copied().collect();
            room -= guessed.len();
            shares.push(Share { sequence: place, tokens, asked });
        }
        room += for_readers;
        for place in readers {
            let sequence = &self.sequences[place];
            let start = sequence.cache.len();
            let end = sequence.tokens.len().min(start + room);
            let end = sequence.cache.next_stop(decoder.layout(), sequence.read, end);
            if start == end {
                break;
            }
            let asked = if end == sequence.tokens.len() { Asked::Last } else { Asked::None };
            room -= end - start;
            shares.push(Share { sequence: place, tokens: sequence.tokens[start..end].to_vec(), asked });
        }
        shares.sort_by_key(|share| share.sequence);
        shares
    }
}
