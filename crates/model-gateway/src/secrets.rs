//! Finds texts that are keys by their form, so that none is sent by accident.
//!
//! Only forms that hardly anything else has are looked for: a prefix that the issuer chose, its alphabet, and a least length.

use std::ops::Range;

/// A kind of secret that is known by its form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SecretKind {
    /// `-----BEGIN … PRIVATE KEY-----`.
    PrivateKey,
    /// `AKIA…` and `ASIA…`.
    AwsAccessKey,
    /// `ghp_…` and its siblings, `github_pat_…`.
    GitHubToken,
    /// `sk-…`.
    OpenAiKey,
    /// `xoxb-…` and its siblings.
    SlackToken,
    /// `AIza…`.
    GoogleKey,
    /// A signed JSON Web Token.
    WebToken,
}

impl std::fmt::Display for SecretKind {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::PrivateKey => "a private key",
            Self::AwsAccessKey => "an access key of AWS",
            Self::GitHubToken => "a token of GitHub",
            Self::OpenAiKey => "a key of a model provider (sk-…)",
            Self::SlackToken => "a token of Slack",
            Self::GoogleKey => "a key of Google",
            Self::WebToken => "a JSON Web Token",
        })
    }
}

/// A secret in a text. It does not hold the secret itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundSecret {
    /// What it is.
    pub kind: SecretKind,
    /// Where it begins, in bytes.
    pub at: usize,
}

/// The first known secret of a text.
#[must_use]
pub fn find_secret(text: &str) -> Option<FoundSecret> {
    let private = private_key(text).map(|at| FoundSecret { kind: SecretKind::PrivateKey, at });
    let token = runs(text).find_map(|run| {
        let kind = kind_of(&text[run.clone()]).or_else(|| is_web_token(text, &run).then_some(SecretKind::WebToken))?;
        Some(FoundSecret { kind, at: run.start })
    });
    match (private, token) {
        (Some(private), Some(token)) => Some(if private.at < token.at { private } else { token }),
        (private, token) => private.or(token),
    }
}

fn private_key(text: &str) -> Option<usize> {
    const BEGIN: &str = "-----BEGIN ";
    text.match_indices(BEGIN).map(|(at, _)| at).find(|at| {
        let rest = &text[at + BEGIN.len()..];
        let label = rest.find("-----").map(|end| &rest[..end]);
        // `PGP PRIVATE KEY BLOCK` ends otherwise than `RSA PRIVATE KEY`.
        label.is_some_and(|label| label.len() < 64 && label.contains("PRIVATE KEY"))
    })
}

fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

/// The longest pieces of a text that consist of letters, digits, `_` and `-`.
fn runs(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let bytes = text.as_bytes();
    let mut from = 0;
    std::iter::from_fn(move || {
        let start = from + bytes[from..].iter().position(|byte| is_token_byte(*byte))?;
        let length = bytes[start..].iter().position(|byte| !is_token_byte(*byte)).unwrap_or(bytes.len() - start);
        from = start + length;
        Some(start..from)
    })
}

fn kind_of(run: &str) -> Option<SecretKind> {
    let after = |prefixes: &[&str]| prefixes.iter().find_map(|prefix| run.strip_prefix(prefix));
    let alphanumeric = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if let Some(rest) = after(&["AKIA", "ASIA"]) {
        let fits = rest.len() == 16 && rest.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        return fits.then_some(SecretKind::AwsAccessKey);
    }
    if let Some(rest) = after(&["ghp_", "gho_", "ghu_", "ghs_", "ghr_"]) {
        return (rest.len() >= 36 && alphanumeric(rest)).then_some(SecretKind::GitHubToken);
    }
    if let Some(rest) = after(&["github_pat_"]) {
        return (rest.len() >= 36 && is_random(rest)).then_some(SecretKind::GitHubToken);
    }
    if let Some(rest) = after(&["sk-", "sk_live_", "sk_test_"]) {
        return (rest.len() >= 20 && is_random(rest)).then_some(SecretKind::OpenAiKey);
    }
    if let Some(rest) = after(&["xoxb-", "xoxp-", "xoxa-", "xoxr-", "xoxs-", "xoxe-", "xapp-"]) {
        return (rest.len() >= 16 && rest.bytes().any(|byte| byte.is_ascii_digit())).then_some(SecretKind::SlackToken);
    }
    if let Some(rest) = after(&["AIza"]) {
        return (rest.len() == 35 && is_random(rest)).then_some(SecretKind::GoogleKey);
    }
    None
}

