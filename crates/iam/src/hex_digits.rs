//! The hex digits of a SHA-256, which every signed request has two of: read by a table, without a branch for each digit.

/// What is no digit.
const NO_DIGIT: u8 = 0xFF;

/// The value of each byte as a digit.
static VALUES: [u8; 256] = {
    let mut values = [NO_DIGIT; 256];
    let digits = b"0123456789abcdef";
    let mut value = 0;
    while value < 16 {
        values[digits[value as usize] as usize] = value;
        values[digits[value as usize].to_ascii_uppercase() as usize] = value;
        value += 1;
    }
    values
};

/// Reads 64 digits of either case.
pub(crate) fn decode(text: &str) -> Option<[u8; 32]> {
    let digits: &[u8; 64] = text.as_bytes().try_into().ok()?;
    let mut bytes = [0; 32];
    let mut all = 0;
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let (high, low) = (VALUES[usize::from(pair[0])], VALUES[usize::from(pair[1])]);
        all |= high | low;
        *byte = high << 4 | low;
    }
    (all < 16).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hex_reads_is_read_alike() {
        let right = "00ffA5b7c9DE".repeat(6)[..64].to_owned();
        for text in [right.clone(), "0".repeat(63), "0".repeat(65), String::new()] {
            let mut expected = [0; 32];
            let expected = hex::decode_to_slice(&text, &mut expected).ok().map(|()| expected);
            assert_eq!(decode(&text), expected, "{text}");
        }
        for byte in 0..=127 {
            for place in [0, 1, 63] {
                let mut text = right.clone().into_bytes();
                text[place] = byte;
                let text = String::from_utf8(text).unwrap();
                assert_eq!(decode(&text).is_some(), byte.is_ascii_hexdigit(), "{text}");
            }
        }
        assert_eq!(decode(&"é".repeat(32)), None);
    }
}
