//! Which names table buckets, namespaces and tables may have.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-tables-buckets-naming.html>

const RESERVED_PREFIXES: [&str; 4] = ["xn--", "sthree-", "amzn-s3-demo-", "aws"];
const RESERVED_SUFFIXES: [&str; 4] = ["-s3alias", "--ol-s3", "--x-s3", "--table-s3"];

/// Whether a customer's table bucket may have the name.
pub(crate) fn is_of_table_bucket(name: &str) -> bool {
    (3..=63).contains(&name.len())
        && is_framed(name, b'-')
        && !RESERVED_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
        && !RESERVED_SUFFIXES.iter().any(|suffix| name.ends_with(suffix))
}

/// Whether a customer's namespace may have the name.
pub(crate) fn is_of_namespace(name: &str) -> bool {
    (1..=255).contains(&name.len()) && is_framed(name, b'_') && !name.starts_with("aws")
}

/// Whether a table may have the name.
pub(crate) fn is_of_table(name: &str) -> bool {
    (1..=255).contains(&name.len()) && is_framed(name, b'_')
}

/// Lowercase letters and digits, between which the other character may be too.
fn is_framed(name: &str, between: u8) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let (Some(first), Some(last)) = (name.bytes().next(), name.bytes().last()) else { return false };
    is_plain(first) && is_plain(last) && name.bytes().all(|byte| is_plain(byte) || byte == between)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_table_buckets() {
        for name in ["abc", "1-2", &"a".repeat(63)] {
            assert!(is_of_table_bucket(name), "{name}");
        }
        let long = "a".repeat(64);
        for name in ["ab", &long, "-ab", "ab-", "a_b", "a.b", "Abc", "xn--a", "sthree-a", "amzn-s3-demo-a"] {
            assert!(!is_of_table_bucket(name), "{name}");
        }
        for name in ["aws-s3", "awsome", "a-s3alias", "a--ol-s3", "a--x-s3", "a--table-s3"] {
            assert!(!is_of_table_bucket(name), "{name}");
        }
    }

    #[test]
    fn names_of_namespaces() {
        for name in ["a", "a_1", "1", &"a".repeat(255)] {
            assert!(is_of_namespace(name), "{name}");
        }
        for name in ["", "_a", "a_", "a-b", "a.b", "A", "aws", "aws_s3_metadata", &"a".repeat(256)] {
            assert!(!is_of_namespace(name), "{name}");
        }
    }
}
