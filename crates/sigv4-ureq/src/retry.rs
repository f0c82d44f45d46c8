//! Retries after transient failures, each with a new signature.

use core::time::Duration;

use http::{Method, StatusCode};

/// How often a request is retried after a transient failure, and the pause before each retry.
///
/// Only GET, HEAD, PUT, DELETE and OPTIONS are retried, because they may be repeated (RFC 9110,
/// section 9.2.2). They are retried after 429, 500, 502, 503 and 504, and after a broken
/// connection. A body that is used up is not sent again. The default is no retry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retries {
    times: u32,
    pause: Duration,
}

impl Retries {
    /// Never retries. A failure is returned at once.
    pub const NONE: Self = Self { times: 0, pause: Duration::ZERO };

    /// Retries at most `times` times. The first pause is 100 ms, and each further one is twice as
    /// long.
    pub const fn new(times: u32) -> Self {
        Self { times, pause: Duration::from_millis(100) }
    }

    /// Sets the pause before the first retry.
    #[must_use]
    pub const fn with_pause(self, pause: Duration) -> Self {
        Self { pause, ..self }
    }

    /// Returns the pause before the next retry after `done` retries, or `None` if none is left.
    pub(crate) fn pause_after(&self, done: u32, method: &Method) -> Option<Duration> {
        let repeatable = [Method::GET, Method::HEAD, Method::PUT, Method::DELETE, Method::OPTIONS];
        (done < self.times && repeatable.contains(method))
            .then(|| self.pause.saturating_mul(1 << done.min(16)))
    }
}

impl Default for Retries {
    fn default() -> Self {
        Self::NONE
    }
}

/// Whether a status is a transient failure.
pub(crate) fn is_transient(status: StatusCode) -> bool {
    matches!(status.as_u16(), 429 | 500 | 502 | 503 | 504)
}

/// Whether the connection broke or could not be opened. A DNS failure does not count.
pub(crate) fn is_broken(error: &ureq::Error) -> bool {
    use std::io::ErrorKind;
    match error {
        ureq::Error::Io(error) => matches!(
            error.kind(),
            ErrorKind::ConnectionReset
                | ErrorKind::ConnectionAborted
                | ErrorKind::ConnectionRefused
                | ErrorKind::BrokenPipe
                | ErrorKind::UnexpectedEof
        ),
        ureq::Error::ConnectionFailed => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pause_doubles_and_ends_with_the_last_retry() {
        let retries = Retries::new(3).with_pause(Duration::from_millis(10));
        let pauses: Vec<_> = (0..4).map(|done| retries.pause_after(done, &Method::GET)).collect();
        let ms = |ms| Some(Duration::from_millis(ms));
        assert_eq!(pauses, [ms(10), ms(20), ms(40), None]);
        assert_eq!(Retries::NONE.pause_after(0, &Method::GET), None);
        let endless = Retries::new(u32::MAX).with_pause(Duration::MAX);
        assert_eq!(endless.pause_after(u32::MAX - 1, &Method::GET), Some(Duration::MAX));
    }

    #[test]
    fn post_is_not_sent_twice() {
        assert_eq!(Retries::new(1).pause_after(0, &Method::POST), None);
        assert_eq!(Retries::new(1).pause_after(0, &Method::PATCH), None);
    }
}
