//! Request ids as AWS writes them: random UUIDs.

use std::cell::RefCell;
use std::fmt;
use std::hash::{BuildHasher, RandomState};

use bytes::Bytes;
use http::HeaderValue;
use virga_model::Text;

/// The id of one request: a version 4 UUID, written in lower-case hexadecimal with dashes.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct RequestId(u128);

/// Length of the written form.
const TEXT_LENGTH: usize = 36;

/// Version 4 and the RFC 9562 variant, and the bits that they replace.
const FIXED_MASK: u128 = 0x0000_0000_0000_f000_c000_0000_0000_0000;
const FIXED_BITS: u128 = 0x0000_0000_0000_4000_8000_0000_0000_0000;

thread_local! {
    /// Two generators, seeded apart, so that two threads whose sequences meet in one half still differ in the other.
    static RANDOM: RefCell<[fastrand::Rng; 2]> =
        RefCell::new([fastrand::Rng::with_seed(os_seed()), fastrand::Rng::with_seed(os_seed())]);
}

/// Sixty-four bits that go back to the operating system's randomness, which keys the standard library's hash maps.
fn os_seed() -> u64 {
    RandomState::new().hash_one(0_u64)
}

impl RequestId {
    /// A new id. Unique, not secret: it makes no system call.
    pub fn fresh() -> Self {
        RANDOM.with_borrow_mut(|[high, low]| Self::from_random(high.u64(..), low.u64(..)))
    }

    fn from_random(high: u64, low: u64) -> Self {
        let random = (u128::from(high) << 64) | u128::from(low);
        Self((random & !FIXED_MASK) | FIXED_BITS)
    }

    /// The id as a header value.
    pub fn to_header_value(self) -> HeaderValue {
        HeaderValue::from_bytes(&self.text()).expect("hexadecimal digits and dashes are valid in a header")
    }

    /// The id as text.
    pub fn to_text(self) -> Text {
        Text::try_from(Bytes::from_owner(self.text())).expect("hexadecimal digits and dashes are UTF-8")
    }

    fn text(self) -> [u8; TEXT_LENGTH] {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = [b'-'; TEXT_LENGTH];
        let mut at = 0;
        for (index, byte) in self.0.to_be_bytes().into_iter().enumerate() {
            if matches!(index, 4 | 6 | 8 | 10) {
                at += 1;
            }
            text[at] = DIGITS[usize::from(byte >> 4)];
            text[at + 1] = DIGITS[usize::from(byte & 15)];
            at += 2;
        }
        text
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(str::from_utf8(&self.text()).expect("hexadecimal digits and dashes are UTF-8"))
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_a_version_4_uuid() {
        assert_eq!(RequestId::from_random(0, 0).to_string(), "00000000-0000-4000-8000-000000000000");
        assert_eq!(
            RequestId::from_random(u64::MAX, u64::MAX).to_string(),
            "ffffffff-ffff-4fff-bfff-ffffffffffff"
        );
        assert_eq!(
            RequestId::from_random(0x0123_4567_89ab_cdef, 0x0123_4567_89ab_cdef).to_string(),
            "01234567-89ab-4def-8123-456789abcdef"
        );
    }

    #[test]
    fn ids_differ_within_and_across_threads() {
        let here: Vec<_> = (0..1000).map(|_| RequestId::fresh()).collect();
        let there =
            std::thread::spawn(|| (0..1000).map(|_| RequestId::fresh()).collect::<Vec<_>>()).join().unwrap();
        let distinct: std::collections::HashSet<_> = here.into_iter().chain(there).collect();
        assert_eq!(distinct.len(), 2000);
    }
}
