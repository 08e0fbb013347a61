//! How a service reports input that breaks its model.

use virga_model::{ApiError, Protocol, Record};
use virga_wire::{Constraint, Rules, Violation, describe, validate};

/// Which constraints a service enforces before its handlers run, and the error it answers with.
#[derive(Clone, Copy)]
pub struct Validation {
    /// Which kinds of constraints.
    pub rules: Rules,
    /// The error for a request that breaks some; there is at least one violation.
    pub error: fn(Protocol, &[Violation]) -> ApiError,
}

impl Validation {
    /// Checks the input of a call.
    ///
    /// # Errors
    /// The error for a request that breaks some of the constraints.
    pub fn check(&self, protocol: Protocol, input: &Record) -> Result<(), ApiError> {
        let violations = validate(input, self.rules);
        if violations.is_empty() { Ok(()) } else { Err((self.error)(protocol, &violations)) }
    }

    /// Everything that the model states, in the words that most services use.
    pub const STANDARD: Validation = Validation { rules: Rules::ALL, error: standard };
}

/// `ValidationException`, in the query protocol `ValidationError`; EC2 names the parameter instead.
fn standard(protocol: Protocol, violations: &[Violation]) -> ApiError {
    match (protocol, violations.first()) {
        (Protocol::Ec2, Some(Violation { path, constraint: Constraint::Required, .. })) => {
            let message = format!("The request must contain the parameter {}", capitalized(path));
            ApiError::common("MissingParameter", 400, message)
        }
        (Protocol::Ec2, Some(Violation { path, value, .. })) => {
            let value = value.as_deref().unwrap_or_default();
            let message = format!("Value ({value}) for parameter {path} is invalid.");
            ApiError::common("InvalidParameterValue", 400, message)
        }
        _ => ApiError::common("ValidationException", 400, describe(violations))
            .with_query_code("ValidationError"),
    }
}

/// The name of a member as the API spells it: violations spell it with a small first letter.
pub(crate) fn capitalized(path: &str) -> String {
    let mut letters = path.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().to_string() + letters.as_str())
}
