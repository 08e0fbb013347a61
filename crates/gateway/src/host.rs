//! What a host name says: a world, a service, a region, a bucket.
//!
//! `sqs.us-east-1.localhost`, `sqs.us-east-1.amazonaws.com`, `us-east-1.queue.amazonaws.com`, `bucket.s3.localhost`,
//! `<id>.world.localhost`, with any port.

use std::borrow::Cow;
use std::net::IpAddr;

use virga_iam::AccountId;

use crate::heading::DEFAULT_REGION;

/// What a host name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct HostHints<'a> {
    /// Id of a world.
    pub(crate) world: Option<&'a str>,
    /// Label of a service: its endpoint prefix.
    pub(crate) service: Option<&'a str>,
    /// Region.
    pub(crate) region: Option<&'a str>,
    /// What stands before the service: a bucket, an API, an account.
    pub(crate) prefix: Option<&'a str>,
    /// All that stands before the domain.
    pub(crate) labels: Option<&'a str>,
}

/// Endings of host names that stand for this cloud.
const DOMAINS: &[&str] =
    &[".amazonaws.com.cn", ".amazonaws.com", ".api.aws", ".localhost.localstack.cloud", ".localhost"];

/// Further domains of AWS, which its clients call by whole names that it has given them.
const AWS_DOMAINS: &[&str] =
    &[".on.aws", ".cloudfront.net", ".awsapps.com", ".amazoncognito.com", ".awsglobalaccelerator.com"];

/// The name as it is compared: case does not matter in host names.
pub(crate) fn canonical(host: &str) -> Cow<'_, str> {
    if host.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(host.to_ascii_lowercase())
    } else {
        Cow::Borrowed(host)
    }
}

/// Whether a host, a name in lower case or an address, is this cloud or this machine. Clients of S3's control plane put
/// the account before whatever the endpoint is, even before an address.
pub(crate) fn is_ours(host: &str) -> bool {
    let is_within = |domain: &str| host.ends_with(domain) || domain.strip_prefix('.') == Some(host);
    let host = match host.split_once('.') {
        Some((account, rest)) if account.parse::<AccountId>().is_ok() => rest,
        _ => host,
    };
    let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    DOMAINS.iter().chain(AWS_DOMAINS).any(|domain| is_within(domain))
        || address.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
}

/// Reads a host name in lower case, with or without a port. A plain `localhost` or an address says nothing.
pub(crate) fn hints(host: &str) -> HostHints<'_> {
    let name = without_port(host);
    let Some(labels) = DOMAINS.iter().find_map(|domain| name.strip_suffix(domain)) else {
        return HostHints::default();
    };
    if let Some(world) = labels.strip_suffix(".world") {
        let (rest, id) = last_label(world);
        return HostHints { world: Some(id), ..service_and_region(rest) };
    }
    service_and_region(labels)
}

/// From the right: a region, the service, and what stands before it. The region may also stand before the service.
fn service_and_region(labels: &str) -> HostHints<'_> {
    let mut hints =
        HostHints { labels: Some(labels).filter(|labels| !labels.is_empty()), ..HostHints::default() };
    let mut rest = labels;
    while !rest.is_empty() {
        let (before, label) = last_label(rest);
        rest = before;
        let (label, region) = of_s3(label);
        hints.region = hints.region.or(region);
        if hints.region.is_none() && is_region(label) {
            hints.region = Some(label);
        } else if label != "dualstack" && !label.is_empty() {
            hints.service = Some(label);
            break;
        }
    }
    if hints.region.is_none() && is_region(rest) && hints.service != Some("s3") {
        hints.region = Some(rest);
        rest = "";
    }
    hints.prefix = Some(rest).filter(|prefix| !prefix.is_empty());
    hints
}

/// Older names of S3's endpoints, and the others that take the same requests: the label that stands for the service, and
/// the region that it has in itself.
/// <https://docs.aws.amazon.com/general/latest/gr/s3.html>
fn of_s3(label: &str) -> (&str, Option<&str>) {
    match label.strip_prefix("s3-") {
        Some("external-1") => ("s3", Some("us-east-1")),
        Some("fips") => ("s3", None),
        Some("accesspoint-fips") => ("s3-accesspoint", None),
        Some(region) if is_region(region) => ("s3", Some(region)),
        _ => (label, None),
    }
}

fn last_label(labels: &str) -> (&str, &str) {
    labels.rsplit_once('.').unwrap_or(("", labels))
}

impl<'a> HostHints<'a> {
    /// The bucket that a call of S3 is for, if its host name has one: `bucket.s3.…`, or `bucket.localhost`, which
    /// clients make of an endpoint without a name for the service.
    pub(crate) fn bucket(&self, is_signed_for_s3: bool) -> Option<Cow<'a, str>> {
        match self.service? {
            "s3-global" => return self.multi_region_access_point().map(Cow::Owned),
            "s3-accesspoint" => return self.access_point().map(Cow::Owned),
            "s3" | "s3-accelerate" => self.prefix,
            label if label.starts_with("s3express-") && label != "s3express-control" => self.prefix,
            "s3-control" | "s3express-control" | "s3-object-lambda" => None,
            _ if is_signed_for_s3 && self.region.is_none() => self.labels,
            _ => None,
        }
        .map(Cow::Borrowed)
    }

    /// The ARN of the access point that `name-account.s3-accesspoint.region.…` names, in the form without slashes.
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-naming.html>
    fn access_point(&self) -> Option<String> {
        let (name, account) = self.prefix?.rsplit_once('-')?;
        let region = self.region.unwrap_or(DEFAULT_REGION);
        Some(format!("arn:aws:s3:{region}:{account}:accesspoint:{name}"))
    }

    /// The ARN of the multi-Region access point that `alias.mrap.accesspoint.s3-global.…` names, as far as the host name
    /// tells it.
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiRegionAccessPointRequests.html>
    fn multi_region_access_point(&self) -> Option<String> {
        let alias = self.prefix?.strip_suffix(".accesspoint")?;
        Some(format!("arn:aws:s3:::accesspoint:{alias}"))
    }
}

