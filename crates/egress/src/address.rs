use reqwest::Url;

use crate::{EgressError, OfflineSwitch};

pub(crate) fn parse(url: &str) -> Result<Url, EgressError> {
    Url::parse(url).map_err(|error| EgressError::Address { url: url.to_owned(), message: error.to_string() })
}

/// The host that an address names, as it is written in a list of allowed hosts.
///
/// # Errors
/// [`EgressError::Address`] when it is malformed or names none.
pub fn host_of(url: &str) -> Result<String, EgressError> {
    let parsed = parse(url)?;
    let host = parsed.host_str().filter(|host| !host.is_empty());
    host.map(str::to_ascii_lowercase)
        .ok_or_else(|| EgressError::Address { url: url.to_owned(), message: "it names no host".to_owned() })
}

pub(crate) fn admit(url: &Url, allowed: &[String], offline: &OfflineSwitch) -> Result<(), EgressError> {
    let host = url.host_str().unwrap_or_default().to_ascii_lowercase();
    let is_this_machine = is_loopback(url);
    if offline.is_offline() && !is_this_machine {
        return Err(EgressError::Offline { host });
    }
    let admitted = allowed.iter().any(|entry| match entry.strip_prefix('.') {
        Some(domain) => host == domain || host.ends_with(entry.as_str()),
        None => host == *entry,
    });
    if !admitted {
        return Err(EgressError::HostNotAllowed { host });
    }
    match url.scheme() {
        "https" => Ok(()),
        "http" if is_this_machine => Ok(()),
        _ => Err(EgressError::Unencrypted { host }),
    }
}

/// Whether an address is one of this machine: reachable when offline, and without encryption.
///
/// # Errors
/// [`EgressError::Address`] when it is malformed.
pub fn is_this_machine(url: &str) -> Result<bool, EgressError> {
    parse(url).map(|url| is_loopback(&url))
}

/// Only literal addresses count: a name, even `localhost`, means whatever a resolver says.
pub(crate) fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}
