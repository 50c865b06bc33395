use ambit_domain::port::GenerationOrigin;

/// A request with a body, to a provider of language models.
#[derive(Debug, Clone)]
pub struct Post {
    /// Why it is made, for audit and ledger: `model.generate`.
    pub purpose: String,
    /// The address.
    pub url: String,
    /// Header fields. Mark a key as sensitive, so that no log shows it.
    pub headers: http::HeaderMap,
    /// The body.
    pub body: String,
    /// The model that is asked, by the provider's name for it.
    pub model: String,
    /// Who is asked.
    pub provider: String,
    /// To which host the server at the address passes on what it is asked, when it is a server of this machine that does.
    pub passed_on_to: Option<String>,
    /// For whom, and what the body quotes.
    pub origin: GenerationOrigin,
}
