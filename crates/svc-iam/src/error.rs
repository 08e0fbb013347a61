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

        // Users.

        /// No user of this name.
        NoSuchUser { name: String } => modelled no_such_entity_exception:
            "The user with name {name} cannot be found.";
        /// A user of this name is there, perhaps in other letters.
        UserExists { name: String } => modelled entity_already_exists_exception:
            "User with name {name} already exists.";
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
