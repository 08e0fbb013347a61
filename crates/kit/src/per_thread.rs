//! What every call writes to, once for each thread that serves: two processors that write to one place wait for each
//! other, however short the write is.

use std::sync::OnceLock;

use virga_store::thread_number;

/// Places. Threads beyond that share them.
const PLACES: usize = 8;

/// A value for each of a few threads, made when the thread first asks.
#[derive(Debug)]
pub(crate) struct PerThread<T>([Place<T>; PLACES]);

/// As large as what processors take from each other at once.
#[derive(Debug)]
#[repr(align(128))]
struct Place<T>(OnceLock<T>);

impl<T> Default for PerThread<T> {
    fn default() -> Self {
        PerThread(std::array::from_fn(|_| Place(OnceLock::new())))
    }
}

impl<T> PerThread<T> {
    /// The value of this thread.
    pub(crate) fn own(&self, new: impl FnOnce() -> T) -> &T {
        self.0[thread_number() % PLACES].0.get_or_init(new)
    }

    /// The values of all threads that have asked.
    pub(crate) fn all(&self) -> impl Iterator<Item = &T> {
        self.0.iter().filter_map(|place| place.0.get())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn threads_have_values_of_their_own_and_all_are_found() {
        let counts: PerThread<AtomicUsize> = PerThread::default();
        std::thread::scope(|scope| {
            for _ in 0..2 * PLACES {
                scope.spawn(|| {
                    for _ in 0..100 {
                        counts.own(AtomicUsize::default).fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
        });
        let of_each: Vec<usize> = counts.all().map(|count| count.load(Ordering::Relaxed)).collect();
        assert!(of_each.len() > 1, "{of_each:?}");
        assert_eq!(of_each.iter().sum::<usize>(), 2 * PLACES * 100);
    }
}
