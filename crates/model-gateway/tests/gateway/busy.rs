use std::time::{Duration, Instant};

use ambit_domain::port::{ProviderKind, Providers as _};
use ambit_domain::{Cancellation, ErrorCode, Secret};
use futures_util::StreamExt as _;

use crate::fake::{Fake, Part, delta, events, failure, stop};
use crate::house::{House, ask, text};

const TOLD: &str = r#"{"error":{"message":"Rate limit reached","type":"requests","code":"rate_limit_exceeded"}}"#;

#[tokio::test]
async fn a_short_wait_is_waited_once() {
    let busy = || vec![failure("429 Too Many Requests", "Retry-After: 1\r\n", TOLD)];
    let fake = Fake::start(vec![busy(), vec![events(), delta("Because."), stop()], busy(), busy()]);
    let house = House::with(ProviderKind::OpenAi, &fake.url()).await;
    let begun = Instant::now();
    let (told, error) = house.told(ask("Why?")).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!(text(&told), "Because.");
    assert!(begun.elapsed() >= Duration::from_secs(1), "it did not wait");
    assert_eq!(house.ports.transmissions.list(None, 9).await.unwrap().len(), 2, "each request is in the ledger");

    let error = house.failure().await;
    assert_eq!((error.code(), error.retry_after()), (ErrorCode::RateLimited, Some(Duration::from_secs(1))));
    assert!(error.message().contains("Rate limit reached"), "{error}");
    assert_eq!(fake.came().len(), 4, "it is asked once more, not again and again");
}

#[tokio::test]
async fn a_server_that_is_busy_is_told_from_one_that_was_asked_too_often() {
    let fake = Fake::start(vec![vec![failure("503 Service Unavailable", "Retry-After: 30\r\n", "{}")]]);
    let error = House::with(ProviderKind::OpenAi, &fake.url()).await.failure().await;
    assert_eq!((error.code(), error.retry_after()), (ErrorCode::Unavailable, Some(Duration::from_secs(30))), "{error}");
}

#[tokio::test]
async fn a_key_that_is_missing_is_told_from_one_that_is_refused() {
    let refused = || vec![failure("401 Unauthorized", "", r#"{"error":"unauthorized"}"#)];
    let fake = Fake::start(vec![refused(), refused()]);
    let house = House::with(ProviderKind::Ollama, &fake.url()).await;
    let error = house.failure().await;
    assert_eq!(error.code(), ErrorCode::KeyRefused);
    assert!(error.message().contains("wants a key, and none is kept for it: unauthorized"), "{error}");
    house.gateway.set_key("house".to_owned(), Some(Secret::new("sesame"))).await.unwrap();
    let error = house.failure().await;
    assert!(error.message().contains("refused the key: unauthorized"), "{error}");
    assert!(error.hint().unwrap().contains("`ambit providers key house`"), "{:?}", error.hint());
}

#[tokio::test]
async fn what_was_forgotten_during_the_wait_is_not_sent_again() {
    let busy = vec![failure("429 Too Many Requests", "Retry-After: 1\r\n", TOLD)];
    let fake = Fake::start(vec![busy, vec![events(), delta("Because."), stop()]]);
    let house = House::with(ProviderKind::OpenAi, &fake.url()).await;
    let later = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        house.gateway.forget();
    };
    let ((_, error), ()) = tokio::join!(house.told(ask("Why?")), later);
    assert_eq!(error.unwrap().code(), ErrorCode::Conflict);
    assert_eq!(fake.came().len(), 1, "what may have been forgotten was sent again");
    assert!(house.told(ask("Why?")).await.1.is_none(), "another question is sent");
}

#[tokio::test]
async fn who_was_removed_during_the_wait_is_not_asked_again() {
    let busy = vec![failure("429 Too Many Requests", "Retry-After: 1\r\n", TOLD)];
    let fake = Fake::start(vec![busy, vec![events(), delta("Because."), stop()]]);
    let house = House::with(ProviderKind::OpenAi, &fake.url()).await;
    let later = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        house.gateway.remove("house".to_owned()).await.unwrap();
    };
    let ((_, error), ()) = tokio::join!(house.told(ask("Why?")), later);
    assert_eq!(error.unwrap().code(), ErrorCode::Conflict);
    assert_eq!(fake.came().len(), 1);
}

