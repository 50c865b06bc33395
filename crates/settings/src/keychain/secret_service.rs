//! The Secret Service of a Linux desktop, as GNOME's keyring, KDE's wallet and KeePassXC provide it over the session's D-Bus
//! (<https://specifications.freedesktop.org/secret-service/latest/>).

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Duration;

use ambit_domain::Secret;
use dbus::arg::{AppendAll, PropMap, ReadAll, RefArg, Variant};
use dbus::blocking::Connection;
use dbus::strings::Path;

use super::{Keychain, KeychainError};

const BUS_NAME: &str = "org.freedesktop.secrets";
const ROOT: &str = "/org/freedesktop/secrets";
const SERVICE: &str = "org.freedesktop.Secret.Service";
const COLLECTION: &str = "org.freedesktop.Secret.Collection";
const ITEM: &str = "org.freedesktop.Secret.Item";
const PROMPT: &str = "org.freedesktop.Secret.Prompt";
const PROPERTIES: &str = "org.freedesktop.DBus.Properties";
/// What stands for no object.
const NONE: &str = "/";
/// How long one call may take.
const CALL: Duration = Duration::from_secs(2);

/// A secret on the wire: session, parameters of its encryption, value, and the type of its content.
type WireSecret = (Path<'static>, Vec<u8>, Vec<u8>, String);

/// The keyring of the session that this process belongs to. A connection lives as long as a call.
///
/// Secrets go over the session's bus as they are. Its messages are closed to other users; a program of the same user could
/// ask the keyring itself.
pub(super) struct SecretService;

impl Keychain for SecretService {
    fn name(&self) -> &'static str {
        "the desktop's keyring (Secret Service)"
    }

    fn check(&self) -> Result<(), KeychainError> {
        Session::open()?.collection().map(drop)
    }

    fn get(&self, account: &str) -> Result<Option<Secret>, KeychainError> {
        let session = Session::open()?;
        let Some(item) = session.find(account)? else { return Ok(None) };
        let ((_, _, value, _),): (WireSecret,) = session.call(&item, ITEM, "GetSecret", (session.path.clone(),))?;
        let text = String::from_utf8(value);
        let text = text.map_err(|_| KeychainError::Failed("what it keeps is no text".to_owned()))?;
        Ok(Some(Secret::new(text)))
    }

    fn set(&self, account: &str, secret: &Secret) -> Result<(), KeychainError> {
        let session = Session::open()?;
        let collection = session.collection()?;
        let attributes: HashMap<String, String> =
            attributes(account).into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let provider = account.split_once('/').map_or(account, |(_, name)| name);
        let mut properties = PropMap::new();
        properties.insert(format!("{ITEM}.Label"), Variant(Box::new(format!("Ambit: key of {provider}"))));
        properties.insert(format!("{ITEM}.Attributes"), Variant(Box::new(attributes)));
        let secret: WireSecret =
            (session.path.clone(), Vec::new(), secret.reveal().as_bytes().to_vec(), "text/plain".to_owned());
        let replace = true;
        let (_, prompt): (Path<'static>, Path<'static>) =
            session.call(&collection, COLLECTION, "CreateItem", (properties, secret, replace))?;
        session.decline(&prompt)
    }

    fn remove(&self, account: &str) -> Result<(), KeychainError> {
        let session = Session::open()?;
        let Some(item) = session.find(account)? else { return Ok(()) };
        let (prompt,): (Path<'static>,) = session.call(&item, ITEM, "Delete", ())?;
        session.decline(&prompt)
    }
}

/// By what an item is found.
fn attributes(account: &str) -> HashMap<&'static str, &str> {
    HashMap::from([("application", "ambit"), ("account", account)])
}

struct Session {
    connection: Connection,
    path: Path<'static>,
}

impl Session {
    fn open() -> Result<Self, KeychainError> {
        if !has_session_bus() {
            // Asked without one, libdbus may start a bus of its own, which has no keyring.
            return Err(KeychainError::Absent("this process runs outside a desktop session".to_owned()));
        }
        let connection = Connection::new_session();
        let connection = connection.map_err(|error| KeychainError::Absent(told(&error)))?;
        let mut session = Self { connection, path: Path::from(NONE) };
        let plain = Variant(Box::new(String::new()) as Box<dyn RefArg>);
        let (_, path): (Variant<Box<dyn RefArg>>, Path<'static>) =
            session.call(&Path::from(ROOT), SERVICE, "OpenSession", ("plain", plain))?;
        session.path = path;
        Ok(session)
    }

    /// The collection that takes new secrets, open.
    fn collection(&self) -> Result<Path<'static>, KeychainError> {
        let (collection,): (Path<'static>,) = self.call(&Path::from(ROOT), SERVICE, "ReadAlias", ("default",))?;
        if &*collection == NONE {
            return Err(KeychainError::Absent("no keyring has been set up in it yet".to_owned()));
        }
        let (is_locked,): (Variant<bool>,) = self.call(&collection, PROPERTIES, "Get", (COLLECTION, "Locked"))?;
        if is_locked.0 { Err(KeychainError::Locked) } else { Ok(collection) }
    }

    /// The item of an account, open.
    fn find(&self, account: &str) -> Result<Option<Path<'static>>, KeychainError> {
        let (open, locked): (Vec<Path<'static>>, Vec<Path<'static>>) =
            self.call(&Path::from(ROOT), SERVICE, "SearchItems", (attributes(account),))?;
        match open.into_iter().next() {
            Some(item) => Ok(Some(item)),
            None if locked.is_empty() => Ok(None),
            None => Err(KeychainError::Locked),
        }
    }

    /// A prompt means that the keyring wants to ask its user first.
    fn decline(&self, prompt: &Path<'static>) -> Result<(), KeychainError> {
        if &**prompt == NONE {
            return Ok(());
        }
        let _: () = self.call(prompt, PROMPT, "Dismiss", ())?;
        Err(KeychainError::Locked)
    }

    fn call<R: ReadAll, A: AppendAll>(
        &self,
        object: &Path<'static>,
        interface: &str,
        method: &str,
        arguments: A,
    ) -> Result<R, KeychainError> {
        let proxy = self.connection.with_proxy(BUS_NAME, object.clone(), CALL);
        proxy.method_call(interface, method, arguments).map_err(|error| match error.name().unwrap_or_default() {
            "org.freedesktop.DBus.Error.ServiceUnknown" | "org.freedesktop.DBus.Error.NameHasNoOwner" => {
                KeychainError::Absent("no keyring runs in this session".to_owned())
            }
            name if name.starts_with("org.freedesktop.DBus.Error.Spawn.") => {
                KeychainError::Absent(format!("the keyring could not be started: {}", told(&error)))
            }
            "org.freedesktop.Secret.Error.IsLocked" => KeychainError::Locked,
            "org.freedesktop.DBus.Error.NoReply" | "org.freedesktop.DBus.Error.Timeout" => {
                KeychainError::Failed(format!("it did not answer within {} seconds", CALL.as_secs()))
            }
            _ => KeychainError::Failed(told(&error)),
        })
    }
}

fn told(error: &dbus::Error) -> String {
    error.message().or(error.name()).unwrap_or("it gave no reason").trim().to_owned()
}

/// Whether there is a session's bus to ask: one that is named, or one where systemd puts it.
fn has_session_bus() -> bool {
    let named = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let standard = || named("XDG_RUNTIME_DIR").is_some_and(|folder| PathBuf::from(folder).join("bus").exists());
    named("DBUS_SESSION_BUS_ADDRESS").is_some() || standard()
}
