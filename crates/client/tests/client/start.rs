//! Starting a host. The executable is a shell script here; the real one is started by the scenarios.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ambit_client::{Client, ConnectOptions, Error, socket_for};
use serde_json::json;

use crate::host::{Host, Reply};

fn script(folder: &Path, text: &str) -> PathBuf {
    let path = folder.join("host-binary");
    std::fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path
}

fn options(folder: &Path, text: &str) -> ConnectOptions {
    let mut options = ConnectOptions::new(folder.join("data"), script(folder, text), "0.2.0").surface("cli");
    options.timeout = Duration::from_secs(5);
    options
}

#[tokio::test]
async fn a_host_is_started_and_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    // The script stands for the start; the listener that comes up a little later stands for the host.
    let options = options(folder.path(), "echo \"$@\" > started; sleep 3");
    let socket = socket_for(&options.data_directory);
    let data = options.data_directory.clone();
    let (host, client) = tokio::join!(
        async {
            while !data.join("started").exists() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            Host::listen(&socket, "0.2.0", |_| Reply::json(200, &json!({"roots": []})))
        },
        Client::connect_or_start(options),
    );
    client.unwrap().roots().await.unwrap();
    let arguments = std::fs::read_to_string(data.join("started")).unwrap();
    assert_eq!(arguments.trim(), format!("serve --data-directory {}", data.display()));
    assert_eq!(host.requests()[0].header("ambit-surface"), "cli");
    let mode = std::fs::metadata(&data).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700, "nobody else may look into the data directory");
    host.close().await;
}

#[tokio::test]
async fn a_running_host_is_not_started_again() {
    let folder = tempfile::tempdir().unwrap();
    let options = options(folder.path(), "touch started");
    let host = Host::listen(&options.data_directory.join("run/host.sock"), "0.2.0", |_| Reply::json(200, &json!({})));
    Client::connect_or_start(options.clone()).await.unwrap();
    assert!(!options.data_directory.join("started").exists());
    host.close().await;
}

#[tokio::test]
async fn a_host_that_fails_is_told_with_its_last_words() {
    let folder = tempfile::tempdir().unwrap();
    let error = Client::connect_or_start(options(folder.path(), "echo 'error: the disk is full' >&2; exit 3"));
    let error = error.await.unwrap_err();
    assert!(matches!(error, Error::NotStarted { .. }), "{error:?}");
    assert!(error.to_string().contains("the disk is full (exit status: 3)"), "{error}");
    assert!(error.hint().unwrap().contains("data/logs"), "{error:?}");
}

#[tokio::test]
async fn a_host_that_hangs_is_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = options(folder.path(), "exec sleep 3");
    options.timeout = Duration::from_millis(300);
    let error = Client::connect_or_start(options).await.unwrap_err();
    assert!(error.to_string().contains("no answer within 300ms"), "{error}");
}

#[tokio::test]
async fn a_missing_executable_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let options = ConnectOptions::new(folder.path().join("data"), "/nonexistent/ambit", "0.2.0");
    let error = Client::connect_or_start(options).await.unwrap_err();
    assert!(error.to_string().contains("/nonexistent/ambit"), "{error}");
}

#[tokio::test]
async fn an_older_host_is_asked_to_hand_over() {
    let folder = tempfile::tempdir().unwrap();
    let options = options(folder.path(), "touch started; sleep 3");
    let data = options.data_directory.clone();
    let socket = socket_for(&data);
    let (asked, drained) = tokio::sync::mpsc::unbounded_channel();
    let old = Host::listen(&socket, "0.1.0", move |seen| {
        assert_eq!(seen.line, "POST /v1/host/drain");
        assert!(seen.body.contains("0.2.0"), "the host's log should tell who takes over: {}", seen.body);
        asked.send(()).unwrap();
        Reply::json(202, &json!({"version": "0.1.0", "process": 1}))
    });
    let mut drained = drained;
    let (new, client) = tokio::join!(
        async {
            drained.recv().await.unwrap();
            old.close().await;
            while !data.join("started").exists() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            Host::listen(&socket, "0.2.0", |_| Reply::json(200, &json!({"roots": []})))
        },
        Client::connect_or_start(options),
    );
    client.unwrap().roots().await.unwrap();
    assert_eq!(new.requests().len(), 1);
    assert!(drained.try_recv().is_err(), "one request to drain is enough");
    new.close().await;
}

#[tokio::test]
async fn a_newer_host_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let options = options(folder.path(), "touch started");
    let socket = socket_for(&options.data_directory);
    std::fs::create_dir_all(&options.data_directory).unwrap();
    let host = Host::listen(&socket, "0.3.0", |seen| panic!("nothing should be asked, but was: {}", seen.line));
    Client::connect_or_start(options).await.unwrap();
    host.close().await;
}

#[tokio::test]
async fn an_older_host_that_stays_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = options(folder.path(), "touch started");
    options.timeout = Duration::from_millis(300);
    let socket = socket_for(&options.data_directory);
    let host = Host::listen(&socket, "0.1.0", |_| Reply::json(202, &json!({"version": "0.1.0", "process": 1})));
    let error = Client::connect_or_start(options).await.unwrap_err();
    assert!(
        matches!(&error, Error::NotHandedOver { running, wanted } if running == "0.1.0" && wanted == "0.2.0"),
        "{error:?}"
    );
    host.close().await;
}

#[tokio::test]
async fn a_host_that_died_is_started_again_by_the_next_request() {
    let folder = tempfile::tempdir().unwrap();
    let options = options(folder.path(), "echo x >> started; sleep 3");
    let data = options.data_directory.clone();
    let socket = socket_for(&data);
    std::fs::create_dir_all(&data).unwrap();
    let roots = |_: &crate::host::Seen| Reply::json(200, &json!({"roots": []}));
    let first = Host::listen(&socket, "0.2.0", roots);
    let client = Client::connect_or_start(options).await.unwrap();
    first.close().await;
    let (second, answer) = tokio::join!(
        async {
            while !data.join("started").exists() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            Host::listen(&socket, "0.2.0", roots)
        },
        client.roots(),
    );
    answer.expect("a client that can start a host does so when its host is gone");
    assert_eq!(std::fs::read_to_string(data.join("started")).unwrap(), "x\n", "one start is enough");
    second.close().await;
}

#[tokio::test]
async fn a_new_host_is_tried_again_while_the_old_one_finishes() {
    let folder = tempfile::tempdir().unwrap();
    // The data directory stays locked for the first two tries, as by an old host that still answers somebody.
    let options =
        options(folder.path(), "echo x >> tries; [ $(wc -l < tries) -gt 2 ] || exit 1; touch started; sleep 3");
    let data = options.data_directory.clone();
    let socket = socket_for(&data);
    let (asked, mut drained) = tokio::sync::mpsc::unbounded_channel();
    let old = Host::listen(&socket, "0.1.0", move |_| {
        asked.send(()).unwrap();
        Reply::json(202, &json!({"version": "0.1.0", "process": 1}))
    });
    let (new, client) = tokio::join!(
        async {
            drained.recv().await.unwrap();
            old.close().await;
            while !data.join("started").exists() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            Host::listen(&socket, "0.2.0", |_| Reply::json(200, &json!({"roots": []})))
        },
        Client::connect_or_start(options),
    );
    client.unwrap();
    new.close().await;
}
