//! Tokens of every algorithm, right and wrong.

use virga_federation::jwt::{Algorithm, JwtError, KeySet, SigningKeys, Token};

const KEYS: &str = include_str!("fixtures/keys.json");
const TOKENS: &str = include_str!("fixtures/tokens.txt");

fn tokens() -> impl Iterator<Item = (&'static str, &'static str)> {
    TOKENS.lines().map(|line| line.split_once(' ').unwrap())
}

#[test]
fn every_algorithm_is_verified() {
    let keys = KeySet::parse(KEYS).unwrap();
    assert_eq!(tokens().count(), 9);
    for (algorithm, text) in tokens() {
        let token = Token::parse(text).unwrap();
        assert_eq!(token.algorithm.name(), algorithm);
        assert_eq!(token.verify(&keys), Ok(()), "{algorithm}");
        assert_eq!((token.text("sub"), token.texts("aud")), (Some("ann"), vec!["one", "two"]));
        assert_eq!(token.time("exp"), Some(1_800_003_600));
    }
}

#[test]
fn changed_tokens_are_not_verified() {
    let keys = KeySet::parse(KEYS).unwrap();
    let all: Vec<_> = tokens().map(|(_, text)| text).collect();
    for (index, text) in all.iter().enumerate() {
        let other = all[(index + 1) % all.len()];
        let (signed, _) = text.rsplit_once('.').unwrap();
        let (_, signature) = other.rsplit_once('.').unwrap();
        let mixed = format!("{signed}.{signature}");
        assert_eq!(Token::parse(&mixed).unwrap().verify(&keys), Err(JwtError::SignatureInvalid), "{index}");
    }
}

#[test]
fn what_is_no_token() {
    // {"alg":"none"} and {"alg":"HS256"}, with claims and signatures.
    for (text, error) in [
        ("eyJhbGciOiJub25lIn0.e30.", JwtError::UnsupportedAlgorithm),
        ("eyJhbGciOiJIUzI1NiJ9.e30.AAAA", JwtError::UnsupportedAlgorithm),
        ("", JwtError::Malformed),
        ("a.b", JwtError::Malformed),
        ("e30.e30.AAAA", JwtError::Malformed),
        ("eyJhbGciOiJSUzI1NiJ9.W10.AAAA", JwtError::Malformed),
    ] {
        assert_eq!(Token::parse(text).err(), Some(error), "{text}");
    }
}

#[test]
fn a_key_must_be_the_one_that_is_named() {
    let keys = KeySet::parse(&KEYS.replace("\"rsa\"", "\"another\"")).unwrap();
    for (algorithm, text) in tokens() {
        let expected = if algorithm.ends_with('S') || algorithm.starts_with(['R', 'P']) {
            Err(JwtError::UnknownKey)
        } else {
            Ok(())
        };
        assert_eq!(Token::parse(text).unwrap().verify(&keys), expected, "{algorithm}");
    }
    for text in ["", "{}", "{\"keys\":[]}", "{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAAA\"}]}"] {
        assert!(KeySet::parse(text).is_err(), "{text}");
    }
}

#[test]
fn what_is_signed_is_verified_by_the_published_keys() {
    let keys = SigningKeys::generate().unwrap();
    let published = KeySet::parse(&keys.key_set().unwrap()).unwrap();
    let claims = serde_json::json!({ "sub": "ann", "exp": 7 });
    let claims = claims.as_object().unwrap();
    for algorithm in [Algorithm::Rs256, Algorithm::Es384] {
        let text = keys.sign(algorithm, claims).unwrap();
        let token = Token::parse(&text).unwrap();
        assert_eq!(
            (token.algorithm, token.text("sub"), token.time("exp")),
            (algorithm, Some("ann"), Some(7))
        );
        assert_eq!(token.verify(&published), Ok(()), "{algorithm:?}");
        let other = SigningKeys::generate().unwrap();
        let other = KeySet::parse(&other.key_set().unwrap()).unwrap();
        assert_eq!(token.verify(&other), Err(JwtError::SignatureInvalid));
    }
    assert!(keys.sign(Algorithm::Rs512, claims).is_err());
}
