//! Names of buckets. <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>

use std::net::Ipv4Addr;

use super::region;

/// Beginnings that AWS keeps for itself.
const RESERVED_PREFIXES: [&str; 3] = ["xn--", "sthree-", "amzn-s3-demo-"];
/// Ends that AWS keeps for itself: aliases and other kinds of buckets.
const RESERVED_SUFFIXES: [&str; 6] = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--xa-s3", "--table-s3"];

/// Whether a new bucket can have this name.
pub fn is_valid(name: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = name.as_bytes();
    (3..=63).contains(&bytes.len())
        && bytes.iter().all(|byte| is_letter(*byte) || matches!(byte, b'.' | b'-'))
        && bytes.first().is_some_and(|byte| is_letter(*byte))
        && bytes.last().is_some_and(|byte| is_letter(*byte))
        && !name.contains("..")
        && name.parse::<Ipv4Addr>().is_err()
        && !RESERVED_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
        && !RESERVED_SUFFIXES.iter().any(|suffix| name.ends_with(suffix))
}

/// Whether a name is one of the namespace of an account and region: only that account makes buckets in it.
pub fn is_of_namespace(name: &str, account: &str, region: &str) -> bool {
    namespace_prefix(name, region)
        .and_then(|rest| rest.strip_suffix(account)?.strip_suffix('-'))
        .is_some_and(|prefix| !prefix.is_empty())
}

/// Whether a name is one of the namespace of some account.
pub fn is_of_any_namespace(name: &str) -> bool {
    let labels: Vec<&str> = name.split('-').collect();
    let Some([account, region @ .., "an"]) = labels.last_chunk::<5>().map(<[&str; 5]>::as_slice) else {
        return false;
    };
    account.len() == 12
        && account.bytes().all(|byte| byte.is_ascii_digit())
        && region::exists(&region.join("-"))
}

fn namespace_prefix<'n>(name: &'n str, region: &str) -> Option<&'n str> {
    name.strip_suffix("-an")?.strip_suffix(region)?.strip_suffix('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_rules() {
        for name in ["abc", "my-bucket", "my.bucket.1", "123", &"a".repeat(63)] {
            assert!(is_valid(name), "{name}");
        }
        let long = "a".repeat(64);
        let wrong =
            ["ab", &long, "My-bucket", "my_bucket", "-abc", "abc-", "a..b", "192.168.5.4", "xn--bucket"];
        for name in wrong.into_iter().chain(["sthree-a", "a-s3alias", "bucket--x-s3", "p--xa-s3"]) {
            assert!(!is_valid(name), "{name}");
        }
    }

    #[test]
    fn a_namespace_belongs_to_an_account_and_region() {
        let name = "logs-111122223333-eu-west-1-an";
        assert!(is_of_namespace(name, "111122223333", "eu-west-1"));
        assert!(!is_of_namespace(name, "111122223333", "eu-west-2"));
        assert!(!is_of_namespace("-111122223333-eu-west-1-an", "111122223333", "eu-west-1"));
        assert!(is_of_any_namespace(name) && !is_of_any_namespace("just-an") && !is_of_any_namespace("logs"));
    }
}
