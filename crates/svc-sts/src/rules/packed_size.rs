//! The packed size of what a session carries: AWS packs session policies and tags into a binary form of its own and
//! tells how much of the allotted space it takes. The form is not published; here it is the compressed text.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-entity-length>

use std::io::Write as _;

use flate2::Compression;
use flate2::write::DeflateEncoder;

use crate::error::Error;

/// The space there is, in compressed bytes.
const ALLOTTED: usize = 2048;

/// How much of the space policies and tags take, in percent.
pub(crate) fn packed_percent(
    policy: Option<&str>,
    policy_arns: &[String],
    tags: &[(String, String)],
) -> Result<i32, Error> {
    let policies = policy.into_iter().chain(policy_arns.iter().map(String::as_str));
    let policies: Vec<String> = policies.map(without_white_space).collect();
    let of_tags = tags.iter().flat_map(|(key, value)| [key.as_str(), value.as_str()]);
    if percent(of_tags.clone()) > 100 {
        let reason = format!("Packed size of session tags consumes {}% of allotted space.", percent(of_tags));
        return Err(Error::PackedPolicyTooLarge { reason });
    }
    let percent = percent(policies.iter().map(String::as_str).chain(of_tags));
    if percent > 100 {
        let reason =
            format!("Packed policy consumes {percent}% of allotted space, please use smaller policy.");
        return Err(Error::PackedPolicyTooLarge { reason });
    }
    Ok(percent)
}

fn percent<'a>(texts: impl Iterator<Item = &'a str>) -> i32 {
    let mut packed = DeflateEncoder::new(Vec::new(), Compression::best());
    let mut is_empty = true;
    for text in texts {
        is_empty = false;
        // Writing to memory does not fail.
        let _ = packed.write_all(text.as_bytes()).and_then(|()| packed.write_all(&[0]));
    }
    let size = packed.finish().map_or(usize::MAX / 100, |packed| packed.len());
    if is_empty { 0 } else { i32::try_from((size * 100).div_ceil(ALLOTTED)).unwrap_or(i32::MAX) }
}

/// A policy without the white space between its tokens; other texts as they are.
fn without_white_space(text: &str) -> String {
    serde_json::from_str::<serde_json::Value>(text).map_or_else(|_| text.to_owned(), |json| json.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        assert_eq!(packed_percent(None, &[], &[]).unwrap(), 0);
        let policy = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Stmt1","Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#;
        let tags = [("Project".to_owned(), "Pegasus".to_owned())];
        let percent = packed_percent(Some(policy), &[], &tags).unwrap();
        assert!((4..=12).contains(&percent), "{percent}");
        let mut state = 1_u32;
        let mut letter = |_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            char::from(b'0' + (state >> 24) as u8 % 64)
        };
        let many: Vec<_> =
            (0..50).map(|n| (format!("key{n}"), (0..128).map(&mut letter).collect())).collect();
        assert!(matches!(packed_percent(None, &[], &many), Err(Error::PackedPolicyTooLarge { .. })));
    }
}
