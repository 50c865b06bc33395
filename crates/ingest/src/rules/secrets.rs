use std::path::Path;

const KEY: &str = "looks like a private key";
const PASSWORDS: &str = "looks like a password store";
const CREDENTIALS: &str = "looks like stored credentials";
const BROWSER: &str = "looks like a browser profile";

/// Folders that hold secrets wherever they are.
const FOLDERS: &[(&str, &str)] = &[
    (".ssh", KEY),
    (".gnupg", KEY),
    (".pki", KEY),
    (".password-store", PASSWORDS),
    (".aws", CREDENTIALS),
    (".azure", CREDENTIALS),
    (".kube", CREDENTIALS),
    (".docker", CREDENTIALS),
    (".mozilla", BROWSER),
    (".thunderbird", BROWSER),
    (".terraform.d", CREDENTIALS),
    ("gcloud", CREDENTIALS),
    ("gh", CREDENTIALS),
    ("keyrings", PASSWORDS),
    ("kwalletd", PASSWORDS),
    ("Keychains", PASSWORDS),
    ("1Password", PASSWORDS),
    ("Bitwarden", PASSWORDS),
    ("KeePassXC", PASSWORDS),
];

/// Of these only the ones below a folder for settings: `gh` and `1Password` are words too.
const ONLY_IN_SETTINGS: &[&str] = &["gcloud", "gh", "keyrings", "kwalletd", "1Password", "Bitwarden", "KeePassXC"];
const SETTINGS: &[&str] = &[".config", "share", "Application Support", "Roaming", "Local"];

/// Folders of browsers, where they keep profiles; the folder above says whose they are.
const BROWSERS: &[(&str, &str)] = &[
    ("google-chrome", ""),
    ("google-chrome-beta", ""),
    ("chromium", ".config"),
    ("BraveSoftware", ""),
    ("vivaldi", ".config"),
    ("opera", ".config"),
    ("microsoft-edge", ""),
    ("Chrome", "Google"),
    ("Firefox", "Application Support"),
    ("Firefox", "Mozilla"),
    ("Edge", "Microsoft"),
    ("firefox", "snap"),
];

const FILES: &[(&str, &str)] = &[
    (".netrc", CREDENTIALS),
    ("_netrc", CREDENTIALS),
    (".pgpass", CREDENTIALS),
    (".my.cnf", CREDENTIALS),
    (".npmrc", CREDENTIALS),
    (".pypirc", CREDENTIALS),
    (".git-credentials", CREDENTIALS),
    (".dockercfg", CREDENTIALS),
    (".htpasswd", PASSWORDS),
    (".envrc", CREDENTIALS),
    ("kubeconfig", CREDENTIALS),
    ("credentials.json", CREDENTIALS),
    ("client_secret.json", CREDENTIALS),
    ("service-account.json", CREDENTIALS),
    ("secrets.yml", CREDENTIALS),
    ("secrets.yaml", CREDENTIALS),
    ("secrets.toml", CREDENTIALS),
    ("secrets.json", CREDENTIALS),
    ("credentials.csv", CREDENTIALS),
    ("accessKeys.csv", CREDENTIALS),
    ("terraform.tfstate.backup", CREDENTIALS),
    ("shadow", PASSWORDS),
    ("shadow-", PASSWORDS),
    ("gshadow", PASSWORDS),
    ("gshadow-", PASSWORDS),
    ("passwd-", PASSWORDS),
    ("logins.json", PASSWORDS),
    ("key3.db", PASSWORDS),
    ("key4.db", PASSWORDS),
    ("Login Data", PASSWORDS),
    ("Cookies", BROWSER),
    ("cookies.sqlite", BROWSER),
    ("wallet.dat", PASSWORDS),
];

const EXTENSIONS: &[(&str, &str)] = &[
    ("pem", KEY),
    ("key", KEY),
    ("ppk", KEY),
    ("p8", KEY),
    ("p12", KEY),
    ("pfx", KEY),
    ("jks", KEY),
    ("keystore", KEY),
    ("gpg", KEY),
    ("kdb", PASSWORDS),
    ("kdbx", PASSWORDS),
    ("agilekeychain", PASSWORDS),
    ("opvault", PASSWORDS),
    ("1pux", PASSWORDS),
    ("keychain", PASSWORDS),
    ("keychain-db", PASSWORDS),
    ("ovpn", CREDENTIALS),
    ("tfstate", CREDENTIALS),
    ("tfvars", CREDENTIALS),
];

/// Files that show how an `.env` looks, without what is secret in it.
const ENV_EXAMPLES: &[&str] = &[".env.example", ".env.sample", ".env.template", ".env.dist"];

/// Why a name is taken for a secret.
pub(super) fn reason(path: &Path, name: &str, is_folder: bool) -> Option<&'static str> {
    let above = path.parent().and_then(Path::file_name).and_then(|above| above.to_str()).unwrap_or_default();
    if is_folder {
        let in_settings = SETTINGS.contains(&above);
        let folder = FOLDERS.iter().find(|(folder, _)| *folder == name);
        if let Some((folder, reason)) = folder
            && (in_settings || !ONLY_IN_SETTINGS.contains(folder))
        {
            return Some(reason);
        }
        let browser =
            BROWSERS.iter().any(|(folder, parent)| *folder == name && (parent.is_empty() || *parent == above));
        if browser || is_profile(path) {
            return Some(BROWSER);
        }
        return extension_reason(name).filter(|reason| *reason == PASSWORDS);
    }
    if let Some((_, reason)) = FILES.iter().find(|(file, _)| *file == name) {
        return Some(reason);
    }
    if (name == ".env" || name.starts_with(".env.") || name.ends_with(".env")) && !ENV_EXAMPLES.contains(&name) {
        return Some(CREDENTIALS);
    }
    if name.starts_with("id_") && !name.ends_with(".pub") && is_key_name(name) {
        return Some(KEY);
    }
    if above == ".cargo" && name.starts_with("credentials") {
        return Some(CREDENTIALS);
    }
    extension_reason(name)
}

fn is_key_name(name: &str) -> bool {
    ["id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", "id_xmss"].iter().any(|key| name.starts_with(key))
}

fn extension_reason(name: &str) -> Option<&'static str> {
    let (_, extension) = name.rsplit_once('.')?;
    EXTENSIONS.iter().find(|(secret, _)| secret.eq_ignore_ascii_case(extension)).map(|(_, reason)| *reason)
}

/// A browser's profile has these files, wherever it was copied to.
fn is_profile(path: &Path) -> bool {
    path.join("cookies.sqlite").exists() || path.join("Login Data").exists() || path.join("logins.json").exists()
}
