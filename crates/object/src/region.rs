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

#[cfg(test)]
mod tests {
    use super::*;

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