/// Whether a run begins a JSON Web Token: header and claims, which begin as all JSON objects do in Base64, and a signature.
fn is_web_token(text: &str, header: &Range<usize>) -> bool {
    if !text[header.clone()].starts_with("eyJ") || header.len() < 16 {
        return false;
    }
    let part = |from: usize| {
        let rest = text.get(from..)?.strip_prefix('.')?;
        let length = rest.bytes().position(|byte| !is_token_byte(byte)).unwrap_or(rest.len());
        Some((&rest[..length], from + 1 + length))
    };
    let Some((claims, end)) = part(header.end) else { return false };
    let signature = part(end).map(|(signature, _)| signature).unwrap_or_default();
    claims.starts_with("eyJ") && claims.len() >= 12 && signature.len() >= 32 && is_random(signature)
}

/// Whether a text looks drawn by chance: it has letters and digits, and carries at least 3 bits for each character by
/// Shannon's measure, which words joined by hyphens hardly do together with digits.
fn is_random(text: &str) -> bool {
    let mut counts = [0_u32; 256];
    for byte in text.bytes() {
        counts[usize::from(byte)] += 1;
    }
    let total = text.len() as f64;
    let shares = counts.iter().filter(|count| **count > 0).map(|count| f64::from(*count) / total);
    let bits: f64 = shares.map(|share| -share * share.log2()).sum();
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    bits >= 3.0 && digits >= 2 && text.bytes().any(|byte| byte.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

    use super::*;

    fn kind(text: &str) -> Option<SecretKind> {
        find_secret(text).map(|found| found.kind)
    }

    /// Joined here, so that no scanner takes this file for a leak.
    fn joined(parts: &[&str]) -> String {
        parts.concat()
    }

    #[test]
    fn known_secrets_are_found_where_they_stand() {
        let cases = [
            (joined(&["-----BEGIN ", "OPENSSH PRIVATE KEY-----\nb3Bl"]), SecretKind::PrivateKey),
            (joined(&["-----BEGIN ", "PGP PRIVATE KEY BLOCK-----"]), SecretKind::PrivateKey),
            (joined(&["AKIA", "IOSFODNN7EXAMPLE"]), SecretKind::AwsAccessKey),
            (joined(&["ghp", "_16C7e42F292c6912E7710c838347Ae178B4a"]), SecretKind::GitHubToken),
            (
                joined(&["github", "_pat_11ABCDEFG0aBcDeFgHiJkL_mNoPqRsTuVwXyZ0123456789abcdef"]),
                SecretKind::GitHubToken,
            ),
            (joined(&["sk", "-proj-Ab3dEf6hIj9kLmN0pQrStUvWxYz12345"]), SecretKind::OpenAiKey),
            (joined(&["xox", "b-123456789012-abcdefABCDEF"]), SecretKind::SlackToken),
            (joined(&["AIza", "SyA1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q"]), SecretKind::GoogleKey),
            (
                joined(&["eyJ", "hbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"]),
                SecretKind::WebToken,
            ),
        ];
        for (secret, expected) in cases {
            let text = format!("key=\"{secret}\" and more");
            let found = find_secret(&text).unwrap_or_else(|| panic!("{expected} is not found in {text}"));
            assert_eq!((found.kind, found.at), (expected, 5), "{text}");
            assert!(!format!("{found:?}{}", found.kind).contains(&secret), "the secret itself is told");
        }
    }

    #[test]
    fn what_only_looks_alike_is_let_through() {
        for text in [
            "scikit-learn is sk-learn-for-short-and-nothing-else-here",
            "the task-force sk- and the AKIA of Rome",
            "-----BEGIN CERTIFICATE-----\nMIIB",
            "-----BEGIN PUBLIC KEY-----",
            "ghp_ is the prefix of a token",
            "eyJhbGciOiJIUzI1NiJ9 alone is a header",
            "https://example.org/eyJ.eyJ.eyJ",
            "xoxb- begins a token of Slack",
            "AIza is short",
            "ünïcödé — 文字 sk-文字",
            "",
        ] {
            assert_eq!(kind(text), None, "{text}");
        }
    }
}
