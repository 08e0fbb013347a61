//! The 32 letters by which callers know a version or an upload. They hold where it is found, so that no index is
//! needed, veiled by a random number, and a check, so that an invented id is told from that of something gone.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::alphabet::Alphabet;
use base64::engine::{GeneralPurpose, general_purpose::NO_PAD};

use serde::{Deserialize, Serialize};

/// What tells one version or upload from another, and orders them. Callers see 32 letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct OpaqueId {
    /// Grows with every version of a key.
    pub sequence: u64,
    /// Random, so that nobody guesses it.
    pub salt: u64,
}

/// AWS's ids have these letters.
static LETTERS: LazyLock<GeneralPurpose> = LazyLock::new(|| {
    let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._";
    GeneralPurpose::new(&Alphabet::new(letters).expect("the letters are 64, all different"), NO_PAD)
});

/// The letters of an id.
pub fn letters(id: OpaqueId) -> String {
    let mut bytes = [0; 24];
    bytes[..8].copy_from_slice(&id.salt.to_be_bytes());
    bytes[8..16].copy_from_slice(&(id.sequence ^ mixed(id.salt)).to_be_bytes());
    bytes[16..].copy_from_slice(&check(id).to_be_bytes());
    LETTERS.encode(bytes)
}

/// The id of some letters; none when nobody has drawn them.
pub fn parse(letters: &str) -> Option<OpaqueId> {
    let bytes: [u8; 24] = LETTERS.decode(letters).ok()?.try_into().ok()?;
    let word = |at: usize| bytes[at..at + 8].iter().fold(0_u64, |word, byte| word << 8 | u64::from(*byte));
    let salt = word(0);
    let id = OpaqueId { sequence: word(8) ^ mixed(salt), salt };
    (check(id) == word(16)).then_some(id)
}

fn check(id: OpaqueId) -> u64 {
    mixed(id.sequence.wrapping_add(mixed(id.salt ^ 0x5333)))
}

/// Spreads the bits of a number over the whole word, as the generator `SplitMix64` does.
fn mixed(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_tell_the_id_and_invented_ones_nothing() {
        for id in [OpaqueId { sequence: 0, salt: 0 }, OpaqueId { sequence: u64::MAX, salt: 7 }] {
            let text = letters(id);
            assert_eq!(text.len(), 32);
            assert_eq!(parse(&text), Some(id));
            assert_eq!(parse(&text[1..]), None);
        }
        assert_eq!(parse("HPniJFCxqTsMuIH9KX8K8wEjNUgmABCD"), None);
        assert_eq!(parse("null"), None);
    }
}
