//! Multi-Region access points: their names, the regions that they may have, where a request through one goes, what can be
//! asked through one, and why making or changing one fails.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiRegionAccessPointRestrictions.html>

use serde::{Deserialize, Serialize};

use crate::Error;

/// The most that an account may have.
pub const MOST: usize = 100;
/// The most regions of one.
pub const MOST_REGIONS: usize = 17;
/// How aliases end; no bucket may be named so.
pub const ALIAS_END: &str = ".mrap";
/// How many letters and digits an alias has; the first is a letter.
pub const ALIAS_LENGTH: usize = 13;
/// Whose endpoints make them, wherever the client is: it stands in the ARNs of requests.
pub const HOME: &str = "us-west-2";

/// Where routes are changed and shown, so that no failure of one region keeps clients from it.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_SubmitMultiRegionAccessPointRoutes.html>
const ROUTING: [&str; 5] = ["us-east-1", HOME, "ap-southeast-2", "ap-northeast-1", "eu-west-1"];

/// Whether an operation of the control plane can be asked in a region.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/MrapOperations.html>
pub fn is_controlled_in(operation: &str, region: &str) -> bool {
    match operation {
        "SubmitMultiRegionAccessPointRoutes" | "GetMultiRegionAccessPointRoutes" => ROUTING.contains(&region),
        operation => region == HOME || !operation.contains("MultiRegionAccessPoint"),
    }
}

/// What can be asked through one. A copy goes to one, but not from one.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/MrapOperations.html>
const OPERATIONS: [&str; 22] = [
    "AbortMultipartUpload",
    "CompleteMultipartUpload",
    "CopyObject",
    "CreateMultipartUpload",
    "DeleteObject",
    "DeleteObjectTagging",
    "GetObject",
    "GetObjectAcl",
    "GetObjectLegalHold",
    "GetObjectRetention",
    "GetObjectTagging",
    "HeadObject",
    "ListMultipartUploads",
    "ListObjectsV2",
    "ListParts",
    "PutObject",
    "PutObjectAcl",
    "PutObjectLegalHold",
    "PutObjectRetention",
    "PutObjectTagging",
    "RestoreObject",
    "UploadPart",
];

/// The regions that one may have, and where they are on the globe: degrees north and east.
const REGIONS: [(&str, f64, f64); 29] = [
    ("us-east-1", 39.0, -77.5),
    ("us-east-2", 40.0, -83.0),
    ("us-west-1", 37.4, -122.0),
    ("us-west-2", 45.8, -119.7),
    ("ca-central-1", 45.5, -73.6),
    ("ca-west-1", 51.0, -114.1),
    ("sa-east-1", -23.5, -46.6),
    ("eu-west-1", 53.3, -6.3),
    ("eu-west-2", 51.5, -0.1),
    ("eu-west-3", 48.9, 2.4),
    ("eu-central-1", 50.1, 8.7),
    ("eu-central-2", 47.4, 8.5),
    ("eu-north-1", 59.3, 18.1),
    ("eu-south-1", 45.5, 9.2),
    ("eu-south-2", 41.6, -0.9),
    ("il-central-1", 32.1, 34.8),
    ("me-south-1", 26.2, 50.6),
    ("me-central-1", 24.5, 54.4),
    ("af-south-1", -33.9, 18.4),
    ("ap-south-1", 19.1, 72.9),
    ("ap-south-2", 17.4, 78.5),
    ("ap-southeast-1", 1.4, 103.8),
    ("ap-southeast-2", -33.9, 151.2),
    ("ap-southeast-3", -6.2, 106.8),
    ("ap-southeast-4", -37.8, 145.0),
    ("ap-east-1", 22.3, 114.2),
    ("ap-northeast-1", 35.7, 139.7),
    ("ap-northeast-2", 37.6, 127.0),
    ("ap-northeast-3", 34.7, 135.5),
];

