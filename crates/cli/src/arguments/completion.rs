use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(crate) enum Completion {
    /// How suggestions fared, by language, and what was learnt from it.
    ///
    /// What is probably not taken is suggested seldom; the settings `completion.learn` and `completion.gate` turn that off.
    Stats,
    /// Forget how suggestions fared, and what was learnt: all that is probable enough is suggested again.
    Reset {
        /// Do not ask.
        #[arg(long, short)]
        yes: bool,
    },
}
