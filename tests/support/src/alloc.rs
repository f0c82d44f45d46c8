//! Counts allocations, so that a test can assert how many a call makes.
//!
//! With the feature `alloc`, the counting allocator becomes the program's own. Each thread counts
//! for itself, so tests may run in parallel.

/// The allocations of a closure on the current thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allocations {
    /// The number of allocations. A growing reallocation counts as one.
    pub count: u64,
    /// The sum of their sizes, in bytes.
    pub bytes: u64,
    /// The most bytes held at one time.
    pub peak_bytes: u64,
}

/// Runs `work` and counts its allocations. The result is dropped after counting.
pub fn count<T>(work: impl FnOnce() -> T) -> (T, Allocations) {
    let mut result = None;
    let info = allocation_counter::measure(|| result = Some(work()));
    let allocations = Allocations {
        count: info.count_total,
        bytes: info.bytes_total,
        peak_bytes: info.bytes_max,
    };
    (result.expect("measure runs the closure"), allocations)
}

#[cfg(test)]
mod tests {
    use std::hint::black_box;

    use super::count;

    #[test]
    fn a_box_is_one_allocation_of_its_size() {
        let (value, allocations) = count(|| black_box(Box::new(7_u64)));
        assert_eq!((*value, allocations.count, allocations.bytes), (7, 1, 8));
    }

    #[test]
    fn arithmetic_allocates_nothing() {
        let (sum, allocations) = count(|| black_box(2_u64) + black_box(3));
        assert_eq!((sum, allocations.count, allocations.bytes), (5, 0, 0));
    }

    #[test]
    fn another_threads_allocations_are_not_counted() {
        let (sender, receiver) = std::sync::mpsc::channel::<()>();
        let (done, finished) = std::sync::mpsc::channel::<()>();
        let thread = std::thread::spawn(move || {
            receiver.recv().unwrap();
            let values: Vec<Box<u64>> = (0..100).map(Box::new).collect();
            black_box(values);
            done.send(()).unwrap();
        });
        let ((), allocations) = count(|| {
            sender.send(()).unwrap();
            finished.recv().unwrap();
        });
        thread.join().unwrap();
        assert!(allocations.count < 10, "{allocations:?}");
    }
}