/// A bucket to which requests go, if its region is active.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// The name of the bucket.
    pub bucket: String,
    /// The account of the bucket.
    pub account: String,
    /// The region of the bucket.
    pub region: String,
    /// Whether requests go there.
    pub is_active: bool,
}

/// A change of a route: by the name of the bucket, its region, or both.
#[derive(Debug, Clone, Copy)]
pub struct RouteUpdate<'a> {
    /// The name of the bucket.
    pub bucket: Option<&'a str>,
    /// The region.
    pub region: Option<&'a str>,
    /// 100 for active, 0 for passive.
    pub percentage: i32,
}

/// Why an accepted request has failed in the end.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#S3AsynchronousErrorCodeList>
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refusal {
    /// The account has one of this name.
    AlreadyOwnedByYou,
    /// A bucket is not there.
    NoSuchBucket,
    /// A bucket is another account's than was said.
    AccessDenied,
    /// Two buckets are in one region.
    SameBucketRegion,
    /// A bucket is where there are none.
    UnsupportedRegion,
    /// It is being made or removed.
    NotReady,
    /// Another change is under way.
    ModifiedByAnotherRequest,
    /// The policy is none, or not one of this access point.
    MalformedPolicy,
}

impl Refusal {
    /// AWS's code.
    pub fn code(self) -> &'static str {
        match self {
            Refusal::AlreadyOwnedByYou => "MultiRegionAccessPointAlreadyOwnedByYou",
            Refusal::NoSuchBucket => "NoSuchBucket",
            Refusal::AccessDenied => "AccessDenied",
            Refusal::SameBucketRegion => "MultiRegionAccessPointSameBucketRegion",
            Refusal::UnsupportedRegion => "MultiRegionAccessPointUnsupportedRegion",
            Refusal::NotReady => "MultiRegionAccessPointNotReady",
            Refusal::ModifiedByAnotherRequest => "MultiRegionAccessPointModifiedByAnotherRequest",
            Refusal::MalformedPolicy => "MalformedPolicy",
        }
    }

    /// AWS's words.
    pub fn message(self) -> &'static str {
        match self {
            Refusal::AlreadyOwnedByYou => "You already have a Multi-Region Access Point with the same name.",
            Refusal::NoSuchBucket => "The specified bucket does not exist.",
            Refusal::AccessDenied => "Access denied.",
            Refusal::SameBucketRegion => {
                "The buckets used to create a Multi-Region Access Point cannot be in the same Region."
            }
            Refusal::UnsupportedRegion => {
                "One of the buckets supplied to create the Multi-Region Access Point is in a Region that is not supported."
            }
            Refusal::NotReady => "The specified Multi-Region Access Point is not ready to be updated.",
            Refusal::ModifiedByAnotherRequest => {
                "The action failed because another request is modifying the specified resource. Try resubmitting your request after the previous request has been completed."
            }
            Refusal::MalformedPolicy => "The specified policy syntax is not valid.",
        }
    }
}

/// Three to fifty small letters, digits and hyphens, the last not at the ends.
pub fn is_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    (3..=50).contains(&name.len())
        && name.bytes().all(|byte| plain(byte) || byte == b'-')
        && !name.starts_with('-')
        && !name.ends_with('-')
}

/// The ARN of the one with this alias.
pub fn arn(account: &str, alias: &str) -> String {
    format!("arn:aws:s3::{account}:accesspoint/{alias}")
}

/// Whether an operation can be asked through one.
pub fn supports(operation: &str) -> bool {
    OPERATIONS.contains(&operation)
}

/// Checks the routes of a new one: one bucket in each region, and only where there may be some.
pub fn check(routes: &[Route]) -> Result<(), Refusal> {
    for (place, route) in routes.iter().enumerate() {
        if routes.iter().take(place).any(|other| other.region == route.region) {
            return Err(Refusal::SameBucketRegion);
        }
        if position(&route.region).is_none() {
            return Err(Refusal::UnsupportedRegion);
        }
    }
    Ok(())
}

