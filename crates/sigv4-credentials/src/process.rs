//! The state of a provider in one process. A forked process gets its own state: it has none of its
//! parent's threads, and its locks may be held by threads that do not exist in it.

use std::process;
use std::sync::{Arc, OnceLock};

/// A value for this process. It is created anew in each forked process.
///
/// The process id is compared before anything is locked.
#[derive(Debug)]
pub(crate) struct PerProcess<T> {
    id: u32,
    value: Arc<T>,
    forked: OnceLock<Box<Self>>,
}

impl<T> PerProcess<T> {
    pub(crate) fn new(value: T) -> Self {
        Self { id: process::id(), value: Arc::new(value), forked: OnceLock::new() }
    }

    /// Returns the value of this process. In a forked process, calls `make`.
    pub(crate) fn get(&self, make: impl Fn() -> T) -> &Arc<T> {
        self.of(process::id(), make)
    }

    fn of(&self, id: u32, make: impl Fn() -> T) -> &Arc<T> {
        let mut at = self;
        while at.id != id {
            at = at.forked.get_or_init(|| {
                Box::new(Self { id, value: Arc::new(make()), forked: OnceLock::new() })
            });
        }
        &at.value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forked_process_and_its_children_get_values_of_their_own_once_each() {
        let values = PerProcess::new(0);
        let id = values.id;
        assert_eq!(**values.get(|| unreachable!()), 0);
        assert_eq!(**values.of(id + 1, || 1), 1);
        assert_eq!(**values.of(id + 1, || unreachable!()), 1);
        assert_eq!(**values.of(id + 2, || 2), 2);
        assert_eq!(**values.of(id, || unreachable!()), 0);
    }
}
