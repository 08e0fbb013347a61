//! Strings of JSON: for the protocols, and for whoever writes values straight from a form of their own.

/// Bytes that are looked at together: the compiler makes a few instructions of it.
const AT_ONCE: usize = 16;

/// Writes a JSON string.
pub fn push_string(out: &mut Vec<u8>, text: &str) {
    out.reserve(text.len() + 2);
    out.push(b'"');
    let mut rest = text.as_bytes();
    loop {
        let (plain, special) = rest.split_at(plain_length(rest));
        out.extend_from_slice(plain);
        let Some((byte, after)) = special.split_first() else { break };
        rest = after;
        match *byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            control => out.extend_from_slice(format!("\\u{control:04x}").as_bytes()),
        }
    }
    out.push(b'"');
}

/// Bytes up to the first that needs an escape in a string.
pub fn plain_length(bytes: &[u8]) -> usize {
    length_without(bytes, needs_escape)
}

/// Whether bytes are ASCII and can stand in a string as they are.
pub fn is_plain_ascii(bytes: &[u8]) -> bool {
    length_without(bytes, |byte| needs_escape(byte) | !byte.is_ascii()) == bytes.len()
}

#[inline]
fn needs_escape(byte: u8) -> bool {
    // Without branches, so that many bytes are compared at once.
    (byte < 0x20) | (byte == b'"') | (byte == b'\\')
}

/// Bytes up to the first that is special.
#[inline]
fn length_without(bytes: &[u8], is_special: impl Fn(u8) -> bool) -> usize {
    let (chunks, _) = bytes.as_chunks::<AT_ONCE>();
    let any = |chunk: &[u8; AT_ONCE]| chunk.iter().fold(false, |any, byte| any | is_special(*byte));
    let plain = chunks.iter().position(any).unwrap_or(chunks.len()) * AT_ONCE;
    let rest = &bytes[plain..];
    plain + rest.iter().position(|byte| is_special(*byte)).unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_byte_that_needs_an_escape_is_found_wherever_it_stands() {
        for length in 0..70 {
            let plain = vec![b'x'; length];
            assert_eq!(plain_length(&plain), length);
            assert!(is_plain_ascii(&plain));
            for place in 0..length {
                for special in [0, 0x1F, b'"', b'\\'] {
                    let mut bytes = plain.clone();
                    bytes[place] = special;
                    bytes[length - 1] = special;
                    assert_eq!(plain_length(&bytes), place);
                    assert!(!is_plain_ascii(&bytes));
                }
                for beyond in [0x7F, 0x80, 0xFF] {
                    let mut bytes = plain.clone();
                    bytes[place] = beyond;
                    assert_eq!(plain_length(&bytes), length);
                    assert_eq!(is_plain_ascii(&bytes), beyond == 0x7F);
                }
            }
        }
    }
}
