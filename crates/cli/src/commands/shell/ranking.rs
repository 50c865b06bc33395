//! Which commands are like what is looked for, by their words and by their meaning.

/// The newest commands are compared by meaning as well, and of the others those that are most alike by their words.
const NEWEST: usize = 300;
const MOST_ALIKE: usize = 100;
/// What counts as found, by words, and by meaning where the words say nothing.
const WORDS_FOUND: f32 = 0.3;
const MEANING_FOUND: f32 = 0.25;
/// Of two that are alike, the newer one is meant.
const NEWNESS: f32 = 0.1;

/// How much commands, the newest first, are like a query.
pub(super) struct Ranking {
    words: Vec<f32>,
    meaning: Vec<f32>,
}

impl Ranking {
    /// By words, of which rare ones count more: 1 for a command that has all of them.
    pub(super) fn by_words(query: &str, commands: &[String]) -> Self {
        let query = query.to_lowercase();
        let terms: Vec<&str> = query.split_whitespace().collect();
        let lower: Vec<String> = commands.iter().map(|command| command.to_lowercase()).collect();
        let mut words = vec![0.0; commands.len()];
        let mut all = 0.0;
        for term in terms {
            let matches: Vec<f32> = lower.iter().map(|command| holds(command, term)).collect();
            let holding = matches.iter().filter(|matched| **matched > 0.0).count();
            let weight = (1.0 + as_number(commands.len()) / as_number(holding + 1)).ln();
            all += weight;
            words.iter_mut().zip(matches).for_each(|(sum, matched)| *sum += weight * matched);
        }
        words.iter_mut().for_each(|sum| *sum = if all > 0.0 { *sum / all } else { 0.0 });
        let meaning = vec![0.0; commands.len()];
        Self { words, meaning }
    }

    /// Those to be compared by meaning.
    pub(super) fn candidates(&self) -> Vec<usize> {
        let mut alike: Vec<usize> = (NEWEST..self.words.len()).filter(|&index| self.words[index] > 0.0).collect();
        alike.sort_by(|&left, &right| self.words[right].total_cmp(&self.words[left]));
        alike.truncate(MOST_ALIKE);
        (0..self.words.len().min(NEWEST)).chain(alike).collect()
    }

    /// Adds how much commands are alike by meaning, from 0 to 1.
    pub(super) fn add_meaning(&mut self, alike: impl IntoIterator<Item = (usize, f32)>) {
        for (index, alike) in alike {
            self.meaning[index] = alike;
        }
    }

    /// The best ones.
    pub(super) fn best(&self, most: usize) -> Vec<usize> {
        let is_found = |&index: &usize| self.words[index] >= WORDS_FOUND || self.meaning[index] >= MEANING_FOUND;
        let newness = |index: usize| NEWNESS * (1.0 - as_number(index) / as_number(self.words.len()));
        let score = |index: usize| self.words[index] + self.meaning[index] + newness(index);
        let mut found: Vec<usize> = (0..self.words.len()).filter(is_found).collect();
        found.sort_by(|&left, &right| score(right).total_cmp(&score(left)));
        found.truncate(most);
        found
    }
}

/// How well a command holds a term: as a word, as the beginning of one, inside of one, or by its letters in their order within
/// one word, as when some were left out.
fn holds(command: &str, term: &str) -> f32 {
    let words = || command.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty());
    if words().any(|word| word == term) {
        1.0
    } else if words().any(|word| word.starts_with(term)) {
        0.9
    } else if command.contains(term) {
        0.8
    } else if term.chars().count() >= 3 && words().any(|word| has_letters(word, term)) {
        0.4
    } else {
        0.0
    }
}

fn has_letters(word: &str, term: &str) -> bool {
    let mut letters = word.chars();
    word.chars().next() == term.chars().next() && term.chars().all(|wanted| letters.any(|letter| letter == wanted))
}

fn as_number(count: usize) -> f32 {
    u16::try_from(count).unwrap_or(u16::MAX).into()
}

#[cfg(test)]
mod tests {
    use super::{NEWEST, Ranking};

    fn owned(commands: &[&str]) -> Vec<String> {
        commands.iter().map(|command| (*command).to_owned()).collect()
    }

    fn best(query: &str, commands: &[&str]) -> Vec<String> {
        let commands = owned(commands);
        Ranking::by_words(query, &commands).best(10).into_iter().map(|index| commands[index].clone()).collect()
    }

    #[test]
    fn words_find_commands_and_the_newer_of_two_comes_first() {
        let history = ["git push", "docker compose up", "git push --tags", "ls"];
        assert_eq!(best("push", &history), ["git push", "git push --tags"]);
        assert_eq!(best("PUSH tags", &history)[0], "git push --tags");
        assert_eq!(best("dckr", &history), ["docker compose up"]);
        assert_eq!(best("--tags", &history), ["git push --tags"]);
        assert!(best("kubernetes", &history).is_empty());
        assert!(best("push", &[]).is_empty());
    }

    #[test]
    fn a_rare_word_counts_more_than_one_that_is_everywhere() {
        let mut history = vec!["git status"; 20];
        history.push("git bisect start");
        assert_eq!(best("git bisect", &history)[0], "git bisect start");
    }

    #[test]
    fn meaning_finds_what_words_do_not() {
        let commands = owned(&["ls", "tar czf backup.tar.gz docs"]);
        let mut ranking = Ranking::by_words("compress a folder", &commands);
        assert!(ranking.best(10).is_empty());
        ranking.add_meaning([(0, 0.1), (1, 0.4)]);
        assert_eq!(ranking.best(10), [1]);
    }

    #[test]
    fn of_a_long_history_the_newest_and_the_most_alike_are_compared() {
        let mut commands = vec!["make".to_owned(); 5000];
        commands[4000] = "tar xf old.tar".to_owned();
        let candidates = Ranking::by_words("tar", &commands).candidates();
        assert_eq!((candidates.len(), candidates[NEWEST]), (NEWEST + 1, 4000));
    }
}
