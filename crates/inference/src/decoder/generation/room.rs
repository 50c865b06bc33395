//! Memory for texts: who has room, and who has to wait.

use ambit_domain::port::GenerationPriority;

use super::sequence::Sequence;
use super::{Scheduler, Told};
use crate::Error;
use crate::decoder::Decoder;
use crate::kernels::PAGE;

/// Tokens whose pages take so many bytes.
pub(super) fn tokens(decoder: &Decoder, bytes: usize) -> usize {
    (bytes / decoder.layout().bytes().max(1)).saturating_mul(PAGE)
}

impl Scheduler {
    /// Has so many bytes for texts and for beginnings that are kept, on the CPU; what the GPU has for them is settled when the
    /// model is loaded. Texts that are being written keep what they were promised.
    pub(crate) fn set_memory(&mut self, decoder: &Decoder, bytes: usize) {
        if decoder.is_on_gpu() {
            return;
        }
        let (bytes, prefixes) = decoder.memory(bytes.saturating_sub(self.given));
        self.tokens = tokens(decoder, bytes).max(self.overhead + PAGE);
        self.prefixes.set_limit(prefixes);
    }

    /// Leaves some of the memory for texts to something else.
    pub(crate) fn give_up(&mut self, decoder: &Decoder, bytes: usize) {
        // What texts have read is in another memory where the GPU has it.
        if decoder.is_on_gpu() {
            return;
        }
        self.given += bytes;
        self.tokens = self.tokens.saturating_sub(tokens(decoder, bytes)).max(self.overhead + PAGE);
    }

    /// Bytes of the CPU's memory that texts and kept beginnings take now, and that texts may take beyond it.
    pub(crate) fn memory(&self, decoder: &Decoder) -> (usize, usize) {
        if decoder.is_on_gpu() {
            return (0, 0);
        }
        let held: usize = self.sequences.iter().map(|sequence| sequence.cache.len()).sum();
        let taken: usize = self.sequences.iter().map(|sequence| self.size(sequence)).sum();
        let bytes = |tokens: usize| decoder.layout().bytes_for(tokens);
        (bytes(held) + self.prefixes.kept(), bytes(taken.saturating_sub(held)))
    }

    /// Why a text of so many tokens finds no room, however long it waits.
    pub(super) fn refusal(&self, decoder: &Decoder, read: usize) -> Option<Error> {
        if read + self.overhead <= self.tokens {
            return None;
        }
        if decoder.is_on_gpu() {
            return Some(Error::DeviceTooSmall { tokens: read, room: self.tokens.saturating_sub(self.overhead) });
        }
        let bytes = |tokens: usize| decoder.layout().bytes_for(tokens) as u64;
        Some(Error::NoMemory { needed: bytes(read + self.overhead), free: bytes(self.tokens) })
    }

    /// Begins with those who wait, the most urgent first, as long as there is memory for all that they may come to.
    pub(super) fn take_in(&mut self, decoder: &Decoder, tell: &mut dyn FnMut(Told)) {
        loop {
            let urgent = self.waiting.iter().enumerate().min_by_key(|(place, text)| (text.priority, *place));
            let Some((place, text)) = urgent else { return };
            // Memory may have been given to something else since it came. What has begun keeps what it was promised.
            let refusal = if text.known.is_some() { None } else { self.refusal(decoder, text.tokens.len()) };
            let (priority, most) = (text.priority, self.most(text));
            let needed = text.read + most + self.overhead;
            if refusal.is_none() && !self.has_room(needed, self.sequences.iter()) {
                if self.put_back(priority, needed) {
                    continue;
                }
                return;
            }
            let Some(mut text) = self.waiting.remove(place) else { return };
            match refusal {
                Some(error) => tell(Told::Ended { id: text.id, result: Err(error) }),
                None => {
                    text.most = most;
                    self.begin(self.sequences.len(), text, tell);
                }
            }
        }
    }

    /// The tokens that a text counts for.
    fn size(&self, text: &Sequence) -> usize {
        text.read + text.most + self.overhead
    }

    /// Whether there is room for so many tokens beside some texts. Who is alone has room in any case.
    fn has_room<'a>(&self, needed: usize, beside: impl Iterator<Item = &'a Sequence> + Clone) -> bool {
        let (count, taken) = (beside.clone().count(), beside.map(|text| self.size(text)).sum::<usize>());
        count == 0 || (taken + needed <= self.tokens && count < self.most_texts)
    }

    /// Has the least urgent text wait, where one that is more urgent would find room if all did that are less urgent. It goes
    /// on later from its tokens; what it has read may still be known then.
    fn put_back(&mut self, priority: GenerationPriority, needed: usize) -> bool {
        if !self.has_room(needed, self.sequences.iter().filter(|text| text.priority <= priority)) {
            return false;
        }
        let least = self.sequences.iter().enumerate().max_by_key(|(place, text)| (text.priority, *place));
        // Who was put back before goes on for at least a token first, so that it ends some time.
        let may_go = |text: &Sequence| text.priority > priority && text.has_gone_on();
        let Some((place, _)) = least.filter(|(_, text)| may_go(text)) else { return false };
        let text = self.sequences.remove(place);
        self.prefixes.keep(&text.tokens, &text.cache, text.age);
        self.waiting.push_front(text.paused());
        true
    }

    /// The most tokens that a text may write: of one that has begun, what it was promised.
    fn most(&self, text: &Sequence) -> usize {
        if text.known.is_some() {
            return text.most;
        }
        text.most.min(self.tokens.saturating_sub(text.read).saturating_sub(self.overhead))
    }

    /// Has a text be the one of a place.
    fn begin(&mut self, place: usize, mut text: Sequence, tell: &mut dyn FnMut(Told)) {
        self.recall(&mut text);
        if text.most == 0 && !text.is_recalling {
            return text.end(ambit_domain::FinishReason::Length, tell);
        }
        self.sequences.insert(place, text);
    }

    /// Has a text begin with what is known of it, once all of that has come from the disk.
    fn recall(&mut self, text: &mut Sequence) {
        // The last token is read in any case, since it is asked what follows.
        let beginning = &text.tokens[..text.tokens.len() - 1];
        text.is_recalling = self.prefixes.fetch(beginning);
        if !text.is_recalling {
            text.cache = self.prefixes.find(beginning);
            text.known.get_or_insert(text.cache.len());
        }
    }

    /// Takes some of what is known of the most urgent text from the disk, if one waits for that which is as urgent as all
    /// that are `ready`. Its priority.
    pub(super) fn recall_some(
        &mut self,
        ready: Option<GenerationPriority>,
        tell: &mut dyn FnMut(Told),
    ) -> Option<GenerationPriority> {
        let recalling = self.sequences.iter().enumerate().filter(|(_, text)| text.is_recalling);
        let recalling = recalling.filter(|(_, text)| ready.is_none_or(|ready| text.priority <= ready));
        let (place, _) = recalling.min_by_key(|(place, text)| (text.priority, *place))?;
        let text = self.sequences.remove(place);
        let priority = text.priority;
        self.begin(place, text, tell);
        Some(priority)
    }
}