/// Where a request from a region goes: to the nearest active one.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiRegionAccessPointRequestRouting.html>
pub fn nearest<'a>(routes: &'a [Route], from: &str) -> Option<&'a Route> {
    let here = position(from);
    let nearness = |route: &Route| match (here, position(&route.region)) {
        _ if route.region == from => f64::INFINITY,
        // The greater the cosine of the angle between them, the nearer they are.
        (Some(here), Some(there)) => here.iter().zip(there).map(|(one, other)| one * other).sum(),
        _ => f64::NEG_INFINITY,
    };
    let active = routes.iter().filter(|route| route.is_active);
    // Of equally near ones, the first.
    active.rev().max_by(|one, other| nearness(one).total_cmp(&nearness(other)))
}

/// Where a region is, as a vector of length one.
fn position(region: &str) -> Option<[f64; 3]> {
    let (_, north, east) = REGIONS.iter().find(|(name, ..)| *name == region)?;
    let (north, east) = (north.to_radians(), east.to_radians());
    Some([north.cos() * east.cos(), north.cos() * east.sin(), north.sin()])
}

/// Changes routes; those that are not named stay as they are.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_SubmitMultiRegionAccessPointRoutes.html>
pub fn update(routes: &mut [Route], updates: &[RouteUpdate<'_>]) -> Result<(), Error> {
    // <https://docs.aws.amazon.com/AmazonS3/latest/userguide/mrap-failover-errors.html>
    if routes.len() < 2 {
        return Err(Error::MethodNotAllowed {
            method: "PATCH".to_owned(),
            resource_type: "MULTI_REGION_ACCESS_POINT_ROUTES".to_owned(),
        });
    }
    for (place, update) in updates.iter().enumerate() {
        if update.bucket.is_none() && update.region.is_none() {
            return Err(Error::request("Either the Bucket or the Region must be specified for each route"));
        }
        let is_active = match update.percentage {
            100 => true,
            0 => false,
            _ => return Err(Error::request("The traffic dial percentage must be either 0 or 100")),
        };
        let same = |other: &&RouteUpdate<'_>| {
            (other.bucket.is_some() && other.bucket == update.bucket)
                || (other.region.is_some() && other.region == update.region)
        };
        if updates.iter().take(place).any(|other| same(&other)) {
            return Err(Error::request("A route must not be specified more than once"));
        }
        let means = |route: &Route| {
            update.bucket.is_none_or(|bucket| bucket == route.bucket)
                && update.region.is_none_or(|region| region == route.region)
        };
        let unknown = || Error::request("The specified route is not a part of the Multi-Region Access Point");
        routes.iter_mut().find(|route| means(route)).ok_or_else(unknown)?.is_active = is_active;
    }
    match routes.iter().any(|route| route.is_active) {
        true => Ok(()),
        false => Err(Error::request("At least one Region must be active at all times")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_region_controls_them_and_five_their_routes() {
        for (operation, region, expected) in [
            ("CreateMultiRegionAccessPoint", "us-west-2", true),
            ("CreateMultiRegionAccessPoint", "us-east-1", false),
            ("ListMultiRegionAccessPoints", "eu-west-1", false),
            ("DescribeMultiRegionAccessPointOperation", "eu-west-1", false),
            ("GetMultiRegionAccessPointRoutes", "eu-west-1", true),
            ("SubmitMultiRegionAccessPointRoutes", "us-east-2", false),
            ("CreateAccessPoint", "us-east-2", true),
        ] {
            assert_eq!(is_controlled_in(operation, region), expected, "{operation} {region}");
        }
    }

    fn routes(regions: &[(&str, bool)]) -> Vec<Route> {
        let route = |(region, is_active): &(&str, bool)| Route {
            bucket: format!("b-{region}"),
            account: "111111111111".to_owned(),
            region: (*region).to_owned(),
            is_active: *is_active,
        };
        regions.iter().map(route).collect()
    }

    #[test]
    fn names() {
        for (name, expected) in [
            ("my-point", true),
            ("1ab", true),
            ("ab", false),
            ("-ab", false),
            ("ab-", false),
            ("a_b", false),
            ("a.b", false),
            ("Abc", false),
        ] {
            assert_eq!(is_name(name), expected, "{name}");
        }
        assert!(is_name(&"a".repeat(50)) && !is_name(&"a".repeat(51)));
    }

    #[test]
    fn requests_go_to_the_nearest_active_region() {
        let check = |regions: &[(&str, bool)], from: &str, expected: Option<&str>| {
            let routes = routes(regions);
            let found = nearest(&routes, from).map(|route| &*route.region);
            assert_eq!(found, expected, "{from} {regions:?}");
        };
        let all = [("us-east-1", true), ("eu-west-1", true), ("ap-northeast-1", true)];
        check(&all, "us-east-1", Some("us-east-1"));
        check(&all, "eu-west-1", Some("eu-west-1"));
        check(&all, "eu-central-1", Some("eu-west-1"));
        check(&all, "us-west-2", Some("us-east-1"));
        check(&all, "ap-southeast-2", Some("ap-northeast-1"));
        check(&all, "nowhere-1", Some("us-east-1"));
        let passive = [("us-east-1", false), ("eu-west-1", true), ("ap-northeast-1", true)];
        check(&passive, "us-east-1", Some("eu-west-1"));
        check(&[("us-east-1", false)], "us-east-1", None);
    }

    #[test]
    fn there_is_one_bucket_in_each_region() {
        assert_eq!(check(&routes(&[("us-east-1", true), ("eu-west-1", true)])), Ok(()));
        let twice = routes(&[("us-east-1", true), ("us-east-1", true)]);
        assert_eq!(check(&twice), Err(Refusal::SameBucketRegion));
        assert_eq!(check(&routes(&[("cn-north-1", true)])), Err(Refusal::UnsupportedRegion));
    }

    #[test]
    fn one_region_at_least_stays_active() {
        let by_region = |region, percentage| RouteUpdate { bucket: None, region: Some(region), percentage };
        let check = |updates: &[RouteUpdate<'_>]| {
            let mut routes = routes(&[("us-east-1", true), ("eu-west-1", false)]);
            let changed = update(&mut routes, updates).map_err(|error| error.into_api().unwrap());
            changed.map(|()| routes.iter().map(|route| route.is_active).collect::<Vec<_>>())
        };
        assert_eq!(check(&[by_region("eu-west-1", 100)]).unwrap(), [true, true]);
        let swapped = [by_region("eu-west-1", 100), by_region("us-east-1", 0)];
        assert_eq!(check(&swapped).unwrap(), [false, true]);
        let by_bucket = RouteUpdate { bucket: Some("b-eu-west-1"), region: None, percentage: 100 };
        assert_eq!(check(&[by_bucket]).unwrap(), [true, true]);
        for refused in [
            vec![by_region("us-east-1", 0)],
            vec![by_region("eu-west-1", 50)],
            vec![by_region("eu-west-2", 100)],
            vec![by_region("eu-west-1", 100), by_region("eu-west-1", 0)],
            vec![RouteUpdate { bucket: None, region: None, percentage: 100 }],
            vec![RouteUpdate { bucket: Some("b-us-east-1"), region: Some("eu-west-1"), percentage: 100 }],
        ] {
            assert_eq!(check(&refused).unwrap_err().code, "InvalidRequest", "{refused:?}");
        }
        let mut alone = routes(&[("us-east-1", true)]);
        let error = update(&mut alone, &[by_region("us-east-1", 100)]).unwrap_err().into_api().unwrap();
        assert_eq!((&*error.code, error.status), ("MethodNotAllowed", 405));
    }
}
