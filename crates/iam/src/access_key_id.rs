//! Access key ids: a prefix that tells the kind (`AKIA` long-term, `ASIA` of a session), then 80 bits in base 32, the
//! first of which hold the account, so that anybody can tell it from the id.

use crate::AccountId;

const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/// Letters behind the prefix.
const LETTERS: usize = 16;
/// Low bits of the 80 that are not the account's; one more is above it.
const BITS_BELOW: u32 = 39;
const ACCOUNT_BITS: u32 = 40;

/// An id of an account; `random` makes it unique.
pub fn of_account(prefix: &str, account: AccountId, random: [u8; 10]) -> String {
    let random = random.iter().fold(0_u128, |bits, byte| bits << 8 | u128::from(*byte));
    let number = account.as_str().parse::<u128>().unwrap_or(0);
    let mask = ((1_u128 << ACCOUNT_BITS) - 1) << BITS_BELOW;
    let bits = random & !mask | number << BITS_BELOW;
    let letter = |place: usize| char::from(ALPHABET[usize::try_from(bits >> (5 * place) & 31).unwrap_or(0)]);
    prefix.chars().chain((0..LETTERS).rev().map(letter)).collect()
}

/// The account of an id; none when the text is no id.
pub fn account_of(access_key_id: &str) -> Option<AccountId> {
    let letters = access_key_id.get(4..).filter(|letters| letters.len() == LETTERS)?;
    let digit = |letter: u8| ALPHABET.iter().position(|other| *other == letter);
    let bits = letters
        .bytes()
        .try_fold(0_u128, |bits, letter| Some(bits << 5 | u128::try_from(digit(letter)?).ok()?))?;
    let number = bits >> BITS_BELOW & ((1 << ACCOUNT_BITS) - 1);
    format!("{number:012}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_tells_its_account() {
        for account in ["000000000000", "111122223333", "999999999999"] {
            for random in [[0; 10], [255; 10], [0xA5; 10]] {
                let account = account.parse().unwrap();
                let id = of_account("ASIA", account, random);
                assert_eq!((id.len(), &id[..4]), (20, "ASIA"));
                assert_eq!(account_of(&id), Some(account), "{id}");
            }
        }
    }

    #[test]
    fn published_examples() {
        // The well-known example of the documentation belongs to this account.
        assert_eq!(
            account_of("AKIAIOSFODNN7EXAMPLE").map(|a| a.to_string()),
            Some("581039954779".to_owned())
        );
        assert_eq!(account_of("AKIA"), None);
        assert_eq!(account_of("AKIAIOSFODNN7EXAMPL1"), None);
    }
}
