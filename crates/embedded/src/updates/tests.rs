#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use ambit_domain::port::Audit;
use ambit_egress::OfflineSwitch;
use ambit_state_store::StateStore;

use super::*;
use crate::SystemClock;

#[test]
fn a_pre_release_is_older_than_its_release_and_newer_than_the_one_before() {
    let this = own("1.2.0-rc.1");
    assert!(this < Version::new(1, 2, 0) && this > Version::new(1, 1, 9));
    assert_eq!(own(env!("CARGO_PKG_VERSION")).to_string(), env!("CARGO_PKG_VERSION"));
}

#[test]
fn a_list_that_is_old_is_told_as_such() {
    let after = |days: i64| warning(Timestamp(0), Timestamp(days * DAY_MILLIS));
    assert_eq!((after(-1), after(0), after(90)), (None, None, None));
    assert!(after(120).unwrap().contains("120 days ago"));
}

#[tokio::test]
async fn a_server_that_does_not_go_on_is_given_up() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let key_file = folder.path().join("update.pub");
    let key = "untrusted comment: minisign public key\nRWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3\n";
    std::fs::write(&key_file, key).unwrap();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let store = Arc::new(StateStore::open(&folder.path().join("state.db"), Arc::clone(&clock)).unwrap());
    let audit: Arc<dyn Audit> = Arc::clone(&store) as _;
    let updates = SignedUpdates {
        egress: Arc::new(Egress::new(OfflineSwitch::new(false), audit)),
        preferences: store,
        clock,
        address: format!("http://{}/update.json", listener.local_addr().unwrap()),
        is_wanted: false,
        key_file,
        patience: Duration::from_millis(300),
        this: Version::new(1, 0, 0),
        seen: Mutex::new(None),
    };
    let given_up = tokio::time::timeout(Duration::from_secs(20), updates.fetch()).await;
    let error = given_up.unwrap().unwrap_err();
    assert!(error.message().contains("did not answer within 0.3 seconds"), "{error}");
}
