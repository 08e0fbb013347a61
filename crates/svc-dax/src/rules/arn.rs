//! ARNs as the inputs of DAX have them.

use crate::error::Error;

/// Refuses what is no ARN, with the first part that is missing.
pub(crate) fn check_arn(arn: &str) -> Result<(), Error> {
    if !arn.starts_with("arn:") {
        return Err(Error::value(format!("ARNs must start with 'arn:': {arn}")));
    }
    let missing = match arn.split(':').count() {
        0..3 => "Second colon partition",
        3 => "Third colon vendor",
        4 => "Fourth colon (region/namespace delimiter)",
        5 => "Fifth colon (namespace/relative-id delimiter)",
        _ => return Ok(()),
    };
    Err(Error::value(format!("{missing} not found: {arn}")))
}

#[cfg(test)]
mod tests {
    use super::check_arn;

    #[test]
    fn an_arn_has_six_parts() {
        for (arn, fits) in [
            ("arn:aws:iam::111122223333:role/dax", true),
            ("role/dax", false),
            ("arn:aws", false),
            ("arn:aws:iam", false),
            ("arn:aws:iam:", false),
            ("arn:aws:iam::", false),
        ] {
            assert_eq!(check_arn(arn).is_ok(), fits, "{arn}");
        }
    }
}
