//! Time-based one-time passwords, as MFA devices show them: RFC 6238 with SHA-1, six digits and steps of 30 seconds.
//! Seeds and the last step that was used are kept by whoever calls.
//! <https://datatracker.ietf.org/doc/html/rfc6238>

use ring::hmac;

/// Length of a step.
const STEP_SECONDS: i64 = 30;
/// Length of a code.
const DIGITS: usize = 6;
const MODULUS: u32 = 1_000_000;

/// The step at a time in Unix seconds.
pub const fn step_at(unix_seconds: i64) -> i64 {
    unix_seconds.div_euclid(STEP_SECONDS)
}

/// The six digits that a device with this seed shows during a step.
pub fn code(seed: &[u8], step: i64) -> String {
    format!("{:0DIGITS$}", number(seed, step))
}

/// The step within `window` steps of `around` whose code this is: the nearest one. None when the code is no six
/// digits or belongs to no step so near.
pub fn step_of(seed: &[u8], code: &str, around: i64, window: i64) -> Option<i64> {
    let wanted = digits(code)?;
    outwards(around, window).find(|step| number(seed, *step) == wanted)
}

/// The step of the second of two codes that follow each other, within `window` steps of `around`.
pub fn step_of_pair(seed: &[u8], first: &str, second: &str, around: i64, window: i64) -> Option<i64> {
    let (first, second) = (digits(first)?, digits(second)?);
    outwards(around, window)
        .find(|step| number(seed, *step) == second && number(seed, step.saturating_sub(1)) == first)
}

/// The truncated HMAC of RFC 4226, section 5.3.
fn number(seed: &[u8], step: i64) -> u32 {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, seed);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let tag = tag.as_ref();
    let offset = usize::from(tag[tag.len() - 1] & 0xf);
    let word = [tag[offset] & 0x7f, tag[offset + 1], tag[offset + 2], tag[offset + 3]];
    u32::from_be_bytes(word) % MODULUS
}

fn digits(code: &str) -> Option<u32> {
    let valid = code.len() == DIGITS && code.bytes().all(|byte| byte.is_ascii_digit());
    valid.then(|| code.parse().ok()).flatten()
}

/// The steps around one, the nearest first.
fn outwards(around: i64, window: i64) -> impl Iterator<Item = i64> {
    (0..=window.max(0)).flat_map(move |distance| {
        let before = (distance > 0).then(|| around.saturating_sub(distance));
        before.into_iter().chain([around.saturating_add(distance)])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEED: &[u8] = b"12345678901234567890";

    /// The last six digits of the SHA-1 rows of RFC 6238, appendix B.
    #[test]
    fn codes_are_those_of_the_rfc() {
        for (seconds, expected) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code(SEED, step_at(seconds)), expected, "{seconds}");
        }
    }

    #[test]
    fn a_code_is_found_only_within_the_window() {
        let shown = code(SEED, 100);
        assert_eq!(step_of(SEED, &shown, 101, 1), Some(100));
        assert_eq!(step_of(SEED, &shown, 99, 1), Some(100));
        assert_eq!(step_of(SEED, &shown, 102, 1), None);
        assert_eq!(step_of(SEED, &shown[..5], 100, 1), None);
        assert_eq!(step_of(SEED, "12a456", 100, 1), None);
    }

    #[test]
    fn a_pair_has_to_be_consecutive() {
        let (first, second) = (code(SEED, 100), code(SEED, 101));
        assert_eq!(step_of_pair(SEED, &first, &second, 103, 5), Some(101));
        assert_eq!(step_of_pair(SEED, &second, &first, 103, 5), None);
        assert_eq!(step_of_pair(SEED, &first, &first, 103, 5), None);
        assert_eq!(step_of_pair(SEED, &first, &second, 110, 5), None);
    }
}
