//! The errors that a caller of IAM can see, in AWS's words.

use virga_model::{ApiError, Protocol};
use virga_wire::{Constraint, Violation};

virga_kit::service_errors! {
    /// Errors of IAM.
    pub(crate) enum Error in virga_api::iam {
        // Of any resource.

        /// A parameter has no such value.
        Validation { reason: String } => common "ValidationError" 400: "{reason}";
        /// A parameter has no such value, as the model of IAM names it.
        InvalidInput { reason: String } => modelled invalid_input_exception: "{reason}";
        /// A quota of the account or of an entity is used up.
        QuotaExceeded { quota: String, limit: usize } => modelled limit_exceeded_exception:
            "Cannot exceed quota for {quota}: {limit}";
        /// More tags than a resource can have.
        TooManyTags => modelled limit_exceeded_exception:
            "The number of tags has reached the maximum limit.";
        /// Something still belongs to the entity.
        DeleteConflict { what: String } => modelled delete_conflict_exception:
            "Cannot delete entity, must {what} first.";
        /// The caller must be a user for this, or name one.
        MustNameUser => common "ValidationError" 400: "Must specify userName when calling with non-User credentials";

        /// An ARN that is none.
        InvalidArn => common "ValidationError" 400: "Invalid ARN:  Could not be parsed!";

        // Users.

        /// No user of this name.
        NoSuchUser { name: String } => modelled no_such_entity_exception:
            "The user with name {name} cannot be found.";
        /// A user of this name is there, perhaps in other letters.
        UserExists { name: String } => modelled entity_already_exists_exception:
            "User with name {name} already exists.";

        // Groups.

        /// No group of this name.
        NoSuchGroup { name: String } => modelled no_such_entity_exception:
            "The group with name {name} cannot be found.";
        /// A group of this name is there, perhaps in other letters.
        GroupExists { name: String } => modelled entity_already_exists_exception:
            "Group with name {name} already exists.";

        /// The user is not in the group.
        NotInGroup { user: String, group: String } => modelled no_such_entity_exception:
            "The user with name {user} cannot be found in the group with name {group}.";

        // Roles and instance profiles.

        /// No role of this name.
        NoSuchRole { name: String } => modelled no_such_entity_exception:
            "The role with name {name} cannot be found.";
        /// A role of this name is there, perhaps in other letters.
        RoleExists { name: String } => modelled entity_already_exists_exception:
            "Role with name {name} already exists.";
        /// A role that belongs to a service.
        ProtectedRole { name: String } => modelled unmodifiable_entity_exception:
            "Cannot perform the operation on the protected role '{name}' - this role is only modifiable by AWS";
        /// No instance profile of this name.
        NoSuchInstanceProfile { name: String } => modelled no_such_entity_exception:
            "Instance Profile {name} cannot be found.";
        /// An instance profile of this name is there, perhaps in other letters.
        InstanceProfileExists { name: String } => modelled entity_already_exists_exception:
            "Instance Profile {name} already exists.";

        // Policies.

        /// The text is no policy of its kind.
        MalformedPolicyDocument { reason: String } => modelled malformed_policy_document_exception: "{reason}";
        /// The inline policies of an identity are too long together.
        InlinePolicyTooLong { limit: usize, kind: String, name: String } => modelled limit_exceeded_exception:
            "Maximum policy size of {limit} bytes exceeded for {kind} {name}";
        /// No inline policy of this name.
        NoSuchInlinePolicy { kind: String, name: String } => modelled no_such_entity_exception:
            "The {kind} policy with name {name} cannot be found.";
        /// No managed policy with this ARN.
        NoSuchPolicy { arn: String } => modelled no_such_entity_exception: "Policy {arn} was not found.";
        /// No managed policy with this ARN that this account could attach.
        NotAttachable { arn: String } => modelled no_such_entity_exception:
            "Policy {arn} does not exist or is not attachable.";
        /// A policy that is meant for roles of services only.
        ServiceRolePolicy { kind: String } => modelled policy_not_attachable_exception:
            "Cannot attach a Service Role Policy to a Customer {kind}.";
        /// No managed policy with this ARN that could bound permissions.
        NoSuchBoundary { arn: String } => modelled no_such_entity_exception:
            "Scope ARN: {arn} does not exist or is not attachable.";
        /// No permissions boundary to delete.
        NoBoundary { kind: String, name: String } => modelled no_such_entity_exception:
            "The permissions boundary of the {kind} with name {name} cannot be found.";
        /// A managed policy of this name is there, perhaps in other letters.
        PolicyExists { name: String } => modelled entity_already_exists_exception:
            "A policy called {name} already exists. Duplicate names are not allowed.";
        /// No such version of a managed policy.
        NoSuchPolicyVersion { arn: String, version: String } => modelled no_such_entity_exception:
            "Policy {arn} version {version} does not exist or is not attachable.";
        /// Five versions are there.
        TooManyPolicyVersions { limit: usize } => modelled limit_exceeded_exception:
            "A managed policy can have up to {limit} versions. Before you create a new version, you must delete an \
             existing version.";
        /// The default version goes with the policy only.
        DefaultVersionStays => modelled delete_conflict_exception:
            "Cannot delete the default version of a policy.";
        /// The policy is attached, or is somebody's boundary.
        PolicyInUse => modelled delete_conflict_exception: "Cannot delete a policy attached to entities.";
        /// Other versions are there beside the default one.
        PolicyHasVersions => modelled delete_conflict_exception:
            "This policy has more than one version. Before you delete a policy, you must delete the policy's \
             versions. The default version is deleted with the policy.";
        /// AWS's own policies are not the caller's to change.
        PolicyOfAws { arn: String } => common "AccessDenied" 403:
            "Policy {arn} is managed by AWS and cannot be changed.";

        // Access keys and the account.

        /// No access key with this id that belongs to the user.
        NoSuchAccessKey { id: String } => modelled no_such_entity_exception:
            "The Access Key with id {id} cannot be found.";
        /// Another account has the alias.
        AliasExists { alias: String } => modelled entity_already_exists_exception:
            "The account alias {alias} already exists.";
        /// The account has no such alias.
        NoSuchAlias { alias: String } => modelled no_such_entity_exception:
            "The account alias {alias} cannot be found.";
    }
}

