//! What makes a policy malformed, in AWS's words.

use std::fmt;

/// Why a text is not a policy of its kind. The text is that of IAM's `MalformedPolicyDocument`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PolicyError {
    /// A trust policy is not JSON.
    InvalidJson,
    /// Not JSON, a member too much, twice or of the wrong type, an unknown condition operator.
    Syntax,
    /// A date, a resource or the case of an effect that only the oldest parser looks at.
    LegacyParsing,
    /// The version is missing or that of 2008.
    Version,
    /// An identity-based policy names principals.
    Principal,
    /// A statement allows everyone but some.
    AllowNotPrincipal,
    /// A statement has neither `Action` nor `NotAction`.
    NoActions,
    /// A statement has neither `Resource` nor `NotResource`.
    NoResources,
    /// Two statements have the same `Sid`.
    SidNotUnique,
    /// The `Sid` of an identity-based policy has other characters than letters and digits.
    SidNotAlphanumeric {
        /// The `Sid`.
        sid: String,
    },
    /// An action has no service prefix.
    NoVendor,
    /// An action has several colons.
    SeveralColons,
    /// The service prefix of an action has characters that none has.
    Vendor {
        /// The service prefix.
        vendor: String,
    },
    /// A resource is neither an ARN nor `*`.
    NotAnArn {
        /// The resource.
        resource: String,
    },
    /// The partition of a resource does not exist.
    Partition {
        /// The partition.
        partition: String,
        /// The resource, with its missing parts as `*`.
        resource: String,
    },
    /// The service of a resource is missing or has wildcards.
    ResourceVendor,
    /// A resource of IAM is of no type that IAM has.
    IamPath,
    /// A resource of IAM has a region.
    IamRegion {
        /// The resource.
        resource: String,
    },
    /// A bucket or object has a region.
    S3Region {
        /// The resource.
        resource: String,
    },
    /// A trust policy, or the statement of one, lacks an element.
    MissingField {
        /// The element.
        field: &'static str,
    },
    /// A trust policy has an element that it may not have.
    ProhibitedField {
        /// The element.
        field: &'static str,
    },
    /// A trust policy is about other actions than assuming roles.
    NotAssumeRole,
    /// A principal is written in a form that no principal has, or does not exist.
    InvalidPrincipal {
        /// The type of principal, as `AWS` or `SERVICE`.
        principal_type: &'static str,
        /// The principal.
        principal: String,
    },
}

impl fmt::Display for PolicyError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::InvalidJson => "This policy contains invalid Json",
            Self::Syntax => "Syntax errors in policy.",
            Self::LegacyParsing => "The policy failed legacy parsing",
            Self::Version => "Policy document must be version 2012-10-17 or greater.",
            Self::Principal => "Policy document should not specify a principal.",
            Self::AllowNotPrincipal => "Allow with NotPrincipal is not allowed.",
            Self::NoActions => "Policy statement must contain actions.",
            Self::NoResources => "Policy statement must contain resources.",
            Self::SidNotUnique => "Statement IDs (SID) in a single policy must be unique.",
            Self::SidNotAlphanumeric { .. } => {
                "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression \
                 [0-9A-Za-z]*"
            }
            Self::NoVendor => "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
            Self::SeveralColons => "Actions/Condition can contain only one colon.",
            Self::Vendor { vendor } => return write!(formatter, "Vendor {vendor} is not valid"),
            Self::NotAnArn { resource } => {
                return write!(formatter, "Resource {resource} must be in ARN format or \"*\".");
            }
            Self::Partition { partition, resource } => {
                return write!(
                    formatter,
                    "Partition \"{partition}\" is not valid for resource \"{resource}\"."
                );
            }
            Self::ResourceVendor => "Resource vendor must be fully qualified and cannot contain regexes.",
            Self::IamPath => {
                "IAM resource path must either be \"*\" or start with user/, federated-user/, role/, group/, \
                 instance-profile/, mfa/, server-certificate/, policy/, sms-mfa/, saml-provider/, oidc-provider/, \
                 report/, access-report/."
            }
            Self::IamRegion { resource } => {
                return write!(formatter, "IAM resource {resource} cannot contain region information.");
            }
            Self::S3Region { resource } => {
                return write!(formatter, "Resource {resource} can not contain region information.");
            }
            Self::MissingField { field } => return write!(formatter, "Missing required field {field}"),
            Self::ProhibitedField { field } => return write!(formatter, "Has prohibited field {field}"),
            Self::NotAssumeRole => "AssumeRole policy may only specify STS AssumeRole actions.",
            Self::InvalidPrincipal { principal_type, principal } => {
                return write!(
                    formatter,
                    "Invalid principal in policy: \"{principal_type}\":\"{principal}\""
                );
            }
        };
        formatter.write_str(text)
    }
}

impl std::error::Error for PolicyError {}
