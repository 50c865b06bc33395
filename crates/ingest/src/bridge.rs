//! From threads to streams.

use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;

use ambit_domain::{BoxStream, Cancellation};
use async_channel::{Receiver, Sender, TrySendError};
use futures_core::Stream;

/// The thread's end. Sending waits while the reader of the stream is behind.
pub(crate) struct Outlet<T> {
    sender: Sender<T>,
    cancellation: Cancellation,
}

impl<T> Clone for Outlet<T> {
    fn clone(&self) -> Self {
        Self { sender: self.sender.clone(), cancellation: self.cancellation.clone() }
    }
}

/// A bounded channel from threads to a stream. The stream ends when the last outlet is gone.
pub(crate) fn bridge<T: Send + 'static>(
    capacity: usize,
    cancellation: Cancellation,
) -> (Outlet<T>, BoxStream<'static, T>) {
    let (sender, receiver) = async_channel::bounded(capacity);
    (Outlet { sender, cancellation }, Box::pin(Inlet { receiver: Box::pin(receiver) }))
}

impl<T> Outlet<T> {
    /// Whether it was taken. When it was not, nobody listens any more and the thread should end.
    pub(crate) fn send(&self, item: T) -> bool {
        if self.cancellation.is_cancelled() {
            return false;
        }
        match self.sender.try_send(item) {
            Ok(()) => true,
            Err(TrySendError::Closed(_)) => false,
            Err(TrySendError::Full(item)) => self.wait_and_send(item),
        }
    }

    fn wait_and_send(&self, item: T) -> bool {
        let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
        let mut context = Context::from_waker(&waker);
        let mut sending = pin!(self.sender.send(item));
        let mut cancelled = pin!(self.cancellation.cancelled());
        loop {
            if let Poll::Ready(sent) = sending.as_mut().poll(&mut context) {
                return sent.is_ok();
            }
            if cancelled.as_mut().poll(&mut context).is_ready() {
                return false;
            }
            std::thread::park();
        }
    }

    /// Whether nobody listens any more.
    pub(crate) fn is_closed(&self) -> bool {
        self.cancellation.is_cancelled() || self.sender.is_closed()
    }

    pub(crate) fn cancellation(&self) -> &Cancellation {
        &self.cancellation
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

struct Inlet<T> {
    receiver: Pin<Box<Receiver<T>>>,
}

impl<T> Stream for Inlet<T> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        self.receiver.as_mut().poll_next(context)
    }
}

impl<T> Drop for Inlet<T> {
    fn drop(&mut self) {
        self.receiver.close();
    }
}
