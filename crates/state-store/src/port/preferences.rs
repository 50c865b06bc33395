use ambit_domain::port::Preferences;
use ambit_domain::{BoxFuture, Result};
use serde_json::Value;

use crate::StateStore;
use crate::table::preferences;

impl Preferences for StateStore {
    fn all(&self) -> BoxFuture<'_, Result<Vec<(String, Value)>>> {
        self.read(preferences::all)
    }

    fn set(&self, key: String, value: Value) -> BoxFuture<'_, Result<()>> {
        self.write_one(move |connection| preferences::set(connection, &key, &value))
    }

    fn unset(&self, key: String) -> BoxFuture<'_, Result<bool>> {
        self.write_one(move |connection| preferences::remove(connection, &key))
    }
}
