//! Resources: ARNs with wildcards and variables.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html>

use super::{
    context::ConditionContext,
    error::PolicyError,
    pattern::{Pattern, Syntax},
};

/// The partitions of AWS.
const PARTITIONS: [&str; 8] =
    ["aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc"];

/// How the resources of IAM begin.
const IAM_PATHS: [&str; 14] = [
    "user/",
    "federated-user/",
    "role/",
    "group/",
    "instance-profile/",
    "mfa/",
    "server-certificate/",
    "policy/",
    "sms-mfa/",
    "saml-provider/",
    "oidc-provider/",
    "report/",
    "access-report/",
    // The message does not name it; AWS's own policies have it.
    "role-template/",
];

/// The `Resource` or `NotResource` of a statement.
#[derive(Debug, Clone)]
pub(super) struct ResourceElement {
    /// Whether this is `NotResource`.
    pub(super) is_negated: bool,
    /// The resources as they are written.
    pub(super) written: Box<[Box<str>]>,
    patterns: Box<[ResourcePattern]>,
}

/// One resource of a policy.
#[derive(Debug, Clone)]
struct ResourcePattern {
    pattern: Pattern,
    /// Whether it is compared part by part. A `*` may reach over colons only where it ends a part.
    by_parts: bool,
}

impl ResourceElement {
    /// Compiles resources whose form has been checked.
    pub(super) fn new(is_negated: bool, written: Vec<Box<str>>, variables: bool) -> Self {
        let syntax = Syntax { wildcards: true, variables };
        let patterns =
            written.iter().map(|resource| ResourcePattern::new(&completed(resource), syntax)).collect();
        Self { is_negated, written: written.into(), patterns }
    }

    /// Whether the statement is about the resource. With a variable that has no value it is about none, also where
    /// it is `NotResource`.
    pub(super) fn matches(&self, resource: &str, context: &dyn ConditionContext) -> bool {
        if !self.is_negated {
            return self.patterns.iter().any(|pattern| pattern.matches(resource, context));
        }
        self.patterns
            .iter()
            .all(|pattern| pattern.pattern.is_resolvable(context) && !pattern.matches(resource, context))
    }
}

impl ResourcePattern {
    fn new(resource: &str, syntax: Syntax) -> Self {
        let mut parts = resource.split(':').take(5);
        let by_parts = parts.any(|part| part.trim_end_matches('*').contains('*'));
        Self { pattern: Pattern::new(resource, syntax), by_parts }
    }

    fn matches(&self, resource: &str, context: &dyn ConditionContext) -> bool {
        if self.by_parts {
            self.pattern.matches_arn(resource, context)
        } else {
            self.pattern.matches(resource, context)
        }
    }
}

/// An ARN with too few parts stands for all resources that begin so.
fn completed(resource: &str) -> String {
    let parts = resource.split(':').count();
    if resource == "*" || parts >= 6 || !resource.starts_with("arn:") {
        return resource.to_owned();
    }
    format!("{resource}{}", ":*".repeat(6 - parts))
}

/// Checks what the oldest parser of IAM wants of a resource.
pub(super) fn check_legacy(resource: &str) -> Result<(), PolicyError> {
    let parts: Vec<&str> = resource.splitn(6, ':').collect();
    if parts.len() < 3 || !is_partition(parts[1]) {
        return Ok(());
    }
    let is_cut_short =
        parts[2] == "s3" && parts.len() == 5 && !parts[4].contains('*') && !parts[4].is_empty();
    if parts[2].is_empty() || is_cut_short { Err(PolicyError::LegacyParsing) } else { Ok(()) }
}

/// Checks the form of a resource of an identity-based policy.
pub(super) fn check(resource: &str) -> Result<(), PolicyError> {
    if resource == "*" {
        return Ok(());
    }
    let mut parts: Vec<&str> = resource.splitn(6, ':').collect();
    if parts.len() < 2 {
        return Err(PolicyError::NotAnArn { resource: resource.to_owned() });
    }
    let (given, partition) = (parts.len(), parts[1]);
    parts[0] = "arn";
    parts.resize(6, "*");
    if !is_partition(partition) {
        let resource = parts.join(":");
        return Err(PolicyError::Partition { partition: partition.to_owned(), resource });
    }
    let (vendor, region, account, path) = (parts[2], parts[3], parts[4], parts[5]);
    if given < 3 || vendor.contains(['*', '?']) {
        return Err(PolicyError::ResourceVendor);
    }
    if !resource.starts_with("arn:") {
        return Err(PolicyError::NotAnArn { resource: resource.to_owned() });
    }
    let has_region = !region.is_empty() && region != "*";
    match vendor {
        "iam" if has_region => Err(PolicyError::IamRegion { resource: resource.to_owned() }),
        "iam" if !is_iam_path(path) => Err(PolicyError::IamPath),
        // Access points have a region and an account, buckets have neither.
        "s3" if has_region && account.is_empty() => {
            Err(PolicyError::S3Region { resource: resource.to_owned() })
        }
        _ => Ok(()),
    }
}

fn is_partition(partition: &str) -> bool {
    partition == "*" || PARTITIONS.contains(&partition)
}

fn is_iam_path(path: &str) -> bool {
    let before_wildcard = path.find(['*', '?', '$']).map(|at| &path[..at]);
    path == "root"
        || IAM_PATHS.iter().any(|known| {
            path.starts_with(known) || before_wildcard.is_some_and(|beginning| known.starts_with(beginning))
        })
}
