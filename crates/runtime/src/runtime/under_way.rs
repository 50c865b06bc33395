//! Work that goes on whoever listens: what it has told is told again to who comes later.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ambit_domain::{BoxStream, Cancellation, Result};
use futures_util::stream;
use tokio::sync::mpsc;

/// What is told of work, and can be told in short to who comes later.
pub(super) trait Told: Clone + Send + 'static {
    /// Takes in what was told next, where both can be told as one.
    fn absorb(&mut self, next: &Self) -> bool;
}

/// The works of one kind that are under way, by their names.
pub(super) struct UnderWay<E> {
    works: Mutex<HashMap<String, Work<E>>>,
}

struct Work<E> {
    /// What was told so far, in short.
    told: Vec<E>,
    listeners: Vec<mpsc::UnboundedSender<Result<E>>>,
    stop: Cancellation,
}

impl<E> Default for UnderWay<E> {
    fn default() -> Self {
        Self { works: Mutex::default() }
    }
}

impl<E: Told> UnderWay<E> {
    /// Work of this name begins; none when work of the same name is under way. Cancelling `stop` ends it.
    pub(super) fn begin(self: &Arc<Self>, name: &str, stop: Cancellation) -> Option<Teller<E>> {
        let mut works = self.all();
        if works.contains_key(name) {
            return None;
        }
        works.insert(name.to_owned(), Work { told: Vec::new(), listeners: Vec::new(), stop });
        drop(works);
        Some(Teller { works: Arc::clone(self), name: name.to_owned() })
    }

    /// What work has told, and what it tells from now on; none when there is none of this name.
    pub(super) fn follow(&self, name: &str) -> Option<BoxStream<'static, Result<E>>> {
        let mut works = self.all();
        let work = works.get_mut(name)?;
        let (sender, receiver) = mpsc::unbounded_channel();
        for event in &work.told {
            // The receiver is right here.
            drop(sender.send(Ok(event.clone())));
        }
        work.listeners.push(sender);
        Some(Box::pin(stream::unfold(receiver, async |mut receiver| Some((receiver.recv().await?, receiver)))))
    }

    /// Ends work; false when there is none of this name.
    pub(super) fn stop(&self, name: &str) -> bool {
        let works = self.all();
        let Some(work) = works.get(name) else { return false };
        work.stop.cancel();
        true
    }

    fn all(&self) -> MutexGuard<'_, HashMap<String, Work<E>>> {
        self.works.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The names of all that is under way.
    pub(super) fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.all().keys().cloned().collect();
        names.sort_unstable();
        names
    }
}

/// Tells what one work does; the work is over when this is dropped.
pub(super) struct Teller<E: Told> {
    works: Arc<UnderWay<E>>,
    name: String,
}

impl<E: Told> Teller<E> {
    pub(super) fn tell(&self, event: &Result<E>) {
        let mut works = self.works.all();
        let Some(work) = works.get_mut(&self.name) else { return };
        work.listeners.retain(|listener| {
            let event = match event {
                Ok(event) => Ok(event.clone()),
                Err(error) => Err(error.restated()),
            };
            listener.send(event).is_ok()
        });
        if let Ok(event) = event
            && !work.told.last_mut().is_some_and(|last| last.absorb(event))
        {
            work.told.push(event.clone());
        }
    }
}

impl<E: Told> Drop for Teller<E> {
    fn drop(&mut self) {
        self.works.all().remove(&self.name);
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use ambit_domain::Error;
    use futures_util::StreamExt as _;

    use super::*;

    #[derive(Debug, Clone, PartialEq)]
    enum Event {
        Begun,
        Text(String),
    }

    impl Told for Event {
        fn absorb(&mut self, next: &Self) -> bool {
            match (self, next) {
                (Self::Text(text), Self::Text(more)) => {
                    text.push_str(more);
                    true
                }
                _ => false,
            }
        }
    }

    fn text(text: &str) -> Event {
        Event::Text(text.to_owned())
    }

    #[tokio::test]
    async fn who_comes_later_hears_in_short_what_was_told_and_then_each_event_and_the_end() {
        let works = Arc::new(UnderWay::default());
        let teller = works.begin("a", Cancellation::new()).unwrap();
        for event in [Event::Begun, text("one "), text("two ")] {
            teller.tell(&Ok(event));
        }
        let heard = works.follow("a").unwrap();
        teller.tell(&Ok(text("three")));
        teller.tell(&Err(Error::not_found("it has gone").with_hint("look elsewhere")));
        drop(teller);
        let heard: Vec<_> = heard.collect().await;
        let events: Vec<&Event> = heard.iter().filter_map(|event| event.as_ref().ok()).collect();
        assert_eq!(events, [&Event::Begun, &text("one two "), &text("three")]);
        let failure = heard.last().unwrap().as_ref().unwrap_err();
        assert_eq!((failure.message(), failure.hint()), ("it has gone", Some("look elsewhere")));
    }

    #[test]
    fn work_has_its_name_for_itself_until_it_is_over() {
        let works = Arc::new(UnderWay::<Event>::default());
        let stop = Cancellation::new();
        let teller = works.begin("a", stop.clone()).unwrap();
        assert!(works.begin("a", Cancellation::new()).is_none());
        assert_eq!(works.names(), ["a"]);
        assert!(works.stop("a") && stop.is_cancelled());
        drop(teller);
        assert!(works.names().is_empty() && works.follow("a").is_none() && !works.stop("a"));
        assert!(works.begin("a", Cancellation::new()).is_some());
    }
}
