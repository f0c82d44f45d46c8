//! A token that is renewed when it is requested, without a thread or a timer.

use core::future::Future;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use sigv4_core::{Credentials, CredentialsError, CredentialsProvider, SignError};

use crate::error::TokenError;
use crate::recipe::Recipe;
use crate::shared_load::{SharedLoad, locked};
use crate::token::Token;

/// The pause after a renewal that produced no newer token, while the old one is still valid.
const PAUSE: Duration = Duration::from_secs(5);

/// Keeps a token and makes the next one when it is due, with credentials from a provider.
///
/// It works only during calls. Clones share the token, and one renewal serves all callers. It never
/// returns a token that has expired or whose credentials have expired.
///
/// ```
/// use std::time::SystemTime;
/// use sigv4_tokens::{Credentials, Region, Renewing};
///
/// // Any `CredentialsProvider`. The one of `sigv4-credentials` refreshes its credentials.
/// let credentials = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
/// let broker = Renewing::new(sigv4_tokens::msk(&Region::from_static("eu-west-1")), credentials);
/// let token = broker.current(SystemTime::now())?; // in a callback that cannot await
/// assert_eq!(token.as_str(), broker.current(SystemTime::now())?.as_str());
/// # Ok::<(), sigv4_tokens::TokenError>(())
/// ```
#[derive(Debug)]
pub struct Renewing<R> {
    shared: Arc<Shared<R>>,
    /// The last token that this clone's `next` returned.
    seen: Option<Token>,
}

#[derive(Debug)]
struct Shared<R> {
    recipe: R,
    load: SharedLoad,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    token: Option<Token>,
    /// Counts the finished renewals, successful or not.
    round: u64,
    /// The earliest time of the next renewal, while the token is valid.
    not_before: Option<SystemTime>,
}

/// The state of the kept token at a given time.
enum State {
    /// There is a token, and nothing to do until the given time.
    Fresh(Token, SystemTime),
    /// There is a token, which is due for renewal in this round.
    Due(Token, u64),
    /// There is no token, or it has expired. Also holds the round.
    None(u64),
}

impl<R: Recipe> Renewing<R> {
    /// Creates a `Renewing` that makes tokens of `recipe` with the credentials of `provider`. The
    /// first token is made at the first call.
    pub fn new(recipe: R, provider: impl CredentialsProvider + 'static) -> Self {
        let load = SharedLoad::new(Arc::new(provider));
        let kept = Mutex::default();
        Self { shared: Arc::new(Shared { recipe, load, kept }), seen: None }
    }

    /// Returns the token to use now, for callers that cannot await.
    ///
    /// Returns a kept token at once. If it is due for renewal and the credentials are available at
    /// once, renews it. Otherwise returns the old token while it is valid, and a later call
    /// completes the renewal. If no token is valid, as at the first call, blocks this thread until
    /// the provider answers: do not make that call on a thread that the provider's runtime needs.
    ///
    /// # Errors
    /// The error of the recipe or the provider, once no kept token is valid.
    pub fn current(&self, now: SystemTime) -> Result<Token, TokenError> {
        let shared = &*self.shared;
        match shared.state(now) {
            State::Fresh(token, _) => Ok(token),
            State::Due(old, round) => match shared.load.join(round).now() {
                Some(result) => shared.renew(&result, now).or(Ok(old)),
                None => Ok(old),
            },
            State::None(_) => {
                let first = shared.wait(now);
                // Credentials loaded for an earlier call may have expired since.
                if first.as_ref().is_err_and(is_expiry) { shared.wait(now) } else { first }
            }
        }
    }

