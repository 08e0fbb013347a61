//! Decoded records that threads remember. Each thread has its own: what is shared between processors costs more to find than
//! to decode again.

use std::cell::RefCell;
use std::sync::Arc;

use super::revisions::Revision;
use crate::engine::{Condition, Recalled, Ticket, Version};

/// Records that a thread remembers: one for each of so many places.
const PLACES: usize = 1024;

/// What was found under a key.
pub(super) struct Known {
    pub(super) revision: Arc<Revision>,
    /// The revision of its space when it was read.
    pub(super) seen: Version,
    /// What to wait for until it is durable.
    pub(super) ticket: Ticket,
    pub(super) record: Option<Recalled>,
}

impl Condition for Known {
    fn holds(&self) -> bool {
        self.revision.current() == self.seen
    }
}

/// A place: which engine's key is remembered there.
type Place = Option<(u64, Box<[u8]>, Arc<Known>)>;

thread_local! {
    static PLACES_OF_THREAD: RefCell<Vec<Place>> = RefCell::default();
}

/// Where a key of an engine is remembered. Keys that share a place merely forget each other.
fn place(engine: u64, key: &[u8]) -> usize {
    let mixed = key.chunks(size_of::<u64>()).fold(engine, |mixed, bytes| {
        let mut word = [0; size_of::<u64>()];
        word[..bytes.len()].copy_from_slice(bytes);
        (mixed.rotate_left(5) ^ u64::from_le_bytes(word)).wrapping_mul(0x9E37_79B9_7F4A_7C15)
    });
    // The upper bits depend on all of the key.
    usize::try_from(mixed >> (u64::BITS - PLACES.ilog2())).expect("fewer than there are places")
}

/// What this thread knows of a key of an engine, if it holds still.
pub(super) fn find(engine: u64, key: &[u8]) -> Option<Arc<Known>> {
    PLACES_OF_THREAD.with_borrow(|places| {
        let (of, own, known) = places.get(place(engine, key))?.as_ref()?;
        (*of == engine && **own == *key && known.holds()).then(|| Arc::clone(known))
    })
}

/// Remembers what was found under a key.
pub(super) fn keep(engine: u64, key: &[u8], known: &Arc<Known>) {
    let forgotten = PLACES_OF_THREAD.with_borrow_mut(|places| {
        if places.is_empty() {
            places.resize_with(PLACES, || None);
        }
        places[place(engine, key)].replace((engine, key.into(), Arc::clone(known)))
    });
    drop(forgotten);
}
