use ambit_domain::AuditEntry;
use ambit_domain::port::Audit;
use ambit_state_store::StateStore;
use serde_json::json;

use crate::harness::{Fixture, clock, wait};

fn entry(action: &str) -> AuditEntry {
    AuditEntry {
        actor: "cli".to_owned(),
        action: action.to_owned(),
        subject: "root:1".to_owned(),
        detail: json!({"zeta": 1, "alpha": {"b": [1, 2], "a": null}, "text": "a \"quote\""}),
    }
}

#[test]
fn records_are_numbered_without_gaps_and_chained() {
    let fixture = Fixture::new();
    let store = &fixture.store;
    let written: Vec<_> = ["root.add", "session.ask", "source.forget"]
        .into_iter()
        .map(|action| wait(store.append(entry(action))).unwrap())
        .collect();
    assert_eq!(written.iter().map(|record| record.number).collect::<Vec<_>>(), [1, 2, 3]);
    assert!(written.iter().all(|record| record.chain.len() == 64 && record.entry.detail == entry("").detail));
    let newest = wait(store.records(None, 2)).unwrap();
    assert_eq!(newest, [written[2].clone(), written[1].clone()]);
    assert_eq!(wait(store.records(Some(2), 2)).unwrap(), [written[0].clone()]);
    assert_eq!(wait(store.verify()).unwrap(), None);
}

#[test]
fn a_changed_or_missing_record_is_told() {
    for (change, broken) in [
        ("UPDATE audit SET subject = 'root:2' WHERE number = 2", 2),
        ("UPDATE audit SET at = at + 1 WHERE number = 1", 1),
        ("UPDATE audit SET detail = '{}' WHERE number = 3", 3),
        ("DELETE FROM audit WHERE number = 2", 2),
        ("UPDATE audit SET chain = '' WHERE number = 1", 1),
    ] {
        let fixture = Fixture::new();
        for _ in 0..3 {
            wait(fixture.store.append(entry("root.add"))).unwrap();
        }
        let other = rusqlite::Connection::open(fixture.file()).unwrap();
        assert_eq!(other.execute(change, []).unwrap(), 1);
        assert_eq!(wait(fixture.store.verify()).unwrap(), Some(broken), "after {change}");
    }
}

#[test]
fn digests_are_equal_here_and_different_elsewhere() {
    let fixture = Fixture::new();
    let digest = fixture.store.digest("a path");
    assert_eq!(digest, fixture.store.digest("a path"));
    assert_ne!(digest, fixture.store.digest("another path"));
    assert_ne!(digest, Fixture::new().store.digest("a path"), "the key of digests is not of this installation alone");
    let file = fixture.file();
    fixture.store.close();
    assert_eq!(digest, StateStore::open(&file, clock()).unwrap().digest("a path"));
}
