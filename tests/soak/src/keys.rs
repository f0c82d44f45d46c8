//! Rotating credentials: clients sign with them, and the server knows them.

use std::collections::VecDeque;
use std::future::{Future, ready};
use std::sync::{Arc, PoisonError, RwLock};

use sigv4_core::{Credentials, CredentialsFuture, CredentialsProvider};
use sigv4_hyper::{BoxError, KeyStore};

/// How many credentials the server still knows. A request may be on its way during a rotation.
const KNOWN: usize = 3;

/// The known credentials, with the newest last. Clones share them.
#[derive(Clone, Debug)]
pub(crate) struct Keys(Arc<RwLock<State>>);

#[derive(Debug)]
struct State {
    rotations: u64,
    known: VecDeque<Credentials>,
}

impl Default for Keys {
    fn default() -> Self {
        Self(Arc::new(RwLock::new(State { rotations: 0, known: VecDeque::from([made(0)]) })))
    }
}

/// Creates the nth credentials. Every part differs between rotations, so that a mixed triple cannot
/// verify.
fn made(nth: u64) -> Credentials {
    Credentials::new(format!("ASIASOAK{nth}"), format!("secret/{nth}"))
        .with_session_token(format!("token{nth}"))
}

impl Keys {
    pub(crate) fn rotate(&self) {
        let mut state = self.0.write().unwrap_or_else(PoisonError::into_inner);
        state.rotations += 1;
        let next = made(state.rotations);
        state.known.push_back(next);
        if state.known.len() > KNOWN {
            state.known.pop_front();
        }
    }

    pub(crate) fn rotations(&self) -> u64 {
        self.0.read().unwrap_or_else(PoisonError::into_inner).rotations
    }
}

impl CredentialsProvider for Keys {
    fn credentials(&self) -> CredentialsFuture {
        let state = self.0.read().unwrap_or_else(PoisonError::into_inner);
        CredentialsFuture::ready(Ok(state.known.back().cloned().unwrap_or_else(|| made(0))))
    }
}

impl KeyStore for Keys {
    fn key(
        &self,
        access_key_id: &str,
    ) -> impl Future<Output = Result<Option<Credentials>, BoxError>> + Send {
        let state = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let found = state.known.iter().find(|known| known.access_key_id() == access_key_id);
        ready(Ok(found.cloned()))
    }
}
