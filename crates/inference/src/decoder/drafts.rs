//! What may follow, guessed from the text itself: where the last tokens stand earlier, what followed them there ("prompt
//! lookup decoding", Saxena 2023). A guess that the model agrees with costs no pass of its own.

/// The longest run of last tokens that is looked for, and the shortest.
const LONGEST: usize = 4;
const SHORTEST: usize = 2;

/// Up to `most` tokens that followed the last ones at their latest earlier place.
pub(super) fn guess(tokens: &[u32], most: usize) -> &[u32] {
    for length in (SHORTEST..=LONGEST).rev() {
        if tokens.len() <= length || most == 0 {
            continue;
        }
        let (earlier, last) = (&tokens[..tokens.len() - 1], &tokens[tokens.len() - length..]);
        if let Some(place) = earlier.windows(length).rposition(|window| window == last) {
            let start = place + length;
            return &tokens[start..tokens.len().min(start + most)];
        }
    }
    &[]
}

#[cfg(test)]
mod tests {
    use super::guess;

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
}
