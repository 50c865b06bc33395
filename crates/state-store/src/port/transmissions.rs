use ambit_domain::port::{NewTransmission, Transmission, Transmissions};
use ambit_domain::{BoxFuture, Result};

use crate::StateStore;
use crate::table::transmissions;

impl Transmissions for StateStore {
    fn record(&self, transmission: NewTransmission) -> BoxFuture<'_, Result<i64>> {
        let now = self.now();
        self.write_one(move |connection| transmissions::insert(connection, &transmission, now))
    }

    fn take_back(&self, id: i64) -> BoxFuture<'_, Result<()>> {
        self.write_one(move |connection| transmissions::take_back(connection, id))
    }

    fn list(&self, before: Option<i64>, limit: usize) -> BoxFuture<'_, Result<Vec<Transmission>>> {
        self.read(move |connection| transmissions::list(connection, before, limit))
    }

    fn get(&self, id: i64) -> BoxFuture<'_, Result<Option<Transmission>>> {
        self.read(move |connection| transmissions::get(connection, id))
    }

    fn erase(&self, id: i64) -> BoxFuture<'_, Result<bool>> {
        self.erase(move |connection| transmissions::erase(connection, id))
    }
}
