//! Amazon Resource Names.

use std::fmt;

/// The parts of an ARN: `arn:partition:service:region:account:resource`.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arn<'a> {
    /// `aws`, `aws-cn`, `aws-us-gov`.
    pub partition: &'a str,
    /// Service, say `sqs`.
    pub service: &'a str,
    /// Region; empty for global services.
    pub region: &'a str,
    /// Account; empty for some resources of S3.
    pub account: &'a str,
    /// Everything after the fifth colon.
    pub resource: &'a str,
}

impl<'a> Arn<'a> {
    /// Takes an ARN apart; none when it has not six parts or does not begin with `arn`.
    pub fn parse(text: &'a str) -> Option<Self> {
        let mut rest = text;
        let mut part = || {
            let colon = rest.bytes().position(|byte| byte == b':')?;
            let (part, after) = (&rest[..colon], &rest[colon + 1..]);
            rest = after;
            Some(part)
        };
        if part()? != "arn" {
            return None;
        }
        let (partition, service, region, account) = (part()?, part()?, part()?, part()?);
        let resource = rest;
        (!partition.is_empty() && !service.is_empty() && !resource.is_empty()).then_some(Arn {
            partition,
            service,
            region,
            account,
            resource,
        })
    }
}

impl fmt::Display for Arn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Arn { partition, service, region, account, resource } = self;
        write!(f, "arn:{partition}:{service}:{region}:{account}:{resource}")
    }
}

#[cfg(test)]
mod tests {
    use super::Arn;

    #[test]
    fn an_arn_is_taken_apart_and_put_together() {
        for text in
            ["arn:aws:sqs:us-east-1:123456789012:q", "arn:aws:s3:::bucket/a:b/c", "arn:aws:iam::1:role/x"]
        {
            assert_eq!(Arn::parse(text).map(|arn| arn.to_string()).as_deref(), Some(text));
        }
    }

    #[test]
    fn what_is_no_arn_is_refused() {
        for text in
            ["", "arn", "arn:aws:sqs:us-east-1:1", "urn:aws:sqs:a:b:c", "arn::sqs:a:b:c", "arn:aws:sqs:a:b:"]
        {
            assert_eq!(Arn::parse(text), None, "{text}");
        }
    }
}
