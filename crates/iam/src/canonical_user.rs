//! Canonical user ids: the 64 hexadecimal digits by which S3 knows an account, in ACLs, as owners and as `CanonicalUser`
//! in policies. AWS's are drawn at random; here an id holds its account, veiled, and a check, so that anybody can tell
//! the one from the other without a table, and an invented id from a real one.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/finding-canonical-user-id.html>

use ring::digest::{SHA256, digest};

use crate::AccountId;

/// Bytes of an id that are the digest of its account; the others are the account's number.
const CHECK: usize = 27;
/// Bytes that the number of an account takes.
const NUMBER: usize = 5;

/// The id of an account.
pub fn of_account(account: AccountId) -> String {
    let check = check(account);
    let number = account.as_str().parse::<u64>().unwrap_or(0).to_be_bytes();
    let veiled = number[8 - NUMBER..].iter().zip(&check).map(|(byte, veil)| byte ^ veil);
    hex::encode(check.into_iter().chain(veiled).collect::<Vec<u8>>())
}

/// The account of an id; none when no account has it.
pub fn account_of(id: &str) -> Option<AccountId> {
    let bytes = hex::decode(id).ok().filter(|bytes| bytes.len() == CHECK + NUMBER)?;
    let (check, veiled) = bytes.split_at(CHECK);
    let number =
        veiled.iter().zip(check).fold(0_u64, |number, (byte, veil)| number << 8 | u64::from(byte ^ veil));
    let account = format!("{number:012}").parse().ok()?;
    (of_account(account) == id).then_some(account)
}

fn check(account: AccountId) -> [u8; CHECK] {
    let text = format!("canonical user of {account}");
    let digest = digest(&SHA256, text.as_bytes());
    digest.as_ref()[..CHECK].try_into().expect("a SHA-256 digest has 32 bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_tells_its_account() {
        for account in ["000000000000", "111122223333", "999999999999"] {
            let account: AccountId = account.parse().unwrap();
            let id = of_account(account);
            assert_eq!(id.len(), 64);
            assert!(!id.contains(account.as_str()));
            assert_eq!(account_of(&id), Some(account));
        }
    }

    #[test]
    fn an_invented_id_is_nobodys() {
        let id = of_account("111122223333".parse().unwrap());
        for other in
            ["", "wrong-id", &id[1..], &id.to_uppercase(), &id.replace(&id[..1], "g"), &"0".repeat(64)]
        {
            assert_eq!(account_of(other), None, "{other}");
        }
    }
}
