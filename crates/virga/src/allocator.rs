//! The binary's allocator: mimalloc, asked for what Rust nearly always wants.
//!
//! The crate `mimalloc` asks for every block with its alignment, which takes a longer way through the allocator and, for sizes that
//! are no power of two, a larger block. All blocks are aligned to 16 bytes anyway, or to their size where they are smaller:
//! `docs/decisions/003-allocator.md` has the measurement.

use std::alloc::{GlobalAlloc, Layout};

use libmimalloc_sys as ffi;

/// What every block of at least this size is aligned to: `MI_MAX_ALIGN_SIZE` of mimalloc, C's `max_align_t`.
const NATURAL_ALIGNMENT: usize = 16;

/// mimalloc.
pub(crate) struct Allocator;

/// Whether a block of this size has this alignment by itself. Sizes that are no multiple of it are left to the longer way.
const fn is_natural(size: usize, alignment: usize) -> bool {
    alignment <= NATURAL_ALIGNMENT && alignment <= size
}

#[expect(unsafe_code, reason = "this is what an allocator is made of; it saves a fiftieth of a request")]
// SAFETY: each call is mimalloc's own for the layout; blocks of natural alignment are as aligned as the layout asks.
unsafe impl GlobalAlloc for Allocator {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let (size, alignment) = (layout.size(), layout.align());
        // SAFETY: any size and any power of two is allowed.
        unsafe {
            match is_natural(size, alignment) {
                true => ffi::mi_malloc(size).cast(),
                false => ffi::mi_malloc_aligned(size, alignment).cast(),
            }
        }
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        let (size, alignment) = (layout.size(), layout.align());
        // SAFETY: as above.
        unsafe {
            match is_natural(size, alignment) {
                true => ffi::mi_zalloc(size).cast(),
                false => ffi::mi_zalloc_aligned(size, alignment).cast(),
            }
        }
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, _: Layout) {
        // SAFETY: the caller gives back a block that came from here.
        unsafe { ffi::mi_free(block.cast()) }
    }

    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let alignment = layout.align();
        // SAFETY: the caller gives a block that came from here.
        unsafe {
            match is_natural(size, alignment) {
                true => ffi::mi_realloc(block.cast(), size).cast(),
                false => ffi::mi_realloc_aligned(block.cast(), size, alignment).cast(),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(unsafe_code, reason = "blocks are taken and given back")]
    fn blocks_are_as_aligned_as_they_are_asked_for() {
        for alignment in (0..8).map(|power| 1_usize << power) {
            for size in (1..300).chain([1056, 4096, 8192, 100_000, 3 << 20]) {
                let layout = Layout::from_size_align(size, alignment).expect("a layout");
                // SAFETY: the size is not zero, and what is written lies within it.
                unsafe {
                    for zeroed in [false, true] {
                        let block =
                            if zeroed { Allocator.alloc_zeroed(layout) } else { Allocator.alloc(layout) };
                        assert!(!block.is_null() && block.addr().is_multiple_of(alignment), "{layout:?}");
                        block.add(size - 1).write(7);
                        let larger = Allocator.realloc(block, layout, size * 2);
                        assert!(larger.addr().is_multiple_of(alignment), "{layout:?}");
                        assert_eq!(larger.add(size - 1).read(), 7);
                        let layout = Layout::from_size_align(size * 2, alignment).expect("a layout");
                        Allocator.dealloc(larger, layout);
                    }
                }
            }
        }
    }
}
