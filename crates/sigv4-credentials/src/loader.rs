//! A thread with its own runtime, so that loading needs no runtime of the caller.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// A job for the thread. It is dropped unfinished if the thread ends first.
pub(crate) type Job = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Starts the thread at the first job; the thread ends when this is dropped.
#[derive(Debug, Default)]
pub(crate) struct Loader(Mutex<Option<Running>>);

#[derive(Debug)]
struct Running {
    number: u64,
    jobs: UnboundedSender<Job>,
}

impl Loader {
    /// Runs `job` on the thread and returns the thread's number. Drops the job if no thread can be
    /// started.
    pub(crate) fn run(&self, job: Job) -> Option<u64> {
        let mut running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = running.as_ref().map_or(0, |thread| thread.number);
        let job = match running.as_ref() {
            Some(thread) => match thread.jobs.send(job) {
                Ok(()) => return Some(thread.number),
                Err(ended) => ended.0,
            },
            None => job,
        };
        let thread = Running { number: before + 1, jobs: start().ok()? };
        let sent = thread.jobs.send(job).is_ok();
        let number = thread.number;
        *running = Some(thread);
        sent.then_some(number)
    }

    /// Abandons this thread because a job blocks it. The next job gets a new thread. The old one
    /// ends when its job stops blocking.
    pub(crate) fn abandon(&self, number: u64) {
        let mut running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(thread) = running.as_mut().filter(|thread| thread.number == number) {
            // A sender without a thread, so that the numbering continues.
            thread.jobs = unbounded_channel().0;
        }
    }
}

/// Calls `late` unless the other end of `done` is dropped within `limit`. It waits on a separate
/// thread, because a timer of the runtime would not fire while a job blocks it.
pub(crate) fn watch(limit: Duration, done: Receiver<()>, late: impl FnOnce() + Send + 'static) {
    let watching = move || {
        if done.recv_timeout(limit) == Err(RecvTimeoutError::Timeout) {
            late();
        }
    };
    // If no thread can be started, only the runtime's timer is left.
    drop(thread::Builder::new().name("sigv4-credentials-watch".to_owned()).spawn(watching));
}

fn start() -> io::Result<UnboundedSender<Job>> {
    // Built here, so that the caller sees a failure.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (sender, jobs) = unbounded_channel();
    thread::Builder::new().name("sigv4-credentials".to_owned()).spawn(move || {
        runtime.block_on(run_jobs(jobs));
        runtime.shutdown_background();
    })?;
    Ok(sender)
}

async fn run_jobs(mut jobs: UnboundedReceiver<Job>) {
    while let Some(job) = jobs.recv().await {
        // A separate task, so that a panic in a source ends the task and not the thread.
        tokio::spawn(job);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    fn run_and_wait(loader: &Loader) -> thread::ThreadId {
        let (answer, answers) = mpsc::channel();
        let job = Box::pin(async move { answer.send(thread::current().id()).unwrap() });
        assert!(loader.run(job).is_some());
        answers.recv_timeout(Duration::from_secs(5)).unwrap()
    }

    #[test]
    fn jobs_run_on_one_thread_that_is_not_the_callers() {
        let loader = Loader::default();
        let first = run_and_wait(&loader);
        assert_ne!(first, thread::current().id());
        assert_eq!(run_and_wait(&loader), first);
    }

    #[test]
    fn panic_in_a_job_does_not_end_the_thread() {
        let loader = Loader::default();
        let first = run_and_wait(&loader);
        assert!(loader.run(Box::pin(async { panic!("a source's bug") })).is_some());
        assert_eq!(run_and_wait(&loader), first);
    }

    #[test]
    fn thread_that_is_blocked_is_replaced_once_it_is_abandoned() {
        let loader = Loader::default();
        let first = run_and_wait(&loader);
        let (release, released) = mpsc::channel::<()>();
        let number = loader.run(Box::pin(async move { released.recv().unwrap_or_default() }));
        loader.abandon(number.unwrap());
        loader.abandon(number.unwrap() + 1); // not that one
        assert_ne!(run_and_wait(&loader), first);
        drop(release);
    }

    #[test]
    fn thread_ends_when_the_loader_is_dropped() {
        let loader = Loader::default();
        let (hold, dropped) = mpsc::channel::<()>();
        let endless = Box::pin(async move {
            let _hold = hold;
            std::future::pending::<()>().await;
        });
        assert!(loader.run(endless).is_some());
        drop(loader);
        // The job and its sender are dropped with the runtime.
        let ended = dropped.recv_timeout(Duration::from_secs(5));
        assert_eq!(ended, Err(RecvTimeoutError::Disconnected));
    }
}
