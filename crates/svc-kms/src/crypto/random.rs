//! Random bytes for keys, from the operating system.

use getrandom::SysRng;
use rand_core::{Rng as _, UnwrapErr};

use super::Secret;

/// The operating system's generator. When it fails there is no key to be made: the call becomes a fault.
pub(super) fn generator() -> UnwrapErr<SysRng> {
    UnwrapErr(SysRng)
}

/// Fills a buffer.
pub(crate) fn fill(bytes: &mut [u8]) {
    generator().fill_bytes(bytes);
}

/// A new secret of this many bytes.
pub(crate) fn secret(length: usize) -> Secret {
    let mut bytes = Secret::new(vec![0; length]);
    fill(&mut bytes);
    bytes
}
