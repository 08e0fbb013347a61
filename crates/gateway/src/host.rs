//! What a host name says: a world, a service, a region.
//!
//! `sqs.us-east-1.localhost`, `sqs.us-east-1.amazonaws.com`, `us-east-1.queue.amazonaws.com`, `bucket.s3.localhost`,
//! `<id>.world.localhost`, with any port.

/// What a host name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct HostHints<'a> {
    /// Id of a world.
    pub(crate) world: Option<&'a str>,
    /// Label of a service: its endpoint prefix.
    pub(crate) service: Option<&'a str>,
    /// Region.
    pub(crate) region: Option<&'a str>,
}

/// Endings of host names that stand for this cloud.
const DOMAINS: &[&str] =
    &[".amazonaws.com.cn", ".amazonaws.com", ".api.aws", ".localhost.localstack.cloud", ".localhost"];

/// Reads a host name, with or without a port. A plain `localhost` or an address says nothing.
pub(crate) fn hints(host: &str) -> HostHints<'_> {
    let name = without_port(host);
    let Some(labels) = DOMAINS.iter().find_map(|domain| name.strip_suffix(domain)) else {
        return HostHints::default();
    };
    if let Some(world) = labels.strip_suffix(".world") {
        let (rest, id) = world.rsplit_once('.').map_or(("", world), |(rest, id)| (rest, id));
        return HostHints { world: Some(id), ..service_and_region(rest) };
    }
    service_and_region(labels)
}

/// The last label that looks like a region is one; the label before it, or after it when nothing stands before it, is
/// the service.
fn service_and_region(labels: &str) -> HostHints<'_> {
    let parts: Vec<&str> = labels.split('.').filter(|label| !label.is_empty()).collect();
    let region = parts.iter().rposition(|label| is_region(label));
    let service = match region {
        Some(0) => parts.get(1),
        Some(place) => parts[..place].iter().rev().find(|label| **label != "dualstack"),
        None => parts.last(),
    };
    HostHints { world: None, service: service.copied(), region: region.map(|place| parts[place]) }
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
    use super::hints;

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
    }

    #[test]
    fn host_names_of_worlds() {
        check("w1.world.localhost:4566", Some("w1"), None, None);
        check("sqs.us-east-1.w1.world.localhost", Some("w1"), Some("sqs"), Some("us-east-1"));
    }
}