impl Error {
    /// A parameter whose value is not allowed.
    pub(crate) fn validation(reason: impl Into<String>) -> Self {
        Error::Validation { reason: reason.into() }
    }
}

/// A request that breaks the model. Names and paths have words of their own; the rest is worded as everywhere, but IAM
/// shows neither the value nor the values of an enum.
pub(crate) fn invalid_request(_: Protocol, violations: &[Violation]) -> ApiError {
    let message = match violations {
        [one] => in_own_words(one).unwrap_or_else(|| describe(violations)),
        _ => describe(violations),
    };
    ApiError::common("ValidationError", 400, message)
}

fn in_own_words(violation: &Violation) -> Option<String> {
    let path = &violation.path;
    if !matches!(violation.constraint, Constraint::Pattern(_)) {
        return None;
    }
    if path.ends_with("Name") {
        return Some(format!(
            "The specified value for {path} is invalid. It must contain only alphanumeric characters and/or the \
             following: +=,.@_-"
        ));
    }
    matches!(path.as_str(), "path" | "newPath" | "pathPrefix").then(|| {
        format!(
            "The specified value for {path} is invalid. It must begin and end with / and contain only alphanumeric \
             characters and/or / characters."
        )
    })
}

fn describe(violations: &[Violation]) -> String {
    let one = |Violation { path, value, constraint }: &Violation| {
        let value = if value.is_some() { "" } else { " null" };
        let constraint = match constraint {
            Constraint::OneOf(_) => "Member must satisfy enum value set".to_owned(),
            other => other.to_string(),
        };
        format!("Value{value} at '{path}' failed to satisfy constraint: {constraint}")
    };
    let all: Vec<String> = violations.iter().map(one).collect();
    let plural = if all.len() == 1 { "" } else { "s" };
    format!("{} validation error{plural} detected: {}", all.len(), all.join("; "))
}