    /// Returns a token at the first call. Each further call waits until there is a newer one.
    ///
    /// `now` is the clock, and `sleep` the runtime's function, such as `tokio::time::sleep`. Use
    /// this for clients that must be given each new password, such as connection pools and streams
    /// of credentials. Each clone remembers the last token that it returned.
    ///
    /// ```
    /// # async fn example(pool: impl Fn(&str), provider: sigv4_tokens::Credentials) -> Result<(), sigv4_tokens::TokenError> {
    /// # async fn sleep(_: std::time::Duration) {}
    /// # let region = sigv4_tokens::Region::from_static("eu-west-1");
    /// # let database = sigv4_tokens::rds("db.example.com", 5432, "app", &region);
    /// let mut passwords = sigv4_tokens::Renewing::new(database, provider);
    /// loop {
    ///     pool(passwords.next(std::time::SystemTime::now, sleep).await?.as_str());
    /// #   return Ok(());
    /// }
    /// # }
    /// ```
    ///
    /// # Errors
    /// The error of the recipe or the provider, once no kept token is valid. Calling again tries again.
    pub async fn next<S: Future>(
        &mut self,
        now: impl Fn() -> SystemTime,
        sleep: impl Fn(Duration) -> S,
    ) -> Result<Token, TokenError> {
        let mut has_retried = false;
        loop {
            if let State::Due(_, round) | State::None(round) = self.shared.state(now()) {
                let result = self.shared.load.join(round).result().await;
                let renewed = self.shared.renew(&result, now());
                if let (Err(error), State::None(_)) = (renewed, self.shared.state(now())) {
                    if has_retried || !is_expiry(&error) {
                        return Err(error);
                    }
                    has_retried = true; // the shared load may be old
                    continue;
                }
            }
            let at = now();
            let State::Fresh(token, until) = self.shared.state(at) else {
                continue; // it came due meanwhile
            };
            if self.seen.as_ref().is_none_or(|seen| !seen.is(&token)) {
                self.seen = Some(token.clone());
                return Ok(token);
            }
            sleep(until.duration_since(at).unwrap_or_default()).await;
        }
    }
}

impl<R: Recipe> Shared<R> {
    fn state(&self, now: SystemTime) -> State {
        locked(&self.kept).state(now)
    }

    /// If there is no token, blocks until the provider answers.
    fn wait(&self, now: SystemTime) -> Result<Token, TokenError> {
        match self.state(now) {
            State::Fresh(token, _) => Ok(token),
            State::Due(_, round) | State::None(round) => {
                self.renew(&self.load.join(round).result().wait(), now)
            }
        }
    }

    /// Makes and keeps a token, unless another caller has done so meanwhile.
    fn renew(
        &self,
        credentials: &Result<Credentials, CredentialsError>,
        now: SystemTime,
    ) -> Result<Token, TokenError> {
        let renewed = locked(&self.kept).renew(&self.recipe, credentials, now);
        if let (Ok(credentials), Err(error)) = (credentials, &renewed)
            && is_expiry(error)
        {
            self.load.reject(credentials);
        }
        renewed
    }
}

fn is_expiry(error: &TokenError) -> bool {
    matches!(error, TokenError::Sign(SignError::CredentialsExpired { .. }))
}

impl Kept {
    fn renew(
        &mut self,
        recipe: &impl Recipe,
        credentials: &Result<Credentials, CredentialsError>,
        now: SystemTime,
    ) -> Result<Token, TokenError> {
        let old = match self.state(now) {
            State::Fresh(token, _) => return Ok(token),
            State::Due(token, _) => Some(token),
            State::None(_) => None,
        };
        self.round = self.round.wrapping_add(1);
        let made = match credentials {
            Ok(credentials) => recipe.token(credentials, now),
            Err(error) => Err(error.clone().into()),
        };
        // A token is not newer if its credentials, and so the token, expire no later.
        let is_gain =
            |token: &Token| old.as_ref().is_none_or(|old| token.expires_at() > old.expires_at());
        if let Some(token) = made.as_ref().ok().filter(|token| is_gain(token)) {
            self.token = Some(token.clone());
            self.not_before = None;
        } else if let Some(old) = old {
            self.not_before = now.checked_add(PAUSE);
            return made.map(|_| old);
        }
        made
    }

    fn state(&self, now: SystemTime) -> State {
        let Some(token) = self.token.as_ref().filter(|token| token.expires_at() > now) else {
            return State::None(self.round);
        };
        let due = self.not_before.map_or(token.renew_at(), |pause| pause.max(token.renew_at()));
        if due > now {
            State::Fresh(token.clone(), due.min(token.expires_at()))
        } else {
            State::Due(token.clone(), self.round)
        }
    }
}

impl<R> Clone for Renewing<R> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared), seen: None }
    }
}
