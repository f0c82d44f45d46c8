//! A thread with a runtime of its own, so that loading needs neither the caller's runtime nor any.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::thread;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Work for the thread. Dropped unfinished where the thread ends first.
pub(crate) type Job = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Starts the thread at the first job; the thread ends when this is dropped.
#[derive(Debug, Default)]
pub(crate) struct Loader(Mutex<Option<UnboundedSender<Job>>>);

impl Loader {
    /// Runs `job` on the thread; gives it back where no thread can be had.
    pub(crate) fn run(&self, job: Job) -> Result<(), Job> {
        let mut running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let job = match running.as_ref() {
            Some(thread) => match thread.send(job) {
                Ok(()) => return Ok(()),
                Err(ended) => ended.0,
            },
            None => job,
        };
        let Ok(thread) = start() else {
            return Err(job);
        };
        let sent = thread.send(job).map_err(|ended| ended.0);
        *running = Some(thread);
        sent
    }
}

fn start() -> io::Result<UnboundedSender<Job>> {
    // Built here, so that a failure is seen by who asked for the thread.
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
        // A task of its own: a panic in a source ends the task, not the thread.
        tokio::spawn(job);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;

    fn run_and_wait(loader: &Loader) -> thread::ThreadId {
        let (answer, answers) = mpsc::channel();
        let job = Box::pin(async move { answer.send(thread::current().id()).unwrap() });
        assert!(loader.run(job).is_ok());
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
        assert!(loader.run(Box::pin(async { panic!("a source's bug") })).is_ok());
        assert_eq!(run_and_wait(&loader), first);
    }

    #[test]
    fn thread_ends_when_the_loader_is_dropped() {
        let loader = Loader::default();
        let (hold, dropped) = mpsc::channel::<()>();
        let endless = Box::pin(async move {
            let _hold = hold;
            std::future::pending::<()>().await;
        });
        assert!(loader.run(endless).is_ok());
        drop(loader);
        // The job, and with it the sender, goes when the runtime does.
        let ended = dropped.recv_timeout(Duration::from_secs(5));
        assert_eq!(ended, Err(mpsc::RecvTimeoutError::Disconnected));
    }
}
