//! What may follow, guessed from the text itself: where the last tokens stand earlier, what followed them there ("prompt
//! lookup decoding", Saxena 2023). A guess that the model agrees with costs no pass of its own.
//!
//! Who writes a text again with changes leaves the earlier one for a token or some. Until the last tokens stand there again, it
//! is guessed that a token was replaced, and that what comes after it follows.
//!
//! Who asks for a text may have a guess as well. As long as the text is what that says, it comes first.

/// The longest run of last tokens that is looked for, and the shortest.
const LONGEST: usize = 4;
const SHORTEST: usize = 2;
/// Tokens that are guessed ahead at first, and at most: with so few rows a pass waits for the weights, not for the sums.
const FIRST_GUESS: usize = 4;
const LONGEST_GUESS: usize = 8;

/// The guesses for one text.
#[derive(Debug)]
pub(super) struct Drafts {
    /// Tokens of the next guess.
    length: usize,
    /// Where the last guess was taken from.
    start: Option<usize>,
    /// Where the text goes on that the last guess was taken from.
    next: Option<usize>,
    /// Whether the model writes that text again: a guess from there was right.
    is_proven: bool,
    /// Whether the last guess went on with such a text, and the tokens before it are the same in both.
    goes_on: bool,
    /// Tokens that were guessed so far.
    guessed: usize,
    /// Those of them that the model agreed with.
    agreed: usize,
    /// Tokens before the text.
    read: usize,
    /// What the text may begin with, by the guess of who asks for it.
    offered: Vec<u32>,
}

impl Drafts {
    /// Before the first guess for a text behind so many tokens, which may begin with some that were offered.
    pub(super) fn offered(read: usize, offered: Vec<u32>) -> Self {
        Self {
            length: FIRST_GUESS,
            start: None,
            next: None,
            is_proven: false,
            goes_on: false,
            guessed: 0,
            agreed: 0,
            read,
            offered,
        }
    }

    /// Tokens that may follow, `most` of them or fewer. What the model says to them is to be told by [`Self::judge`].
    pub(super) fn guess<'a>(&'a mut self, tokens: &'a [u32], most: usize) -> &'a [u32] {
        let most = most.min(self.length);
        if most == 0 {
            return &[];
        }
        let written = &tokens[self.read.min(tokens.len())..];
        if written.len() < self.offered.len() && self.offered.starts_with(written) {
            (self.start, self.goes_on) = (None, false);
            let end = self.offered.len().min(written.len() + most);
            return &self.offered[written.len()..end];
        }
        let proven = self.next.filter(|next| self.is_proven && *next < tokens.len());
        let last = &tokens[tokens.len().saturating_sub(SHORTEST)..];
        let same = proven.filter(|next| tokens[..*next].ends_with(last));
        self.goes_on = same.is_some();
        self.start = same.or_else(|| place(tokens)).or(proven);
        self.start.map_or(&[], |start| &tokens[start..tokens.len().min(start + most)])
    }

    /// Takes in how many of the tokens that were guessed last were right.
    pub(super) fn judge(&mut self, guessed: usize, right: usize) {
        self.guessed += guessed;
        self.agreed += right;
        self.length = if right == guessed { (self.length + 2).min(LONGEST_GUESS) } else { right.max(1) };
        self.is_proven = right > 0 || self.goes_on;
        self.next = self.start.map(|start| start + right + 1);
    }

    /// Tokens that were guessed so far.
    pub(super) fn guessed(&self) -> usize {
        self.guessed
    }

    /// Those of them that the model agreed with.
    pub(super) fn agreed(&self) -> usize {
        self.agreed
    }
}

