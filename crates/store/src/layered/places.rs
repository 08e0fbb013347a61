//! Places of threads: what each has for itself.

use crate::thread_number;

/// Threads that have a place of their own; more share them.
pub(super) const PLACES: usize = 8;

/// The place of this thread, below [`PLACES`].
pub(super) fn own() -> usize {
    thread_number() % PLACES
}
