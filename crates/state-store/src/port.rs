//! The ports of [`ambit_domain::port`] on [`crate::StateStore`].

mod audit;
mod conversations;
mod documents;
mod memories;
mod preferences;
mod suggestions;
mod transmissions;