/// Where the text goes on after the latest earlier place of its last tokens, of as many of them as stand anywhere.
fn place(tokens: &[u32]) -> Option<usize> {
    (SHORTEST..=LONGEST).rev().filter(|length| tokens.len() > *length).find_map(|length| {
        let (earlier, last) = (&tokens[..tokens.len() - 1], &tokens[tokens.len() - length..]);
        earlier.windows(length).rposition(|window| window == last).map(|place| place + length)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a fresh text guesses.
    fn guess(tokens: &[u32], most: usize) -> Vec<u32> {
        Drafts::offered(0, Vec::new()).guess(tokens, most).to_vec()
    }

    #[test]
    fn what_followed_the_same_tokens_is_guessed() {
        assert_eq!(guess(&[1, 2, 3, 4, 5, 1, 2, 3], 3), [4, 5, 1]);
        assert_eq!(guess(&[1, 2, 9, 1, 2, 8, 1, 2], 1), [8], "the latest place counts");
        assert_eq!(guess(&[7, 1, 2, 9, 6, 1, 2, 8, 7, 1, 2], 1), [9], "a longer run counts more than a later place");
        assert_eq!(guess(&[5, 5, 5, 5], 8), [5], "a run may reach into itself");
        assert!(guess(&[1, 2, 3], 4).is_empty());
        assert!(guess(&[1, 2, 1, 2], 0).is_empty());
        assert!(guess(&[], 4).is_empty());
    }

    /// Writes a text as a model would that reads another one before it. The passes that it took, and the guesses.
    fn write(before: &[u32], after: &[u32]) -> (usize, Drafts) {
        const KNOWN: usize = 2;
        let mut tokens = [before, &after[..KNOWN]].concat();
        let (mut drafts, mut written, mut passes) = (Drafts::offered(0, Vec::new()), KNOWN, 0);
        while written < after.len() {
            let guessed = drafts.guess(&tokens, after.len() - written - 1).to_vec();
            let right = guessed.iter().zip(&after[written..]).take_while(|(left, right)| left == right).count();
            tokens.extend_from_slice(&after[written..=written + right]);
            written += right + 1;
            passes += 1;
            if !guessed.is_empty() {
                drafts.judge(guessed.len(), right);
            }
        }
        (passes, drafts)
    }

    #[test]
    fn who_writes_a_text_again_is_followed_across_what_changed() {
        let after: Vec<u32> = (0..80).collect();
        let (same, drafts) = write(&after, &after);
        assert!(same <= 12, "{same} passes");
        assert_eq!(drafts.guessed(), drafts.agreed());

        let mut before = after.clone();
        for place in [20, 40, 41, 60] {
            before[place] += 1000;
        }
        let (changed, drafts) = write(&before, &after);
        assert!(changed <= 24, "{changed} passes");
        assert!(drafts.agreed() * 10 > drafts.guessed() * 7, "{drafts:?}");

        before.drain(30..33);
        before.splice(50..50, [2000, 2001, 2002]);
        let (moved, _) = write(&before, &after);
        assert!(moved <= 34, "{moved} passes where tokens came and went as well");
    }

    #[test]
    fn what_is_offered_comes_first_as_long_as_the_text_is_that() {
        let offered = || Drafts::offered(3, vec![10, 11, 12, 13]);
        assert_eq!(offered().guess(&[1, 2, 3, 10], 2), [11, 12]);
        assert_eq!(offered().guess(&[1, 2, 3], 8), [10, 11, 12, 13]);
        assert!(offered().guess(&[1, 2, 3, 10, 11, 12, 13], 8).is_empty(), "there is no more of it");
        assert_eq!(offered().guess(&[1, 2, 10, 1, 2], 1), [10], "the text is another one, and repeats itself");
        let mut drafts = offered();
        assert_eq!(drafts.guess(&[1, 2, 3, 10], 4), [11, 12, 13]);
        drafts.judge(3, 3);
        assert_eq!((drafts.guessed(), drafts.agreed()), (3, 3));
    }

    #[test]
    fn a_guess_that_was_never_right_is_not_followed() {
        let mut drafts = Drafts::offered(0, Vec::new());
        let text = [1, 2, 3, 4, 5, 6, 1, 2];
        assert_eq!(drafts.guess(&text, 8), [3, 4, 5, 6]);
        drafts.judge(4, 0);
        assert!(drafts.guess(&[&text[..], &[9]].concat(), 8).is_empty());
    }
}
