//! Blocks on a future without a runtime, and sends a result that two senders may race to send.

use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use tokio::sync::oneshot;

/// Sends the first result and ignores a second one.
#[derive(Debug)]
pub(crate) struct Reply<T>(Mutex<Option<oneshot::Sender<T>>>);

impl<T> Reply<T> {
    pub(crate) fn new(answer: oneshot::Sender<T>) -> Self {
        Self(Mutex::new(Some(answer)))
    }

    pub(crate) fn send(&self, value: T) {
        let answer = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        // It is not an error if the receiver has gone.
        let _ = answer.map(|answer| answer.send(value));
    }
}

/// Parks this thread until `future` is done. The future must not need a particular runtime.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}
