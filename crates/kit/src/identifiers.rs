//! Random identifiers in AWS's forms. Uniqueness matters here, secrecy does not: secrets are drawn elsewhere.

/// A version 4 UUID in lower case.
pub(crate) fn uuid() -> String {
    let uuid = uuid::Builder::from_random_bytes(fastrand::u128(..).to_be_bytes()).into_uuid();
    uuid.hyphenated().encode_lower(&mut uuid::Uuid::encode_buffer()).to_owned()
}

/// `length` characters of the alphabet.
pub(crate) fn letters(alphabet: &[u8], length: usize) -> String {
    (0..length).map(|_| char::from(alphabet[fastrand::usize(..alphabet.len())])).collect()
}
