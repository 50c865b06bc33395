use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(crate) enum Pages {
    /// The pages that are kept, the last saved first.
    List {
        /// Only what is kept of this address.
        #[arg(long, value_name = "ADDRESS")]
        url: Option<String>,
    },
    /// Remove a page with all that was read from it.
    Remove {
        /// Its file or its address, as `ambit pages list` tells them.
        #[arg(value_name = "FILE or ADDRESS")]
        page: String,
    },
}
