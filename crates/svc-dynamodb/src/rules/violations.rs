//! What DynamoDB says of a request that breaks its model: the words of most services, but for some members.

use virga_model::{ApiError, Protocol};
use virga_wire::{Constraint, Violation, describe};

/// The sets of values that AWS lists in another order than the model has.
const LISTED: [(&str, &str); 4] = [
    ("ConditionalOperator", "OR, AND"),
    ("ReturnValue", "ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW"),
    ("ScalarAttributeType", "B, N, S"),
    ("Select", "SPECIFIC_ATTRIBUTES, COUNT, ALL_ATTRIBUTES, ALL_PROJECTED_ATTRIBUTES"),
];

/// Members in the order in which their violations are told; all others follow.
const FIRST: [&str; 7] = [
    "clientRequestToken",
    "conditionalOperator",
    "requestItems",
    "returnConsumedCapacity",
    "tableName",
    "returnItemCollectionMetrics",
    "returnValues",
];

/// A request that breaks the model.
pub(crate) fn invalid_request(_: Protocol, violations: &[Violation]) -> ApiError {
    let mut violations: Vec<&Violation> = violations.iter().collect();
    violations.sort_by_key(|violation| {
        let member = violation.path.split('.').next().unwrap_or_default();
        FIRST.iter().position(|first| *first == member).unwrap_or(FIRST.len())
    });
    if violations.iter().any(|violation| violation.path == "tableClass") {
        let message = "Invalid table-class parameter provided. Please try again with a valid table-class value: \
                       [STANDARD, STANDARD_INFREQUENT_ACCESS].";
        return ApiError::common("ValidationException", 400, message);
    }
    let plural = if violations.len() == 1 { "" } else { "s" };
    let told: Vec<String> = violations.iter().map(|violation| told(violation)).collect();
    let message = format!("{} validation error{plural} detected: {}", told.len(), told.join("; "));
    ApiError::common("ValidationException", 400, message)
}

fn told(violation: &Violation) -> String {
    let Violation { path, value, constraint } = violation;
    if let Some(text) = of_batch(path, constraint) {
        return text;
    }
    let listed = match constraint {
        Constraint::OneOf(shape) => LISTED.iter().find(|(name, _)| *name == shape.name()),
        _ => None,
    };
    match (listed, value) {
        (Some((_, values)), Some(value)) => format!(
            "Value '{value}' at '{path}' failed to satisfy constraint: Member must satisfy enum value set: [{values}]"
        ),
        _ => {
            let text = describe(std::slice::from_ref(violation));
            text.strip_prefix("1 validation error detected: ").map(str::to_owned).unwrap_or(text)
        }
    }
}

/// How long a batch is, which AWS tells without the batch.
fn of_batch(path: &str, constraint: &Constraint) -> Option<String> {
    let is_least = matches!(constraint, Constraint::MinLength(_));
    if !is_least && !matches!(constraint, Constraint::MaxLength(_)) {
        return None;
    }
    let bare = |path: &str| Some(format!("Value at '{path}' failed to satisfy constraint: {constraint}"));
    if path == "requestItems" {
        return bare("RequestItems");
    }
    let table = path.strip_prefix("requestItems.")?;
    if let Some(table) = table.strip_suffix(".member.keys") {
        return bare(&format!("RequestItems.{table}.member.Keys"));
    }
    match table.strip_suffix(".member")? {
        table if is_least => Some(format!(
            "Value '{{{table}=[]}}' at 'requestItems' failed to satisfy constraint: Map value must satisfy constraint: \
             [Member must have length less than or equal to 25, Member must have length greater than or equal to 1]"
        )),
        table => bare(&format!("RequestItems.{table}.member")),
    }
}
