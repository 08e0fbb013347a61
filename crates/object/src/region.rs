//! In which region a bucket is made, from where the request went and what it asks for.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html>

use crate::Error;

/// Whose endpoint makes buckets in every region.
const GLOBAL: &str = "us-east-1";

/// The region of a new bucket.
pub fn of_new_bucket(endpoint: &str, constraint: Option<&str>) -> Result<String, Error> {
    let location = constraint.unwrap_or("unspecified");
    let illegal = || Error::IllegalLocationConstraint { location: location.to_owned() };
    let invalid = || Error::InvalidLocationConstraint { location: location.to_owned() };
    match constraint {
        None if endpoint == GLOBAL => Ok(GLOBAL.to_owned()),
        None => Err(illegal()),
        // The old name of Ireland.
        Some("EU") if endpoint == GLOBAL || endpoint == "eu-west-1" => Ok("eu-west-1".to_owned()),
        Some(constraint) if endpoint == GLOBAL => {
            if is_constraint(constraint) {
                Ok(constraint.to_owned())
            } else {
                Err(invalid())
            }
        }
        Some(constraint) if constraint == endpoint => Ok(constraint.to_owned()),
        Some(_) => Err(illegal()),
    }
}

/// Whether there is such a region; the oldest one is none that a request may name.
fn is_constraint(name: &str) -> bool {
    let shape = virga_api::s3::model().shape("BucketLocationConstraint");
    shape.is_some_and(|shape| shape.enum_values().any(|value| value == name))
}

/// Whether there is such a region.
pub fn exists(name: &str) -> bool {
    name == GLOBAL || (name != "EU" && is_constraint(name))
}

/// What `GetBucketLocation` says of a region: nothing of the oldest one.
pub fn constraint_of(region: &str) -> Option<&str> {
    Some(region).filter(|region| *region != GLOBAL)
}

/// Regions that were there before 20 March 2019; the others are told from them in errors.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/Redirects.html>
const OLDER: [&str; 21] = [
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
    "us-gov-east-1",
    "us-gov-west-1",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "sa-east-1",
    "cn-north-1",
    "cn-northwest-1",
];

/// Whether a region is one that accounts opt into, to which no request is redirected.
pub fn is_opted_into(region: &str) -> bool {
    !OLDER.contains(&region)
}

/// The endpoint of a region, in the form of the one that was called: `called` is its host name with the port, which has
/// the region `named`, if any, and `bucket` in front of it, if any. An address has no such names.
pub fn endpoint(called: &str, named: Option<&str>, region: &str, bucket: Option<&str>) -> String {
    let prefix = bucket.map(|bucket| format!("{bucket}.")).unwrap_or_default();
    let base = called.strip_prefix(&*prefix).unwrap_or(called);
    let name = base.rsplit_once(':').map_or(base, |(name, _)| name);
    let base = match (named, base.strip_prefix("s3.")) {
        (Some(named), _) => base.replacen(named, region, 1),
        (None, Some(domain)) => format!("s3.{region}.{domain}"),
        (None, None) if name.ends_with("localhost") => format!("s3.{region}.{base}"),
        (None, None) => base.to_owned(),
    };
    format!("{prefix}{base}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_endpoint_of_another_region_has_the_form_of_the_one_that_was_called() {
        let check = |called: &str, named: Option<&str>, bucket: Option<&str>, expected: &str| {
            assert_eq!(endpoint(called, named, "eu-west-1", bucket), expected, "{called}");
        };
        check("127.0.0.1:4566", None, None, "127.0.0.1:4566");
        check("localhost:4566", None, None, "s3.eu-west-1.localhost:4566");
        check("s3.localhost:4566", None, None, "s3.eu-west-1.localhost:4566");
        check("w1.world.localhost:4566", None, None, "s3.eu-west-1.w1.world.localhost:4566");
        check("s3.us-west-2.amazonaws.com", Some("us-west-2"), None, "s3.eu-west-1.amazonaws.com");
        check("b.s3-us-west-2.amazonaws.com", Some("us-west-2"), Some("b"), "b.s3-eu-west-1.amazonaws.com");
    }

    #[test]
    fn the_region_follows_from_endpoint_and_constraint() {
        let check = |endpoint: &str, constraint: Option<&str>| of_new_bucket(endpoint, constraint).ok();
        assert_eq!(check("us-east-1", None).as_deref(), Some("us-east-1"));
        assert_eq!(check("us-east-1", Some("eu-west-2")).as_deref(), Some("eu-west-2"));
        assert_eq!(check("us-east-1", Some("EU")).as_deref(), Some("eu-west-1"));
        assert_eq!(check("us-east-1", Some("us-east-1")), None);
        assert_eq!(check("us-east-1", Some("bar")), None);
        assert_eq!(check("eu-west-2", Some("eu-west-2")).as_deref(), Some("eu-west-2"));
        assert_eq!(check("eu-west-2", Some("eu-west-1")), None);
        assert_eq!(check("eu-west-2", None), None);
    }
}