/// Whether a label has the form of a region: `us-east-1`, `us-gov-west-1`, `ap-southeast-2`.
fn is_region(label: &str) -> bool {
    let mut parts = label.split('-');
    let letters = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase());
    let (Some(area), Some(number)) = (parts.next(), parts.next_back()) else { return false };
    let middle: Vec<&str> = parts.collect();
    area.len() == 2
        && letters(area)
        && number.len() <= 2
        && number.bytes().all(|byte| byte.is_ascii_digit())
        && !number.is_empty()
        && !middle.is_empty()
        && middle.into_iter().all(letters)
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::{hints, is_ours};

    fn check(host: &str, world: Option<&str>, service: Option<&str>, region: Option<&str>) {
        let found = hints(host);
        assert_eq!((found.world, found.service, found.region), (world, service, region), "{host}");
    }

    #[test]
    fn host_names_of_services() {
        check("localhost:4566", None, None, None);
        check("127.0.0.1:4566", None, None, None);
        check("[::1]:4566", None, None, None);
        check("example.com", None, None, None);
        check("sqs.us-east-1.localhost:4566", None, Some("sqs"), Some("us-east-1"));
        check("sqs.us-gov-west-1.amazonaws.com", None, Some("sqs"), Some("us-gov-west-1"));
        check("us-east-1.queue.amazonaws.com", None, Some("queue"), Some("us-east-1"));
        check("queue.amazonaws.com", None, Some("queue"), None);
        check("sts.amazonaws.com", None, Some("sts"), None);
        check("bucket.s3.eu-west-1.amazonaws.com", None, Some("s3"), Some("eu-west-1"));
        check("b.c.s3.dualstack.eu-west-1.amazonaws.com", None, Some("s3"), Some("eu-west-1"));
        check("bucket.s3.localhost", None, Some("s3"), None);
        check("bucket.s3-eu-west-1.amazonaws.com", None, Some("s3"), Some("eu-west-1"));
        check("s3-external-1.amazonaws.com", None, Some("s3"), Some("us-east-1"));
        check("b.s3-website-eu-west-1.amazonaws.com", None, Some("s3-website-eu-west-1"), None);
    }

    #[test]
    fn host_names_of_buckets() {
        let check = |host: &str, is_signed_for_s3, bucket| {
            assert_eq!(hints(host).bucket(is_signed_for_s3).as_deref(), bucket, "{host}");
        };
        check("s3.us-east-1.amazonaws.com", true, None);
        check("s3.localhost:4566", true, None);
        check("bucket.s3.us-east-1.amazonaws.com", false, Some("bucket"));
        check("a.b.s3.dualstack.us-east-1.amazonaws.com", false, Some("a.b"));
        check("us-east-1.s3.amazonaws.com", false, Some("us-east-1"));
        check("bucket.s3-accelerate.amazonaws.com", false, Some("bucket"));
        check(
            "b--use1-az4--x-s3.s3express-use1-az4.us-east-1.amazonaws.com",
            false,
            Some("b--use1-az4--x-s3"),
        );
        check("bucket.s3-eu-west-1.amazonaws.com", false, Some("bucket"));
        check("bucket.s3-external-1.amazonaws.com", false, Some("bucket"));
        check("bucket.s3-fips.us-east-1.amazonaws.com", false, Some("bucket"));
        check(
            "a-point-123456789012.s3-accesspoint.dualstack.eu-west-1.amazonaws.com",
            false,
            Some("arn:aws:s3:eu-west-1:123456789012:accesspoint:a-point"),
        );
        let alias = "mfzwi23gnjvgw.mrap";
        let arn = format!("arn:aws:s3:::accesspoint:{alias}");
        for domain in ["amazonaws.com", "localhost:4566", "w1.world.localhost"] {
            check(&format!("{alias}.accesspoint.s3-global.{domain}"), false, Some(&arn));
        }
        check("s3-global.amazonaws.com", true, None);
        check("123456789012.s3-control.us-east-1.amazonaws.com", true, None);
        check("a.b.localhost:4566", true, Some("a.b"));
        check("bucket.w1.world.localhost", true, Some("bucket"));
        check("w1.world.localhost", true, None);
        check("a.b.localhost:4566", false, None);
        check("localhost:4566", true, None);
        check("lambda.us-east-1.amazonaws.com", true, None);
    }

    #[test]
    fn hosts_that_a_proxy_answers_for() {
        for host in [
            "sqs.us-east-1.amazonaws.com",
            "s3.cn-north-1.amazonaws.com.cn",
            "lambda.us-east-1.api.aws",
            "x.lambda-url.us-east-1.on.aws",
            "localhost",
            "w1.world.localhost",
            "127.0.0.1",
            "[::1]",
            "123456789012.127.0.0.1",
            "123456789012.s3-control.eu-west-1.amazonaws.com",
        ] {
            assert!(is_ours(host), "{host}");
        }
        for host in [
            "",
            "example.com",
            "amazonaws.com.example.com",
            "notamazonaws.com",
            "10.0.0.1",
            "[2001:db8::1]",
            "1.127.0.0.1",
            "123456789012.10.0.0.1",
        ] {
            assert!(!is_ours(host), "{host}");
        }
    }

    #[test]
    fn host_names_of_worlds() {
        check("w1.world.localhost:4566", Some("w1"), None, None);
        check("sqs.us-east-1.w1.world.localhost", Some("w1"), Some("sqs"), Some("us-east-1"));
    }
}