#[tokio::test]
async fn a_long_wait_is_told_with_its_time() {
    // The clock of the test stands in November 2023.
    let date = "Retry-After: Tue, 14 Nov 2023 22:15:20 GMT\r\n";
    let fake = Fake::start(vec![
        vec![failure("429 Too Many Requests", "Retry-After: 3600\r\n", TOLD)],
        vec![failure("429 Too Many Requests", date, TOLD)],
        vec![failure("429 Too Many Requests", "", r#"{"error":{"message":"You exceeded your current quota"}}"#)],
    ]);
    let house = House::with(ProviderKind::OpenAi, &fake.url()).await;
    let begun = Instant::now();
    let error = house.failure().await;
    assert_eq!((error.code(), error.retry_after()), (ErrorCode::RateLimited, Some(Duration::from_secs(3600))));
    let hint = error.hint().unwrap();
    assert!(hint.contains("3600 seconds") && hint.contains("2023-11-14T23:13:2"), "{hint}");
    let error = house.failure().await;
    let hint = error.hint().unwrap();
    assert!(hint.contains("119 seconds") && hint.contains("until 2023-11-14T22:15:20Z"), "{hint}");
    let error = house.failure().await;
    assert_eq!((error.code(), error.retry_after()), (ErrorCode::RateLimited, None));
    assert!(error.message().contains("exceeded your current quota"), "{error}");
    assert!(error.hint().unwrap().contains("quota"), "{:?}", error.hint());
    assert!(begun.elapsed() < Duration::from_secs(5), "it waited");
}

#[tokio::test]
async fn cancelling_and_dropping_close_the_connection() {
    let held = || vec![events(), delta("Be"), Part::UntilClosed];
    let fake = Fake::start(vec![held(), held()]);
    let house = House::with(ProviderKind::OpenAi, &fake.url()).await;
    let model = house.model();

    let cancellation = Cancellation::new();
    let mut stream = model.generate(ask("Why?"), cancellation.clone());
    assert!(stream.next().await.unwrap().is_ok());
    cancellation.cancel();
    assert_eq!(stream.next().await.unwrap().unwrap_err().code(), ErrorCode::Cancelled);
    assert!(stream.next().await.is_none());
    drop(stream);
    closed(&fake, 1).await;

    let mut stream = model.generate(ask("Why?"), Cancellation::new());
    assert!(stream.next().await.unwrap().is_ok());
    drop(stream);
    closed(&fake, 2).await;
}

#[tokio::test]
async fn a_wait_can_be_cancelled() {
    let fake = Fake::start(vec![vec![failure("503 Service Unavailable", "Retry-After: 1\r\n", "{}")]]);
    let house = House::with(ProviderKind::OpenAi, &fake.url()).await;
    let model = house.model();
    let cancellation = Cancellation::new();
    let mut stream = model.generate(ask("Why?"), cancellation.clone());
    let begun = Instant::now();
    let later = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        cancellation.cancel();
    };
    let (event, ()) = tokio::join!(stream.next(), later);
    assert_eq!(event.unwrap().unwrap_err().code(), ErrorCode::Cancelled);
    assert!(begun.elapsed() < Duration::from_millis(900), "{:?}", begun.elapsed());
}

async fn closed(fake: &Fake, connections: usize) {
    for _ in 0..200 {
        if fake.closed().len() == connections {
            let last = fake.closed()[connections - 1];
            assert!(last < Duration::from_secs(2), "the connection was closed only after {last:?}");
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the server still writes for nobody");
}
